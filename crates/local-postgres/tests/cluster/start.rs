//! Starting, stopping, starting again, and what is refused.

use std::{fs, path::Path};

use local_postgres::{Cluster, Error};

use crate::support::{ask, execute, folder, options, pid_file, start, url};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_stored_is_there_after_a_stop() {
    let folder = folder();
    let home = folder.path().join("made/by/start");
    fs::create_dir_all(home.parent().unwrap()).unwrap();

    let cluster = start(&home);
    let url = url(&cluster);
    execute(&url, "CREATE TABLE kept AS SELECT 42::bigint AS number");
    cluster.stop().unwrap();
    assert!(!pid_file(&home).exists());

    let cluster = start(&home);
    assert_eq!(ask(&self::url(&cluster), "SELECT number FROM kept"), 42);
    assert!(cluster.major() >= 15);
}

#[test]
fn dropping_stops() {
    let folder = folder();

    drop(start(folder.path()));

    assert!(!pid_file(folder.path()).exists());
}

#[test]
fn it_is_durable_private_and_as_large_as_asked() {
    let folder = folder();
    let mut options = options();
    options.max_connections = 17;
    let cluster = Cluster::start(folder.path(), &options).unwrap();

    let as_expected = "SELECT count(*) FROM pg_settings WHERE (name, setting) IN (
        ('fsync', 'on'), ('full_page_writes', 'on'), ('synchronous_commit', 'on'), ('listen_addresses', ''),
        ('unix_socket_permissions', '0700'), ('password_encryption', 'scram-sha-256'), ('max_connections', '17'),
        ('server_encoding', 'UTF8'), ('TimeZone', 'UTC'))";
    assert_eq!(ask(&url(&cluster), as_expected), 9);
    let open_doors = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method NOT IN ('scram-sha-256', 'reject')";
    assert_eq!(ask(&url(&cluster), open_doors), 0);
}

#[test]
fn a_throwaway_is_fast_and_leaves_nothing() {
    let parent = folder();
    let cluster = Cluster::throwaway(parent.path(), &options()).unwrap();

    let unsafe_settings = "SELECT count(*) FROM pg_settings WHERE setting = 'off'
        AND name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum')";
    assert_eq!(ask(&url(&cluster), unsafe_settings), 4);
    assert_eq!(names(parent.path()).len(), 1);
    cluster.stop().unwrap();

    assert_eq!(names(parent.path()).len(), 0);
}

#[test]
fn a_second_start_on_the_same_folder_is_refused() {
    let folder = folder();
    let first = start(folder.path());

    let second = Cluster::start(folder.path(), &options());

    let error = second.unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error:?}");
    assert!(
        error.to_string().contains(folder.path().to_str().unwrap()),
        "{error}"
    );
    first.stop().unwrap();
    start(folder.path());
}

#[test]
fn a_half_made_cluster_of_a_killed_start_is_replaced() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("cluster.killed/data/base")).unwrap();

    let cluster = start(folder.path());

    assert_eq!(
        names(folder.path()),
        ["cluster", "lock", "postgres.log", "run"]
    );
    assert_eq!(names(&folder.path().join("cluster")), ["data", "password"]);
    cluster.stop().unwrap();
    assert_eq!(names(folder.path()), ["cluster", "lock", "postgres.log"]);
}

#[test]
fn a_path_too_long_for_a_socket_works() {
    let folder = folder();
    let home = folder
        .path()
        .join("long, \"quoted\" ü")
        .join("long".repeat(30));
    fs::create_dir_all(home.parent().unwrap()).unwrap();

    let cluster = start(&home);
    let socket = fs::read_link(home.join("run")).unwrap();
    assert_eq!(ask(&url(&cluster), "SELECT 1::bigint"), 1);
    cluster.stop().unwrap();

    assert!(!socket.exists());
}

#[test]
fn a_path_with_odd_characters_works() {
    let folder = folder();
    let cluster = start(&folder.path().join("a, \"b\" & ü"));

    assert_eq!(ask(&url(&cluster), "SELECT 1::bigint"), 1);
}

#[test]
fn data_of_another_major_version_are_refused_and_left_alone() {
    let folder = folder();
    start(folder.path()).stop().unwrap();
    let version = folder.path().join("cluster/data/PG_VERSION");
    fs::write(&version, "11\n").unwrap();

    let error = Cluster::start(folder.path(), &options()).unwrap_err();

    let text = error.to_string();
    let Error::OtherMajor {
        made_by, looked_at, ..
    } = error
    else {
        panic!("{text}");
    };
    assert_eq!(made_by, 11);
    assert!(
        looked_at
            .iter()
            .any(|refused| refused.reason.ends_with("but the data are of 11")),
        "{text}"
    );
    assert!(text.contains("was made by PostgreSQL 11"), "{text}");
}

#[test]
fn a_server_that_cannot_start_is_quoted() {
    let folder = folder();
    start(folder.path()).stop().unwrap();
    fs::write(
        folder.path().join("cluster/data/postgresql.auto.conf"),
        "no_such_setting = 1\n",
    )
    .unwrap();

    let error = Cluster::start(folder.path(), &options()).unwrap_err();

    assert!(
        matches!(
            error,
            Error::Failed {
                program: "postgres",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}
