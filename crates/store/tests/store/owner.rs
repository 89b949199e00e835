//! The owner of the tables is behind the barrier too: row-level security is forced.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{Error, RuntimeRole, Store, migrate, schema, schema::TENANT_TABLES, testing::Database};

use crate::{
    rows::{ROWS, fill},
    support::{at, ring, tenant, url_as},
};

/// An empty database that belongs to a plain role, and that role's URL.
pub(crate) async fn owned_database(role: &str) -> (Database, String) {
    let database = Database::empty().await;
    let statement = format!(
        "CREATE ROLE {role} LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD 'of the owner';
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO {role}', current_database()); END $$"
    );
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&database.owner())
        .await
        .unwrap();
    let url = url_as(&database.owner_url, role, "of%20the%20owner");
    (database, url)
}

#[tokio::test]
async fn an_owner_that_is_no_superuser_migrates_and_sees_no_row() {
    let (database, url) = owned_database("plain_owner").await;
    let runtime = RuntimeRole {
        name: "plain_owners_runtime".to_owned(),
        password: Some("of the runtime role".to_owned().into()),
    };
    let migrated = migrate(&url, &runtime).await.unwrap();
    assert!(migrated.role_made);

    let runtime_url = url_as(&url, &runtime.name, "of%20the%20runtime%20role");
    let store = Store::open(&runtime_url, 2).unwrap();
    let mut tx = store.platform().await.unwrap();
    schema::check(&mut tx).await.unwrap();
    store::master_keys::enrol(&mut tx, &ring(&[1]), at(0))
        .await
        .unwrap();
    tx.commit(&[], at(0)).await.unwrap();
    let (a, b) = (tenant(&store).await, tenant(&store).await);
    fill(&database.owner(), a).await;
    fill(&database.owner(), b).await;

    let mut owner = PgConnection::connect(&url).await.unwrap();
    for (table, _) in TENANT_TABLES {
        for verb in ["UPDATE", "DELETE"] {
            assert_eq!(touched(&mut owner, verb, table).await, 0, "{verb} {table}");
        }
    }
    let mut inside = owner.begin().await.unwrap();
    sqlx::query("SELECT set_config('bi.tenant', $1, true)")
        .bind(b.uuid().to_string())
        .execute(&mut *inside)
        .await
        .unwrap();
    for (table, _) in ROWS.iter().rev() {
        for verb in ["UPDATE", "DELETE"] {
            assert_eq!(touched(&mut inside, verb, table).await, 1, "{verb} {table}");
        }
    }
}

async fn touched(connection: &mut PgConnection, verb: &str, table: &str) -> u64 {
    let statement = match verb {
        "UPDATE" => format!("UPDATE {table} SET tenant_id = tenant_id"),
        _ => format!("DELETE FROM {table}"),
    };
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap()
        .rows_affected()
}

#[tokio::test]
async fn the_owner_is_refused_as_the_role_that_serves() {
    let (_database, url) = owned_database("owner_who_serves").await;
    let runtime = RuntimeRole {
        name: "served_by_the_owner".to_owned(),
        password: None,
    };
    migrate(&url, &runtime).await.unwrap();
    sqlx::raw_sql("ALTER ROLE owner_who_serves NOCREATEROLE")
        .execute(&_database.owner())
        .await
        .unwrap();
    let store = Store::open(&url, 1).unwrap();
    let mut tx = store.platform().await.unwrap();
    let refused = schema::check(&mut tx).await.unwrap_err();
    let Error::Unfit(schema::Unfit::Privileged { role, why }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(role, "owner_who_serves");
    assert!(why.starts_with("owns the tables"), "{why}");
}
