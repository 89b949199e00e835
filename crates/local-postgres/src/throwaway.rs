//! Folders of throw-away clusters: each removed by its owner, or, if that was killed, by the next one to come.
//!
//! One lock per parent folder guards the set of them: only who holds it makes one, removes one, or looks for ones left
//! over. So nobody takes a folder for left over that is just being made, and none is removed twice.

use std::{
    fs::{self, DirEntry, File, OpenOptions},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::{
    Error,
    account::Account,
    error::chain,
    home::{Home, new_folder},
    orphan,
    settings::Durability,
    socket,
};

/// A home that is removed when dropped. Its server must have stopped by then, or is stopped.
#[derive(Debug)]
pub(crate) struct Throwaway {
    parent: PathBuf,
    home: Home,
}

impl Throwaway {
    /// Makes a new one below `parent`, after those left over there are removed.
    pub(crate) fn make(parent: &Path) -> Result<Self, Error> {
        let parent = fs::create_dir_all(parent)
            .and_then(|()| parent.canonicalize())
            .map_err(Error::io("make", parent))?;
        let _guard = guard(&parent)?;
        sweep(&parent)?;
        let folder = new_folder(&parent, &prefix(), Account::for_new_data()?.passage())?;
        let home = Home::open(folder.path())?;
        let _now_ours = folder.keep();
        Ok(Self { parent, home })
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        let removed = guard(&self.parent).and_then(|_guard| remove(&self.home));
        if let Err(error) = removed {
            tracing::warn!(
                error = chain(&error),
                "a throw-away cluster stays until the next one starts"
            );
        }
    }
}

fn guard(parent: &Path) -> Result<File, Error> {
    let path = parent.join(format!("{}lock", prefix()));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(Error::io("lock", &path))
}

/// Removes what killed processes left. What cannot be removed is no reason not to start.
fn sweep(parent: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(parent)
        .map_err(Error::io("list", parent))?
        .flatten()
    {
        if !is_ours(&entry) {
            continue;
        }
        match Home::open(&entry.path()).and_then(|home| remove(&home)) {
            Ok(()) => {
                tracing::info!(folder = %entry.path().display(), "removed a left-over cluster");
            }
            Err(Error::InUse { .. }) => {}
            Err(error) => {
                tracing::warn!(error = chain(&error), "cannot remove a left-over cluster");
            }
        }
    }
    Ok(())
}

/// Others may make folders of our names where everybody may write.
fn is_ours(entry: &DirEntry) -> bool {
    entry
        .file_name()
        .as_encoded_bytes()
        .starts_with(prefix().as_bytes())
        && entry
            .metadata()
            .is_ok_and(|it| it.is_dir() && it.uid() == rustix::process::geteuid().as_raw())
}

fn remove(home: &Home) -> Result<(), Error> {
    orphan::settle(&home.data(), Durability::Throwaway.shutdown())?;
    socket::clear(home.folder())?;
    fs::remove_dir_all(home.folder()).map_err(Error::io("remove", home.folder()))
}

/// Every user has a set of their own, also in a folder that all share.
fn prefix() -> String {
    format!("bi-postgres-{}.", rustix::process::geteuid().as_raw())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn parent() -> TempDir {
        let parent = tempfile::tempdir().unwrap();
        crate::home::restrict(parent.path(), 0o711).unwrap();
        parent
    }

    fn folders(parent: &TempDir) -> usize {
        let entries = fs::read_dir(parent.path()).unwrap();
        entries
            .filter(|entry| entry.as_ref().unwrap().path().is_dir())
            .count()
    }

    #[test]
    fn goes_with_its_owner() {
        let parent = parent();
        let one = Throwaway::make(parent.path()).unwrap();
        let other = Throwaway::make(parent.path()).unwrap();
        assert_eq!(folders(&parent), 2);

        drop(one);
        assert!(other.home().folder().exists());
        assert_eq!(folders(&parent), 1);
    }

    #[test]
    fn what_nobody_holds_is_removed_and_strangers_are_not() {
        let parent = parent();
        let left_over = parent.path().join(format!("{}left", prefix()));
        fs::create_dir_all(left_over.join("cluster/data")).unwrap();
        let stranger = parent.path().join("bi-postgres-data");
        fs::create_dir_all(&stranger).unwrap();

        let one = Throwaway::make(parent.path()).unwrap();

        assert!(!left_over.exists());
        assert!(stranger.exists() && one.home().folder().exists());
    }
}
