//! `serve --local`: a private Postgres and a master key that stay.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    time::{Duration, Instant},
};

use reqwest::Method;
use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    postgres::{postmaster, processes_on, wait_until_none_is_left},
    program::{run, wait_until},
    served::{Data, Served},
};

const ANOTHER_KEY: &str = "1:u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7w=\n";
/// Nobody listens there.
const NOWHERE: &str = "postgres://nobody:secret@127.0.0.1:1/nothing";

#[tokio::test]
async fn the_first_start_makes_what_is_needed_and_the_second_finds_it() {
    let data = Data::new();
    let served = data.serve().ready().await;
    let key = fs::metadata(data.master_key()).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    assert_eq!(key.uid(), rustix::process::geteuid().as_raw());
    let (made, identity) = (fs::read(data.master_key()).unwrap(), key.ino());
    let operator = data.operator();
    let body = json!({ "ref": "acme", "name": "Acme" });
    let (status, tenant) = served
        .ask(&operator, Method::POST, "/v1/tenants", body)
        .await;
    assert_eq!(status, 201, "{tenant}");
    served.stop().succeeded();
    assert_eq!(processes_on(&data.folder), Vec::<i32>::new());

    let served = data.serve().ready().await;
    assert_eq!(fs::read(data.master_key()).unwrap(), made);
    assert_eq!(fs::metadata(data.master_key()).unwrap().ino(), identity);
    let path = format!("/v1/tenants/{}", tenant["id"].as_str().unwrap());
    assert_eq!(
        served.ask(&operator, Method::GET, &path, Value::Null).await,
        (200, tenant)
    );
    served.stop().succeeded();
}

#[tokio::test]
async fn a_lost_master_key_is_not_replaced_and_a_wrong_one_is_refused() {
    let data = Data::new();
    data.serve().ready().await.stop().succeeded();
    let kept = fs::read(data.master_key()).unwrap();

    fs::remove_file(data.master_key()).unwrap();
    let ended = data.run(&["serve", "--local"]);
    assert!(ended.failed().contains("restore the file"), "{ended:?}");
    assert!(!data.master_key().exists());
    for command in [&["tenant", "list", "--local"][..], &["doctor", "--local"]] {
        assert_ne!(data.run(command).code, Some(0), "{command:?}");
        assert!(!data.master_key().exists(), "{command:?}");
    }

    fs::write(data.master_key(), ANOTHER_KEY).unwrap();
    let ended = data.run(&["serve", "--local"]);
    assert!(
        ended
            .failed()
            .contains("master-key version 1 is not the one"),
        "{ended:?}"
    );
    assert_eq!(processes_on(&data.folder), Vec::<i32>::new());

    fs::write(data.master_key(), kept).unwrap();
    data.serve().ready().await.stop().succeeded();
}

#[test]
fn which_database_is_never_guessed() {
    let data = Data::new();
    for arguments in [
        &["serve", "--local"][..],
        &["tenant", "list", "--local"],
        &["doctor", "--local"],
    ] {
        let both = run(data.command(arguments).env("DATABASE_URL", NOWHERE));
        assert_eq!(both.code, Some(1), "{arguments:?} {both:?}");
        assert!(
            (both.stdout + &both.stderr).contains("DATABASE_URL"),
            "{arguments:?}"
        );
    }
    let neither = data.run(&["serve"]);
    let text = neither.failed();
    assert!(
        text.contains("DATABASE_URL") && text.contains("--local"),
        "{text}"
    );
    assert!(!data.folder.exists());
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_waited_for_and_never_replaced() {
    let data = Data::new();
    let mut command = data.command(&["serve"]);
    command
        .env("DATABASE_URL", NOWHERE)
        .env("BI_MASTER_KEY", ANOTHER_KEY);
    let served = Served::start(&mut command);
    served.until_ready("503").await;
    let (status, problem) = served
        .ask("bi_op_x", Method::GET, "/v1/tenants", Value::Null)
        .await;
    assert_eq!((status, &problem["code"]), (503, &json!("starting")));
    assert_eq!(
        served
            .request(Method::GET, "/livez")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let ended = served.stop();
    ended.succeeded();
    assert!(!ended.stderr.contains("secret"), "{ended:?}");
    assert!(!data.folder.exists());
}

#[test]
fn a_second_service_on_the_same_folder_is_refused() {
    let data = Data::new();
    let served = data.serve();
    let second = data.run(&["serve", "--local"]);
    assert!(second.failed().contains("postgres"), "{second:?}");
    served.stop().succeeded();
    wait_until_none_is_left(&data.folder);
}

#[tokio::test]
async fn a_private_postgres_that_was_killed_is_started_again() {
    let data = Data::new();
    let served = data.serve().ready().await;
    let operator = data.operator();
    let body = json!({ "ref": "acme", "name": "Acme" });
    let (status, tenant) = served
        .ask(&operator, Method::POST, "/v1/tenants", body)
        .await;
    assert_eq!(status, 201, "{tenant}");
    let killed = postmaster(&data.postgres_pid_file()).unwrap();

    kill_process(killed, Signal::KILL).unwrap();

    // Its orphaned backends answer for a moment longer, so the answer alone would prove nothing.
    wait_until("another postmaster runs", || {
        postmaster(&data.postgres_pid_file()).is_some_and(|running| running != killed)
    });
    let path = format!("/v1/tenants/{}", tenant["id"].as_str().unwrap());
    let deadline = Instant::now() + Duration::from_secs(30);
    while served.ask(&operator, Method::GET, &path, Value::Null).await != (200, tenant.clone()) {
        assert!(Instant::now() < deadline, "it did not come back");
    }
    served.stop().succeeded();
    assert_eq!(processes_on(&data.folder), Vec::<i32>::new());
}
