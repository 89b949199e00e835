use serde_json::{Value, json};

use super::*;
use crate::Principal;

fn decide(policy: &Value, action: &str, resource: &str, context: &Context) -> Decision {
    Policy::of(policy).decide(&Asked {
        action,
        resource,
        context,
    })
}

fn invoke(statements: &Value) -> Decision {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let arn = "arn:aws:bedrock:eu-west-1::foundation-model/a.b-v1:0";
    decide(&policy, "bedrock:InvokeModel", arn, &Context::new())
}

fn caller(arn: &str, role_arn: Option<&str>) -> Principal {
    Principal {
        account: "111111111111".parse().unwrap(),
        arn: arn.to_owned(),
        user_id: "AIDA".to_owned(),
        role_arn: role_arn.map(str::to_owned),
        policies: Vec::new(),
        session_policy: None,
    }
}

fn trust(principal: &Value, caller: &Principal) -> Trust {
    let policy = json!({ "Statement": { "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" } });
    Policy::of(&policy).trusts(Guest::Aws(caller), "sts:AssumeRole", &Context::new())
}

#[test]
fn what_no_statement_speaks_of_is_not_allowed() {
    for silent in [
        json!([{ "Effect": "Allow", "Action": "bedrock:Converse", "Resource": "*" }]),
        json!([{ "Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "arn:aws:bedrock:us-east-1::*" }]),
        json!([{ "Effect": "Allow", "NotAction": "bedrock:*", "Resource": "*" }]),
        json!([{ "Effect": "Allow", "Action": "*", "NotResource": "*:foundation-model/*" }]),
        json!([{ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "Bool": { "aws:SecureTransport": "true" } } }]),
    ] {
        assert_eq!(invoke(&silent), Decision::Silent, "{silent}");
    }
}

#[test]
fn a_statement_allows_what_it_names() {
    for allowed in [
        json!({ "Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*" }),
        json!([{ "Effect": "Allow", "Action": ["x:Y", "BEDROCK:invoke*"], "Resource": ["arn:*:foundation-model/a.?-v1:0"] }]),
        json!([{ "Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::*" }]),
    ] {
        assert_eq!(invoke(&allowed), Decision::Allowed, "{allowed}");
    }
}

#[test]
fn a_denial_wins_wherever_it_stands() {
    let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let deny = json!({ "Effect": "Deny", "Action": "bedrock:Invoke*", "Resource": "*" });
    assert_eq!(invoke(&json!([allow, deny])), Decision::Denied);
    assert_eq!(invoke(&json!([deny, allow])), Decision::Denied);
    assert_eq!(invoke(&json!([deny])), Decision::Denied);
}

#[test]
fn resources_mind_case_and_actions_do_not() {
    let upper = json!([{ "Effect": "Allow", "Action": "*", "Resource": "*:FOUNDATION-MODEL/*" }]);
    assert_eq!(invoke(&upper), Decision::Silent);
}

#[test]
fn conditions_hold_or_not() {
    let context = Context::new()
        .with("sts:ExternalId", "right")
        .with("cognito-identity.amazonaws.com:amr", "authenticated")
        .with(
            "cognito-identity.amazonaws.com:amr",
            "cognito-idp.eu-west-1.amazonaws.com/x",
        )
        .with("aws:ViaAWSService", "false");
    let holds = |operator: &str, key: &str, values: Value| {
        let policy = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { operator: { key: values } } } });
        decide(&policy, "a:B", "*", &context) == Decision::Allowed
    };
    let amr = "cognito-identity.amazonaws.com:amr";
    for (operator, key, values, expected) in [
        ("StringEquals", "sts:ExternalId", json!("right"), true),
        (
            "StringEquals",
            "STS:externalid",
            json!(["wrong", "right"]),
            true,
        ),
        ("StringEquals", "sts:ExternalId", json!("Right"), false),
        ("StringEquals", "sts:Absent", json!("right"), false),
        ("StringEqualsIfExists", "sts:Absent", json!("right"), true),
        (
            "StringEqualsIfExists",
            "sts:ExternalId",
            json!("wrong"),
            false,
        ),
        (
            "StringEqualsIgnoreCase",
            "sts:ExternalId",
            json!("RIGHT"),
            true,
        ),
        (
            "StringNotEquals",
            "sts:ExternalId",
            json!(["wrong", "right"]),
            false,
        ),
        ("StringNotEquals", "sts:ExternalId", json!("wrong"), true),
        ("StringNotEquals", "sts:Absent", json!("wrong"), true),
        ("StringLike", "sts:ExternalId", json!("r*t"), true),
        ("StringNotLike", "sts:ExternalId", json!("r*t"), false),
        ("Null", "sts:ExternalId", json!("false"), true),
        ("Null", "sts:ExternalId", json!("true"), false),
        ("Null", "sts:Absent", json!(true), true),
        ("Bool", "aws:ViaAWSService", json!(false), true),
        ("Bool", "aws:ViaAWSService", json!("true"), false),
        ("ForAnyValue:StringLike", amr, json!("authenticated"), true),
        (
            "ForAnyValue:StringLike",
            amr,
            json!("unauthenticated"),
            false,
        ),
        ("ForAnyValue:StringEquals", "sts:Absent", json!("x"), false),
        (
            "ForAllValues:StringLike",
            amr,
            json!(["authenticated", "cognito-idp.*"]),
            true,
        ),
        (
            "ForAllValues:StringLike",
            amr,
            json!("authenticated"),
            false,
        ),
        ("ForAllValues:StringEquals", "sts:Absent", json!("x"), true),
    ] {
        assert_eq!(
            holds(operator, key, values.clone()),
            expected,
            "{operator} {key} {values}"
        );
    }
}

