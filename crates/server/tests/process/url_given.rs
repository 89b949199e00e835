//! `migrate` and `serve` with a database of somebody else's.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use local_postgres::{Cluster, Options};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    program::{program, run},
    served::Served,
};

const KEY: &str = "1:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs=";

/// An empty database, and a role to be made.
struct Given {
    cluster: Cluster,
    folder: TempDir,
}

impl Given {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds Postgres as a developer's shell does"
    )]
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).unwrap();
        let cache = local_postgres::cache_in(&std::env::temp_dir());
        let options = Options {
            bin: std::env::var_os("BI_POSTGRES_BIN").map(PathBuf::from),
            path: std::env::var_os("PATH"),
            ..Options::new(cache)
        };
        let cluster = Cluster::throwaway(folder.path(), &options).unwrap();
        Self { cluster, folder }
    }

    fn owner(&self) -> String {
        self.cluster.url("postgres").expose().to_string()
    }

    fn runtime(&self) -> String {
        self.cluster
            .url("postgres")
            .as_role("app")
            .expose()
            .to_string()
    }

    /// The path of a file that holds `text`.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

#[tokio::test]
async fn migrate_makes_the_role_that_serves() {
    let given = Given::start();
    let serve = || {
        let mut command = program(&["serve"]);
        command
            .env("DATABASE_URL", given.runtime())
            .env("BI_MASTER_KEY", KEY);
        command
    };
    let migrate = || {
        run(program(&["migrate"])
            .env("BI_MIGRATE_DATABASE_URL", given.owner())
            .env("DATABASE_URL", given.runtime()))
    };
    let unset = run(program(&["migrate"]).env("DATABASE_URL", given.runtime()));
    assert!(
        unset.failed().contains("BI_MIGRATE_DATABASE_URL"),
        "{unset:?}"
    );

    let first = migrate();
    assert!(first.succeeded().contains("made the role app"), "{first:?}");
    let second = migrate();
    assert!(
        second.succeeded().contains("0 migrations applied"),
        "{second:?}"
    );
    assert!(
        second.stdout.contains("the role app has what it needs"),
        "{second:?}"
    );

    let served = Served::start(&mut serve()).ready().await;
    let key = run(program(&["api-key", "create", "--operator"])
        .env("DATABASE_URL", given.runtime())
        .env("BI_MASTER_KEY", KEY));
    let body = json!({ "ref": "acme", "name": "Acme" });
    let (status, _) = served
        .ask(key.succeeded().trim(), Method::POST, "/v1/tenants", body)
        .await;
    assert_eq!(status, 201);
    served.stop().succeeded();
}

#[tokio::test]
async fn the_owner_does_not_serve_and_an_empty_database_is_not_served() {
    let given = Given::start();
    let superuser = run(program(&["serve"])
        .env("DATABASE_URL", given.owner())
        .env("BI_MASTER_KEY", KEY));
    let text = superuser.failed();
    assert!(
        text.contains("is a superuser") && text.contains("BI_MIGRATE_DATABASE_URL"),
        "{text}"
    );
    let commands = run(program(&["tenant", "list"])
        .env("DATABASE_URL", given.owner())
        .env("BI_MASTER_KEY", KEY));
    assert!(commands.failed().contains("is a superuser"), "{commands:?}");
}

#[tokio::test]
async fn secrets_are_read_from_files() {
    let given = Given::start();
    let owner = given.file("owner", &format!("{}\n", given.owner()));
    let runtime = given.file("runtime", &format!("{}\n", given.runtime()));
    let key = given.file("key", &format!("{KEY}\n"));
    let command = |words: &[&str]| {
        let mut command = program(words);
        command
            .env("BI_MIGRATE_DATABASE_URL_FILE", &owner)
            .env("DATABASE_URL_FILE", &runtime)
            .env("BI_MASTER_KEY_FILE", &key);
        command
    };
    run(&mut command(&["migrate"])).succeeded();
    let served = Served::start(&mut command(&["serve"])).ready().await;
    let answer = served.request(Method::GET, "/health").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let health: Value = answer.json().await.unwrap();
    assert_eq!(health["status"], "ok");
    served.stop().succeeded();
}

#[tokio::test]
async fn migrate_tells_what_could_not_be_served() {
    let given = Given::start();
    let migrate = |runtime: &str| {
        run(program(&["migrate"])
            .env("BI_MIGRATE_DATABASE_URL", given.owner())
            .env("DATABASE_URL", runtime))
    };
    let owner = migrate(&given.owner());
    assert!(owner.failed().contains("is a superuser"), "{owner:?}");

    migrate(&given.runtime()).succeeded();
    let (head, tail) = given
        .runtime()
        .split_once("&password=")
        .map(|(head, tail)| (head.to_owned(), tail.to_owned()))
        .unwrap();
    let wrong = migrate(&format!("{head}&password=x{tail}"));
    assert!(
        wrong.failed().contains("cannot be served") && wrong.stderr.contains("password"),
        "{wrong:?}"
    );
    assert!(!wrong.stderr.contains(&tail), "{wrong:?}");

    // Without a master key the rest is checked all the same.
    let doctor = run(program(&["doctor"]).env("DATABASE_URL", given.runtime()));
    assert_eq!(doctor.code, Some(1), "{doctor:?}");
    for line in [
        "ok    database: ",
        "ok    role and schema: ",
        "FAIL  master key: BI_MASTER_KEY is not set",
    ] {
        assert!(doctor.stdout.contains(line), "{line} {doctor:?}");
    }
}
