//! With the store's own filters taken away, a transaction still sees one tenant: statements here name none.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{
    Store, TenantTx,
    schema::TENANT_TABLES,
    testing::{beneath, beneath_platform},
};
use uuid::Uuid;

use crate::{
    rows::{Pair, ROWS},
    support::{FORBIDDEN, at, sqlstate},
};

/// Every way into tenant B.
async fn doors(pair: &Pair) -> [TenantTx; 4] {
    let store = &pair.store;
    let platform = store.platform().await.unwrap();
    [
        store.read(pair.b).await.unwrap(),
        store.write(pair.b).await.unwrap(),
        platform.enter(pair.b).await.unwrap(),
        store
            .write(pair.a)
            .await
            .unwrap()
            .enter(pair.b)
            .await
            .unwrap(),
    ]
}

async fn tenants_in(connection: &mut PgConnection, table: &str) -> Vec<Uuid> {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT tenant_id FROM {table}")))
        .fetch_all(connection)
        .await
        .unwrap()
}

/// That the connection, whatever it is, reaches no row of any tenant.
async fn assert_sees_nothing(connection: &mut PgConnection) {
    for (table, privileges) in TENANT_TABLES {
        let seen = tenants_in(connection, table).await;
        assert_eq!(seen, Vec::<Uuid>::new(), "{table}");
        let mut statements = vec![format!("DELETE FROM {table}")];
        if privileges.contains("UPDATE") {
            statements.push(format!("UPDATE {table} SET tenant_id = tenant_id"));
        }
        for statement in statements {
            let done = sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut *connection)
                .await;
            assert_eq!(done.unwrap().rows_affected(), 0, "{table}");
        }
    }
}

#[tokio::test]
async fn every_way_into_a_tenant_shows_that_tenant_alone() {
    let pair = Pair::new().await;
    for mut tx in doors(&pair).await {
        assert_eq!(tx.tenant(), pair.b);
        for (table, _) in TENANT_TABLES {
            let seen = tenants_in(beneath(&mut tx), table).await;
            assert_eq!(seen, [pair.b.uuid()], "{table}");
        }
    }
}

#[tokio::test]
async fn an_update_without_a_filter_touches_its_own_tenant_alone() {
    let pair = Pair::new().await;
    let before = pair.rows_of(pair.a).await;
    let mut tx = pair.store.write(pair.b).await.unwrap();
    for (table, privileges) in TENANT_TABLES {
        if !privileges.contains("UPDATE") {
            continue;
        }
        let statement = format!("UPDATE {table} SET tenant_id = tenant_id");
        let done = sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(beneath(&mut tx))
            .await;
        assert_eq!(done.unwrap().rows_affected(), 1, "{table}");
    }
    tx.commit(&[], at(0)).await.unwrap();
    assert_eq!(pair.rows_of(pair.a).await, before);
}

#[tokio::test]
async fn a_delete_without_a_filter_touches_its_own_tenant_alone() {
    let pair = Pair::new().await;
    let before = pair.rows_of(pair.a).await;
    let mut tx = pair.store.write(pair.b).await.unwrap();
    for (table, _) in ROWS.iter().rev() {
        let done = sqlx::raw_sql(AssertSqlSafe(format!("DELETE FROM {table}")))
            .execute(beneath(&mut tx))
            .await;
        assert_eq!(done.unwrap().rows_affected(), 1, "{table}");
    }
    tx.commit(&[], at(0)).await.unwrap();
    assert_eq!(pair.rows_of(pair.a).await, before);
    for (table, rows) in pair.rows_of(pair.b).await {
        assert_eq!(rows, Vec::<String>::new(), "{table}");
    }
}

#[tokio::test]
async fn a_row_of_another_tenant_cannot_be_inserted() {
    let pair = Pair::new().await;
    let before = pair.rows_of(pair.a).await;
    for (table, insert) in ROWS {
        for mut tx in doors(&pair).await.into_iter().skip(1) {
            let done = sqlx::query(insert)
                .bind(pair.a.uuid())
                .execute(beneath(&mut tx))
                .await;
            assert_eq!(sqlstate(done), FORBIDDEN, "{table}");
        }
    }
    assert_eq!(pair.rows_of(pair.a).await, before);
}

#[tokio::test]
async fn a_row_cannot_be_given_to_another_tenant() {
    let pair = Pair::new().await;
    for (table, privileges) in TENANT_TABLES {
        if !privileges.contains("UPDATE") {
            continue;
        }
        let mut tx = pair.store.write(pair.b).await.unwrap();
        let done = sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET tenant_id = $1")))
            .bind(pair.a.uuid())
            .execute(beneath(&mut tx))
            .await;
        assert_eq!(sqlstate(done), FORBIDDEN, "{table}");
    }
}

#[tokio::test]
async fn a_transaction_that_reads_cannot_write() {
    let pair = Pair::new().await;
    for (table, _) in TENANT_TABLES {
        let mut tx = pair.store.read(pair.b).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(format!("DELETE FROM {table}")))
            .execute(beneath(&mut tx))
            .await;
        assert_eq!(sqlstate(done), "25006", "{table}");
    }
}

#[tokio::test]
async fn without_a_tenant_nothing_is_seen() {
    let pair = Pair::new().await;
    let mut platform = pair.store.platform().await.unwrap();
    assert_sees_nothing(beneath_platform(&mut platform)).await;
    let mut plain = PgConnection::connect(&pair.database.url).await.unwrap();
    assert_sees_nothing(&mut plain).await;

    for (table, insert) in ROWS {
        let done = sqlx::query(insert)
            .bind(pair.b.uuid())
            .execute(&mut plain)
            .await;
        assert_eq!(sqlstate(done), FORBIDDEN, "{table}");
    }
}

#[tokio::test]
async fn the_platforms_own_space_shows_no_tenant() {
    let pair = Pair::new().await;
    let mut tx = pair.store.write(domain::TenantId::PLATFORM).await.unwrap();
    assert_sees_nothing(beneath(&mut tx)).await;
}

#[tokio::test]
async fn the_tenant_does_not_stay_with_the_connection() {
    let pair = Pair::new().await;
    let store = Store::open(&pair.database.url, 1).unwrap();
    let mut backends = Vec::new();
    for committed in [true, false] {
        let mut tx = store.write(pair.a).await.unwrap();
        backends.push(backend(beneath(&mut tx)).await);
        assert_eq!(
            tenants_in(beneath(&mut tx), "models").await,
            [pair.a.uuid()]
        );
        if committed {
            tx.commit(&[], at(0)).await.unwrap();
        } else {
            drop(tx);
        }
        let mut tx = store.platform().await.unwrap();
        backends.push(backend(beneath_platform(&mut tx)).await);
        assert_sees_nothing(beneath_platform(&mut tx)).await;
    }
    backends.dedup();
    assert_eq!(backends.len(), 1, "one connection served them all");
}

#[tokio::test]
async fn the_tenant_ends_with_the_transaction_and_so_behind_a_pooler_too() {
    let pair = Pair::new().await;
    let mut tx = pair.store.write(pair.a).await.unwrap();
    let connection = beneath(&mut tx);
    let done = sqlx::raw_sql("COMMIT").execute(&mut *connection).await;
    done.unwrap();
    assert_sees_nothing(connection).await;
}

async fn backend(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(connection)
        .await
        .unwrap()
}
