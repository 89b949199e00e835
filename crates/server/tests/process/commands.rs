//! Commands beside a running `serve --local`.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    program::{program, run},
    served::{Data, Served},
};

/// What a caller with that key gets, asked until it is that: changes take up to a second to arrive.
async fn becomes(served: &Served, key: &str, path: &str, status: u16) {
    let began = std::time::Instant::now();
    let mut last = (0, Value::Null);
    while began.elapsed().as_secs() < 5 {
        last = served.ask(key, Method::GET, path, Value::Null).await;
        if last.0 == status {
            return;
        }
    }
    panic!("{path} never answered {status}: {last:?}");
}

#[tokio::test]
async fn tenants_and_keys_are_managed_beside_a_running_service() {
    let data = Data::new();
    let served = data.serve().ready().await;
    let made = data.run(&[
        "tenant", "create", "--ref", "acme", "--name", "Acme", "--local",
    ]);
    let line = made.succeeded().trim().to_owned();
    let id = line.split("  ").next().unwrap().to_owned();
    assert!(id.starts_with("ten_"), "{line}");
    assert_eq!(
        data.run(&["tenant", "--local", "list"]).succeeded().trim(),
        line
    );

    let operator = data.operator();
    let (status, seen) = served
        .ask(
            &operator,
            Method::GET,
            &format!("/v1/tenants/{id}"),
            Value::Null,
        )
        .await;
    assert_eq!((status, &seen["ref"]), (200, &json!("acme")));

    let key = data.run(&[
        "api-key", "create", "--tenant", "acme", "--role", "viewer", "--local",
    ]);
    let key = key.succeeded().trim();
    let (status, me) = served.ask(key, Method::GET, "/v1/me", Value::Null).await;
    assert_eq!(
        (status, &me["role"], &me["tenant"]["id"]),
        (200, &json!("viewer"), &json!(id))
    );
    let listed = data.run(&["api-key", "list", "--tenant", &id, "--local"]);
    let key_id = listed.succeeded().split("  ").next().unwrap().to_owned();
    assert_eq!(me["actor"]["id"], key_id.as_str());
    assert!(
        !listed.stdout.contains(&key[key.len() - 20..]),
        "{listed:?}"
    );

    data.run(&["tenant", "suspend", "acme", "--local"])
        .succeeded();
    becomes(&served, key, "/v1/me", 403).await;
    data.run(&["tenant", "resume", &id, "--local"]).succeeded();
    becomes(&served, key, "/v1/me", 200).await;
    data.run(&["api-key", "revoke", "--tenant", "acme", &key_id, "--local"])
        .succeeded();
    becomes(&served, key, "/v1/me", 401).await;
    let again = data.run(&["api-key", "revoke", "--tenant", "acme", &key_id, "--local"]);
    assert!(again.failed().contains("no such thing"), "{again:?}");

    data.run(&["tenant", "delete", "acme", "--local"])
        .succeeded();
    becomes(&served, &operator, &format!("/v1/tenants/{id}"), 404).await;
    assert_eq!(data.run(&["tenant", "list", "--local"]).succeeded(), "");
    let gone = data.run(&["tenant", "suspend", "acme", "--local"]);
    assert!(gone.failed().contains("no such tenant"), "{gone:?}");

    let listed = data.run(&["api-key", "list", "--operator", "--local"]);
    let operator_id = listed.succeeded().split("  ").next().unwrap().to_owned();
    data.run(&["api-key", "revoke", "--operator", &operator_id, "--local"])
        .succeeded();
    becomes(&served, &operator, "/v1/tenants", 401).await;
    served.stop().succeeded();
}

#[tokio::test]
async fn commands_work_without_a_running_service_too() {
    let data = Data::new();
    let made = data.run(&[
        "tenant", "create", "--ref", "acme", "--name", "Acme", "--local",
    ]);
    let line = made.succeeded().to_owned();
    assert_eq!(data.run(&["tenant", "list", "--local"]).succeeded(), line);
    assert_eq!(
        crate::postgres::processes_on(&data.folder),
        Vec::<i32>::new()
    );
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong() {
    let data = Data::new();
    let served = data.serve().ready().await;
    let well = data.run(&["doctor", "--local"]);
    let text = well.succeeded();
    for what in ["configuration", "database", "role and schema", "master key"] {
        assert!(
            text.lines()
                .any(|line| line.starts_with(&format!("ok    {what}: "))),
            "{what}: {text}"
        );
    }
    assert!(!text.contains("FAIL"), "{text}");
    let another = "1:u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7w=";
    let ill = run(data
        .command(&["doctor", "--local"])
        .env("BI_MASTER_KEY", another));
    assert_eq!(ill.code, Some(1), "{ill:?}");
    assert!(
        ill.stdout.contains("FAIL  master key: ") && ill.stdout.contains("ok    database"),
        "{ill:?}"
    );
    served.stop().succeeded();
    let away = run(program(&["doctor"])
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
        .env("BI_MASTER_KEY", another));
    assert_eq!(away.code, Some(1), "{away:?}");
    assert!(away.stdout.contains("FAIL  database: "), "{away:?}");
    let unset = run(&mut program(&["doctor"]));
    assert_eq!(unset.code, Some(1), "{unset:?}");
    assert!(unset.stdout.contains("DATABASE_URL"), "{unset:?}");
}

#[tokio::test]
async fn the_health_check_tells_ready_from_not() {
    let data = Data::new();
    let served = data.serve().ready().await;
    let address = served.url.strip_prefix("http://").unwrap().to_owned();
    let check = || run(program(&["healthcheck"]).env("BI_LISTEN", &address));
    assert!(check().succeeded().contains("ready"));
    served.stop().succeeded();
    check().failed();
}

#[test]
fn the_description_of_the_api_is_printed_as_it_is_committed() {
    let printed = run(&mut program(&["openapi"]));
    let committed =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.yaml"));
    assert!(
        printed.succeeded() == committed.unwrap(),
        "`cargo run -- openapi > openapi.yaml`"
    );
}
