//! What Postgres's own catalogue says about every table.

use std::collections::BTreeSet;

use sqlx::PgPool;
use store::{
    schema::{PLATFORM_TABLES, TENANT_TABLES},
    testing::{Database, ROLE},
};

/// All columns of the platform's tables. None holds what a tenant calls its own: only ids, refs, names, keyed hashes and
/// times. Whoever adds one has to say so here.
const PLATFORM_COLUMNS: [(&str, &[&str]); 12] = [
    (
        "_sqlx_migrations",
        &[
            "version",
            "description",
            "installed_on",
            "success",
            "checksum",
            "execution_time",
        ],
    ),
    ("change_counter", &["id", "value"]),
    ("changes", &["number", "kind", "tenant_id", "subject", "at"]),
    ("claims", &["hash", "tenant_id", "is_proven", "created_at"]),
    ("external_ids", &["hash", "tenant_id", "created_at"]),
    ("leases", &["work", "holder", "term", "expires_at"]),
    (
        "master_keys",
        &["version", "check_value", "is_active", "created_at"],
    ),
    ("password_attempts", &["hash", "made_at"]),
    ("password_refusals", &["hash", "refused_at"]),
    (
        "platform_secrets",
        &[
            "name",
            "format",
            "data_key_id",
            "wrapped_by",
            "wrapped_key",
            "ciphertext",
            "updated_at",
        ],
    ),
    (
        "signing_keys",
        &[
            "id",
            "published_at",
            "signs_from",
            "format",
            "data_key_id",
            "wrapped_by",
            "wrapped_key",
            "ciphertext",
            "updated_at",
        ],
    ),
    (
        "tenants",
        &["id", "ref", "name", "state", "created_at", "updated_at"],
    ),
];

