//! `--local` in an empty folder: several processes at once, any umask, a look that leaves it empty.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use reqwest::Method;
use serde_json::Value;
use store::testing::ask;

use crate::{
    program::{program, run},
    served::Data,
};

#[tokio::test]
async fn commands_beside_a_first_start_all_get_keys_that_stay_good() {
    let data = Data::new();
    let enough = AtomicBool::new(false);
    let (served, keys) = thread::scope(|scope| {
        let loops: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut keys = vec![data.operator()];
                    while !enough.load(Ordering::Relaxed) {
                        keys.push(data.operator());
                    }
                    keys
                })
            })
            .collect();
        let served = data.serve();
        enough.store(true, Ordering::Relaxed);
        let keys: Vec<_> = loops
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect();
        (served, keys)
    });
    let served = served.ready().await;
    for key in &keys {
        let (status, answer) = served
            .ask(key, Method::GET, "/v1/tenants", Value::Null)
            .await;
        assert_eq!(status, 200, "{answer}");
    }
    served.stop().succeeded();

    let served = data.serve().ready().await;
    let (status, _) = served
        .ask(&keys[0], Method::GET, "/v1/tenants", Value::Null)
        .await;
    assert_eq!(status, 200);
    served.stop().succeeded();
}

#[test]
fn folders_that_it_makes_can_be_passed_whatever_the_umask_is() {
    let data = Data::new();
    let below = data.folder.join("made/here");
    let words = program(&["tenant", "list", "--local"]);
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", r#"umask 077; exec "$0" "$@""#])
        .arg(words.get_program())
        .args(words.get_args())
        .env_clear();
    for (name, value) in words.get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    run(command.env("BI_DATA_DIR", &below)).succeeded();
}

#[test]
fn the_doctor_only_looks() {
    let data = Data::new();
    let empty = data.run(&["doctor", "--local"]);
    assert_eq!(empty.code, Some(1), "{empty:?}");
    assert!(
        empty.stdout.contains("FAIL  database: there is nothing in"),
        "{empty:?}"
    );
    assert!(!data.folder.exists());

    data.run(&["tenant", "list", "--local"]).succeeded();
    let kept = data.master_key();
    std::fs::rename(&kept, kept.with_extension("away")).unwrap();
    let keyless = data.run(&["doctor", "--local"]);
    assert_eq!(keyless.code, Some(1), "{keyless:?}");
    for line in [
        "ok    database: ",
        "ok    role and schema: ",
        "FAIL  master key: master.key is missing",
    ] {
        assert!(keyless.stdout.contains(line), "{line} {keyless:?}");
    }
    assert!(!Path::new(&kept).exists());
}

#[tokio::test]
async fn the_private_postgres_has_room_for_the_pool_that_was_asked_for() {
    let data = Data::new();
    let served = data
        .serve_with("BI_DATABASE_CONNECTIONS", "200")
        .ready()
        .await;
    let limit: Vec<(String,)> = ask(&data.owner_url(), "SHOW max_connections").await;
    assert_eq!(limit[0].0, "220");
    served.stop().succeeded();
}
