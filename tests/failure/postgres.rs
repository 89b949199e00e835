//! A Postgres of one test's own, which may be killed, frozen and started again.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use harness::service::until;
use local_postgres::{Cluster, Options};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use store::{
    RuntimeRole,
    testing::{Database, ROLE},
};
use tempfile::TempDir;

pub(crate) struct Postgres {
    /// Stopped before its folder is removed.
    cluster: Option<Cluster>,
    folder: TempDir,
}

impl Postgres {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // As root, the server runs as another user, who must get there.
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).unwrap();
        let mut postgres = Self {
            cluster: None,
            folder,
        };
        postgres.start_again().await;
        postgres
    }

    pub(crate) async fn start_again(&mut self) {
        let folder = self.folder.path().join("postgres");
        let cluster = tokio::task::spawn_blocking(move || Cluster::start(&folder, &options()));
        self.cluster = Some(cluster.await.unwrap().unwrap());
    }

    /// The database in it, migrated.
    pub(crate) async fn database(&self) -> Arc<Database> {
        let url = self.cluster.as_ref().unwrap().url("postgres");
        let role = RuntimeRole {
            name: ROLE.to_owned(),
            password: Some(url.password()),
        };
        store::migrate(&url.expose(), &role).await.unwrap();
        Arc::new(Database {
            owner_url: url.expose().to_string(),
            url: url.as_role(ROLE).expose().to_string(),
        })
    }

    /// Kills it without a word. Returns when nothing of it is left.
    pub(crate) async fn kill(&mut self) {
        let processes = self.processes();
        kill_process(processes[0], Signal::KILL).unwrap();
        self.release().await;
        // The others notice by themselves. Until then a new server would not start.
        until("all its processes are gone", async || {
            processes.iter().all(|pid| test_kill_process(*pid).is_err())
        })
        .await;
    }

    /// It takes connections and says nothing, until it is thawed.
    pub(crate) fn freeze(&self) {
        // The first one makes no further ones while the others are stopped.
        self.signal(Signal::STOP);
        self.signal(Signal::STOP);
    }

    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        for pid in self.processes() {
            // One that has just ended needs no signal.
            let _ = kill_process(pid, signal);
        }
    }

    /// The postmaster of this very folder first, then its children.
    fn processes(&self) -> Vec<Pid> {
        let file = self
            .folder
            .path()
            .join("postgres/cluster/data/postmaster.pid");
        let text = fs::read_to_string(file).unwrap();
        let postmaster = text.lines().next().unwrap();
        let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"));
        let children = children.unwrap();
        [postmaster]
            .into_iter()
            .chain(children.split_whitespace())
            .map(|number| Pid::from_raw(number.parse().unwrap()).unwrap())
            .collect()
    }

    async fn release(&mut self) {
        let cluster = self.cluster.take();
        tokio::task::spawn_blocking(move || drop(cluster))
            .await
            .unwrap();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.cluster.is_some() {
            // A frozen one cannot be stopped, and a test may fail while it is.
            self.thaw();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds Postgres as a developer's shell does"
)]
fn options() -> Options {
    let cache = local_postgres::cache_in(&std::env::temp_dir());
    Options {
        bin: std::env::var_os("BI_POSTGRES_BIN").map(PathBuf::from),
        path: std::env::var_os("PATH"),
        ..Options::new(cache)
    }
}
