//! The selector: what it lists, and how it says that each model is now.

use harness::{BEDROCK, Client, aws::save};
use sandbox::{Fault, Harm};
use serde_json::{Value, json};
use time::Duration;

use super::world::{NOVA, SONNET, World, denied, path};

const EMBEDDING: &str = "amazon.titan-embed-text-v2:0";

/// Registers a model over a connection. It, as the answer shows it.
async fn over(admin: &Client, connection: &Value, model_id: &str, alias: &str) -> Value {
    let body = json!({
        "connection_id": connection["id"],
        "models": [{ "model_id": model_id, "alias": alias }],
    });
    let made = admin.post("/v1/models", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.items()[0].clone()
}

fn standing(model: &Value) -> (&str, Option<&str>) {
    (
        model["state"].as_str().unwrap(),
        model["state_reason"].as_str(),
    )
}

#[tokio::test]
async fn it_lists_by_page_by_connection_and_by_capability() {
    let world = World::start().await;
    let second = save(&world.admin, "Second", world.aws.by_user()).await;
    world
        .register(json!([{ "model_id": NOVA }, { "model_id": SONNET }, { "model_id": EMBEDDING }]))
        .await;
    world.tick();
    over(&world.admin, &second, NOVA, "nova-2").await;
    let aliases = async |query: &str| {
        let listed = world.admin.get(&format!("/v1/models{query}")).await;
        assert_eq!(listed.status, 200, "{listed:?}");
        let aliases = listed
            .items()
            .iter()
            .map(|model| model["alias"].as_str().unwrap().to_owned());
        aliases.collect::<Vec<_>>()
    };
    let all = [
        "nova-lite",
        "claude-sonnet-4-5",
        "titan-embed-text-v2",
        "nova-2",
    ];
    assert_eq!(aliases("").await, all);
    assert_eq!(aliases("?capability=embed").await, ["titan-embed-text-v2"]);
    let second = second["id"].as_str().unwrap();
    assert_eq!(
        aliases(&format!("?connection_id={second}")).await,
        ["nova-2"]
    );
    assert_eq!(
        aliases(&format!("?connection_id={second}&capability=embed")).await,
        [] as [&str; 0]
    );
    assert_eq!(world.admin.walk("/v1/models", 2).await.len(), 4);
    for wrong in [
        "?capability=sing",
        "?connection_id=x",
        "?provider=Amazon",
        "?limit=0",
    ] {
        let refused = world.admin.get(&format!("/v1/models{wrong}")).await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{wrong}");
    }
}

#[tokio::test]
async fn a_model_that_aws_will_end_is_legacy() {
    let world = World::start().await;
    let made = world
        .one("anthropic.claude-3-7-sonnet-20250219-v1:0", "old")
        .await;
    assert_eq!(standing(&made), ("legacy", None));
}

#[tokio::test]
async fn a_model_is_unavailable_while_its_connection_fails() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova").await;
    let test = format!("{BEDROCK}/connections/{}/test", world.connection);
    world
        .aws
        .world
        .account(world.aws.demo.account_id, |account| {
            account
                .bedrock
                .api_keys
                .retain(|key| key.user != "BedrockAPIKey-demo");
        });
    let tested = world.admin.post(&test, json!({})).await;
    assert_eq!(tested.body["ok"], false, "{tested:?}");
    let path = format!("{BEDROCK}/connections/{}", world.connection);
    let connection = world.admin.get(&path).await;
    let reason = connection.text("state_reason");
    assert_eq!(
        standing(&world.now(&nova).await),
        ("unavailable", Some(&*reason))
    );
    let listed = world.admin.get("/v1/models").await;
    assert_eq!(
        standing(&listed.items()[0]),
        ("unavailable", Some(&*reason))
    );
}

#[tokio::test]
async fn a_model_of_a_connection_that_may_not_list_may_still_be_tried() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova").await;
    world
        .aws
        .world
        .fault(Fault::always(Harm::Refuse(denied())).on("ListFoundationModels"));
    let test = format!("{BEDROCK}/connections/{}/test", world.connection);
    let tested = world.admin.post(&test, json!({})).await;
    assert_eq!(tested.body["ok"], false, "{tested:?}");
    assert_eq!(
        standing(&world.now(&nova).await),
        ("unverified", Some("missing_permission"))
    );
}

