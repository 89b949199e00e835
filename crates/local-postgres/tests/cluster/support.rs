//! What the tests share.

use std::{
    env, fs,
    future::Future,
    io::{self, BufRead, BufReader, Lines, Read},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use local_postgres::{Cluster, Options};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// What a process of ours is to hold, see `hold`.
const HOLD: &str = "LOCAL_POSTGRES_TEST_HOLD";

/// A folder that whoever the server runs as can pass.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).unwrap();
    folder
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test finds PostgreSQL as a developer's shell does"
)]
pub(crate) fn options() -> Options {
    Options {
        path: env::var_os("PATH"),
        ..Options::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres-cache"))
    }
}

pub(crate) fn start(folder: &Path) -> Cluster {
    Cluster::start(folder, &options()).unwrap()
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(future)
}

pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

/// One number that the server at `url` answers to `query`.
pub(crate) fn ask(url: &str, query: &'static str) -> i64 {
    block_on(async {
        sqlx::query_scalar(query)
            .fetch_one(&mut connect(url).await)
            .await
            .unwrap()
    })
}

pub(crate) fn execute(url: &str, statement: &'static str) {
    block_on(async {
        sqlx::query(statement)
            .execute(&mut connect(url).await)
            .await
            .unwrap()
    });
}

pub(crate) fn url(cluster: &Cluster) -> String {
    cluster.url("postgres").expose().to_string()
}

/// The file by which the server of a folder says that it runs.
pub(crate) fn pid_file(folder: &Path) -> PathBuf {
    folder.join("cluster/data/postmaster.pid")
}

pub(crate) fn pid(folder: &Path) -> i32 {
    let text = fs::read_to_string(pid_file(folder)).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A process of its own that holds a cluster, to be killed.
pub(crate) struct Holder {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) url: String,
}

impl Holder {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::spawn(&mut Self::command(
            &env::current_exe().unwrap(),
            "start",
            folder,
        ))
    }

    pub(crate) fn throwaway(parent: &Path) -> Self {
        Self::spawn(&mut Self::command(
            &env::current_exe().unwrap(),
            "throwaway",
            parent,
        ))
    }

    /// As another user, with a copy of this program that this user can read.
    pub(crate) fn start_as(uid: u32, gid: u32, folder: &Path) -> Self {
        let copies = self::folder();
        let copy = copies.path().join("holder");
        // By another program: one that this process has open for writing cannot be run, and a fork in another test
        // keeps it open for a moment longer.
        let copied = Command::new("cp")
            .arg(env::current_exe().unwrap())
            .arg(&copy)
            .status();
        assert!(copied.unwrap().success());
        Self::spawn(
            Self::command(&copy, "start", folder)
                .current_dir("/")
                .uid(uid)
                .gid(gid),
        )
    }

    fn command(program: &Path, what: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .args(["--exact", "support::hold", "--nocapture"])
            .env(HOLD, format!("{what} {}", folder.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    fn spawn(command: &mut Command) -> Self {
        let mut process = command.spawn().unwrap();
        // The test runner writes to the same line.
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| line.find("postgres:///").map(|at| line[at..].to_owned()));
        Self {
            process,
            lines,
            url: url.expect("the holder failed, see its output above"),
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Lets it stop its cluster and end.
    pub(crate) fn stop(mut self) {
        drop(self.process.stdin.take());
        let _last_words = self.lines.count();
        assert!(self.process.wait().unwrap().success());
    }
}

/// No test by itself: what a [`Holder`] runs. It holds a cluster until its standard input ends.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how the test that runs this tells it what to do"
)]
fn hold() {
    let Ok(order) = env::var(HOLD) else {
        return;
    };
    let (what, folder) = order.split_once(' ').unwrap();
    let folder = Path::new(folder);
    let cluster = match what {
        "start" => start(folder),
        _ => Cluster::throwaway(folder, &options()).unwrap(),
    };
    println!("{}", url(&cluster));
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
    cluster.stop().unwrap();
}
