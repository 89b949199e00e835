//! A reader of the change feed: what it gets, and when it is told that it missed something.

use std::time::Duration;

use domain::{AccessId, ConnectionId, KeyId, ModelId, SessionId, TenantId};
use sqlx::PgPool;
use store::{
    Error, Store, changes,
    changes::{Change, Feed, Hints, News},
    testing::Database,
};
use uuid::Uuid;

use crate::support::at;

fn change(n: u128) -> Change {
    let tenant = TenantId::from(Uuid::from_u128(1));
    Change::ApiKey(tenant, KeyId::from(Uuid::from_u128(n)))
}

async fn commit(store: &Store, changes: &[Change], seconds: i64) {
    let tx = store.platform().await.unwrap();
    tx.commit(changes, at(seconds)).await.unwrap();
}

async fn end(owner: &PgPool, query: &str) {
    let ended: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE $1 AND pid <> pg_backend_pid()",
    )
    .bind(query)
    .fetch_all(owner)
    .await
    .unwrap();
    assert_eq!(ended, [true], "{query}");
}

#[tokio::test]
async fn every_kind_of_change_is_read_as_it_was_written() {
    let database = Database::new().await;
    let store = database.store();
    let mut feed = Feed::open(&database.url, None).await.unwrap();
    let tenant = TenantId::from(Uuid::from_u128(1));
    let session = SessionId::from(Uuid::from_u128(2));
    let written = vec![
        Change::MasterKey,
        Change::Tenant(tenant),
        change(3),
        Change::Session(tenant, session),
        Change::Access(tenant, AccessId::from(Uuid::from_u128(4))),
        Change::Connection(tenant, ConnectionId::from(Uuid::from_u128(5))),
        Change::Model(tenant, ModelId::from(Uuid::from_u128(6))),
        Change::Unknown,
    ];
    commit(&store, &written[..1], 0).await;
    commit(&store, &written[1..], 0).await;

    assert_eq!(feed.poll().await.unwrap(), News::Changes(written));
    assert_eq!(feed.poll().await.unwrap(), News::Changes(vec![]));
    assert_eq!(feed.cursor(), 8);
}

#[tokio::test]
async fn a_reader_without_a_cursor_starts_at_the_end() {
    let database = Database::new().await;
    let store = database.store();
    commit(&store, &[change(1)], 0).await;
    let mut feed = Feed::open(&database.url, None).await.unwrap();
    assert_eq!(feed.cursor(), 1);
    commit(&store, &[change(2)], 0).await;
    assert_eq!(feed.poll().await.unwrap(), News::Changes(vec![change(2)]));
}

#[tokio::test]
async fn a_transaction_that_ends_without_a_commit_is_not_in_the_feed() {
    let database = Database::new().await;
    let store = database.store();
    let mut feed = Feed::open(&database.url, None).await.unwrap();
    drop(store.platform().await.unwrap());
    // Killed between number and commit: the number is given to the next one.
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE 'the commit fails'; END $$;
         CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (NEW.kind = 'master_key') EXECUTE FUNCTION refuse()",
    )
    .execute(&database.owner())
    .await
    .unwrap();
    commit(&store, &[change(1)], 0).await;
    let tx = store.platform().await.unwrap();
    let failed = tx.commit(&[Change::MasterKey], at(0)).await;
    assert!(matches!(failed, Err(Error::Refused(_))), "{failed:?}");
    commit(&store, &[change(2)], 0).await;

    let expected = News::Changes(vec![change(1), change(2)]);
    assert_eq!(feed.poll().await.unwrap(), expected);
    assert_eq!(feed.cursor(), 2, "numbers are gapless");
}

#[tokio::test]
async fn a_backlog_is_read_in_several_polls() {
    let database = Database::new().await;
    let written: Vec<_> = (1..=2_500).map(change).collect();
    commit(&database.store(), &written, 0).await;

    let mut feed = Feed::open(&database.url, Some(0)).await.unwrap();
    let mut read = Vec::new();
    let mut polls = 0;
    while let News::Changes(changes) = feed.poll().await.unwrap() {
        if changes.is_empty() {
            break;
        }
        read.extend(changes);
        polls += 1;
    }
    assert_eq!(read, written);
    assert!(polls > 1, "one poll is bounded");
}

#[tokio::test]
async fn changes_pruned_unread_are_missed_and_reading_goes_on_after_them() {
    let database = Database::new().await;
    let store = database.store();
    for (n, seconds) in [(1, 0), (2, 10), (3, 20)] {
        commit(&store, &[change(n)], seconds).await;
    }
    let mut behind = Feed::open(&database.url, Some(0)).await.unwrap();
    let mut level = Feed::open(&database.url, Some(1)).await.unwrap();
    let mut tx = store.platform().await.unwrap();
    assert_eq!(changes::prune(&mut tx, at(10)).await.unwrap(), 1);
    tx.commit(&[], at(30)).await.unwrap();

    assert_eq!(behind.poll().await.unwrap(), News::Missed);
    let rest = News::Changes(vec![change(2), change(3)]);
    assert_eq!(level.poll().await.unwrap(), rest, "it missed nothing");

    commit(&store, &[change(4)], 30).await;
    let next = News::Changes(vec![change(4)]);
    assert_eq!(behind.poll().await.unwrap(), next);
}

