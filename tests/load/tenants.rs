//! Tenants: one that is connected as customers are, and any number of others that are like it.

use futures_util::{StreamExt, stream};
use harness::{Aws, Client, aws::save};
use serde_json::json;
use store::testing::Database;

use crate::upstream::{CLAUDE, ENDLESS};

/// How many requests at a time.
const AT_ONCE: usize = 16;
/// The same as for the first tenant, for all others.
const COPIES: [&str; 3] = [
    "INSERT INTO accesses SELECT (jsonb_populate_record(row, jsonb_build_object('tenant_id', tenants.id))).* \
     FROM accesses AS row, tenants WHERE tenants.id <> row.tenant_id",
    "INSERT INTO connections SELECT (jsonb_populate_record(row, jsonb_build_object('tenant_id', tenants.id))).* \
     FROM connections AS row, tenants WHERE tenants.id <> row.tenant_id",
    "INSERT INTO models SELECT (jsonb_populate_record(row, jsonb_build_object('tenant_id', tenants.id))).* \
     FROM models AS row, tenants WHERE tenants.id <> row.tenant_id",
];

/// A tenant with a role, the models `nova` and `claude`, and one that never stops talking; a key of it.
pub(crate) async fn connect(operator: &Client, aws: &Aws) -> String {
    let key = provision(operator, "first").await;
    let admin = operator.clone().bearer(&key);
    let connection = save(&admin, "Production", aws.by_entered_role()).await;
    let body = json!({
        "connection_id": connection["id"],
        "models": [
            { "model_id": aws.demo.model_id, "alias": "nova" },
            { "model_id": CLAUDE, "alias": "claude" },
            { "model_id": ENDLESS, "alias": "endless" },
        ],
    });
    let registered = admin.post("/v1/models", body).await;
    assert_eq!(registered.status, 201, "{registered:?}");
    key
}

/// So many more that have the same; their keys.
pub(crate) async fn copy(operator: &Client, database: &Database, count: usize) -> Vec<String> {
    let keys = stream::iter(0..count)
        .map(|n| async move { provision(operator, &format!("t{n}")).await })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let owner = database.owner();
    for statement in COPIES {
        sqlx::query(statement).execute(&owner).await.unwrap();
    }
    keys
}

/// Has each converse once.
pub(crate) async fn converse(client: &Client, keys: &[String]) {
    stream::iter(keys)
        .for_each_concurrent(AT_ONCE, |key| async move {
            let body =
                json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] });
            let tenant = client.clone().bearer(key);
            let answer = tenant.post("/v1/models/nova/converse", body).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        })
        .await;
}

async fn provision(operator: &Client, tenant: &str) -> String {
    let path = format!("/v1/tenants/by-ref/{tenant}");
    let made = operator.put(&path, json!({ "name": tenant })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let key = json!({ "name": "load", "role": "admin" });
    let made = operator.clone().on(tenant).post("/v1/api-keys", key).await;
    made.text("api_key")
}
