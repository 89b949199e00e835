//! Which databases and roles are refused before anything is served.

use sqlx::AssertSqlSafe;
use store::{Error, Store, schema, schema::Unfit, testing::Database};

use crate::support::url_as;

async fn verdict(url: &str) -> Result<(), Unfit> {
    let store = Store::open(url, 1).unwrap();
    let mut tx = store.platform().await.unwrap();
    match schema::check(&mut tx).await {
        Ok(()) => Ok(()),
        Err(Error::Unfit(unfit)) => Err(unfit),
        Err(other) => panic!("{other:?}"),
    }
}

async fn run(database: &Database, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&database.owner())
        .await
        .unwrap();
}

/// Why a role of these attributes and memberships is refused.
async fn privileged(role: &str, attributes: &str, then: &str) -> String {
    let database = Database::new().await;
    run(
        &database,
        &format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'secret' {attributes};
             GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; {then}"
        ),
    )
    .await;
    match verdict(&url_as(&database.owner_url, role, "secret")).await {
        Err(Unfit::Privileged { role: named, why }) => {
            assert_eq!(named, role);
            why.to_owned()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_runtime_role_serves_a_migrated_database() {
    assert_eq!(verdict(&Database::new().await.url).await, Ok(()));
}

#[tokio::test]
async fn a_plain_role_that_was_given_access_serves_too() {
    let database = Database::new().await;
    run(
        &database,
        "CREATE ROLE plain LOGIN PASSWORD 'secret'; GRANT SELECT ON _sqlx_migrations TO plain",
    )
    .await;
    let url = url_as(&database.owner_url, "plain", "secret");
    assert_eq!(verdict(&url).await, Ok(()));
}

#[tokio::test]
async fn a_superuser_is_refused() {
    let why = privileged("super", "SUPERUSER", "").await;
    assert_eq!(why, "is a superuser, or may become one");
}

#[tokio::test]
async fn a_role_that_may_bypass_row_level_security_is_refused() {
    let why = privileged("bypassing", "BYPASSRLS", "").await;
    assert_eq!(why, "may bypass row-level security");
}

#[tokio::test]
async fn a_role_that_may_make_roles_is_refused() {
    let why = privileged("role_maker", "CREATEROLE", "").await;
    assert_eq!(why, "may make roles");
}

#[tokio::test]
async fn an_owner_of_one_table_is_refused() {
    let why = privileged("part_owner", "", "ALTER TABLE models OWNER TO part_owner").await;
    assert!(why.starts_with("owns the tables"), "{why}");
}

#[tokio::test]
async fn a_member_of_the_owner_is_refused_whether_or_not_it_inherits() {
    for (role, inherits) in [("heir", "INHERIT"), ("disinherited", "NOINHERIT")] {
        let then = format!(
            "CREATE ROLE owner_of_{role}; ALTER TABLE models OWNER TO owner_of_{role};
             GRANT owner_of_{role} TO {role}"
        );
        let why = privileged(role, inherits, &then).await;
        assert!(why.starts_with("owns the tables"), "{why}");
    }
}

#[tokio::test]
async fn the_owner_of_the_schema_who_could_replace_its_tables_is_refused() {
    let then = "ALTER SCHEMA public OWNER TO schema_owner";
    let why = privileged("schema_owner", "", then).await;
    assert!(why.starts_with("owns the tables"), "{why}");
}

#[tokio::test]
async fn the_owner_of_the_database_is_refused() {
    let then = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO database_owner', current_database()); END $$";
    let why = privileged("database_owner", "", then).await;
    assert!(why.starts_with("owns the tables"), "{why}");
}

#[tokio::test]
async fn a_member_of_a_role_that_is_refused_is_refused() {
    for (attributes, expected) in [
        ("SUPERUSER", "is a superuser, or may become one"),
        ("BYPASSRLS", "may bypass row-level security"),
        ("CREATEROLE", "may make roles"),
    ] {
        let group = format!("group_{}", attributes.to_lowercase());
        let then = format!("CREATE ROLE {group} {attributes}; GRANT {group} TO member_of_{group}");
        let why = privileged(&format!("member_of_{group}"), "NOINHERIT", &then).await;
        assert_eq!(why, expected);
    }
}

#[tokio::test]
async fn a_database_that_was_never_migrated_is_older() {
    // The template makes the role, which is the whole cluster's.
    let _cluster = Database::new().await;
    let database = Database::empty().await;
    assert_eq!(verdict(&database.url).await, Err(Unfit::Older));
}

#[tokio::test]
async fn a_missing_migration_makes_it_older() {
    let database = Database::new().await;
    run(
        &database,
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    assert_eq!(verdict(&database.url).await, Err(Unfit::Older));
}

#[tokio::test]
async fn a_migration_that_did_not_succeed_does_not_count() {
    let database = Database::new().await;
    run(
        &database,
        "UPDATE _sqlx_migrations SET success = false WHERE version = 2",
    )
    .await;
    assert_eq!(verdict(&database.url).await, Err(Unfit::Older));
}

#[tokio::test]
async fn an_unknown_migration_makes_it_newer_though_one_of_ours_is_missing() {
    let database = Database::new().await;
    run(
        &database,
        "UPDATE _sqlx_migrations SET version = 9999
         WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    assert_eq!(verdict(&database.url).await, Err(Unfit::Newer));
}

#[tokio::test]
async fn a_migration_that_was_changed_is_named() {
    let database = Database::new().await;
    run(
        &database,
        "UPDATE _sqlx_migrations SET checksum = sha384('another') WHERE version = 2",
    )
    .await;
    assert_eq!(verdict(&database.url).await, Err(Unfit::Different(2)));
}

#[tokio::test]
async fn a_table_that_does_not_keep_tenants_apart_is_not_served() {
    for damage in [
        "ALTER TABLE models DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE models NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON models",
        "CREATE POLICY another ON models USING (true)",
        "ALTER POLICY tenant ON models USING (tenant_id = current_tenant() OR true)",
        "ALTER POLICY tenant ON models WITH CHECK (true)",
        "ALTER POLICY tenant ON models TO postgres",
        "ALTER POLICY tenant ON models RENAME TO another",
        "ALTER TABLE models RENAME TO moved",
    ] {
        let database = Database::new().await;
        run(&database, damage).await;
        let table = "models".to_owned();
        assert_eq!(
            verdict(&database.url).await,
            Err(Unfit::Barrier { table }),
            "{damage}"
        );
    }
}
