//! What the role that serves may not do, inside a tenant or outside.

use sqlx::AssertSqlSafe;
use store::{
    schema::TENANT_TABLES,
    testing::{beneath, beneath_platform},
};

use crate::{
    rows::Pair,
    support::{FORBIDDEN, sqlstate},
};

#[tokio::test]
async fn the_runtime_role_cannot_weaken_the_barrier() {
    let pair = Pair::new().await;
    let mut statements = vec![
        "CREATE TABLE mine (id int)".to_owned(),
        "CREATE VIEW mine AS SELECT 1".to_owned(),
        "CREATE SCHEMA mine".to_owned(),
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1".to_owned(),
        "CREATE OR REPLACE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql RETURN NULL::uuid"
            .to_owned(),
        "CREATE ROLE mine".to_owned(),
        "ALTER ROLE CURRENT_USER BYPASSRLS".to_owned(),
        "SET ROLE postgres".to_owned(),
        "SET SESSION AUTHORIZATION postgres".to_owned(),
        "DELETE FROM tenants".to_owned(),
        "DELETE FROM master_keys".to_owned(),
        "DELETE FROM platform_secrets".to_owned(),
        "UPDATE _sqlx_migrations SET checksum = ''".to_owned(),
        "UPDATE external_ids SET tenant_id = tenant_id".to_owned(),
        "UPDATE changes SET number = number".to_owned(),
        "DELETE FROM change_counter".to_owned(),
    ];
    for (table, _) in TENANT_TABLES {
        statements.extend([
            format!("DROP TABLE {table} CASCADE"),
            format!("TRUNCATE {table} CASCADE"),
            format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"),
            format!("DROP POLICY tenant ON {table}"),
            format!("CREATE POLICY mine ON {table} USING (true)"),
            format!("ALTER TABLE {table} OWNER TO CURRENT_USER"),
        ]);
    }
    for statement in statements {
        let mut platform = pair.store.platform().await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(statement.clone()))
            .execute(beneath_platform(&mut platform))
            .await;
        assert_eq!(sqlstate(done), FORBIDDEN, "{statement}");
    }
}

#[tokio::test]
async fn the_audit_log_and_sessions_are_never_changed() {
    let pair = Pair::new().await;
    for statement in [
        "UPDATE audit_events SET detail = '{}'",
        "UPDATE sessions SET expires_at = now()",
    ] {
        let mut tx = pair.store.write(pair.b).await.unwrap();
        let done = sqlx::raw_sql(statement).execute(beneath(&mut tx)).await;
        assert_eq!(sqlstate(done), FORBIDDEN, "{statement}");
    }
}

#[tokio::test]
async fn switching_row_security_off_refuses_the_query_instead() {
    let pair = Pair::new().await;
    for (table, _) in TENANT_TABLES {
        let mut tx = pair.store.write(pair.b).await.unwrap();
        let connection = beneath(&mut tx);
        sqlx::raw_sql("SET LOCAL row_security = off")
            .execute(&mut *connection)
            .await
            .unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(format!("SELECT * FROM {table}")))
            .execute(connection)
            .await;
        assert_eq!(sqlstate(done), FORBIDDEN, "{table}");
    }
}
