//! `postmaster.pid`: which process serves a data folder, and whether it is ready. Written by PostgreSQL, line by line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::Pid;

/// Where a server on `data` leaves the file.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: Pid,
    pub(crate) ready: bool,
}

impl PidFile {
    /// Nothing while there is no server, or while it has not yet written its first line.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(path(data)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        // A negative number is a server without a postmaster (`postgres --single`).
        let pid = Pid::from_raw(lines.next()?.parse::<i32>().ok()?.checked_abs()?)?;
        // The eighth line is the state, since PostgreSQL 10.
        let ready = lines
            .nth(6)
            .is_some_and(|state| state.trim_end() == "ready");
        Some(Self { pid, ready })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "4711\n/srv/data\n1700000000\n5432\n/srv/run\n\n  38748 65536\nready   \n";

    #[test]
    fn a_ready_server_says_so() {
        let file = PidFile::parse(WHOLE).unwrap();

        assert_eq!((file.pid.as_raw_nonzero().get(), file.ready), (4711, true));
    }

    #[test]
    fn other_states_and_half_written_files_are_not_ready() {
        assert!(
            !PidFile::parse(&WHOLE.replace("ready   ", "stopping"))
                .unwrap()
                .ready
        );
        assert!(!PidFile::parse("4711\n/srv/data\n").unwrap().ready);
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("0\n"), None);
    }

    #[test]
    fn a_server_without_postmaster_counts_by_its_process() {
        assert_eq!(
            PidFile::parse("-12\n").unwrap().pid,
            Pid::from_raw(12).unwrap()
        );
    }
}