#[tokio::test]
async fn a_model_is_unavailable_once_the_key_has_expired() {
    let world = World::start().await;
    let mut body = world.aws.by_key();
    body["fields"]["api_key"] = world.aws.demo.api_keys.short_term.as_str().into();
    let short = save(&world.admin, "Short", body).await;
    let nova = over(&world.admin, &short, NOVA, "nova").await;
    assert_eq!(standing(&nova), ("available", None));
    world.clock.advance(Duration::hours(13));
    assert_eq!(
        standing(&world.now(&nova).await),
        ("unavailable", Some("api_key_expired"))
    );
}

#[tokio::test]
async fn a_model_is_unavailable_while_its_role_is_unproven_and_gone_with_its_connection() {
    let world = World::start().await;
    let role = save(&world.admin, "Role", world.aws.by_entered_role()).await;
    let nova = over(&world.admin, &role, NOVA, "nova").await;
    let connection = format!("{BEDROCK}/connections/{}", role["id"].as_str().unwrap());
    let edit = json!({ "fields": { "external_id": "another-one" }, "verify": "skip" });
    let admin = world.admin.clone().header("if-match", "*");
    let etag = world.admin.get(&connection).await.text("etag");
    let edited = admin
        .header("if-match", &etag)
        .patch(&connection, edit)
        .await;
    assert_eq!(edited.status, 200, "{edited:?}");
    assert_eq!(
        standing(&world.now(&nova).await),
        ("unavailable", Some("not_verified"))
    );

    // Nothing more is registered over it meanwhile.
    let body = json!({ "connection_id": role["id"], "models": [{ "model_id": SONNET }] });
    let refused = world.admin.post("/v1/models", body).await;
    assert_eq!(refused.problem(), (409, "connection_unusable"));
    assert_eq!(refused.text("reason"), "not_verified");

    let removed = world.admin.delete(&connection).await;
    assert_eq!(
        removed.body["removed"]["models"],
        json!(["nova"]),
        "{removed:?}"
    );
    assert_eq!(world.admin.get(&path(&nova)).await.status, 404);
    assert_eq!(
        world.admin.get("/v1/models").await.items(),
        [] as [Value; 0]
    );
}

#[tokio::test]
async fn viewers_and_members_read_and_change_nothing() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova").await;
    for role in ["viewer", "member"] {
        let caller = world.service.caller("one", role).await;
        assert_eq!(
            caller.get("/v1/models").await.items(),
            std::slice::from_ref(&nova)
        );
        assert_eq!(caller.get(&path(&nova)).await.status, 200);
        for answer in [
            caller.patch(&path(&nova), json!({ "alias": "x" })).await,
            caller.delete(&path(&nova)).await,
            caller
                .post("/v1/models", json!({ "models": [{ "model_id": SONNET }] }))
                .await,
        ] {
            assert_eq!(answer.problem(), (403, "forbidden"), "{role}");
        }
    }
    assert_eq!(world.now(&nova).await, nova);
}

#[tokio::test]
async fn what_is_not_of_the_request_is_pointed_at() {
    let world = World::start().await;
    let nova = world.one(NOVA, "nova").await;
    let many = vec![json!({ "model_id": NOVA }); 51];
    for (body, pointer) in [
        (json!({}), "/models"),
        (json!({ "models": [] }), "/models"),
        (json!({ "models": many }), "/models"),
        (json!({ "models": {} }), "/models"),
        (json!({ "models": [NOVA] }), "/models/0"),
        (json!({ "models": [{}] }), "/models/0/model_id"),
        (
            json!({ "models": [{ "model_id": 1 }] }),
            "/models/0/model_id",
        ),
        (
            json!({ "models": [{ "model_id": NOVA, "name": "x" }] }),
            "/models/0/name",
        ),
        (
            json!({ "models": [{ "model_id": NOVA }], "region": "x" }),
            "/region",
        ),
        (
            json!({ "models": [{ "model_id": NOVA }], "connection_id": "mod_x" }),
            "/connection_id",
        ),
    ] {
        let refused = world.admin.post("/v1/models", body.clone()).await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{body}");
        assert_eq!(refused.pointers(), [pointer], "{body}");
    }
    for (body, pointer) in [
        (json!({ "alias": 1 }), "/alias"),
        (json!({ "is_default": "yes" }), "/is_default"),
        (json!({ "model_id": SONNET }), "/model_id"),
    ] {
        let refused = world.admin.patch(&path(&nova), body.clone()).await;
        assert_eq!(refused.pointers(), [pointer], "{body}");
    }
    for id in [
        "x",
        "mod_",
        &nova["id"].as_str().unwrap().to_uppercase(),
        "%00",
        "nova",
    ] {
        let answer = world.admin.get(&format!("/v1/models/{id}")).await;
        assert_eq!(answer.problem(), (404, "not_found"), "{id}");
    }
}
