//! The server process, from fork to reaping.
//!
//! A thread of its own forks it and waits for it. The kernel sends the signal of `child` when the *thread* that forked
//! ends, so no thread that somebody else may end (a test's, a blocking pool's) may do it.

use std::{
    io,
    path::Path,
    process::{Child, Command},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::{Error, error::chain, log::Log, pid_file::PidFile};

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// A server that is told to drop everything kills its own children after 5 s.
const QUIT_LIMIT: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(2);

/// A server process, stopped when dropped.
#[derive(Debug)]
pub(crate) struct Postmaster {
    pid: Pid,
    end: Arc<End>,
    /// What asks it to stop.
    shutdown: Signal,
    /// The thread, until the server is stopped or given up.
    keeper: Option<JoinHandle<()>>,
    log: Log,
}

/// How the process ended, once it has and is reaped.
#[derive(Debug, Default)]
struct End {
    status: Mutex<Option<String>>,
    changed: Condvar,
}

impl Postmaster {
    /// Runs `command`, whose words begin `log` anew.
    pub(crate) fn spawn(mut command: Command, shutdown: Signal, log: Log) -> Result<Self, Error> {
        let output = log.begin()?;
        let program = Path::new(command.get_program()).to_owned();
        let end = Arc::new(End::default());
        let (tell, told) = mpsc::sync_channel(1);
        let keep = {
            let end = Arc::clone(&end);
            move || match output
                .try_clone()
                .and_then(|copy| command.stdout(copy).stderr(output).spawn())
            {
                Ok(child) => {
                    let pid = Pid::from_child(&child);
                    // The receiver waits below.
                    let _ = tell.send(Ok(pid));
                    end.reap(child, pid);
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
            }
        };
        let keeper = thread::Builder::new()
            .name("postmaster".to_owned())
            .spawn(keep);
        let pid = keeper.and_then(|keeper| {
            let pid = told.recv().map_err(io::Error::other)??;
            Ok((pid, keeper))
        });
        let (pid, keeper) = pid.map_err(Error::io("run", &program))?;
        Ok(Self {
            pid,
            end,
            shutdown,
            keeper: Some(keeper),
            log,
        })
    }

    /// Returns when the server accepts connections, or cannot.
    pub(crate) fn wait_until_ready(&self, data: &Path) -> Result<(), Error> {
        let started = Instant::now();
        while started.elapsed() < START_LIMIT {
            if let Some(status) = self.end.wait(TICK) {
                return Err(Error::Failed {
                    program: "postgres",
                    status,
                    output: self.log.tail(),
                });
            }
            // The file of an earlier server may still be there: it is ours only with our number.
            if PidFile::read(data).is_some_and(|file| file.ready && file.pid == self.pid) {
                return Ok(());
            }
        }
        Err(self.timed_out("start", START_LIMIT))
    }

    /// Whether the server has ended, asked or not.
    pub(crate) fn has_ended(&self) -> bool {
        self.end.lock().is_some()
    }

    /// Asks the server to stop and, if that does not do it, to drop everything. Nothing if it has stopped already.
    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        let Some(keeper) = self.keeper.take() else {
            return Ok(());
        };
        for (signal, limit) in [(self.shutdown, STOP_LIMIT), (Signal::QUIT, QUIT_LIMIT)] {
            self.end.signal(self.pid, signal);
            if let Some(status) = self.end.wait(limit) {
                tracing::debug!(status, "postgres stopped");
                // It has nothing left to do, and does not panic.
                let _ = keeper.join();
                return Ok(());
            }
        }
        Err(self.timed_out("stop", STOP_LIMIT + QUIT_LIMIT))
    }

    fn timed_out(&self, what: &'static str, within: Duration) -> Error {
        Error::TimedOut {
            what,
            within,
            output: self.log.tail(),
        }
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(error = chain(&error), "postgres is left to itself");
        }
    }
}

impl End {
    /// Waits for the process; while it is reaped, nobody signals: its number may be another's right after.
    fn reap(&self, mut child: Child, pid: Pid) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        // If it fails, the wait below waits.
        let _ = rustix::io::retry_on_intr(|| waitid(WaitId::Pid(pid), options));
        let mut status = self.lock();
        *status = Some(
            child
                .wait()
                .map_or_else(|error| error.to_string(), |status| status.to_string()),
        );
        self.changed.notify_all();
    }

    fn signal(&self, pid: Pid, signal: Signal) {
        let status = self.lock();
        if status.is_none()
            && let Err(error) = kill_process(pid, signal)
        {
            tracing::warn!(%error, "cannot signal postgres");
        }
    }

    fn wait(&self, limit: Duration) -> Option<String> {
        let running = |status: &mut Option<String>| status.is_none();
        let (status, _) = self
            .changed
            .wait_timeout_while(self.lock(), limit, running)
            .unwrap_or_else(PoisonError::into_inner);
        status.clone()
    }

    /// The status is replaced whole: a panic elsewhere leaves it true.
    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn sh(script: &str, folder: &Path) -> Postmaster {
        let log = Log::in_folder(folder);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        // Whoever starts tests in the background has INT and QUIT ignored by all that they start.
        Postmaster::spawn(command, Signal::TERM, log).unwrap()
    }

    #[test]
    fn one_that_ends_at_once_is_reported_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let server = sh("echo FATAL: no room >&2; exit 3", folder.path());

        let error = server.wait_until_ready(folder.path()).unwrap_err();

        let text = error.to_string();
        assert!(
            text.contains("exit status: 3") && text.contains("FATAL: no room"),
            "{text}"
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = PathBuf::from("/nonexistent/postgres");

        let result = Postmaster::spawn(
            Command::new(&missing),
            Signal::INT,
            Log::in_folder(folder.path()),
        );

        assert!(matches!(result, Err(Error::Io { path, .. }) if path == missing));
    }

    #[test]
    fn stopping_reaps_and_can_be_asked_twice() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = sh("exec sleep 600", folder.path());

        server.stop().unwrap();

        assert!(rustix::process::test_kill_process(server.pid).is_err());
        server.stop().unwrap();
    }
}
