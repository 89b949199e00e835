//! A row of every tenant table, the same for each tenant: ids repeat, since every key begins with the tenant.

use domain::TenantId;
use sqlx::{AssertSqlSafe, PgPool};
use store::{Store, schema::TENANT_TABLES, testing::Database};

use crate::support::{sealing_database, tenant};

/// Parents before children. `$1` is the tenant.
pub(crate) const ROWS: [(&str, &str); 9] = [
    (
        "api_keys",
        "INSERT INTO api_keys (tenant_id, id, name, role, secret_hash, hint, created_at, created_by)
         VALUES ($1, '01980000-0000-7000-8000-000000000001', 'key', 'admin', sha256('k'), 'abcd', now(), 'test')",
    ),
    (
        "sessions",
        "INSERT INTO sessions (tenant_id, id, api_key_id, secret_hash, created_at, expires_at)
         VALUES ($1, '01980000-0000-7000-8000-000000000002', '01980000-0000-7000-8000-000000000001',
                 sha256('s'), now(), now())",
    ),
    (
        "idempotency_keys",
        "INSERT INTO idempotency_keys (tenant_id, key_hash, request_hash, claimed_until, expires_at)
         VALUES ($1, sha256('i'), sha256('r'), now(), now())",
    ),
    (
        "audit_events",
        "INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_id, by_platform, action)
         VALUES ($1, '01980000-0000-7000-8000-000000000003', now(), 'user', 'ada', false, 'test')",
    ),
    (
        "accesses",
        "INSERT INTO accesses (tenant_id, id, method, created_at, updated_at)
         VALUES ($1, '01980000-0000-7000-8000-000000000004', 'api_key', now(), now())",
    ),
    (
        "connections",
        "INSERT INTO connections
           (tenant_id, id, access_id, integration, name, region, state, state_since, created_at, updated_at)
         VALUES ($1, '01980000-0000-7000-8000-000000000005', '01980000-0000-7000-8000-000000000004',
                 'bedrock', 'Production', 'eu-west-1', 'healthy', now(), now(), now())",
    ),
    (
        "secrets",
        "INSERT INTO secrets
           (tenant_id, access_id, name, format, data_key_id, wrapped_by, wrapped_key, ciphertext, updated_at)
         VALUES ($1, '01980000-0000-7000-8000-000000000004', 'api_key', 1,
                 '01980000-0000-7000-8000-000000000006', 1, 'wrapped', 'sealed', now())",
    ),
    (
        "models",
        "INSERT INTO models
           (tenant_id, id, connection_id, model_id, invoke_id, alias, state, state_since, created_at, updated_at)
         VALUES ($1, '01980000-0000-7000-8000-000000000007', '01980000-0000-7000-8000-000000000005',
                 'a.model', 'eu.a.model', 'sonnet', 'available', now(), now(), now())",
    ),
    (
        "usage_days",
        "INSERT INTO usage_days
           (tenant_id, day, connection_id, model_id, outcome, alias, invoke_id, requests, input_tokens, output_tokens,
            cache_read_tokens, cache_write_tokens, latency_ms)
         VALUES ($1, '2026-01-31', '01980000-0000-7000-8000-000000000005', '01980000-0000-7000-8000-000000000007',
                 'answered', 'sonnet', 'eu.a.model', 1, 2, 3, 4, 5, 6)",
    ),
];

/// Two tenants with a row in every tenant table.
pub(crate) struct Pair {
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) owner: PgPool,
    pub(crate) a: TenantId,
    pub(crate) b: TenantId,
}

impl Pair {
    pub(crate) async fn new() -> Self {
        let (database, store) = sealing_database().await;
        let owner = database.owner();
        let (a, b) = (tenant(&store).await, tenant(&store).await);
        fill(&owner, a).await;
        fill(&owner, b).await;
        Self {
            database,
            store,
            owner,
            a,
            b,
        }
    }

    /// What the tenant really has in each tenant table.
    pub(crate) async fn rows_of(&self, tenant: TenantId) -> Vec<(&'static str, Vec<String>)> {
        let mut rows = Vec::new();
        for (table, _) in TENANT_TABLES {
            let statement =
                format!("SELECT t::text FROM {table} t WHERE tenant_id = $1 ORDER BY t::text");
            let found = sqlx::query_scalar(AssertSqlSafe(statement))
                .bind(tenant.uuid())
                .fetch_all(&self.owner)
                .await
                .unwrap();
            rows.push((table, found));
        }
        rows
    }
}

/// A row of the tenant in every tenant table.
pub(crate) async fn fill(owner: &PgPool, tenant: TenantId) {
    for (table, insert) in ROWS {
        let inserted = sqlx::query(insert).bind(tenant.uuid()).execute(owner).await;
        assert_eq!(inserted.expect(table).rows_affected(), 1, "{table}");
    }
}

#[test]
fn every_tenant_table_has_a_row_here() {
    let mut here = ROWS.map(|(table, _)| table);
    here.sort_unstable();
    assert_eq!(here, TENANT_TABLES.map(|(table, _)| table));
}
