//! How the server is configured: on its command line, so that a folder made by an earlier release behaves as this one
//! says. Nothing here is secret.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::Path,
};

use rustix::process::Signal;

use crate::url::PORT;

/// Whether what is committed has to survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Yes: this is somebody's data.
    Durable,
    /// No: it is removed anyway, and need only be fast.
    Throwaway,
}

impl Durability {
    /// What asks a server to stop: writing everything out first, or at once.
    pub(crate) fn shutdown(self) -> Signal {
        match self {
            Self::Durable => Signal::INT,
            Self::Throwaway => Signal::QUIT,
        }
    }
}

/// For every cluster.
const ALWAYS: &[&str] = &[
    // Reached by its socket alone, and that by its owner alone.
    "listen_addresses=",
    "unix_socket_permissions=0700",
    // One application on one machine: small, no replication, no parallel queries, no compiler.
    "shared_buffers=16MB",
    "huge_pages=off",
    "jit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_logical_replication_workers=0",
    "max_parallel_workers_per_gather=0",
    // The same everywhere, whatever the machine's own time zone.
    "timezone=UTC",
    "log_timezone=UTC",
    // The log tells of the server, not of its clients: statements, their parameters and the details of their errors
    // contain the data. `log` keeps starts, stops and fatal errors, and leaves out a statement's error and its text.
    "logging_collector=off",
    "log_destination=stderr",
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_parameter_max_length_on_error=0",
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_checkpoints=off",
    "log_autovacuum_min_duration=-1",
];

const DURABLE: &[&str] = &[
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "max_wal_size=256MB",
];

const THROWAWAY: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    // Nothing lives long enough to need it, and its workers hold up CREATE DATABASE … TEMPLATE.
    "autovacuum=off",
];

/// The arguments of `postgres`, but for the data folder.
pub(crate) fn arguments(
    durability: Durability,
    max_connections: u16,
    socket: &Path,
) -> Vec<OsString> {
    let chosen = match durability {
        Durability::Durable => DURABLE,
        Durability::Throwaway => THROWAWAY,
    };
    let own = [
        OsString::from(format!("port={PORT}")),
        OsString::from(format!("max_connections={max_connections}")),
        socket_directories(socket),
    ];
    let settings = ALWAYS.iter().chain(chosen).map(OsString::from).chain(own);
    settings
        .flat_map(|setting| [OsString::from("-c"), setting])
        .collect()
}

/// The setting is a list with commas: quoted, the folder may have any name.
fn socket_directories(socket: &Path) -> OsString {
    let mut setting = b"unix_socket_directories=\"".to_vec();
    for &byte in socket.as_os_str().as_bytes() {
        if byte == b'"' {
            setting.push(byte);
        }
        setting.push(byte);
    }
    setting.push(b'"');
    OsString::from_vec(setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_any_name_is_one_entry_of_the_list() {
        assert_eq!(
            socket_directories(Path::new("/a, b/\"c\"")),
            "unix_socket_directories=\"/a, b/\"\"c\"\"\""
        );
    }

    #[test]
    fn only_a_throwaway_forgets_in_a_crash() {
        let has = |durability, setting: &str| {
            arguments(durability, 10, Path::new("/run")).contains(&OsString::from(setting))
        };

        assert!(has(Durability::Durable, "fsync=on"));
        assert!(has(Durability::Throwaway, "fsync=off"));
        assert!(has(Durability::Durable, "max_connections=10"));
    }
}
