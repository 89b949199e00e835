//! Bringing a database to this version, whatever happens meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::{AssertSqlSafe, PgPool};
use store::{
    Error, Migrated, RuntimeRole, Store, migrate, schema,
    schema::Unfit,
    testing::{Database, ROLE},
};
use tokio::task::{JoinSet, LocalSet};

use crate::support::waiters;

/// The role that the template made.
fn runtime() -> RuntimeRole {
    RuntimeRole {
        name: ROLE.to_owned(),
        password: None,
    }
}

/// An empty database, in a cluster that has the runtime role.
async fn empty() -> Database {
    let _template = Database::new().await;
    Database::empty().await
}

async fn applied(owner: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations WHERE success")
        .fetch_one(owner)
        .await
        .unwrap()
}

async fn check(database: &Database) -> store::Result<()> {
    let store = Store::open(&database.url, 1).unwrap();
    schema::check(&mut store.platform().await.unwrap()).await
}

fn files() -> usize {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    std::fs::read_dir(folder).unwrap().count()
}

#[tokio::test]
async fn an_empty_database_is_brought_to_this_version() {
    let database = empty().await;
    let migrated = migrate(&database.owner_url, &runtime()).await.unwrap();
    let expected = Migrated {
        applied: files(),
        role_made: false,
    };
    assert_eq!(migrated, expected);
    check(&database).await.unwrap();
}

#[tokio::test]
async fn a_second_time_there_is_nothing_to_do() {
    let database = Database::new().await;
    let again = migrate(&database.owner_url, &runtime()).await.unwrap();
    let nothing = Migrated {
        applied: 0,
        role_made: false,
    };
    assert_eq!(again, nothing);
    check(&database).await.unwrap();
}

#[tokio::test]
async fn eight_at_once_all_succeed_and_each_migration_is_applied_once() {
    let database = empty().await;
    let role = RuntimeRole {
        name: "made_by_one_of_eight".to_owned(),
        password: None,
    };
    let done = LocalSet::new()
        .run_until(async {
            let mut migrations = JoinSet::new();
            for _ in 0..8 {
                let (url, role) = (database.owner_url.clone(), role.clone());
                migrations.spawn_local(async move { migrate(&url, &role).await.unwrap() });
            }
            migrations.join_all().await
        })
        .await;
    assert_eq!(done.iter().map(|it| it.applied).sum::<usize>(), files());
    assert_eq!(done.iter().filter(|it| it.role_made).count(), 1);
    assert_eq!(
        applied(&database.owner()).await,
        i64::try_from(files()).unwrap()
    );
}

/// Keeps a migration from making the table of that name, until it is rolled back.
async fn obstacle(owner: &PgPool, table: &str) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut obstacle = owner.begin().await.unwrap();
    let statement = format!("CREATE TABLE {table} (id int)");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut *obstacle)
        .await
        .unwrap();
    obstacle
}

#[tokio::test]
async fn a_migration_killed_in_the_middle_leaves_nothing_half_done() {
    let database = empty().await;
    let owner = database.owner();
    let obstacle = obstacle(&owner, "models").await;
    let (url, role) = (database.owner_url.clone(), runtime());
    let kill = async {
        waiters(&owner, 1).await;
        sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(&owner)
        .await
    };
    let (interrupted, killed): (_, sqlx::Result<bool>) = tokio::join!(migrate(&url, &role), kill);
    assert!(killed.unwrap());
    assert!(
        matches!(interrupted, Err(Error::Unavailable(_))),
        "{interrupted:?}"
    );
    drop(obstacle);

    // Made before `models`, by the same migration.
    let half: Option<String> = sqlx::query_scalar("SELECT to_regclass('accesses')::text")
        .fetch_one(&owner)
        .await
        .unwrap();
    assert_eq!(half, None);
    assert_eq!(applied(&owner).await, 2);

    let rest = migrate(&database.owner_url, &runtime()).await.unwrap();
    assert_eq!(rest.applied, files() - 2);
    check(&database).await.unwrap();
}

#[tokio::test]
async fn a_newer_or_different_schema_is_left_alone() {
    for (damage, expected) in [
        ("version = 9999", Unfit::Newer),
        ("checksum = 'another'", Unfit::Different(3)),
    ] {
        let database = Database::new().await;
        let statement = format!("UPDATE _sqlx_migrations SET {damage} WHERE version = 3");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&database.owner())
            .await
            .unwrap();
        let refused = migrate(&database.owner_url, &runtime()).await;
        assert!(
            matches!(&refused, Err(Error::Unfit(unfit)) if *unfit == expected),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn the_runtime_role_cannot_migrate() {
    let database = empty().await;
    let itself = migrate(&database.url, &runtime()).await;
    assert!(
        matches!(&itself, Err(Error::Unfit(Unfit::Privileged { role, .. })) if role == ROLE),
        "{itself:?}"
    );
    let another = RuntimeRole {
        name: "never_made".to_owned(),
        password: None,
    };
    let refused = migrate(&database.url, &another).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    )
    .fetch_one(&database.owner())
    .await
    .unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn who_is_served_meanwhile_never_lacks_a_privilege() {
    let database = Database::new().await;
    let store = Store::open(&database.url, 4).unwrap();
    let done = AtomicBool::new(false);
    let read = async || {
        while !done.load(Ordering::Relaxed) {
            let mut tx = store.platform().await.unwrap();
            store::tenants::ids_after(&mut tx, None).await.unwrap();
        }
    };
    let migrations = async {
        for _ in 0..10 {
            migrate(&database.owner_url, &runtime()).await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
    };
    tokio::join!(migrations, read(), read(), read(), read());
}
