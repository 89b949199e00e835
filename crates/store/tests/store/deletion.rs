//! A tenant's deletion, and writers that come before, meanwhile and after.

use domain::{KeyId, KeyRole, Role, TenantId, TenantState};
use store::{
    Error, Store, TenantTx, api_keys, api_keys::NewApiKey, changes::Change, schema::TENANT_TABLES,
    tenants, testing::Database,
};

use crate::{
    rows::Pair,
    support::{at, rng, tenant, waiters},
};

/// The deletion as the service does it, short of the commit.
async fn deletion(store: &Store, tenant: TenantId) -> TenantTx {
    let mut tx = store.platform().await.unwrap();
    let found = tenants::lock(&mut tx, tenant).await.unwrap().unwrap();
    let state = TenantState::Deleted;
    tenants::update(&mut tx, tenant, &found.name, state, at(1))
        .await
        .unwrap();
    let mut tx = tx.enter(tenant).await.unwrap();
    tenants::purge(&mut tx).await.unwrap();
    tx
}

async fn write_key(tx: &mut TenantTx) {
    let key = NewApiKey {
        id: KeyId::new(at(0), &mut rng()),
        name: &"written".parse().unwrap(),
        role: KeyRole::Tenant(Role::Member),
        secret_hash: [7; 32],
        hint: "abcd",
        created_by: "test",
        expires_at: None,
    };
    api_keys::insert(tx, &key, at(0)).await.unwrap();
}

async fn keys(database: &Database, tenant: TenantId) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM api_keys WHERE tenant_id = $1")
        .bind(tenant.uuid())
        .fetch_one(&database.owner())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_purge_leaves_the_audit_log_and_touches_no_other_tenant() {
    let pair = Pair::new().await;
    for columns in [
        "claims (is_proven, hash, tenant_id, created_at) VALUES (true,",
        "external_ids (hash, tenant_id, created_at) VALUES (",
    ] {
        for tenant in [pair.a, pair.b] {
            let insert = format!("INSERT INTO {columns} sha256('{tenant}'), $1, now())");
            sqlx::query(sqlx::AssertSqlSafe(insert))
                .bind(tenant.uuid())
                .execute(&pair.owner)
                .await
                .unwrap();
        }
    }
    let before = pair.rows_of(pair.b).await;

    deletion(&pair.store, pair.a)
        .await
        .commit(&[], at(1))
        .await
        .unwrap();

    for (table, rows) in pair.rows_of(pair.a).await {
        let left = usize::from(table == "audit_events");
        assert_eq!(rows.len(), left, "{table}");
    }
    assert_eq!(pair.rows_of(pair.a).await.len(), TENANT_TABLES.len());
    assert_eq!(pair.rows_of(pair.b).await, before);
    let claims: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT tenant_id FROM claims")
        .fetch_all(&pair.owner)
        .await
        .unwrap();
    assert_eq!(claims, [pair.b.uuid()], "its claims are free");
    let ids: i64 = sqlx::query_scalar("SELECT count(*) FROM external_ids")
        .fetch_one(&pair.owner)
        .await
        .unwrap();
    assert_eq!(ids, 2, "its external IDs stay taken");
}

#[tokio::test]
async fn a_writer_waits_for_a_deletion_and_finds_the_tenant_gone() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    let deletion = deletion(&store, tenant).await;

    let other = store.clone();
    let writer = tokio::spawn(async move { other.write(tenant).await.map(drop) });
    waiters(&database.owner(), 1).await;
    deletion
        .commit(&[Change::Tenant(tenant)], at(1))
        .await
        .unwrap();

    assert!(matches!(writer.await.unwrap(), Err(Error::TenantGone)));
    let afterwards = store.write(tenant).await.map(drop);
    assert!(matches!(afterwards, Err(Error::TenantGone)));
}

#[tokio::test]
async fn a_writer_goes_on_when_a_deletion_is_given_up() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    let deletion = deletion(&store, tenant).await;

    let other = store.clone();
    let writer = tokio::spawn(async move { other.write(tenant).await.map(drop) });
    waiters(&database.owner(), 1).await;
    drop(deletion);

    writer.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_deletion_waits_for_an_open_writer_and_takes_what_it_wrote() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    let mut writer = store.write(tenant).await.unwrap();

    let other = store.clone();
    let deleting = tokio::spawn(async move {
        let tx = deletion(&other, tenant).await;
        tx.commit(&[], at(1)).await
    });
    waiters(&database.owner(), 1).await;
    write_key(&mut writer).await;
    writer.commit(&[], at(0)).await.unwrap();

    deleting.await.unwrap().unwrap();
    assert_eq!(keys(&database, tenant).await, 0);
}

#[tokio::test]
async fn writers_of_a_tenant_do_not_wait_for_each_other() {
    let database = Database::new().await;
    let store = database.store();
    let tenant = tenant(&store).await;
    let _first = store.write(tenant).await.unwrap();
    store.write(tenant).await.unwrap();
}

#[tokio::test]
async fn who_never_was_a_tenant_cannot_be_written_to() {
    let store = Database::new().await.store();
    let stranger = TenantId::new(at(0), &mut rng());
    let refused = store.write(stranger).await.map(drop);
    assert!(matches!(refused, Err(Error::TenantGone)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_they_race_nothing_is_written_into_a_deleted_tenant() {
    let database = Database::new().await;
    let store = database.store();
    for round in 0..60 {
        let tenant = tenant(&store).await;
        let other = store.clone();
        let writer = tokio::spawn(async move {
            let mut tx = match other.write(tenant).await {
                Ok(tx) => tx,
                Err(Error::TenantGone) => return,
                Err(error) => panic!("{error:?}"),
            };
            write_key(&mut tx).await;
            tx.commit(&[], at(0)).await.unwrap();
        });
        let other = store.clone();
        let deleting = tokio::spawn(async move {
            let tx = deletion(&other, tenant).await;
            tx.commit(&[], at(1)).await.unwrap();
        });
        writer.await.unwrap();
        deleting.await.unwrap();
        assert_eq!(keys(&database, tenant).await, 0, "round {round}");
    }
}