#[test]
fn all_conditions_of_a_statement_hold_together() {
    let policy = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "StringEquals": { "issuer.example:aud": "sts.amazonaws.com", "issuer.example:sub": "me" },
    } } });
    let audience = Context::new().with("issuer.example:aud", "sts.amazonaws.com");
    assert_eq!(decide(&policy, "a:B", "*", &audience), Decision::Silent);
    let both = audience.with("issuer.example:sub", "me");
    assert_eq!(decide(&policy, "a:B", "*", &both), Decision::Allowed);
}

#[test]
fn a_role_lets_in_whom_it_names() {
    let user = caller("arn:aws:iam::111111111111:user/me", None);
    let session = caller(
        "arn:aws:sts::111111111111:assumed-role/R/s",
        Some("arn:aws:iam::111111111111:role/path/R"),
    );
    for (principal, caller, expected) in [
        (
            json!({ "AWS": "arn:aws:iam::111111111111:root" }),
            &user,
            Trust::ItsAccount,
        ),
        (
            json!({ "AWS": "111111111111" }),
            &session,
            Trust::ItsAccount,
        ),
        (
            json!({ "AWS": ["222222222222", "arn:aws:iam::111111111111:user/me"] }),
            &user,
            Trust::Itself,
        ),
        (
            json!({ "AWS": "arn:aws:iam::111111111111:role/path/R" }),
            &session,
            Trust::Itself,
        ),
        (
            json!({ "AWS": "arn:aws:sts::111111111111:assumed-role/R/s" }),
            &session,
            Trust::Itself,
        ),
        (json!("*"), &user, Trust::ItsAccount),
        (json!({ "AWS": "*" }), &user, Trust::ItsAccount),
        (
            json!({ "AWS": "arn:aws:iam::222222222222:root" }),
            &user,
            Trust::None,
        ),
        (
            json!({ "AWS": "arn:aws:iam::111111111111:user/you" }),
            &user,
            Trust::None,
        ),
        (
            json!({ "AWS": "arn:aws:iam::111111111111:role/R" }),
            &session,
            Trust::None,
        ),
        (
            json!({ "Service": "ec2.amazonaws.com" }),
            &user,
            Trust::None,
        ),
        (
            json!({ "Federated": "cognito-identity.amazonaws.com" }),
            &user,
            Trust::None,
        ),
    ] {
        assert_eq!(trust(&principal, caller), expected, "{principal}");
    }
}

