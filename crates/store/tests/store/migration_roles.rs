//! The role that a migration makes, and its password.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection, error::DatabaseError};
use store::{Error, RuntimeRole, Store, migrate, schema, schema::Unfit, testing::Database};

use crate::support::url_as;

fn role(name: &str, password: &str) -> RuntimeRole {
    RuntimeRole {
        name: name.to_owned(),
        password: Some(password.to_owned().into()),
    }
}

/// Whether that password lets the role in; any other reason than the password fails the test.
async fn lets_in(database: &Database, role: &str, password: &str) -> bool {
    match PgConnection::connect(&url_as(&database.owner_url, role, password)).await {
        Ok(_) => true,
        Err(error) => {
            let code = error.as_database_error().and_then(DatabaseError::code);
            assert_eq!(code.as_deref(), Some("28P01"), "{error:?}");
            false
        }
    }
}

#[tokio::test]
async fn the_role_it_makes_may_log_in_and_serve_and_nothing_else() {
    let database = Database::empty().await;
    let made = migrate(&database.owner_url, &role("made", "open-sesame")).await;
    assert!(made.unwrap().role_made);

    assert!(lets_in(&database, "made", "open-sesame").await);
    assert!(!lets_in(&database, "made", "open-barley").await);
    let url = url_as(&database.owner_url, "made", "open-sesame");
    let store = Store::open(&url, 1).unwrap();
    schema::check(&mut store.platform().await.unwrap())
        .await
        .unwrap();
    let attributes: (bool, bool, bool, bool, bool, bool) = sqlx::query_as(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolcanlogin
         FROM pg_roles WHERE rolname = 'made'",
    )
    .fetch_one(&database.owner())
    .await
    .unwrap();
    assert_eq!(attributes, (false, false, false, false, false, true));
}

#[tokio::test]
async fn a_role_that_exists_keeps_its_password() {
    let first = Database::empty().await;
    migrate(&first.owner_url, &role("kept", "first"))
        .await
        .unwrap();
    let second = Database::empty().await;
    let again = migrate(&second.owner_url, &role("kept", "second"))
        .await
        .unwrap();
    assert!(!again.role_made);
    assert!(lets_in(&second, "kept", "first").await);
    assert!(!lets_in(&second, "kept", "second").await);
}

#[tokio::test]
async fn a_role_without_a_password_is_let_in_by_none() {
    let database = Database::empty().await;
    let without = RuntimeRole {
        name: "without".to_owned(),
        password: None,
    };
    assert!(
        migrate(&database.owner_url, &without)
            .await
            .unwrap()
            .role_made
    );
    for password in ["", "NULL", "null"] {
        assert!(!lets_in(&database, "without", password).await);
    }
}

#[tokio::test]
async fn a_role_may_have_any_name() {
    let database = Database::empty().await;
    let name = r#"o'Neil; DROP TABLE "tenants" --"#;
    migrate(&database.owner_url, &role(name, "it's"))
        .await
        .unwrap();
    let privileges: bool =
        sqlx::query_scalar("SELECT has_table_privilege($1, 'tenants', 'SELECT')")
            .bind(name)
            .fetch_one(&database.owner())
            .await
            .unwrap();
    assert!(privileges);
}

#[tokio::test]
async fn privileges_that_are_no_longer_listed_are_taken_back() {
    let database = Database::empty().await;
    let role = role("trimmed", "secret");
    migrate(&database.owner_url, &role).await.unwrap();
    sqlx::raw_sql("GRANT ALL ON audit_events, tenants TO trimmed")
        .execute(&database.owner())
        .await
        .unwrap();
    migrate(&database.owner_url, &role).await.unwrap();
    let kept: (bool, bool, bool) = sqlx::query_as(
        "SELECT has_table_privilege('trimmed', 'audit_events', 'INSERT'),
                has_table_privilege('trimmed', 'audit_events', 'UPDATE'),
                has_table_privilege('trimmed', 'tenants', 'DELETE')",
    )
    .fetch_one(&database.owner())
    .await
    .unwrap();
    assert_eq!(kept, (true, false, false));
}

