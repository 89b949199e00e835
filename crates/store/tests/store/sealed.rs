//! Sealed bytes that somebody with the database moved or changed: none opens anywhere but where it was put.

use domain::{AccessId, TenantId};
use sqlx::{AssertSqlSafe, PgPool};
use store::{Error, Store, secrets::SecretName};

use crate::{
    secrets::{access, access_of_id, open, put},
    support::{ring, sealing_database, tenant},
};

type Place = (TenantId, AccessId, SecretName);

const ALL_COLUMNS: &str = "format, data_key_id, wrapped_by, wrapped_key, ciphertext";

/// Two tenants; the first with two accesses, one of which has the id of the second tenant's. Each place has a secret.
struct World {
    store: Store,
    owner: PgPool,
    home: Place,
    elsewhere: [(&'static str, Place); 3],
}

async fn world() -> World {
    let (database, store) = sealing_database().await;
    let owner = database.owner();
    let (a, b) = (tenant(&store).await, tenant(&store).await);
    let first = access(&owner, a).await;
    let second = access(&owner, a).await;
    access_of_id(&owner, b, first).await;
    let home = (a, first, SecretName::Password);
    let elsewhere = [
        ("another tenant", (b, first, SecretName::Password)),
        ("another access", (a, second, SecretName::Password)),
        ("another name", (a, first, SecretName::RefreshToken)),
    ];
    for (_, place) in [("home", home)].into_iter().chain(elsewhere) {
        put(&store, &ring(&[1]), place, b"the same secret everywhere")
            .await
            .unwrap();
    }
    World {
        store,
        owner,
        home,
        elsewhere,
    }
}

/// Writes columns of one place over those of another.
async fn copy(owner: &PgPool, columns: &str, from: Place, to: Place) {
    let statement = format!(
        "UPDATE secrets SET ({columns}) = (SELECT {columns} FROM secrets
           WHERE tenant_id = $1 AND access_id = $2 AND name = $3)
         WHERE tenant_id = $4 AND access_id = $5 AND name = $6"
    );
    let copied = sqlx::query(AssertSqlSafe(statement))
        .bind(from.0.uuid())
        .bind(from.1.uuid())
        .bind(from.2.as_str())
        .bind(to.0.uuid())
        .bind(to.1.uuid())
        .bind(to.2.as_str())
        .execute(owner)
        .await
        .unwrap();
    assert_eq!(copied.rows_affected(), 1);
}

async fn assert_refused(store: &Store, place: Place, what: &str) {
    let opened = open(store, &ring(&[1]), place).await;
    assert!(
        matches!(opened, Err(Error::Sealed(vault::Error::Refused))),
        "{what}: {opened:?}"
    );
}

#[tokio::test]
async fn a_sealed_row_moved_elsewhere_does_not_open_there() {
    for index in 0..3 {
        let w = world().await;
        let (what, place) = w.elsewhere[index];
        open(&w.store, &ring(&[1]), place).await.unwrap().unwrap();
        copy(&w.owner, ALL_COLUMNS, w.home, place).await;
        assert_refused(&w.store, place, what).await;
        copy(&w.owner, ALL_COLUMNS, place, w.home).await;
        open(&w.store, &ring(&[1]), w.home).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn neither_half_of_a_sealed_row_can_be_exchanged() {
    for columns in [
        "ciphertext",
        "wrapped_key",
        "data_key_id",
        "data_key_id, wrapped_key",
        "data_key_id, ciphertext",
    ] {
        let w = world().await;
        for (what, place) in w.elsewhere {
            copy(&w.owner, columns, w.home, place).await;
            assert_refused(&w.store, place, what).await;
        }
    }
}

#[tokio::test]
async fn an_older_secret_of_the_same_place_does_not_mix_with_the_newer_one() {
    let w = world().await;
    keep_rows(&w.owner, "older").await;
    put(&w.store, &ring(&[1]), w.home, b"the new one")
        .await
        .unwrap();
    keep_rows(&w.owner, "newer").await;
    for column in ["ciphertext", "wrapped_key", "data_key_id"] {
        restore(&w.owner, column, "older").await;
        assert_refused(&w.store, w.home, column).await;
        restore(&w.owner, column, "newer").await;
        let opened = open(&w.store, &ring(&[1]), w.home).await.unwrap();
        assert_eq!(opened.unwrap(), b"the new one");
    }
}

async fn keep_rows(owner: &PgPool, table: &str) {
    let statement = format!("CREATE TABLE {table} AS SELECT * FROM secrets");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(owner)
        .await
        .unwrap();
}

async fn restore(owner: &PgPool, column: &str, table: &str) {
    let statement = format!(
        "UPDATE secrets SET {column} = kept.{column} FROM {table} AS kept
         WHERE (kept.tenant_id, kept.access_id, kept.name)
             = (secrets.tenant_id, secrets.access_id, secrets.name)"
    );
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(owner)
        .await
        .unwrap();
}

#[tokio::test]
async fn damage_is_refused() {
    for damage in [
        "ciphertext = set_byte(ciphertext, 20, get_byte(ciphertext, 20) # 1)",
        "wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1)",
        "ciphertext = substr(ciphertext, 1, length(ciphertext) - 1)",
        "ciphertext = ''",
        "wrapped_key = ''",
    ] {
        let w = world().await;
        sqlx::raw_sql(AssertSqlSafe(format!("UPDATE secrets SET {damage}")))
            .execute(&w.owner)
            .await
            .unwrap();
        assert_refused(&w.store, w.home, damage).await;
    }
}
