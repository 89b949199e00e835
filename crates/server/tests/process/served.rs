//! A running `serve`, and what is asked of it over HTTP.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use reqwest::Method;
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ended, Process, program, run};

/// A data folder that whoever Postgres runs as can pass.
pub(crate) struct Data {
    _parent: TempDir,
    pub(crate) folder: PathBuf,
}

impl Data {
    pub(crate) fn new() -> Self {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), PermissionsExt::from_mode(0o711)).unwrap();
        let folder = parent.path().join("data");
        Self {
            _parent: parent,
            folder,
        }
    }

    /// A command on this folder. Its words may ask for `--local` or not.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.env("BI_DATA_DIR", &self.folder);
        command
    }

    /// Runs a command on this folder to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        run(&mut self.command(arguments))
    }

    pub(crate) fn serve(&self) -> Served {
        Served::start(&mut self.command(&["serve", "--local"]))
    }

    pub(crate) fn serve_with(&self, name: &str, value: &str) -> Served {
        Served::start(self.command(&["serve", "--local"]).env(name, value))
    }

    pub(crate) fn master_key(&self) -> PathBuf {
        self.folder.join("master.key")
    }

    /// Where its Postgres is, while it runs.
    pub(crate) fn postgres_pid_file(&self) -> PathBuf {
        self.folder.join("postgres/cluster/data/postmaster.pid")
    }

    /// Its database as the owner, while its Postgres runs.
    pub(crate) fn owner_url(&self) -> String {
        let url = local_postgres::Url::of_running(&self.folder.join("postgres"), "postgres");
        url.unwrap().expose().to_string()
    }

    /// A new operator's key, made from the command line.
    pub(crate) fn operator(&self) -> String {
        let made = self.run(&["api-key", "create", "--operator", "--local"]);
        made.succeeded().trim().to_owned()
    }
}

/// A service that listens.
pub(crate) struct Served {
    pub(crate) process: Process,
    pub(crate) url: String,
    pub(crate) ops_url: String,
    http: reqwest::Client,
}

impl Served {
    /// Starts it, and returns when it says where it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = Process::start(command);
        let line = process.line("listening");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            process,
            url: field(&line, "url").trim_end_matches('/').to_owned(),
            ops_url: format!("http://{}", field(&line, "ops")),
            http,
        }
    }

    pub(crate) async fn ready(self) -> Self {
        self.until_ready("200").await;
        self
    }

    /// Waits for an answer of `/readyz` with that status.
    pub(crate) async fn until_ready(&self, status: &str) {
        let asked = async {
            loop {
                let answer = self.http.get(format!("{}/readyz", self.url)).send().await;
                if answer.is_ok_and(|answer| answer.status().as_str() == status) {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let asked = tokio::time::timeout(std::time::Duration::from_secs(60), asked).await;
        assert!(
            asked.is_ok(),
            "/readyz never said {status}: {}",
            self.process.stderr()
        );
    }

    /// A request to be filled in.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// Sends a request with a key, and reads the answer.
    pub(crate) async fn ask(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> (u16, Value) {
        let mut request = self.request(method, path).bearer_auth(key);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Ends it in order.
    pub(crate) fn stop(self) -> Ended {
        self.process.signal(Signal::TERM);
        self.process.end()
    }
}

/// A field of a log line, in either format.
fn field(line: &str, name: &str) -> String {
    if let Ok(json) = serde_json::from_str::<Value>(line) {
        return json[name].as_str().unwrap().to_owned();
    }
    let (_, rest) = line
        .split_once(&format!(" {name}="))
        .unwrap_or_else(|| panic!("no {name}: {line}"));
    rest.split(' ').next().unwrap().to_owned()
}
