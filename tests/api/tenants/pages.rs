//! Lists in pages; tenants stand for every list.

use std::sync::Arc;

use domain::ManualClock;
use harness::{Client, Options, Service, service::manual_clock};
use serde_json::{Value, json};
use time::Duration;

/// A service with tenants made a second apart.
async fn tenants(n: usize) -> (Service, Client, Arc<ManualClock>, Vec<Value>) {
    let clock = manual_clock();
    let service = Service::with(Options {
        clock: clock.clone(),
        ..Options::default()
    })
    .await;
    let operator = service.operator().await;
    let mut made = Vec::new();
    for n in 0..n {
        made.push(make(&operator, &clock, &format!("t-{n}")).await);
    }
    (service, operator, clock, made)
}

async fn make(operator: &Client, clock: &ManualClock, tenant_ref: &str) -> Value {
    clock.advance(Duration::seconds(1));
    let made = operator
        .post("/v1/tenants", json!({ "ref": tenant_ref, "name": "x" }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body
}

#[tokio::test]
async fn a_list_is_walked_oldest_first_without_gaps_or_repeats() {
    let (_service, operator, _, made) = tenants(7).await;
    for limit in [1, 2, 3, 6, 7, 8, 200] {
        assert_eq!(operator.walk("/v1/tenants", limit).await, made, "{limit}");
    }
}

#[tokio::test]
async fn a_full_last_page_has_no_next_cursor() {
    let (_service, operator, _, made) = tenants(2).await;
    let page = operator.get("/v1/tenants?limit=2").await;
    assert_eq!(
        (page.items(), &page.body["next_cursor"]),
        (&made[..], &Value::Null)
    );
}

#[tokio::test]
async fn fifty_items_are_a_page_unless_asked_otherwise() {
    let (_service, operator, _, made) = tenants(51).await;
    let page = operator.get("/v1/tenants").await;
    assert_eq!(page.items(), &made[..50]);
    let next = page.text("next_cursor");
    let rest = operator.get(&format!("/v1/tenants?cursor={next}")).await;
    assert_eq!(
        (rest.items(), &rest.body["next_cursor"]),
        (&made[50..], &Value::Null)
    );
}

#[tokio::test]
async fn rows_that_come_and_go_between_pages_shift_nothing() {
    let (_service, operator, clock, made) = tenants(5).await;
    let first = operator.get("/v1/tenants?limit=2").await;
    let new = make(&operator, &clock, "new").await;
    for gone in [&made[0], &made[1], &made[3]] {
        let id = gone["id"].as_str().unwrap();
        assert_eq!(
            operator.delete(&format!("/v1/tenants/{id}")).await.status,
            204
        );
    }
    let next = first.text("next_cursor");
    let rest = operator
        .get(&format!("/v1/tenants?limit=9&cursor={next}"))
        .await;
    assert_eq!(rest.items(), [made[2].clone(), made[4].clone(), new]);
}

#[tokio::test]
async fn what_is_no_page_is_refused_with_a_pointer() {
    let service = Service::start().await;
    let operator = service.operator().await;
    for (query, pointer) in [
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("limit=-1", "/query/limit"),
        ("limit=", "/query/limit"),
        ("limit=hunter2", "/query/limit"),
        ("limit=1e2", "/query/limit"),
        ("limit=99999999999999999999999", "/query/limit"),
        ("limit=%00", "/query/limit"),
        ("limit=%FF", "/query/limit"),
        ("limit=5&limit=5", "/query/limit"),
        ("cursor=", "/query/cursor"),
        ("cursor=hunter2", "/query/cursor"),
        (
            "cursor=c1-hunter2hunter2hunter2hunter2hunt",
            "/query/cursor",
        ),
        (
            "cursor=c1-0198f0f0e8a47c1e9d3b5a7c9e1f2a4b%00",
            "/query/cursor",
        ),
        ("cursor=%27%20OR%201=1", "/query/cursor"),
        ("offset=hunter2", "/query"),
        ("hunter2", "/query"),
    ] {
        for list in ["/v1/tenants", "/v1/api-keys"] {
            let refused = operator.get(&format!("{list}?{query}")).await;
            assert_eq!(refused.problem(), (422, "validation_failed"), "{query}");
            assert_eq!(refused.pointers(), [pointer], "{query}");
            assert!(!refused.raw.contains("hunter2"), "{refused:?}");
        }
    }
    let both = operator.get("/v1/tenants?limit=0&cursor=x").await;
    assert_eq!(both.pointers(), ["/query/limit", "/query/cursor"]);
}

#[tokio::test]
async fn the_bounds_of_the_limit_are_allowed() {
    let service = Service::start().await;
    let operator = service.operator().await;
    for limit in [1, 200] {
        let page = operator.get(&format!("/v1/tenants?limit={limit}")).await;
        assert_eq!((page.status, page.items().len()), (200, 0));
    }
}
