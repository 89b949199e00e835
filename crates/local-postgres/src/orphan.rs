//! A server that outlived the process that started it. It goes by itself, or is asked to; never two on the same data.

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, pid_file, pid_file::PidFile};

/// For an orphan to write out what it has. A server of this size takes well under a second.
const PATIENCE: Duration = Duration::from_secs(30);
/// For a server to write its number into the file it has just made.
const WRITING: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(5);

/// Whether the process that a `postmaster.pid` names still is a server.
#[derive(Debug, PartialEq, Eq)]
enum Holder {
    /// There is no such process.
    Gone,
    /// It is the server of this very data folder.
    Ours,
    /// It is some PostgreSQL; whose data it serves cannot be told.
    SomePostgres,
    /// It is something else that got the number later, or is dead and not yet reaped.
    Stranger,
}

/// Returns once no server runs on `data`; one that does gets `signal` first.
pub(crate) fn settle(data: &Path, signal: Signal) -> Result<(), Error> {
    wait_for_number(data);
    let Some(PidFile { pid, .. }) = PidFile::read(data) else {
        return Ok(());
    };
    if holder(pid, data) == Holder::Ours {
        end(pid, data, signal)?;
    }
    match holder(pid, data) {
        // PostgreSQL would take a stranger for a server and refuse to start: numbers come again, in containers at once.
        Holder::Stranger => remove_stale(data),
        // Here PostgreSQL's own judgement is as good as ours, and looks further (at shared memory).
        Holder::Gone | Holder::Ours | Holder::SomePostgres => Ok(()),
    }
}

/// A file that stays empty is the remnant of a crash; PostgreSQL says so, and leaves it to its owner to judge.
fn wait_for_number(data: &Path) {
    let deadline = Instant::now() + WRITING;
    let is_empty = || fs::metadata(pid_file::path(data)).is_ok_and(|file| file.len() == 0);
    while is_empty() && Instant::now() < deadline {
        thread::sleep(TICK);
    }
}

fn end(pid: Pid, data: &Path, signal: Signal) -> Result<(), Error> {
    tracing::info!(
        pid = pid.as_raw_nonzero().get(),
        "waiting for an earlier server to stop"
    );
    // On Linux the kernel has asked already; to be asked twice changes nothing. If it fails, it is gone.
    let _ = kill_process(pid, signal);
    let deadline = Instant::now() + PATIENCE;
    while holder(pid, data) == Holder::Ours {
        if Instant::now() > deadline {
            return Err(Error::Orphan {
                pid: pid.as_raw_nonzero().get(),
                data: data.to_owned(),
            });
        }
        // Not our child: there is nothing to wait on.
        thread::sleep(TICK);
    }
    Ok(())
}

fn remove_stale(data: &Path) -> Result<(), Error> {
    let path = pid_file::path(data);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("remove", &path)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(target_os = "linux")]
fn holder(pid: Pid, data: &Path) -> Holder {
    use std::os::unix::ffi::OsStrExt;

    // Readable whoever's process it is; empty for one that is dead and not reaped.
    let Ok(line) = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())) else {
        return Holder::Gone;
    };
    let mut arguments = line.split(|&byte| byte == 0);
    let program = arguments.next().unwrap_or_default();
    let name = program
        .rsplit(|&byte| byte == b'/')
        .next()
        .unwrap_or_default();
    if !name.starts_with(b"postgres") && !name.starts_with(b"postmaster") {
        Holder::Stranger
    } else if arguments.any(|argument| argument == data.as_os_str().as_bytes()) {
        Holder::Ours
    } else {
        Holder::SomePostgres
    }
}

#[cfg(not(target_os = "linux"))]
fn holder(pid: Pid, data: &Path) -> Holder {
    let pid = pid.as_raw_nonzero().to_string();
    let output = std::process::Command::new("/bin/ps")
        .args(["-ww", "-o", "command=", "-p", &pid])
        .output();
    let Ok(output) = output else {
        return Holder::SomePostgres;
    };
    let line = String::from_utf8_lossy(&output.stdout);
    if line.trim().is_empty() {
        Holder::Gone
    } else if !line.contains("postgres") && !line.contains("postmaster") {
        Holder::Stranger
    } else if line.contains(&*data.to_string_lossy()) {
        Holder::Ours
    } else {
        Holder::SomePostgres
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_came_again_is_no_server() {
        let data = tempfile::tempdir().unwrap();
        let file = pid_file::path(data.path());
        // This very process: alive, and no PostgreSQL.
        fs::write(&file, format!("{}\n/srv\n", std::process::id())).unwrap();

        settle(data.path(), Signal::INT).unwrap();

        assert!(!file.exists());
    }

    #[test]
    fn a_file_that_is_just_being_written_is_waited_for() {
        let data = tempfile::tempdir().unwrap();
        let file = pid_file::path(data.path());
        fs::write(&file, "").unwrap();

        thread::scope(|scope| {
            scope.spawn(|| fs::write(&file, format!("{}\n", std::process::id())).unwrap());
            settle(data.path(), Signal::INT).unwrap();
        });

        assert!(!file.exists());
    }

    #[test]
    fn the_number_of_no_process_is_left_to_postgres() {
        let data = tempfile::tempdir().unwrap();
        let file = pid_file::path(data.path());
        fs::write(&file, format!("{}\n/srv\n", i32::MAX)).unwrap();

        settle(data.path(), Signal::INT).unwrap();

        assert!(file.exists());
    }
}