async fn names(owner: &PgPool, query: &'static str) -> BTreeSet<String> {
    let names: Vec<String> = sqlx::query_scalar(query).fetch_all(owner).await.unwrap();
    names.into_iter().collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn tables(list: &[(&'static str, &str)]) -> BTreeSet<String> {
    set(list.iter().map(|(table, _)| *table))
}

#[tokio::test]
async fn every_table_is_a_tenant_table_or_one_of_the_platforms() {
    let owner = Database::new().await.owner();
    // Views, sequences and foreign tables too: there are none.
    let there = names(
        &owner,
        "SELECT relname::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
         WHERE relkind NOT IN ('i', 'I', 't', 'c') AND nspname !~ '^pg_' AND nspname <> 'information_schema'",
    )
    .await;
    let listed = &tables(&TENANT_TABLES) | &tables(&PLATFORM_TABLES);
    assert_eq!(there, listed);
    assert_eq!(listed.len(), TENANT_TABLES.len() + PLATFORM_TABLES.len());
}

#[tokio::test]
async fn every_tenant_tables_key_begins_with_the_tenant() {
    let owner = Database::new().await.owner();
    let keyed = names(
        &owner,
        "SELECT conrelid::regclass::text FROM pg_constraint
         JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
         WHERE contype = 'p' AND attname = 'tenant_id' AND atttypid = 'uuid'::regtype",
    )
    .await;
    assert_eq!(keyed, tables(&TENANT_TABLES));
}

#[tokio::test]
async fn every_reference_between_tenant_tables_stays_within_the_tenant() {
    let owner = Database::new().await.owner();
    let crossing = names(
        &owner,
        "SELECT conrelid::regclass || '.' || conname FROM pg_constraint
         JOIN pg_class parent ON parent.oid = confrelid AND parent.relrowsecurity
         JOIN pg_attribute child ON child.attrelid = conrelid AND child.attnum = conkey[1]
         JOIN pg_attribute key ON key.attrelid = confrelid AND key.attnum = confkey[1]
         WHERE contype = 'f' AND (child.attname <> 'tenant_id' OR key.attname <> 'tenant_id')",
    )
    .await;
    assert_eq!(crossing, set([]));
}

#[tokio::test]
async fn row_level_security_is_forced_on_every_tenant_table() {
    let owner = Database::new().await.owner();
    let forced = names(
        &owner,
        "SELECT relname::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity",
    )
    .await;
    assert_eq!(forced, tables(&TENANT_TABLES));
}

#[tokio::test]
async fn every_tenant_table_has_the_policy_and_no_other() {
    let owner = Database::new().await.owner();
    let policies: Vec<(String, String)> = sqlx::query_as(
        "SELECT tablename::text,
                concat_ws(' ', policyname, permissive, roles, cmd, qual, coalesce(with_check, 'as the same'))
         FROM pg_policies ORDER BY tablename",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    let policy = "tenant PERMISSIVE {public} ALL (tenant_id = current_tenant()) as the same";
    let expected = TENANT_TABLES.map(|(table, _)| (table.to_owned(), policy.to_owned()));
    assert_eq!(policies, expected);
}

#[tokio::test]
async fn no_function_runs_with_the_rights_of_its_owner() {
    let owner = Database::new().await.owner();
    let functions: Vec<(String, bool)> = sqlx::query_as(
        "SELECT proname::text, prosecdef FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    assert_eq!(functions, [("current_tenant".to_owned(), false)]);
}

#[tokio::test]
async fn the_runtime_role_may_do_what_is_listed_and_no_more() {
    let owner = Database::new().await.owner();
    let granted: BTreeSet<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, privilege_type::text FROM information_schema.table_privileges
         WHERE grantee IN ($1, 'PUBLIC') AND table_schema = 'public'",
    )
    .bind(ROLE)
    .fetch_all(&owner)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let listed = TENANT_TABLES
        .iter()
        .chain(&PLATFORM_TABLES)
        .flat_map(|(table, privileges)| {
            privileges
                .split(", ")
                .map(|privilege| ((*table).to_owned(), privilege.to_owned()))
        })
        .collect();
    assert_eq!(granted, listed);
}

#[tokio::test]
async fn no_privilege_is_on_a_single_column() {
    let owner = Database::new().await.owner();
    let columns = names(
        &owner,
        "SELECT attrelid::regclass || '.' || attname FROM pg_attribute
         WHERE attacl IS NOT NULL AND attrelid::regclass::text !~ '^pg_'",
    )
    .await;
    assert_eq!(columns, set([]));
}

#[tokio::test]
async fn platform_tables_have_no_column_that_is_not_listed_here() {
    let owner = Database::new().await.owner();
    let there = names(
        &owner,
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'",
    )
    .await;
    let platform = tables(&PLATFORM_TABLES);
    let there: BTreeSet<String> = there
        .into_iter()
        .filter(|column| platform.contains(column.split_once('.').unwrap().0))
        .collect();
    let listed = PLATFORM_COLUMNS
        .iter()
        .flat_map(|(table, columns)| {
            columns
                .iter()
                .map(move |column| format!("{table}.{column}"))
        })
        .collect();
    assert_eq!(there, listed);
}

#[tokio::test]
async fn every_table_column_and_function_is_commented() {
    let owner = Database::new().await.owner();
    // sqlx makes its table itself.
    let silent = names(
        &owner,
        "SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
           AND relname <> '_sqlx_migrations' AND length(coalesce(col_description(attrelid, attnum), '')) < 5
         UNION ALL
         SELECT relname::text FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_sqlx_migrations'
           AND length(coalesce(obj_description(oid, 'pg_class'), '')) < 5
         UNION ALL
         SELECT proname::text FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace
           AND length(coalesce(obj_description(oid, 'pg_proc'), '')) < 5",
    )
    .await;
    assert_eq!(silent, set([]));
}

#[tokio::test]
async fn columns_of_ciphertext_say_so_and_no_others_do() {
    let owner = Database::new().await.owner();
    let encrypted = names(
        &owner,
        "SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
           AND col_description(attrelid, attnum) LIKE '%ENCRYPTED%'",
    )
    .await;
    // All other bytes are digests, by name; a new column of bytes has to be one or the other.
    let bytes = names(
        &owner,
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type = 'bytea'
           AND column_name !~ 'hash$' AND column_name NOT IN ('check_value', 'checksum')",
    )
    .await;
    assert_eq!(encrypted, bytes);
    assert!(encrypted.contains("secrets.ciphertext"));
}
