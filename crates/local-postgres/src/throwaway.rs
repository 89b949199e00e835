//! Folders of throw-away clusters: each removed by its owner, or, if that was killed, by the next one to come.
//!
//! Each folder's own lock tells one that is in use from one that is left over. No lock is shared with others, so nobody
//! else can hold a start up; and one that is taken for left over between its making and its locking is made again.

use std::{
    fs::{self, DirEntry},
    os::unix::fs::MetadataExt,
    path::Path,
};

use crate::{
    Error,
    account::Account,
    error::chain,
    home::{Home, make_folders, new_folder},
    orphan,
    settings::Durability,
    socket,
};

/// How often a folder is made again that a sweep was faster to lock.
const ATTEMPTS: usize = 20;

/// A home that is removed when dropped. Its server must have stopped by then, or is stopped.
#[derive(Debug)]
pub(crate) struct Throwaway {
    home: Home,
}

impl Throwaway {
    /// Makes a new one below `parent`, after those left over there are removed.
    pub(crate) fn make(parent: &Path) -> Result<Self, Error> {
        let passage = Account::for_new_data()?.passage();
        make_folders(parent, passage)?;
        sweep(parent);
        for _ in 1..ATTEMPTS {
            match Self::attempt(parent, passage) {
                Err(Error::InUse { .. }) => {}
                made => return made,
            }
        }
        Self::attempt(parent, passage)
    }

    /// [`Error::InUse`] if a sweep was faster.
    fn attempt(parent: &Path, passage: u32) -> Result<Self, Error> {
        let folder = new_folder(parent, &prefix(), passage)?;
        match Home::hold(folder.path()) {
            Ok(home) => {
                let _now_ours = folder.keep();
                Ok(Self { home })
            }
            Err(_) if !folder.path().exists() => Err(Error::InUse {
                folder: folder.path().to_owned(),
            }),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.home) {
            tracing::warn!(
                error = chain(&error),
                "a throw-away cluster stays until the next one starts"
            );
        }
    }
}

/// Removes what killed processes left. What cannot be removed is no reason not to start.
fn sweep(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(is_ours) {
        match Home::hold(&entry.path()).and_then(|home| remove(&home)) {
            Ok(()) => {
                tracing::info!(folder = %entry.path().display(), "removed a left-over cluster");
            }
            Err(Error::InUse { .. }) => {}
            // Its owner, or another sweep, was faster.
            Err(_) if !entry.path().exists() => {}
            Err(error) => {
                tracing::warn!(error = chain(&error), "cannot remove a left-over cluster");
            }
        }
    }
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
    // What takes long goes under the lock; the file that it is on goes last.
    if home.cluster().exists() {
        fs::remove_dir_all(home.cluster()).map_err(Error::io("remove", &home.cluster()))?;
    }
    fs::remove_dir_all(home.folder()).map_err(Error::io("remove", home.folder()))
}

/// Every user has a set of their own, also in a folder that all share.
fn prefix() -> String {
    format!("bi-postgres-{}.", rustix::process::geteuid().as_raw())
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

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
    fn whatever_others_hold_in_the_same_folder_nobody_waits_for_it() {
        let parent = parent();
        // A name that everybody can guess, in a folder where everybody may write.
        let file = fs::File::create(parent.path().join(format!("{}lock", prefix()))).unwrap();
        file.lock().unwrap();
        let path = parent.path().to_owned();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(Throwaway::make(&path).map(drop)));

        told.recv_timeout(Duration::from_secs(20)).unwrap().unwrap();
    }

    #[test]
    fn many_at_once_do_not_remove_each_others() {
        let parent = parent();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let made = Throwaway::make(parent.path()).unwrap();
                        assert!(made.home().folder().join("lock").exists());
                    }
                });
            }
        });
        // A sweep that came across a folder being removed may have left it to the next one.
        drop(Throwaway::make(parent.path()).unwrap());
        assert_eq!(folders(&parent), 0);
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
