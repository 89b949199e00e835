//! `/v1/usage` in pages: each row once, however many there are.

use std::sync::Arc;

use domain::{ManualClock, TenantId};
use harness::{Client, Options, Service, service::manual_clock};
use serde_json::Value;
use store::usage::{self, Key, Outcome, Sums, Usage};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

struct World {
    service: Service,
    clock: Arc<ManualClock>,
    tenant: TenantId,
    admin: Client,
}

impl World {
    async fn start() -> Self {
        let clock = manual_clock();
        let service = Service::with(Options {
            clock: clock.clone(),
            ..Options::default()
        })
        .await;
        let tenant = service.tenant("one").await.parse().unwrap();
        let admin = service.caller("one", "admin").await;
        Self {
            service,
            clock,
            tenant,
            admin,
        }
    }

    fn now(&self) -> OffsetDateTime {
        self.service.context.now()
    }

    fn today(&self) -> Date {
        self.now().date()
    }

    /// So many models are used on a day.
    async fn used(&self, tenant: TenantId, day: Date, models: u16) {
        let usages: Vec<_> = (1..=models).map(|model| used(day, model)).collect();
        let mut tx = self.service.context.store.write(tenant).await.unwrap();
        usage::add(&mut tx, &usages).await.unwrap();
        tx.commit(&[], self.now()).await.unwrap();
    }
}

fn used(day: Date, model: u16) -> Usage {
    Usage {
        key: Key {
            day,
            connection: Uuid::from_u128(1).into(),
            model: Uuid::from_u128(model.into()).into(),
            outcome: Outcome::Answered,
        },
        alias: format!("m{model}"),
        invoke_id: "eu.a.model".to_owned(),
        sums: Sums {
            requests: 1,
            ..Sums::default()
        },
    }
}

fn row(row: &Value) -> (&str, &str) {
    (row["day"].as_str().unwrap(), row["alias"].as_str().unwrap())
}

#[tokio::test]
async fn what_is_more_than_a_page_is_followed_to_its_end() {
    let world = World::start().await;
    let (today, yesterday) = (world.today(), world.today() - Duration::DAY);
    world.used(world.tenant, today, 3).await;
    world.used(world.tenant, yesterday, 2).await;
    let other = world.service.tenant("two").await.parse().unwrap();
    world.used(other, today, 9).await;

    let (today, yesterday) = (today.to_string(), yesterday.to_string());
    let all = world.admin.get("/v1/usage").await;
    let told: Vec<_> = all.items().iter().map(row).collect();
    let (today, yesterday) = (today.as_str(), yesterday.as_str());
    assert_eq!(
        told,
        [
            (today, "m1"),
            (today, "m2"),
            (today, "m3"),
            (yesterday, "m1"),
            (yesterday, "m2")
        ]
    );
    assert_eq!(all.body["next_cursor"], Value::Null);
    for limit in [1, 2, 3, 5] {
        let walked = world.admin.walk("/v1/usage", limit).await;
        assert_eq!(walked, all.items(), "{limit}");
    }
}

#[tokio::test]
async fn more_than_the_most_of_a_page_is_not_cut_silently() {
    let world = World::start().await;
    world.used(world.tenant, world.today(), 10_000).await;
    let first = world.admin.get("/v1/usage").await;
    assert_eq!(
        (first.items().len(), &first.body["next_cursor"]),
        (10_000, &Value::Null)
    );

    let first_day = world.today() - Duration::days(29);
    world.used(world.tenant, first_day, 1).await;
    let first = world.admin.get("/v1/usage").await;
    assert_eq!(first.items().len(), 10_000);
    let next = first.text("next_cursor");
    let rest = world.admin.get(&format!("/v1/usage?cursor={next}")).await;
    let told: Vec<_> = rest.items().iter().map(row).collect();
    assert_eq!(told, [(first_day.to_string().as_str(), "m1")]);
    assert_eq!(rest.body["next_cursor"], Value::Null);
}

#[tokio::test]
async fn midnight_between_two_pages_loses_no_day() {
    let world = World::start().await;
    let first_day = world.today() - Duration::days(29);
    world.used(world.tenant, first_day, 2).await;
    let first = world.admin.get("/v1/usage?limit=1").await;
    world.clock.advance(Duration::DAY);
    let next = first.text("next_cursor");
    let rest = world.admin.get(&format!("/v1/usage?cursor={next}")).await;
    let told: Vec<_> = rest.items().iter().map(row).collect();
    assert_eq!(told, [(first_day.to_string().as_str(), "m2")]);
}

#[tokio::test]
async fn what_is_no_page_is_refused_with_a_pointer() {
    let world = World::start().await;
    world.used(world.tenant, world.today(), 2).await;
    let next = world
        .admin
        .get("/v1/usage?limit=1")
        .await
        .text("next_cursor");
    let of_another_list = domain::Cursor::from(Uuid::from_u128(1));
    let long_ago = format!("c1-0000000-0000000-{0}-{0}-answered", "0".repeat(32));
    for (query, pointer) in [
        ("from=-9999-01-01&to=2026-01-01", "/query/from"),
        ("to=-9999-01-31", "/query/to"),
        (&format!("cursor={long_ago}"), "/query/cursor"),
        ("limit=0", "/query/limit"),
        ("limit=10001", "/query/limit"),
        ("limit=hunter2", "/query/limit"),
        ("cursor=", "/query/cursor"),
        ("cursor=hunter2", "/query/cursor"),
        (&format!("cursor={of_another_list}"), "/query/cursor"),
        (&format!("cursor={next}x"), "/query/cursor"),
        (
            &format!("cursor={}", &next[..next.len() - 1]),
            "/query/cursor",
        ),
    ] {
        let refused = world.admin.get(&format!("/v1/usage?{query}")).await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{query}");
        assert_eq!(refused.pointers(), [pointer], "{query}");
        assert!(!refused.raw.contains("hunter2"), "{refused:?}");
    }
    let elsewhere = world.admin.get(&format!("/v1/audit?cursor={next}")).await;
    assert_eq!(elsewhere.pointers(), ["/query/cursor"]);
}

#[tokio::test]
async fn a_cursor_of_another_tenants_usage_shows_nothing_of_it() {
    let world = World::start().await;
    world.used(world.tenant, world.today(), 3).await;
    let next = world
        .admin
        .get("/v1/usage?limit=1")
        .await
        .text("next_cursor");
    world.service.tenant("two").await;
    let other = world.service.caller("two", "admin").await;
    let page = other.get(&format!("/v1/usage?cursor={next}")).await;
    assert_eq!((page.status, page.items()), (200, &[][..]));
}
