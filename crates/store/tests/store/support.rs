//! What tests share.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use domain::TenantId;
use rand::{SeedableRng, rngs::StdRng};
use sqlx::{PgPool, error::DatabaseError, postgres::PgQueryResult};
use store::{Store, tenants, testing::Database};
use time::OffsetDateTime;
use vault::KeyRing;

/// A moment of the tests' own calendar.
pub(crate) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000) + time::Duration::seconds(seconds)
}

/// A moment later than any before it: ids made of such moments sort in the order they were made.
pub(crate) fn next_moment() -> OffsetDateTime {
    static SECONDS: AtomicU64 = AtomicU64::new(0);
    at(SECONDS.fetch_add(1, Ordering::Relaxed).cast_signed())
}

/// Random numbers, other ones with each call.
pub(crate) fn rng() -> StdRng {
    static SEED: AtomicU64 = AtomicU64::new(1_000);
    StdRng::seed_from_u64(SEED.fetch_add(1, Ordering::Relaxed))
}

/// A tenant.
pub(crate) async fn tenant(store: &Store) -> TenantId {
    let id = TenantId::new(at(0), &mut rng());
    let tenant_ref = format!("ref-{}", id.uuid()).parse().unwrap();
    let mut tx = store.platform().await.unwrap();
    tenants::insert(&mut tx, id, &tenant_ref, &"Acme".parse().unwrap(), at(0))
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    id
}

/// The master keys of these versions, always the same ones.
pub(crate) fn ring(versions: &[u64]) -> KeyRing {
    mixed_ring(versions, &[])
}

/// Other keys for the same versions.
pub(crate) fn other_ring(versions: &[u64]) -> KeyRing {
    mixed_ring(&[], versions)
}

/// The keys of [`ring`] for some versions, those of [`other_ring`] for others.
pub(crate) fn mixed_ring(versions: &[u64], others: &[u64]) -> KeyRing {
    let versions = versions.iter().map(|version| (*version, *version));
    let others = others.iter().map(|version| (*version, 100 + version));
    let lines = versions.chain(others).map(|(version, seed)| {
        let file = KeyRing::generate(&mut StdRng::seed_from_u64(seed));
        let (_, key) = file.trim_end().rsplit_once("\n1:").unwrap();
        format!("{version}:{key}\n")
    });
    KeyRing::parse(&lines.collect::<String>()).unwrap()
}

/// A database whose active master key is version 1.
pub(crate) async fn sealing_database() -> (Database, Store) {
    let database = Database::new().await;
    let store = database.store();
    let mut tx = store.platform().await.unwrap();
    store::master_keys::enrol(&mut tx, &ring(&[1]), at(0))
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    (database, store)
}

/// A store with that many connections, all open already: who races in a test does not wait for a connection.
pub(crate) async fn connected(database: &Database, connections: u32) -> Store {
    let store = Store::open(&database.url, connections).unwrap();
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(store.platform().await.unwrap());
    }
    store
}

/// The URL of the same database for another role.
pub(crate) fn url_as(url: &str, role: &str, password: &str) -> String {
    let (head, tail) = url.split_once("&user=").unwrap();
    let (_, tail) = tail.split_once("&sslmode=").unwrap();
    format!("{head}&user={role}&password={password}&sslmode={tail}")
}

/// Returns once `count` backends of the database wait for a lock that others hold.
pub(crate) async fn waiters(owner: &PgPool, count: i64) {
    let seen = async {
        loop {
            let waiting: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            .fetch_one(owner)
            .await
            .unwrap();
            if waiting == count {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), seen)
        .await
        .expect("as many backends wait for a lock");
}

/// The SQLSTATE with which Postgres refused.
pub(crate) fn sqlstate(result: sqlx::Result<PgQueryResult>) -> String {
    let error = result.expect_err("Postgres refuses");
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.expect("Postgres itself refuses").into_owned()
}

/// Postgres's own word for "you may not".
pub(crate) const FORBIDDEN: &str = "42501";
