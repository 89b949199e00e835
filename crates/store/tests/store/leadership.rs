//! One replica leads, and one that was overtaken writes nothing.

use std::time::Duration;

use store::{
    Store,
    leadership::{self, Term},
    testing::Database,
};
use uuid::Uuid;

use crate::support::{at, connected, tenant, waiters};

const WORK: &str = "sweep";
const LONG: Duration = Duration::from_secs(600);
/// Run out as soon as it is taken.
const NO_TIME: Duration = Duration::ZERO;
const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);

async fn lead(store: &Store, candidate: Uuid, lasting: Duration) -> Option<Term> {
    let mut tx = store.platform().await.unwrap();
    let term = leadership::lead(&mut tx, WORK, candidate, lasting).await;
    tx.commit(&[], at(0)).await.unwrap();
    term.unwrap()
}

async fn give_up(store: &Store, candidate: Uuid) {
    let mut tx = store.platform().await.unwrap();
    leadership::give_up(&mut tx, WORK, candidate).await.unwrap();
    tx.commit(&[], at(0)).await.unwrap();
}

#[tokio::test]
async fn one_leads_and_renews_until_it_gives_up() {
    let store = Database::new().await.store();
    let first = lead(&store, ONE, LONG).await;
    assert!(first.is_some());
    assert_eq!(lead(&store, TWO, LONG).await, None);
    assert_eq!(lead(&store, ONE, LONG).await, first, "renewed");
    give_up(&store, TWO).await;
    assert_eq!(lead(&store, TWO, LONG).await, None, "it was not its own");
    give_up(&store, ONE).await;
    let second = lead(&store, TWO, LONG).await;
    assert!(second > first, "another term");
    assert_eq!(lead(&store, ONE, LONG).await, None);
}

#[tokio::test]
async fn a_lease_that_has_run_out_is_taken_over_unless_its_holder_renews_it_first() {
    let store = Database::new().await.store();
    let first = lead(&store, ONE, NO_TIME).await;
    assert_eq!(lead(&store, ONE, NO_TIME).await, first, "nobody came");
    let second = lead(&store, TWO, NO_TIME).await;
    assert!(second > first);
    assert!(lead(&store, ONE, LONG).await > second);
}

#[tokio::test]
async fn who_was_overtaken_is_told_so_where_it_writes() {
    let store = Database::new().await.store();
    let tenant = tenant(&store).await;
    let first = lead(&store, ONE, NO_TIME).await.unwrap();
    let holds = async |term| {
        let mut tx = store.write(tenant).await.unwrap();
        leadership::hold(&mut tx, WORK, term).await.unwrap()
    };
    assert!(holds(first).await, "nobody came, so it does no harm");
    let second = lead(&store, TWO, LONG).await.unwrap();
    assert!(!holds(first).await && holds(second).await);
}

#[tokio::test]
async fn nobody_begins_a_term_while_the_leader_writes() {
    let database = Database::new().await;
    let store = connected(&database, 3).await;
    let tenant = tenant(&store).await;
    let first = lead(&store, ONE, NO_TIME).await.unwrap();
    let mut writing = store.write(tenant).await.unwrap();
    assert!(leadership::hold(&mut writing, WORK, first).await.unwrap());

    let other = store.clone();
    let overtaking = tokio::spawn(async move { lead(&other, TWO, LONG).await });
    waiters(&database.owner(), 1).await;
    writing.commit(&[], at(0)).await.unwrap();
    assert!(overtaking.await.unwrap() > Some(first));
}

#[tokio::test]
async fn of_many_that_come_at_once_one_leads() {
    let database = Database::new().await;
    let store = connected(&database, 8).await;
    let racers: Vec<_> = (0..8)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { lead(&store, Uuid::from_u128(n), LONG).await })
        })
        .collect();
    let mut led = 0;
    for racer in racers {
        led += usize::from(racer.await.unwrap().is_some());
    }
    assert_eq!(led, 1);
}
