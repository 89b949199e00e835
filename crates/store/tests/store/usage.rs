//! What tenants used: added up, and nobody else's.

use domain::{ConnectionId, ModelId, TenantId};
use store::{
    Store,
    testing::Database,
    usage::{self, Key, Outcome, Sums, Usage},
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
    usage::between(&mut tx, from, to, 100).await.unwrap()
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