#[test]
fn a_federated_guest_comes_by_its_provider() {
    let policy = Policy::of(&json!({ "Statement": {
        "Effect": "Allow",
        "Principal": { "Federated": "cognito-identity.amazonaws.com" },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": { "StringEquals": { "cognito-identity.amazonaws.com:aud": "eu-west-1:1" } },
    } }));
    let by = |provider: &str, pool: &str| {
        let context = Context::new().with("cognito-identity.amazonaws.com:aud", pool);
        policy.trusts(
            Guest::Federated(provider),
            "sts:AssumeRoleWithWebIdentity",
            &context,
        )
    };
    assert_eq!(
        by("cognito-identity.amazonaws.com", "eu-west-1:1"),
        Trust::Itself
    );
    assert_eq!(
        by("cognito-identity.amazonaws.com", "eu-west-1:2"),
        Trust::None
    );
    assert_eq!(by("accounts.example", "eu-west-1:1"), Trust::None);
}

#[test]
fn a_denial_to_everyone_shuts_a_role() {
    let policy = Policy::of(&json!({ "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111111111111:user/me" }, "Action": "sts:AssumeRole" },
        { "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" },
    ] }));
    let user = caller("arn:aws:iam::111111111111:user/me", None);
    let trust = policy.trusts(Guest::Aws(&user), "sts:AssumeRole", &Context::new());
    assert_eq!(trust, Trust::None);
}

#[test]
fn what_is_not_understood_is_no_policy() {
    for bad in [
        "",
        "nonsense",
        "[]",
        "{}",
        r#"{"Statement":[]}"#,
        r#"{"Statement":{"Effect":"Allow","Resource":"*"}}"#,
        r#"{"Statement":{"Action":"*","Resource":"*"}}"#,
        r#"{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","NotAction":"x","Resource":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"x"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":{},"Resource":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"x"}}}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","NotPrincipal":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Principal":{"AWS":"nobody"}}}"#,
        r#"{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    ] {
        assert!(Policy::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_session_policy_only_takes_away() {
    let allows = |action: &str| {
        Policy::of(
            &json!({ "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" } }),
        )
    };
    let mut who = caller("arn:aws:iam::111111111111:user/me", None);
    who.policies = vec![allows("bedrock:InvokeModel")];
    let ask = |who: &Principal, action: &str| who.require(action, "r", &Context::new());

    assert_eq!(ask(&who, "bedrock:InvokeModel"), Ok(()));
    who.session_policy = Some(allows("*"));
    assert_eq!(ask(&who, "bedrock:InvokeModel"), Ok(()));
    assert_eq!(
        ask(&who, "bedrock:Converse").unwrap_err().message,
        "User: arn:aws:iam::111111111111:user/me is not authorized to perform: bedrock:Converse on resource: r \
         because no identity-based policy allows the bedrock:Converse action"
    );
    who.session_policy = Some(allows("bedrock:List*"));
    assert_eq!(
        ask(&who, "bedrock:InvokeModel").unwrap_err().message,
        "User: arn:aws:iam::111111111111:user/me is not authorized to perform: bedrock:InvokeModel on resource: r \
         because no session policy allows the bedrock:InvokeModel action"
    );
    who.policies.push(Policy::of(
        &json!({ "Statement": { "Effect": "Deny", "Action": "bedrock:*", "Resource": "*" } }),
    ));
    assert_eq!(
        ask(&who, "bedrock:InvokeModel").unwrap_err().message,
        "User: arn:aws:iam::111111111111:user/me is not authorized to perform: bedrock:InvokeModel on resource: r \
         with an explicit deny in an identity-based policy"
    );
}
