//! The program as a child process, with nothing in its environment but what a test puts there.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Only a fault takes as long.
const LIMIT: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(5);

/// The program with these arguments, on ports of the system's choice.
#[expect(
    clippy::disallowed_methods,
    reason = "a test finds Postgres as a developer's shell does"
)]
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-integrations"));
    command
        .args(arguments)
        .env_clear()
        .env("BI_LISTEN", "127.0.0.1:0")
        .env("BI_OPS_LISTEN", "127.0.0.1:0")
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(std::env::var_os("BI_POSTGRES_BIN").map(|bin| ("BI_POSTGRES_BIN", bin)));
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    Process::start(command).end()
}

/// Waits until something holds.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(TICK);
    }
}

/// A child, killed when dropped.
pub(crate) struct Process {
    child: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

/// What a child said and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// None if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, reads_stdout) = collect(child.stdout.take().unwrap());
        let (stderr, reads_stderr) = collect(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
            readers: vec![reads_stdout, reads_stderr],
        }
    }

    pub(crate) fn stdout(&self) -> String {
        self.stdout.lock().unwrap().clone()
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// The first line, whole, of either stream that has `words` in it; waited for.
    pub(crate) fn line(&mut self, words: &str) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let ended = self.child.try_wait().unwrap();
            let text = self.stdout() + &self.stderr();
            let line = text
                .split_inclusive('\n')
                .find(|line| line.contains(words) && line.ends_with('\n'));
            if let Some(line) = line {
                return line.trim_end().to_owned();
            }
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "no `{words}`, {ended:?}: {text}"
            );
            thread::sleep(TICK);
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.end()
    }

    /// Waits until it has ended.
    pub(crate) fn end(mut self) -> Ended {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end: {}{}",
                self.stdout(),
                self.stderr()
            );
            thread::sleep(TICK);
        };
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        Ended {
            code: status.code(),
            stdout: self.stdout(),
            stderr: self.stderr(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended; then there is nobody to kill and only its remains to take away.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// What it printed, if all went well.
    pub(crate) fn succeeded(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.stdout
    }

    /// What it complained of, on standard error.
    pub(crate) fn failed(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        &self.stderr
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let text = Arc::new(Mutex::new(String::new()));
    let collected = Arc::clone(&text);
    let reader = thread::spawn(move || {
        let mut whole = Vec::new();
        let mut part = [0; 4096];
        while let Ok(read) = stream.read(&mut part) {
            if read == 0 {
                break;
            }
            whole.extend_from_slice(&part[..read]);
            *collected.lock().unwrap() = String::from_utf8_lossy(&whole).into_owned();
        }
    });
    (text, reader)
}
