//! Operators come from an issuer of their own.

use domain::Clock;
use harness::{Options, Service, idp::Idp, service::manual_clock};
use serde_json::json;

/// A service with two issuers, the customers' and the operators'.
async fn two() -> (Service, Idp, Idp, i64) {
    let clock = manual_clock();
    let (customers, operators) = (Idp::start().await, Idp::start().await);
    let service = Service::with(Options {
        clock: clock.clone(),
        jwt: Some(customers.accepted_for("bi")),
        operator_jwt: Some(operators.accepted_for("bi-operators")),
        ..Options::default()
    })
    .await;
    service.tenant("acme").await;
    (service, customers, operators, clock.now().unix_timestamp())
}

#[tokio::test]
async fn a_token_of_the_operators_issuer_is_an_operator() {
    let (service, _, operators, now) = two().await;
    // Neither a tenant nor a role is asked of it.
    let claims = json!({ "aud": "bi-operators", "tenant": null, "role": null });
    let operator = service.anonymous().bearer(&operators.token(now, &claims));
    let me = operator.get("/v1/me").await;
    assert_eq!(
        me.body,
        json!({ "role": "operator", "actor": { "kind": "user", "id": "ada" }, "tenant": null })
    );
    assert_eq!(operator.get("/v1/tenants").await.items().len(), 1);
    let made = operator
        .on("acme")
        .post("/v1/api-keys", json!({ "name": "x", "role": "admin" }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let log = service
        .anonymous()
        .bearer(&made.text("api_key"))
        .get("/v1/audit")
        .await;
    let made = log
        .items()
        .iter()
        .find(|event| event["action"] == "api_key.created");
    assert_eq!(
        made.unwrap()["actor"],
        json!({ "kind": "user", "id": "ada", "by_platform": true })
    );
}

#[tokio::test]
async fn the_customers_issuer_makes_no_operator() {
    let (service, customers, _, now) = two().await;
    for claims in [
        json!({ "role": "operator" }),
        json!({ "role": "operator", "tenant": null }),
        json!({ "role": "operator", "aud": ["bi", "bi-operators"] }),
    ] {
        let caller = service.anonymous().bearer(&customers.token(now, &claims));
        assert_eq!(
            caller.get("/v1/me").await.problem(),
            (403, "forbidden"),
            "{claims}"
        );
        assert_eq!(
            caller.get("/v1/tenants").await.problem(),
            (403, "forbidden")
        );
    }
    let admin = service
        .anonymous()
        .bearer(&customers.token(now, &json!({})));
    assert_eq!(admin.get("/v1/tenants").await.problem(), (403, "forbidden"));
}

#[tokio::test]
async fn each_issuer_is_believed_for_its_own_audience_with_its_own_keys() {
    let (service, customers, operators, now) = two().await;
    for token in [
        operators.token(now, &json!({})),
        operators.token(now, &json!({ "role": "operator" })),
        customers.token(now, &json!({ "aud": "bi-operators" })),
        customers.token(
            now,
            &json!({ "aud": "bi-operators", "iss": operators.issuer }),
        ),
        operators.token(now, &json!({ "iss": customers.issuer })),
    ] {
        let answer = service.anonymous().bearer(&token).get("/v1/me").await;
        assert_eq!(answer.problem(), (401, "unauthenticated"));
    }
    let both = operators.token(
        now,
        &json!({ "aud": ["bi", "bi-operators"], "role": "viewer" }),
    );
    let me = service.anonymous().bearer(&both).get("/v1/me").await;
    assert_eq!(
        me.body["role"], "operator",
        "the issuer decides, not the claims"
    );
}
