//! What the server writes to its standard error: one file per start, and the one before.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::Error;

/// How much of the end of a log goes into an error.
const TAIL_BYTES: u64 = 4096;
const TAIL_LINES: usize = 20;

/// The log of a data folder. What a start writes is little, see `settings`; so a start's file needs no further bound.
#[derive(Debug, Clone)]
pub(crate) struct Log(PathBuf);

impl Log {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self(folder.join("postgres.log"))
    }

    /// A new file; the last one is kept beside it, and the one before is gone.
    pub(crate) fn begin(&self) -> Result<File, Error> {
        match fs::rename(&self.0, self.0.with_extension("log.old")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("move", &self.0)(error));
            }
            _ => {}
        }
        OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.0)
            .map_err(Error::io("open", &self.0))
    }

    /// The last lines. Empty if there are none: this is for errors, and the first error counts.
    pub(crate) fn tail(&self) -> String {
        last_bytes(&self.0)
            .map(|bytes| last_lines(&bytes))
            .unwrap_or_default()
    }
}

/// The last lines of what a program wrote.
pub(crate) fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

fn last_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_tail_is_the_end_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::in_folder(folder.path());
        let mut file = log.begin().unwrap();
        for number in 0..10_000 {
            writeln!(file, "line {number}").unwrap();
        }

        let tail = log.tail();

        assert!(tail.ends_with("line 9999"), "{tail}");
        assert_eq!(tail.lines().count(), TAIL_LINES);
    }

    #[test]
    fn each_start_begins_anew_and_one_old_log_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::in_folder(folder.path());
        for number in 0..3 {
            writeln!(log.begin().unwrap(), "start {number}").unwrap();
        }

        assert_eq!(log.tail(), "start 2");
        let old = fs::read_to_string(folder.path().join("postgres.log.old")).unwrap();
        assert_eq!(old, "start 1\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn without_a_log_there_are_no_last_words() {
        assert_eq!(Log::in_folder(Path::new("/nonexistent")).tail(), "");
    }
}
