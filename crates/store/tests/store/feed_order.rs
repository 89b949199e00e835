//! The feed is in the order of commit, whoever drew a number first.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{KeyId, SessionId, TenantId};
use sqlx::{PgPool, Postgres, Transaction};
use store::{
    Store,
    changes::{Change, Feed, News},
    testing::Database,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{at, connected, rng, waiters};

fn late() -> Change {
    Change::Session(
        TenantId::from(Uuid::from_u128(1)),
        SessionId::from(Uuid::from_u128(2)),
    )
}

/// Holds every transaction with a [`late`] change when it has its number and commits, until the gate is dropped.
async fn gate(owner: &PgPool) -> Transaction<'static, Postgres> {
    sqlx::raw_sql(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           PERFORM set_config('lock_timeout', '0', true);
           PERFORM pg_advisory_xact_lock(1);
           RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (NEW.kind = 'session') EXECUTE FUNCTION hold()",
    )
    .execute(owner)
    .await
    .unwrap();
    let mut gate = owner.begin().await.unwrap();
    sqlx::raw_sql("SELECT pg_advisory_xact_lock(1)")
        .execute(&mut *gate)
        .await
        .unwrap();
    gate
}

async fn commit(store: Store, change: Change) -> store::Result<()> {
    store.platform().await?.commit(&[change], at(0)).await
}

#[tokio::test]
async fn a_late_committer_is_not_skipped() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let mut feed = Feed::open(&database.url, None).await.unwrap();
    let gate = gate(&owner).await;
    let nothing = News::Changes(vec![]);

    let first = tokio::spawn(commit(store.clone(), late()));
    waiters(&owner, 1).await;
    assert_eq!(feed.poll().await.unwrap(), nothing);

    // It waits for the first one's commit. Would it not, it would be read now, and the first one never.
    let second = tokio::spawn(commit(store, Change::MasterKey));
    waiters(&owner, 2).await;
    assert_eq!(feed.poll().await.unwrap(), nothing);
    assert_eq!(feed.cursor(), 0);

    drop(gate);
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    let both = News::Changes(vec![late(), Change::MasterKey]);
    assert_eq!(feed.poll().await.unwrap(), both);
    assert_eq!(feed.cursor(), 2);
}

#[tokio::test]
async fn a_late_committer_that_dies_leaves_no_gap() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let mut feed = Feed::open(&database.url, None).await.unwrap();
    let _gate = gate(&owner).await;

    let first = tokio::spawn(commit(store.clone(), late()));
    waiters(&owner, 1).await;
    let second = tokio::spawn(commit(store, Change::MasterKey));
    waiters(&owner, 2).await;
    let killed: bool = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event = 'advisory'",
    )
    .fetch_one(&owner)
    .await
    .unwrap();
    assert!(killed);

    first.await.unwrap().unwrap_err();
    second.await.unwrap().unwrap();
    let survivor = News::Changes(vec![Change::MasterKey]);
    assert_eq!(feed.poll().await.unwrap(), survivor);
    assert_eq!(feed.cursor(), 1);
}

const WRITERS: usize = 8;
const COMMITS: usize = 25;

/// The changes whose commit was known to be done, in that order.
type Done = Arc<Mutex<Vec<KeyId>>>;

/// Each commit, and how many were done before it began.
async fn write(store: Store, done: Done) -> Vec<(KeyId, usize)> {
    let mut written = Vec::new();
    for _ in 0..COMMITS {
        let key = KeyId::new(at(0), &mut rng());
        let before = done.lock().unwrap().len();
        let change = Change::ApiKey(TenantId::from(Uuid::from_u128(1)), key);
        commit(store.clone(), change).await.unwrap();
        done.lock().unwrap().push(key);
        written.push((key, before));
    }
    written
}

async fn read(mut feed: Feed, stop: Arc<AtomicBool>) -> Vec<KeyId> {
    let mut read = Vec::new();
    loop {
        // Asked before the poll, so that the last poll comes after the last commit.
        let last = stop.load(Ordering::SeqCst);
        let News::Changes(changes) = feed.poll().await.unwrap() else {
            panic!("nothing was pruned, so nothing is missed");
        };
        read.extend(changes.into_iter().map(|change| match change {
            Change::ApiKey(_, key) => key,
            other => panic!("nobody wrote {other:?}"),
        }));
        if last {
            return read;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_are_read_exactly_once_in_the_order_of_their_commits() {
    let database = Database::new().await;
    let store = connected(&database, 8).await;
    let feed = Feed::open(&database.url, None).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(read(feed, stop.clone()));

    let done = Done::default();
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(store.clone(), done.clone()));
    }
    let written: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    stop.store(true, Ordering::SeqCst);
    let read = reader.await.unwrap();

    assert_eq!(read.len(), WRITERS * COMMITS);
    let place: HashMap<_, _> = read.iter().zip(0..).collect::<HashMap<_, usize>>();
    assert_eq!(place.len(), read.len(), "none twice");
    let done = done.lock().unwrap();
    for (key, before) in written {
        for earlier in &done[..before] {
            assert!(
                place[earlier] < place[&key],
                "what was committed before a transaction began is read before it"
            );
        }
    }
}
