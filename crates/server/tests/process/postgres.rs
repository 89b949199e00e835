//! The Postgres processes of a test, found by the data folder they were started with.

use std::{fs, path::Path};

use rustix::process::Pid;

use crate::program::wait_until;

/// The processes that were started with something below `folder` among their words.
pub(crate) fn processes_on(folder: &Path) -> Vec<i32> {
    let folder = folder.to_str().unwrap();
    let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().ok()?;
        name.parse::<i32>().ok()
    });
    numbers
        .filter(|number| {
            // A process may end between the two looks.
            let words = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&words)
                .split('\0')
                .any(|word| word.starts_with(folder))
        })
        .collect()
}

pub(crate) fn wait_until_none_is_left(folder: &Path) {
    wait_until("no postgres is left", || processes_on(folder).is_empty());
}

/// The postmaster that wrote this file; none while one is being replaced.
pub(crate) fn postmaster(pid_file: &Path) -> Option<Pid> {
    let text = fs::read_to_string(pid_file).ok()?;
    Pid::from_raw(text.lines().next()?.parse().ok()?)
}
