//! The audit log: appended in the transaction that did it, read newest first.

use domain::{Actor, Cursor, EventId, KeyId, Limit, Role, Scope, TenantId};
use serde_json::json;
use store::{
    Store, TenantTx, audit,
    audit::{Event, NewEvent},
    testing::Database,
};
use uuid::Uuid;

use crate::support::{at, rng, tenant};

fn id(number: u128) -> EventId {
    EventId::from(Uuid::from_u128(number + 1))
}

fn caller(tenant: TenantId) -> Scope {
    Scope::Tenant {
        tenant,
        actor: Actor::ApiKey(KeyId::from(Uuid::from_u128(9))),
        role: Role::Admin,
    }
}

async fn append(tx: &mut TenantTx, number: u128, seconds: i64) {
    let scope = caller(tx.tenant());
    append_as(tx, &scope, id(number), number, seconds).await;
}

/// With an id made at its time, as the service makes them.
pub(crate) async fn append_at(tx: &mut TenantTx, number: u128, seconds: i64) {
    let scope = caller(tx.tenant());
    let id = EventId::new(at(seconds), &mut rng());
    append_as(tx, &scope, id, number, seconds).await;
}

async fn append_as(tx: &mut TenantTx, scope: &Scope, id: EventId, number: u128, seconds: i64) {
    let event = NewEvent {
        id,
        scope,
        action: "test.done",
        subject: Some("key_1".to_owned()),
        request_id: Some("req_1"),
        aws_account: Some("123456789012".parse().unwrap()),
        aws_request_ids: &["aws-1".to_owned()],
        detail: json!({ "number": u64::try_from(number).unwrap() }),
    };
    audit::append(tx, event, at(seconds)).await.unwrap();
}

async fn with_events(store: &Store, numbers: impl IntoIterator<Item = u128>) -> TenantId {
    let tenant = tenant(store).await;
    let mut tx = store.write(tenant).await.unwrap();
    for number in numbers {
        append(&mut tx, number, 0).await;
    }
    tx.commit(&[], at(0)).await.unwrap();
    tenant
}

async fn pages(store: &Store, tenant: TenantId, limit: &str) -> Vec<Vec<Event>> {
    let limit: Limit = limit.parse().unwrap();
    let mut pages = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let mut tx = store.read(tenant).await.unwrap();
        let page = audit::page(&mut tx, after, limit).await.unwrap();
        pages.push(page.items);
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn an_event_is_read_as_it_was_written() {
    let store = Database::new().await.store();
    let tenant = with_events(&store, [3]).await;
    let operator = Scope::Platform {
        actor: Actor::CommandLine,
        on: Some(tenant),
    };
    let mut tx = store.write(tenant).await.unwrap();
    append_as(&mut tx, &operator, id(4), 4, 5).await;
    tx.commit(&[], at(0)).await.unwrap();

    let pages = pages(&store, tenant, "10").await;
    let by_caller = Event {
        id: id(3),
        at: at(0),
        actor_kind: "api_key".to_owned(),
        actor_id: KeyId::from(Uuid::from_u128(9)).to_string(),
        by_platform: false,
        action: "test.done".to_owned(),
        subject: Some("key_1".to_owned()),
        request_id: Some("req_1".to_owned()),
        aws_account_id: Some("123456789012".to_owned()),
        aws_request_ids: vec!["aws-1".to_owned()],
        detail: json!({ "number": 3 }),
    };
    let by_platform = Event {
        id: id(4),
        at: at(5),
        actor_kind: "command_line".to_owned(),
        actor_id: "command_line".to_owned(),
        by_platform: true,
        detail: json!({ "number": 4 }),
        ..by_caller.clone()
    };
    assert_eq!(pages, [[by_platform, by_caller.clone()]]);
    let mut tx = store.read(tenant).await.unwrap();
    let found = audit::find(&mut tx, by_caller.id).await.unwrap();
    assert_eq!(found, Some(by_caller));
}

#[tokio::test]
async fn pages_hold_every_event_once_newest_first() {
    let store = Database::new().await.store();
    for (events, lengths) in [
        (0, vec![0]),
        (2, vec![2]),
        (3, vec![2, 1]),
        (4, vec![2, 2]),
        (5, vec![2, 2, 1]),
    ] {
        let tenant = with_events(&store, 0..events).await;
        let pages = pages(&store, tenant, "2").await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths);
        let ids: Vec<_> = pages.iter().flatten().map(|event| event.id).collect();
        assert_eq!(ids, (0..events).rev().map(id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn another_tenant_reads_none_of_them() {
    let store = Database::new().await.store();
    with_events(&store, 0..3).await;
    let mine = with_events(&store, [1]).await;
    let ids = |pages: Vec<Vec<Event>>| {
        let events = pages.into_iter().flatten();
        events.map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(pages(&store, mine, "1").await), [id(1)]);
    assert_eq!(ids(pages(&store, TenantId::PLATFORM, "1").await), []);
}

#[tokio::test]
async fn what_was_not_done_is_not_in_the_log() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let mut tx = store.write(tenant).await.unwrap();
    append(&mut tx, 1, 0).await;
    drop(tx);
    assert_eq!(pages(&store, tenant, "10").await, [vec![]]);
}
