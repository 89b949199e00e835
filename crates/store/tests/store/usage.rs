//! What tenants used: added up, and nobody else's.

use domain::{ConnectionId, ModelId, TenantId};
use store::{
    Store,
    testing::Database,
    usage::{self, Key, Limit, Outcome, Sums, Usage},
};
use time::{Date, Duration};
use uuid::Uuid;

use crate::support::{at, connected, tenant};

fn day() -> Date {
    at(0).date()
}

fn used(day: Date, outcome: Outcome, tokens: i64) -> Usage {
    Usage {
        key: Key {
            day,
            connection: ConnectionId::from(Uuid::from_u128(1)),
            model: ModelId::from(Uuid::from_u128(2)),
            outcome,
        },
        alias: "sonnet".to_owned(),
        invoke_id: "eu.a.model".to_owned(),
        sums: Sums {
            requests: 1,
            input_tokens: tokens,
            output_tokens: 2 * tokens,
            cache_read_tokens: 3,
            cache_write_tokens: 4,
            latency_ms: 5,
        },
    }
}

async fn add(store: &Store, tenant: TenantId, usages: &[Usage]) {
    let mut tx = store.write(tenant).await.unwrap();
    usage::add(&mut tx, usages).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
}

async fn read(store: &Store, tenant: TenantId, from: Date, to: Date) -> Vec<Usage> {
    let mut tx = store.read(tenant).await.unwrap();
    let page = usage::page(&mut tx, from, to, None, Limit::default()).await;
    page.unwrap().items
}

/// All rows, page by page. Every page but the last must be full.
async fn walk(store: &Store, tenant: TenantId, (from, to): (Date, Date), limit: &str) -> Vec<Key> {
    let most: Limit = limit.parse().unwrap();
    let (mut keys, mut after) = (Vec::new(), None);
    loop {
        let mut tx = store.read(tenant).await.unwrap();
        let page = usage::page(&mut tx, from, to, after, most).await.unwrap();
        keys.extend(page.items.iter().map(|usage| usage.key));
        if page.next.is_none() {
            return keys;
        }
        assert_eq!(page.items.len().to_string(), limit);
        after = page.next;
    }
}

#[tokio::test]
async fn usage_adds_up_by_day_and_outcome_and_is_one_tenants() {
    let database = Database::new().await;
    let store = connected(&database, 2).await;
    let (one, two) = (tenant(&store).await, tenant(&store).await);
    let tomorrow = day() + Duration::DAY;
    add(&store, one, &[used(day(), Outcome::Answered, 10)]).await;
    let later = [
        used(day(), Outcome::Answered, 20),
        used(day(), Outcome::Failed, 0),
        used(tomorrow, Outcome::Answered, 7),
    ];
    add(&store, one, &later).await;

    let all = read(&store, one, day(), tomorrow).await;
    let told: Vec<_> = all
        .iter()
        .map(|usage| (usage.key.day, usage.key.outcome, usage.sums.requests))
        .collect();
    assert_eq!(
        told,
        [
            (tomorrow, Outcome::Answered, 1),
            (day(), Outcome::Answered, 2),
            (day(), Outcome::Failed, 1),
        ]
    );
    assert_eq!(
        all[1].sums,
        Sums {
            requests: 2,
            input_tokens: 30,
            output_tokens: 60,
            cache_read_tokens: 6,
            cache_write_tokens: 8,
            latency_ms: 10,
        }
    );
    assert_eq!(read(&store, one, tomorrow, tomorrow).await.len(), 1);
    assert!(read(&store, two, day(), tomorrow).await.is_empty());
}

#[tokio::test]
async fn pages_hold_each_row_of_the_days_once_and_in_order() {
    let database = Database::new().await;
    let store = connected(&database, 2).await;
    let (one, two) = (tenant(&store).await, tenant(&store).await);
    let days = [0, 1, 2, 3].map(|later| day() + Duration::days(later));
    let (mut all, mut others) = (Vec::new(), Vec::new());
    for day in days {
        for (connection, model) in [(1, 2), (1, 3), (2, 2), (2, 3)] {
            for outcome in Outcome::ALL {
                let mut usage = used(day, outcome, 1);
                usage.key.connection = Uuid::from_u128(connection).into();
                usage.key.model = Uuid::from_u128(model).into();
                all.push(usage.clone());
                // Between those of the first tenant, would they be seen.
                usage.key.model = Uuid::from_u128(2 * model).into();
                others.push(usage);
            }
        }
    }
    add(&store, one, &all).await;
    add(&store, two, &others).await;

    let mut expected: Vec<_> = all.iter().map(|usage| usage.key).collect();
    expected.retain(|key| (days[1]..=days[2]).contains(&key.day));
    expected.sort_by_key(|key| {
        let outcome = key.outcome.as_str();
        (
            std::cmp::Reverse(key.day),
            key.connection,
            key.model,
            outcome,
        )
    });
    for limit in ["1", "3", "19", "20", "40", "41"] {
        let told = walk(&store, one, (days[1], days[2]), limit).await;
        assert_eq!(told, expected, "{limit}");
    }
}

#[test]
fn sums_stop_at_the_most_there_is() {
    let mut sums = Sums {
        requests: i64::MAX,
        ..Sums::default()
    };
    sums.add(&Sums {
        requests: 1,
        latency_ms: 1,
        ..Sums::default()
    });
    assert_eq!((sums.requests, sums.latency_ms), (i64::MAX, 1));
}
