//! Registering by an id that no list has.

use sandbox::{Fault, Harm, Refusal};
use serde_json::json;

use super::world::{NOVA, World, denied};

#[tokio::test]
async fn an_id_that_no_list_has_is_registered_as_unverified() {
    let world = World::start().await;
    let made = world.one("anthropic.claude-next-v1:0", "next").await;
    assert_eq!(made["state"], "unverified");
    assert_eq!(made["capabilities"], json!(["unknown"]));
    assert_eq!(made["invoke_id"], "anthropic.claude-next-v1:0");
    assert_eq!(made["name"], json!(null));
    let shared =
        "arn:aws:bedrock:us-east-1:210987654321:application-inference-profile/a1b2c3d4e5f6";
    let made = world.register(json!([{ "model_id": shared }])).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.items()[0]["alias"], "a1b2c3d4e5f6");
}

#[tokio::test]
async fn what_is_no_id_or_of_another_place_is_refused() {
    let world = World::start().await;
    for id in [
        "",
        "sonnet",
        "ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl",
        "../../secrets",
        "amazon.nova?x=y",
        "amazon.nova\0",
        "mod_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b",
        "arn:aws:iam::123456789012:role/Bedrock",
        "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:prompt-router/a1b2c3d4e5f6",
        &format!("amazon.{}", "n".repeat(3_000)),
    ] {
        let refused = world
            .register(json!([{ "model_id": id, "alias": "x" }]))
            .await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{id}");
        assert_eq!(refused.pointers(), ["/models/0/model_id"], "{id}");
        assert!(id.is_empty() || !refused.raw.contains(id), "{refused:?}");
    }
}

#[tokio::test]
async fn while_aws_does_not_list_an_id_is_taken_at_its_word() {
    let world = World::start().await;
    for (harm, alias) in [
        (Harm::Refuse(denied()), "denied"),
        (
            Harm::Refuse(Refusal::new(503, "ServiceUnavailableException", "Later.")),
            "away",
        ),
    ] {
        world.aws.world.fault(Fault::always(harm));
        let model_id = format!("x.{alias}");
        let made = world
            .register(json!([{ "model_id": model_id, "alias": alias }]))
            .await;
        assert_eq!(made.status, 201, "{alias}: {made:?}");
        assert_eq!(made.items()[0]["state"], "unverified", "{alias}");
        world.aws.world.mend();
    }
    let known = world.one(NOVA, "nova").await;
    assert_eq!(known["state"], "available");
}
