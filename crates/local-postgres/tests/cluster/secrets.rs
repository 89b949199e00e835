//! Nothing that is shown, logged or seen by other processes has the password, or the data of a failed statement.

use std::fs;

use local_postgres::{Cluster, Url};

use crate::support::{block_on, connect, folder, options, pid, start, url};

fn password(url: &Url) -> String {
    let url = url.expose();
    let (_, rest) = url.split_once("password=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}

#[test]
fn the_password_is_not_shown() {
    let folder = folder();
    let cluster = start(folder.path());
    let url = cluster.url("postgres");
    let password = password(&url);
    assert_eq!(password.len(), 64);

    let in_use = Cluster::start(folder.path(), &options()).unwrap_err();
    for text in [
        format!("{cluster:?} {url:?}"),
        format!("{in_use} {in_use:?}"),
    ] {
        assert!(!text.contains(&password), "{text}");
    }

    cluster.stop().unwrap();
    fs::write(folder.path().join("cluster/data/pg_hba.conf"), "nonsense\n").unwrap();
    let failed = Cluster::start(folder.path(), &options()).unwrap_err();
    let text = format!("{failed} {failed:?}");
    assert!(
        text.contains("pg_hba.conf") && !text.contains(&password),
        "{text}"
    );
}

#[test]
fn the_password_is_new_in_every_cluster_and_needed() {
    let (parent, folder) = (folder(), folder());
    let one = Cluster::throwaway(parent.path(), &options()).unwrap();
    let other = start(folder.path());
    let right = password(&one.url("postgres"));
    let wrong = password(&other.url("postgres"));
    assert_ne!(right, wrong);

    let url = url(&one).replace(&right, &wrong);
    let refused = block_on(<sqlx::PgConnection as sqlx::Connection>::connect(&url)).unwrap_err();

    assert!(
        refused
            .to_string()
            .contains("password authentication failed"),
        "{refused}"
    );
}

#[test]
fn the_log_has_no_statement_and_no_value() {
    let folder = folder();
    let cluster = start(folder.path());
    let failing = [
        "SELECT 'hunter2'::int",
        "SELECT hunter2",
        "DO $$ BEGIN RAISE EXCEPTION 'hunter2' USING DETAIL = 'hunter2'; END $$",
        "DO $$ BEGIN RAISE WARNING 'hunter2'; END $$",
    ];
    block_on(async {
        let mut connection = connect(&url(&cluster)).await;
        for statement in failing {
            let _refused = sqlx::query(statement).execute(&mut connection).await;
        }
        let bound = sqlx::query("SELECT $1::text::int").bind("hunter2");
        assert!(bound.execute(&mut connection).await.is_err());
    });
    cluster.stop().unwrap();

    let log = fs::read_to_string(folder.path().join("postgres.log")).unwrap();
    assert!(log.contains("database system is ready"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[cfg(target_os = "linux")]
#[test]
fn other_processes_see_neither_the_password_nor_our_environment() {
    let folder = folder();
    let cluster = start(folder.path());
    let password = password(&cluster.url("postgres"));

    let process = format!("/proc/{}", pid(folder.path()));
    let arguments = fs::read(format!("{process}/cmdline")).unwrap();
    let environment = fs::read(format!("{process}/environ")).unwrap();

    let arguments = String::from_utf8_lossy(&arguments);
    assert!(arguments.contains("listen_addresses="), "{arguments}");
    assert!(!arguments.contains(&password), "{arguments}");
    let environment = String::from_utf8_lossy(&environment);
    assert!(!environment.contains("PATH="), "{environment}");
}