#[tokio::test]
async fn a_writer_whose_clock_is_slow_makes_no_gap() {
    let database = Database::new().await;
    let store = database.store();
    for (n, seconds) in [(1, 0), (2, 20), (3, 0), (4, 20)] {
        commit(&store, &[change(n)], seconds).await;
    }
    let mut feed = Feed::open(&database.url, Some(1)).await.unwrap();
    let mut tx = store.platform().await.unwrap();
    assert_eq!(changes::prune(&mut tx, at(10)).await.unwrap(), 1);
    tx.commit(&[], at(20)).await.unwrap();
    let rest = News::Changes(vec![change(2), change(3), change(4)]);
    assert_eq!(feed.poll().await.unwrap(), rest);
}

#[tokio::test]
async fn a_gap_in_the_middle_is_missed_too() {
    let database = Database::new().await;
    commit(&database.store(), &[change(1), change(2), change(3)], 0).await;
    sqlx::raw_sql("DELETE FROM changes WHERE number = 2")
        .execute(&database.owner())
        .await
        .unwrap();
    let mut feed = Feed::open(&database.url, Some(0)).await.unwrap();
    assert_eq!(feed.poll().await.unwrap(), News::Missed);
    assert_eq!(feed.cursor(), 3);
}

#[tokio::test]
async fn changes_are_missed_also_when_all_were_pruned() {
    let database = Database::new().await;
    let store = database.store();
    commit(&store, &[change(1), change(2)], 0).await;
    let mut behind = Feed::open(&database.url, Some(1)).await.unwrap();
    let mut level = Feed::open(&database.url, Some(2)).await.unwrap();
    let mut tx = store.platform().await.unwrap();
    changes::prune(&mut tx, at(1)).await.unwrap();
    tx.commit(&[], at(1)).await.unwrap();

    assert_eq!(behind.poll().await.unwrap(), News::Missed);
    assert_eq!(level.poll().await.unwrap(), News::Changes(vec![]));
}

#[tokio::test]
async fn a_cursor_ahead_of_a_restored_database_has_missed_something() {
    let database = Database::new().await;
    let store = database.store();
    commit(&store, &[change(1)], 0).await;
    let mut feed = Feed::open(&database.url, Some(7)).await.unwrap();
    assert_eq!(feed.poll().await.unwrap(), News::Missed);
    assert_eq!(feed.cursor(), 1);
    commit(&store, &[change(2)], 0).await;
    assert_eq!(feed.poll().await.unwrap(), News::Changes(vec![change(2)]));
}

#[tokio::test]
async fn a_reader_whose_connection_was_cut_opens_again_at_its_cursor() {
    let database = Database::new().await;
    let store = database.store();
    let mut feed = Feed::open(&database.url, None).await.unwrap();
    commit(&store, &[change(1)], 0).await;
    feed.poll().await.unwrap();
    end(&database.owner(), "SELECT counter.value,%").await;
    commit(&store, &[change(2)], 0).await;

    let cut = feed.poll().await;
    assert!(matches!(cut, Err(Error::Unavailable(_))), "{cut:?}");
    commit(&store, &[change(3)], 0).await;
    let mut feed = Feed::open(&database.url, Some(feed.cursor()))
        .await
        .unwrap();
    let missed_nothing = News::Changes(vec![change(2), change(3)]);
    assert_eq!(feed.poll().await.unwrap(), missed_nothing);
}

#[tokio::test]
async fn a_commit_gives_a_hint_and_a_rollback_gives_none() {
    let database = Database::new().await;
    let (store, owner) = (database.store(), database.owner());
    let mut hints = Hints::open(&database.url).await.unwrap();
    let mut given_up = owner.begin().await.unwrap();
    sqlx::raw_sql("SELECT pg_notify('bi_changes', '')")
        .execute(&mut *given_up)
        .await
        .unwrap();
    given_up.rollback().await.unwrap();
    // Nothing to forget, nothing to hint at.
    commit(&store, &[], 0).await;
    commit(&store, &[change(1), change(2)], 0).await;

    let first = tokio::time::timeout(Duration::from_secs(20), hints.next()).await;
    first.expect("a hint").unwrap();
    end(&owner, "LISTEN%").await;
    let second = hints.next().await;
    assert!(matches!(second, Err(Error::Unavailable(_))), "{second:?}");
}
