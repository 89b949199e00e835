//! Trust policies: whom a role lets in.

use std::collections::BTreeMap;

use crate::{
    place::Oidc,
    policy::{Policy, Principal, Statement},
};

const BY_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

/// A role that only this principal may take on, and only with this external ID.
pub(crate) fn by_external_id<T>(principal_arn: T, external_id: T) -> Policy<T> {
    let demanded = BTreeMap::from([("sts:ExternalId".to_owned(), external_id)]);
    policy(
        "AssumeWithExternalId",
        ("AWS", principal_arn),
        "sts:AssumeRole",
        [("StringEquals", demanded)],
    )
}

/// A role that only this subject of the provider may take on. Audience and subject both: a provider is of a tenant, but a
/// tenant may have several accesses.
pub(crate) fn by_token<T: From<String>>(provider_arn: T, oidc: &Oidc<'_>) -> Policy<T> {
    let provider = oidc.provider();
    let demanded = [("aud", oidc.audience), ("sub", oidc.subject)]
        .map(|(claim, value)| (format!("{provider}:{claim}"), T::from(value.to_owned())));
    policy(
        "AssumeWithToken",
        ("Federated", provider_arn),
        BY_WEB_IDENTITY,
        [("StringEquals", BTreeMap::from(demanded))],
    )
}

/// The role of signed-in users of an identity pool; `cognito` is what pools call themselves there.
pub(crate) fn by_identity_pool<T: From<String>>(cognito: &str, pool_id: T) -> Policy<T> {
    let one = |claim: &str, value: T| BTreeMap::from([(format!("{cognito}:{claim}"), value)]);
    policy(
        "SignedInUsersOfThePool",
        ("Federated", T::from(cognito.to_owned())),
        BY_WEB_IDENTITY,
        [
            (
                "ForAnyValue:StringLike",
                one("amr", T::from("authenticated".to_owned())),
            ),
            ("StringEquals", one("aud", pool_id)),
        ],
    )
}

fn policy<T>(
    sid: &'static str,
    (kind, who): (&'static str, T),
    action: &'static str,
    conditions: impl IntoIterator<Item = (&'static str, BTreeMap<String, T>)>,
) -> Policy<T> {
    Policy::of([Statement {
        sid,
        effect: "Allow",
        principal: Some(Principal { kind, who }),
        actions: vec![action],
        resources: None,
        conditions: conditions.into_iter().collect(),
    }])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn statement(policy: Policy) -> Value {
        serde_json::to_value(policy).unwrap()["Statement"][0].take()
    }

    #[test]
    fn a_role_names_one_principal_and_demands_its_own_external_id() {
        let trust = by_external_id(
            "arn:aws:iam::111122223333:role/service".to_owned(),
            "bi-1".to_owned(),
        );
        assert_eq!(
            statement(trust),
            json!({
                "Sid": "AssumeWithExternalId",
                "Effect": "Allow",
                "Principal": { "AWS": "arn:aws:iam::111122223333:role/service" },
                "Action": ["sts:AssumeRole"],
                "Condition": { "StringEquals": { "sts:ExternalId": "bi-1" } },
            })
        );
    }

    #[test]
    fn a_token_must_be_for_the_audience_and_about_the_subject() {
        let oidc = Oidc {
            issuer: "https://bedrock.example/oidc/ten_1",
            audience: "sts.amazonaws.com",
            subject: "ten_1:acc_1",
        };
        let trust = statement(by_token("arn:aws:iam::1:oidc-provider/x".to_owned(), &oidc));
        assert_eq!(
            trust["Principal"],
            json!({ "Federated": "arn:aws:iam::1:oidc-provider/x" })
        );
        assert_eq!(
            trust["Condition"],
            json!({ "StringEquals": {
                "bedrock.example/oidc/ten_1:aud": "sts.amazonaws.com",
                "bedrock.example/oidc/ten_1:sub": "ten_1:acc_1",
            } })
        );
    }

    #[test]
    fn a_user_must_be_signed_in_and_of_the_pool() {
        let trust = statement(by_identity_pool(
            "cognito-identity.amazonaws.com",
            "eu-west-1:1".to_owned(),
        ));
        assert_eq!(
            trust["Principal"],
            json!({ "Federated": "cognito-identity.amazonaws.com" })
        );
        assert_eq!(
            trust["Condition"],
            json!({
                "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
                "StringEquals": { "cognito-identity.amazonaws.com:aud": "eu-west-1:1" },
            })
        );
    }
}