#[tokio::test]
async fn the_password_is_in_no_statement_and_only_its_verifier_is_kept() {
    let database = Database::empty().await;
    let owner = database.owner();
    // The server may log whatever it is sent, as an administrator could have it do.
    sqlx::raw_sql(
        "DO $$ BEGIN
           EXECUTE format('ALTER DATABASE %I SET log_statement = ''all''', current_database());
           EXECUTE format('ALTER DATABASE %I SET log_min_duration_statement = 0', current_database());
         END $$",
    )
    .execute(&owner)
    .await
    .unwrap();
    let password = "never-to-be-seen-6d1f";
    migrate(&database.owner_url, &role("logged", password))
        .await
        .unwrap();

    let folder: String = sqlx::query_scalar("SHOW data_directory")
        .fetch_one(&owner)
        .await
        .unwrap();
    let home = Path::new(&folder).ancestors().nth(2).unwrap();
    let log = std::fs::read_to_string(home.join("postgres.log")).unwrap();
    assert!(log.contains("CREATE ROLE logged"), "statements are logged");
    assert!(!log.contains(password));
    let kept: String =
        sqlx::query_scalar("SELECT rolpassword FROM pg_authid WHERE rolname = 'logged'")
            .fetch_one(&owner)
            .await
            .unwrap();
    assert!(kept.starts_with("SCRAM-SHA-256$4096:"), "{kept}");
    assert!(lets_in(&database, "logged", password).await);
}

#[tokio::test]
async fn an_owner_that_may_not_make_roles_is_refused_and_can_be_helped() {
    let database = Database::empty().await;
    let setup = "CREATE ROLE helpless LOGIN PASSWORD 'secret';
                 DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO helpless', current_database()); END $$";
    sqlx::raw_sql(setup)
        .execute(&database.owner())
        .await
        .unwrap();
    let url = url_as(&database.owner_url, "helpless", "secret");
    let runtime = role("made_by_hand", "secret");
    let refused = migrate(&url, &runtime).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");

    let by_hand = "CREATE ROLE made_by_hand LOGIN PASSWORD 'by hand'".to_owned();
    sqlx::raw_sql(AssertSqlSafe(by_hand))
        .execute(&database.owner())
        .await
        .unwrap();
    migrate(&url, &runtime).await.unwrap();
    assert!(lets_in(&database, "made_by_hand", "by%20hand").await);
}

/// An owner of a database where nobody has anything by default.
async fn hardened(owner: &str) -> (Database, String) {
    let database = Database::empty().await;
    let setup = format!(
        "CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'secret';
         DO $$ BEGIN
           EXECUTE format('ALTER DATABASE %I OWNER TO {owner}', current_database());
           EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
         END $$;
         REVOKE ALL ON SCHEMA public FROM PUBLIC;
         ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"
    );
    sqlx::raw_sql(AssertSqlSafe(setup))
        .execute(&database.owner())
        .await
        .unwrap();
    let url = url_as(&database.owner_url, owner, "secret");
    (database, url)
}

#[tokio::test]
async fn the_role_serves_where_nobody_has_anything_by_default() {
    let (database, owner) = hardened("careful").await;
    migrate(&owner, &role("admitted", "secret")).await.unwrap();
    let url = url_as(&database.owner_url, "admitted", "secret");
    let store = Store::open(&url, 1).unwrap();
    schema::check(&mut store.platform().await.unwrap())
        .await
        .unwrap();
    crate::support::tenant(&store).await;
}

#[tokio::test]
async fn a_role_of_too_much_power_is_refused_before_anything_is_changed() {
    let (database, owner) = hardened("in_charge").await;
    let setup = "CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE bypasser LOGIN BYPASSRLS;
                 CREATE ROLE successor LOGIN; GRANT in_charge TO successor";
    sqlx::raw_sql(setup)
        .execute(&database.owner())
        .await
        .unwrap();
    for (name, expected) in [
        ("boss", "is a superuser"),
        ("bypasser", "may bypass"),
        ("in_charge", "may make roles"),
        ("successor", "may make roles"),
    ] {
        let refused = migrate(&owner, &role(name, "secret")).await;
        let Err(Error::Unfit(Unfit::Privileged { role, why })) = refused else {
            panic!("{name}: {refused:?}");
        };
        assert_eq!(role, name);
        assert!(why.starts_with(expected), "{name} {why}");
    }
    sqlx::raw_sql("ALTER ROLE in_charge NOCREATEROLE")
        .execute(&database.owner())
        .await
        .unwrap();
    for name in ["in_charge", "successor"] {
        let refused = migrate(&owner, &role(name, "secret")).await;
        assert!(
            matches!(&refused, Err(Error::Unfit(Unfit::Privileged { why, .. })) if why.starts_with("owns")),
            "{name}: {refused:?}"
        );
    }
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    )
    .fetch_one(&database.owner())
    .await
    .unwrap();
    assert_eq!(tables, 0);
}
