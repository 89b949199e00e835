//! How far the platform's operator reaches into a tenant's connections.

use harness::{BEDROCK, aws::save};
use serde_json::json;

use super::world::{World, models, path, retest};

#[tokio::test]
async fn the_operator_reads_and_tests_what_is_saved_and_no_more() {
    let world = World::start().await;
    let seen = save(&world.admin, "By user", world.aws.by_user()).await;
    let read = world.operator.get(&path(&seen)).await;
    assert_eq!(read.body, seen, "{read:?}");
    let listed = world.operator.get(&format!("{BEDROCK}/connections")).await;
    assert_eq!(listed.items(), std::slice::from_ref(&seen));
    for secret in [world.aws.demo.cognito.password, "\"password\":\""] {
        assert!(!listed.raw.contains(secret), "{listed:?}");
    }
    assert_eq!(retest(&world.operator, &seen).await.body["ok"], true);
    let events = world.audited(&world.admin, "connection.tested").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["actor"]["by_platform"], true);
    assert_eq!(events[0]["aws"]["account_id"], world.aws.demo.account_id);

    let path = path(&seen);
    let invoke = json!({ "invoke": { "model_id": world.aws.demo.model_id } });
    let operator = world
        .operator
        .clone()
        .header("if-match", seen["etag"].as_str().unwrap());
    for refused in [
        operator.post(&format!("{path}/test"), invoke).await,
        models(&operator, &seen).await,
        operator.get(&format!("{path}/setup")).await,
        operator.patch(&path, json!({ "name": "Mine" })).await,
        operator.delete(&path).await,
        operator
            .post(
                &format!("{BEDROCK}/connect"),
                json!({ "method": "api_key", "region": "us-east-1" }),
            )
            .await,
        operator
            .post(&format!("{BEDROCK}/test"), world.aws.by_key())
            .await,
        operator.get("/v1/audit").await,
    ] {
        assert_eq!(refused.problem(), (403, "forbidden"), "{refused:?}");
    }
    let elsewhere = world.operator.clone().on("two");
    assert_eq!(elsewhere.get(&path).await.problem(), (404, "not_found"));
    assert_eq!(
        retest(&elsewhere, &seen).await.problem(),
        (404, "not_found")
    );
}

#[tokio::test]
async fn what_was_done_is_audited_with_account_and_request_ids() {
    let world = World::start().await;
    let body = world.aws.by_reserved_role(&world.admin, "Role").await;
    super::world::test(&world.admin, body.clone()).await;
    let seen = save(&world.admin, "By role", body).await;
    retest(&world.member, &seen).await;
    let region = json!({ "region": "eu-west-1" });
    super::world::edit(&world.admin, &seen, region).await;
    world.admin.delete(&path(&seen)).await;
    // For the role, for the role without its external ID and with another one, and whom the session speaks for.
    let of_a_test = Some(4);
    for (action, requests) in [
        ("connection.reserved", None),
        ("connection.tried", of_a_test),
        ("connection.saved", of_a_test),
        ("connection.tested", of_a_test),
        ("connection.edited", of_a_test),
        ("connection.disconnected", Some(0)),
    ] {
        let events = world.audited(&world.admin, action).await;
        assert_eq!(events.len(), 1, "{action}");
        let event = &events[0];
        assert_eq!(event["subject"], seen["id"], "{action}");
        assert!(event["request_id"].is_string(), "{action}");
        let ids = event["aws"]["request_ids"].as_array().unwrap();
        assert_eq!(ids.len(), requests.unwrap_or_default(), "{event}");
        let account = &event["aws"]["account_id"];
        match requests {
            None => assert!(account.is_null(), "{event}"),
            Some(_) => assert_eq!(*account, world.aws.demo.account_id, "{action}"),
        }
    }
}
