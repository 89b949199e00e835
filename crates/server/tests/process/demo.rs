//! `demo`: everything at once, and nothing left of it.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    postgres::processes_on,
    program::{Process, program, run},
};

/// A temporary folder that whoever Postgres runs as can pass.
pub(crate) fn temp() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).unwrap();
    folder
}

fn demo(temp: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = program(arguments);
    command
        .env("TMPDIR", temp)
        .env("BI_DATA_DIR", temp.join("data"));
    command
}

fn clusters(temp: &Path) -> usize {
    let entries = fs::read_dir(temp).unwrap();
    entries
        .filter(|entry| entry.as_ref().unwrap().path().join("cluster").exists())
        .count()
}

pub(crate) fn ready(line: &str) -> Value {
    serde_json::from_str(line.strip_prefix("ready ").unwrap()).unwrap()
}

#[test]
fn once_walks_tells_each_step_and_leaves_nothing() {
    let temp = temp();
    let ended = run(&mut demo(temp.path(), &["demo", "--once"]));
    let lines: Vec<_> = ended.succeeded().lines().collect();
    assert!(
        lines[0].contains("nothing behind it is real AWS"),
        "{lines:?}"
    );
    assert!(
        lines.iter().filter(|line| line.starts_with("  ✓ ")).count() >= 7,
        "{lines:?}"
    );
    let ready = ready(lines.last().unwrap());
    for member in ["url", "tenant", "api_key", "operator_key"] {
        assert!(ready[member].is_string(), "{member}: {ready}");
    }
    assert_eq!(ended.stderr, "");
    assert_eq!(
        (processes_on(temp.path()), clusters(temp.path())),
        (vec![], 0)
    );
}

#[tokio::test]
async fn it_serves_until_it_is_interrupted_and_ends_in_order() {
    let temp = temp();
    let mut process = Process::start(&mut demo(temp.path(), &["demo"]));
    let ready = ready(&process.line("ready {"));
    assert_eq!(
        (processes_on(temp.path()).len(), clusters(temp.path())),
        (1, 1)
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http
        .get(format!("{}/v1/me", ready["url"].as_str().unwrap()))
        .bearer_auth(ready["api_key"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert!(answer.headers().contains_key("bi-demo"), "{answer:?}");
    assert_eq!(answer.status(), 200);
    let me: Value = answer.json().await.unwrap();
    assert_eq!(me["tenant"]["ref"], ready["tenant"]);

    process.signal(Signal::INT);

    process.end().succeeded();
    assert_eq!(
        (processes_on(temp.path()), clusters(temp.path())),
        (vec![], 0)
    );
}

#[test]
fn a_killed_demo_takes_its_postgres_with_it() {
    let temp = temp();
    let mut process = Process::start(&mut demo(temp.path(), &["demo"]));
    process.line("ready {");
    process.kill();
    crate::postgres::wait_until_none_is_left(temp.path());
}

#[test]
fn it_needs_no_home() {
    let temp = temp();
    let ended = run(program(&["demo", "--once"]).env("TMPDIR", temp.path()));
    ended.succeeded();
    // As root, the home would be another one.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let copy = temp.path().join("copy");
    fs::copy(env!("CARGO_BIN_EXE_bedrock-integrations"), &copy).unwrap();
    fs::set_permissions(&copy, PermissionsExt::from_mode(0o755)).unwrap();
    fs::set_permissions(temp.path(), PermissionsExt::from_mode(0o1777)).unwrap();
    let command = program(&[]);
    let mut other = std::process::Command::new(&copy);
    other.env_clear();
    for (name, value) in command.get_envs() {
        other.envs(value.map(|value| (name, value)));
    }
    other
        .args(["demo", "--once"])
        .current_dir("/")
        .env("TMPDIR", temp.path())
        .uid(65_534)
        .gid(65_534);
    run(&mut other).succeeded();
}
