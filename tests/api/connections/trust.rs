//! A role must refuse everybody else.

use harness::aws::save;
use serde_json::json;

use super::world::{World, end, models, now, reason, report, retest, state, step, test, try_save};

#[tokio::test]
async fn a_role_that_demands_no_external_id_fails_and_shows_nothing() {
    let world = World::start().await;
    let (id, _) = world.reserve(&world.admin).await;
    let body = world.by_role(&id, &world.aws.demo.roles.unenforced_role_arn);
    let tested = test(&world.admin, body.clone()).await;
    assert_eq!(tested.body["ok"], false, "{tested:?}");
    assert_eq!(end(&tested.body, "credentials").0, "passed");
    assert_eq!(
        end(&tested.body, "external_id"),
        ("failed", "external_id_not_enforced")
    );
    for later in [
        "identity",
        "list_models",
        "list_custom_models",
        "list_inference_profiles",
    ] {
        assert_eq!(
            end(&tested.body, later),
            ("skipped", "earlier_step_failed"),
            "{later}"
        );
    }
    for member in ["account_id", "identity_arn", "models"] {
        assert!(tested.body[member].is_null(), "{tested:?}");
    }
    assert!(
        !tested.raw.contains(world.aws.demo.account_id),
        "{tested:?}"
    );

    let saved = try_save(&world.admin, "Production", body).await;
    assert_eq!(saved.problem(), (422, "connection_test_failed"));
    assert_eq!(
        end(&saved.body["report"], "external_id").1,
        "external_id_not_enforced"
    );
    let tried = world.audited(&world.admin, "connection.tried").await;
    assert_eq!(tried.len(), 2);
    for event in tried {
        assert_eq!(event["detail"]["code"], "external_id_not_enforced");
        assert!(event["aws"]["account_id"].is_null(), "{event}");
    }
}

#[tokio::test]
async fn where_the_platform_allows_it_that_is_a_warning_to_be_accepted_by_name() {
    let world = World::lenient().await;
    let (id, _) = world.reserve(&world.admin).await;
    let mut body = world.by_role(&id, &world.aws.demo.roles.unenforced_role_arn);
    let tested = report(&world.admin, body.clone()).await;
    assert_eq!(tested["ok"], true);
    assert_eq!(
        end(&tested, "external_id"),
        ("warning", "external_id_not_enforced")
    );

    for accepted in [json!([]), json!(["no_models_found"])] {
        body["accept_warnings"] = accepted;
        let refused = try_save(&world.admin, "Production", body.clone()).await;
        assert_eq!(
            refused.problem(),
            (422, "warnings_not_accepted"),
            "{refused:?}"
        );
        assert_eq!(end(&refused.body["report"], "external_id").0, "warning");
    }
    body["accept_warnings"] = json!(["external_id_not_enforced"]);
    let connection = save(&world.admin, "Production", body).await;
    assert_eq!(state(&connection), ("healthy", ""));
    assert_eq!(models(&world.viewer, &connection).await.status, 200);
}

#[tokio::test]
async fn nobody_needs_to_accept_what_is_no_warning() {
    let world = World::start().await;
    let (id, _) = world.reserve(&world.admin).await;
    let mut body = world.by_role(&id, &world.aws.demo.roles.unenforced_role_arn);
    body["accept_warnings"] = json!(["external_id_not_enforced"]);
    let refused = try_save(&world.admin, "Production", body).await;
    assert_eq!(refused.problem(), (422, "connection_test_failed"));
}

#[tokio::test]
async fn a_role_that_was_saved_untested_gives_no_lease_before_a_test_has_passed() {
    let world = World::start().await;
    let mut body = world.aws.by_reserved_role(&world.admin, "Later").await;
    body["verify"] = "skip".into();
    let asked = world.aws.world.seen().len();
    let connection = save(&world.admin, "Production", body).await;
    assert_eq!(state(&connection), ("unverified", ""));
    assert!(connection["access"]["account_id"].is_null());
    let refused = models(&world.viewer, &connection).await;
    assert_eq!(reason(&refused), "not_verified");
    assert!(refused.body["remedy"].is_string(), "{refused:?}");
    assert_eq!(world.aws.world.seen().len(), asked, "AWS was asked");

    let tested = retest(&world.member, &connection).await;
    assert_eq!(tested.body["ok"], true, "{tested:?}");
    let connection = now(&world.viewer, &connection).await;
    assert_eq!(state(&connection), ("healthy", ""));
    assert_eq!(
        connection["access"]["account_id"],
        world.aws.demo.account_id
    );
    assert_eq!(models(&world.viewer, &connection).await.status, 200);
}

#[tokio::test]
async fn a_role_that_stops_to_demand_its_external_id_gives_no_lease_any_more() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Careless").await;
    let role = body["fields"]["role_arn"].as_str().unwrap().to_owned();
    let connection = save(&world.admin, "Production", body).await;
    assert_eq!(models(&world.viewer, &connection).await.status, 200);
    let external_id = connection["access"]["external_id"].as_str().unwrap();

    world.demand(&role, &[]);
    let tested = retest(&world.member, &connection).await;
    assert_eq!(
        end(&tested.body, "external_id").1,
        "external_id_not_enforced"
    );
    let failing = now(&world.viewer, &connection).await;
    assert_eq!(state(&failing), ("failing", "external_id_not_enforced"));
    assert_eq!(
        reason(&models(&world.viewer, &connection).await),
        "not_verified"
    );

    world.demand(&role, &[external_id]);
    world.wait(5);
    retest(&world.member, &connection).await;
    assert_eq!(
        state(&now(&world.viewer, &connection).await),
        ("healthy", "")
    );
    assert_eq!(models(&world.viewer, &connection).await.status, 200);
}

#[tokio::test]
async fn what_cannot_work_is_not_saved_untested_either() {
    let world = World::start().await;
    let (id, _) = world.reserve(&world.admin).await;
    let mut body = world.by_role(&id, "arn:aws-cn:iam::123456789012:role/Bedrock");
    body["verify"] = "skip".into();
    let refused = try_save(&world.admin, "Production", body.clone()).await;
    assert_eq!(refused.problem(), (422, "validation_failed"), "{refused:?}");
    assert_eq!(refused.pointers(), ["/fields/role_arn"]);
    body.as_object_mut().unwrap().remove("verify");
    let tested = report(&world.admin, body).await;
    assert_eq!(
        end(&tested, "fields"),
        ("failed", "partition_not_assumable")
    );

    let key = json!({
        "method": "api_key",
        "region": world.aws.demo.region,
        "verify": "skip",
        "fields": { "api_key": world.aws.demo.api_keys.elsewhere },
    });
    let refused = try_save(&world.admin, "Production", key).await;
    assert_eq!(refused.pointers(), ["/region"], "{refused:?}");
}

#[tokio::test]
async fn a_role_that_trusts_somebody_else_is_denied_in_awss_own_words() {
    let world = World::start().await;
    let role = &world.aws.demo.roles.role_arn;
    let (id, _) = world.reserve(&world.admin).await;
    let tested = report(&world.admin, world.by_role(&id, role)).await;
    let step = step(&tested, "credentials");
    assert_eq!(step["code"], "trust_policy_denied", "{step}");
    assert_eq!(step["aws"]["operation"], "AssumeRole");
    assert_eq!(step["aws"]["code"], "AccessDenied");
    assert!(step["aws"]["request_id"].is_string(), "{step}");
    assert!(!step["likely_causes"].as_array().unwrap().is_empty());
    assert_eq!(step["retryable"], false);
}
