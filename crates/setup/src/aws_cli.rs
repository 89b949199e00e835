//! The kit as commands of the AWS CLI.

use domain::Method;

use crate::{
    Policy,
    cognito::{self, FLOWS, USERNAME},
    permissions,
    place::{Oidc, Place, Standing, Way},
    shell::{quoted, quoted_with, script},
    trust,
};

/// What stands in a policy for what only the script knows.
const UNKNOWN: &str = "<unknown>";

/// Commands that make all of it, and end by telling what is to be entered.
pub(crate) fn of(place: &Place<'_>) -> String {
    if let Standing::Shared { .. } = place.standing {
        return script(place.region, &policies(place));
    }
    let name = place.identity();
    let commands = match place.way {
        Way::AssumeRole {
            principal_arn,
            external_id,
        } => {
            let trust = trust::by_external_id(principal_arn.to_owned(), external_id.to_owned());
            [
                role(place, &quoted(&trust.to_json())),
                vec![TELL_ROLE.to_owned()],
            ]
            .concat()
        }
        Way::Oidc(oidc) => federated(place, &oidc),
        Way::ApiKey => {
            let create = format!("aws iam create-user --user-name {name} >/dev/null");
            [vec![create], policies(place), vec![create_key(place)]].concat()
        }
        Way::Cognito { .. } => signed_in(place),
    };
    script(place.region, &commands)
}

const TELL_ROLE: &str = r#"echo "$role_arn""#;

/// The command that makes a key for the user, and tells it.
pub(crate) fn create_key(place: &Place<'_>) -> String {
    let name = place.identity();
    format!(
        "aws iam create-service-specific-credential --user-name {name} --service-name bedrock.amazonaws.com \
         --credential-age-days 90 --query ServiceSpecificCredential.ServiceCredentialSecret --output text"
    )
}

/// The commands that give the pool's user a password that nobody has to change, and tell what is to be entered.
pub(crate) fn set_password() -> Vec<String> {
    vec![
        // Base64 for what nobody guesses, the rest for the kinds of characters that pools demand.
        r#"password="$(head -c 24 /dev/urandom | base64)-Aa1""#.to_owned(),
        format!(
            r#"aws cognito-idp admin-set-user-password --user-pool-id "$user_pool_id" --username {USERNAME} --password "$password" --permanent"#
        ),
        format!(
            r#"printf '%s: %s\n' user_pool_id "$user_pool_id" app_client_id "$app_client_id" identity_pool_id "$identity_pool_id" username {USERNAME} password "$password""#
        ),
    ]
}

/// A role that trusts as `trust` says, a word of the shell's.
fn role(place: &Place<'_>, trust: &str) -> Vec<String> {
    let name = place.identity();
    let create = format!(
        "role_arn=$(aws iam create-role --role-name {name} --assume-role-policy-document {trust} --query Role.Arn --output text)"
    );
    [vec![create], policies(place)].concat()
}

/// The policies of the role; or of the user, in whom there is no room for them: 2,048 characters in all.
fn policies(place: &Place<'_>) -> Vec<String> {
    let name = quoted(&place.identity());
    let is_user = place.way.method() == Method::ApiKey;
    let policies = permissions::named(place, place.policy()).into_iter();
    let commands = policies.map(|(policy_name, policy): (String, Policy)| {
        let document = quoted(&policy.to_json());
        if is_user {
            format!(
                "policy_arn=$(aws iam create-policy --policy-name {policy_name} --policy-document {document} --query Policy.Arn --output text)\n\
                 aws iam attach-user-policy --user-name {name} --policy-arn \"$policy_arn\""
            )
        } else {
            format!("aws iam put-role-policy --role-name {name} --policy-name {policy_name} --policy-document {document}")
        }
    });
    commands.collect()
}

/// The command that finds the provider, which exists if another access of the tenant made it; after what it needs.
pub(crate) fn find_provider(place: &Place<'_>, oidc: &Oidc<'_>) -> [String; 3] {
    let arn = oidc.provider_arn(place.region, UNKNOWN);
    [
        "account_id=$(aws sts get-caller-identity --query Account --output text)".to_owned(),
        format!("provider_arn={}", quoted_with(&arn, UNKNOWN, "account_id")),
        r#"aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider_arn" >/dev/null 2>&1"#.to_owned(),
    ]
}

/// A provider, unless there is one, and a role that trusts it.
fn federated(place: &Place<'_>, oidc: &Oidc<'_>) -> Vec<String> {
    let (issuer, audience) = (quoted(oidc.issuer), quoted(oidc.audience));
    let [account, arn, find] = find_provider(place, oidc);
    let provider = vec![
        account,
        arn,
        format!(
            "{find} ||\n  aws iam create-open-id-connect-provider --url {issuer} --client-id-list {audience} >/dev/null"
        ),
    ];
    let trust = trust::by_token(UNKNOWN.to_owned(), oidc).to_json();
    let trust = quoted_with(&trust, UNKNOWN, "provider_arn");
    [provider, role(place, &trust), vec![TELL_ROLE.to_owned()]].concat()
}

/// A user pool with one user, and an identity pool whose signed-in users take the role on.
fn signed_in(place: &Place<'_>) -> Vec<String> {
    let (name, region) = (place.identity(), place.region);
    let (provider, flows) = (cognito::provider(region), FLOWS.join(" "));
    let pools = vec![
        format!(
            "user_pool_id=$(aws cognito-idp create-user-pool --pool-name {name} --admin-create-user-config AllowAdminCreateUserOnly=true --query UserPool.Id --output text)"
        ),
        format!(
            r#"app_client_id=$(aws cognito-idp create-user-pool-client --user-pool-id "$user_pool_id" --client-name {name} --explicit-auth-flows {flows} --query UserPoolClient.ClientId --output text)"#
        ),
        format!(
            r#"identity_pool_id=$(aws cognito-identity create-identity-pool --identity-pool-name {name} --no-allow-unauthenticated-identities --cognito-identity-providers "ProviderName={provider}/$user_pool_id,ClientId=$app_client_id" --query IdentityPoolId --output text)"#
        ),
    ];
    let trust = trust::by_identity_pool(&cognito::identity(region), UNKNOWN.to_owned()).to_json();
    let role = role(place, &quoted_with(&trust, UNKNOWN, "identity_pool_id"));
    let user = vec![
        r#"aws cognito-identity set-identity-pool-roles --identity-pool-id "$identity_pool_id" --roles "authenticated=$role_arn""#.to_owned(),
        format!(
            r#"aws cognito-idp admin-create-user --user-pool-id "$user_pool_id" --username {USERNAME} --message-action SUPPRESS >/dev/null"#
        ),
    ];
    [pools, role, user, set_password()].concat()
}
