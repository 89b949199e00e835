//! A role that trusts a tenant's issuer, from the setup kit to conversations. The sandbox checks tokens with the keys that
//! it fetches from the service, as AWS does.

use harness::aws::save;
use sandbox::{policy::Policy, sts::OidcProvider};
use serde_json::{Value, json};
use server::app::signing_keys::turn;

use super::{setup::Reserved, turns::pass};
use crate::connections::world::{
    World, connect, edit, end, models, now, path, report, retest, state, try_save,
};

#[tokio::test]
async fn it_is_tested_saved_listed_edited_and_conversed_with_without_any_aws_identity_of_ours() {
    let world = World::with(|aws| aws.principal_arn = None).await;
    let reserved = Reserved::new(&world, &world.admin).await;
    let tenant = world.admin.get("/v1/me").await.body["tenant"]["id"].clone();
    let subject = &reserved.subject;
    assert!(subject.starts_with(&format!("{}:acc_", tenant.as_str().unwrap())));
    let expected = format!("{}/oidc/{}", world.service.url, tenant.as_str().unwrap());
    assert_eq!(reserved.issuer, expected);
    let role_arn = reserved.set_up(&world, "ByToken").await;
    let body = reserved.by_role(&world, &role_arn);

    let tested = report(&world.admin, body.clone()).await;
    assert_eq!(tested["ok"], true, "{tested}");
    assert_eq!(end(&tested, "external_id"), ("passed", ""));
    let saved = save(&world.admin, "By token", body).await;
    assert_eq!(state(&saved), ("healthy", ""));
    assert_eq!(saved["access"]["federation"], "oidc");
    assert_eq!(saved["access"]["account_id"], world.aws.demo.account_id);
    assert!(saved["access"]["external_id"].is_null());

    assert_eq!(models(&world.viewer, &saved).await.status, 200);
    let model = json!({
        "connection_id": saved["id"],
        "models": [{ "model_id": "amazon.nova-lite-v1:0", "alias": "lite" }],
    });
    let registered = world.admin.post("/v1/models", model).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    let said = json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] });
    let answer = world.member.post("/v1/models/lite/converse", said).await;
    assert_eq!(answer.status, 200, "{answer:?}");

    // Another region of the same access, and another role for both.
    let body = json!({
        "method": "iam_role", "region": "us-west-2", "access_id": saved["access"]["id"],
    });
    let west = connect(&world.admin, body).await;
    assert_eq!(west.status, 201, "{west:?}");
    let body = json!({
        "connection_id": west.body["connection"]["id"], "method": "iam_role", "region": "us-west-2",
    });
    save(&world.admin, "West", body).await;
    let another = reserved.set_up(&world, "Another").await;
    let edited = edit(
        &world.admin,
        &now(&world.admin, &saved).await,
        json!({ "fields": { "role_arn": another } }),
    )
    .await;
    assert_eq!(edited.status, 200, "{edited:?}");
    assert_eq!(edited.body["also_changed"].as_array().unwrap().len(), 1);
    assert_eq!(models(&world.viewer, &saved).await.status, 200);

    assert_eq!(world.aws.world.count("AssumeRole"), 0);
    let setup = world.admin.get(&format!("{}/setup", path(&saved))).await;
    let federated = &setup.body["trust_policy"]["Statement"][0]["Principal"]["Federated"];
    let account = world.aws.demo.account_id;
    let expected = format!("arn:aws:iam::{account}:oidc-provider/{}", reserved.provider);
    assert_eq!(*federated, expected);
}

/// What a test finds, and whether it says that the same may pass later.
async fn found(world: &World, body: &Value) -> (String, bool) {
    let report = report(&world.admin, body.clone()).await;
    let steps = report["steps"].as_array().unwrap();
    let failed = steps.iter().find(|step| step["status"] == "failed");
    let failed = failed.unwrap_or_else(|| panic!("nothing failed: {report}"));
    (
        failed["code"].as_str().unwrap().to_owned(),
        failed["retryable"] == true,
    )
}

#[tokio::test]
async fn what_is_wrong_on_the_aws_side_is_told_apart() {
    let world = World::start().await;
    let reserved = Reserved::new(&world, &world.admin).await;
    let role_arn = reserved.set_up(&world, "ByToken").await;
    let body = reserved.by_role(&world, &role_arn);
    let account = world.aws.demo.account_id;
    let providers = |providers: Vec<OidcProvider>| {
        world
            .aws
            .world
            .account(account, |account| account.oidc_providers = providers);
    };

    providers(Vec::new());
    let missing = ("oidc_provider_missing".to_owned(), false);
    assert_eq!(found(&world, &body).await, missing);

    reserved.trust_issuer(&world, "somebody else");
    let wrong = ("oidc_audience_rejected".to_owned(), false);
    assert_eq!(found(&world, &body).await, wrong);

    // As if AWS found nobody at our address.
    let dead = OidcProvider::new(&reserved.issuer).audience(&reserved.audience);
    providers(vec![dead.jwks(json!({ "keys": [] }))]);
    let unreachable = ("oidc_issuer_unreachable".to_owned(), true);
    assert_eq!(found(&world, &body).await, unreachable);

    reserved.trust_issuer(&world, &reserved.audience);
    let mut another = reserved.trust.clone();
    let condition = &mut another["Statement"][0]["Condition"]["StringEquals"];
    condition[format!("{}:sub", reserved.provider)] = "another".into();
    world.role(&role_arn, |role| role.trust = Policy::of(&another));
    let denied = ("trust_policy_denied".to_owned(), false);
    assert_eq!(found(&world, &body).await, denied);

    world.role(&role_arn, |role| reserved.trusted_by(role));
    assert_eq!(report(&world.admin, body).await["ok"], true);
}

#[tokio::test]
async fn one_that_looks_at_the_audience_alone_is_found_out_even_where_external_ids_may_go_unproven()
{
    let world = World::lenient().await;
    let reserved = Reserved::new(&world, &world.admin).await;
    let role_arn = reserved.set_up(&world, "Careless").await;
    let mut careless = reserved.trust.clone();
    let condition = careless["Statement"][0]["Condition"]["StringEquals"].as_object_mut();
    let subject = condition
        .unwrap()
        .remove(&format!("{}:sub", reserved.provider));
    assert!(subject.is_some());
    world.role(&role_arn, |role| role.trust = Policy::of(&careless));
    let mut body = reserved.by_role(&world, &role_arn);

    let tested = report(&world.admin, body.clone()).await;
    let expected = ("failed", "external_id_not_enforced");
    assert_eq!(end(&tested, "external_id"), expected);
    assert!(
        tested["account_id"].is_null() && tested["models"].is_null(),
        "{tested}"
    );
    body["accept_warnings"] = json!(["external_id_not_enforced"]);
    let refused = try_save(&world.admin, "Careless", body).await;
    assert_eq!(refused.problem(), (422, "connection_test_failed"));
}

#[tokio::test]
async fn it_goes_on_when_the_next_key_signs() {
    let world = World::start().await;
    let reserved = Reserved::new(&world, &world.admin).await;
    let role_arn = reserved.set_up(&world, "ByToken").await;
    let saved = save(
        &world.admin,
        "By token",
        reserved.by_role(&world, &role_arn),
    )
    .await;
    for days in [87, 3, 3] {
        pass(&world.service, days).await;
        turn(&world.service.context).await.unwrap();
        let tested = retest(&world.member, &saved).await;
        assert_eq!(tested.body["ok"], true, "{tested:?}");
    }
    // Only the second key is left by now.
    let keys = world.service.anonymous().get("/oidc/jwks").await;
    assert_eq!(keys.body["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_left_in_aws_is_told() {
    let world = World::start().await;
    let reserved = Reserved::new(&world, &world.admin).await;
    let role_arn = reserved.set_up(&world, "ByToken").await;
    let saved = save(
        &world.admin,
        "By token",
        reserved.by_role(&world, &role_arn),
    )
    .await;
    let done = world.admin.delete(&path(&saved)).await;
    let [role, provider] = &done.body["left_in_aws"].as_array().unwrap()[..] else {
        panic!("role and provider: {done:?}");
    };
    assert!(role.as_str().unwrap().contains(&role_arn));
    assert!(provider.as_str().unwrap().contains("Identity providers"));
}
