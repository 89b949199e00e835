//! The lock of a folder: at most one process has it, and says there whether it shares what it holds.

use std::{
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    io::{self, Read},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use crate::Error;

/// What the lock file of a shared folder holds.
const SHARED: &str = "shared";

/// A file that at most one process holds; the system lets go of it if that one is killed. Its content says whether the
/// holder shares what it holds.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    pub(crate) fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        let in_use = || Error::InUse {
            folder: folder.to_owned(),
        };
        match file.try_lock() {
            // Whoever held it may have removed the folder meanwhile: then this is a lock on nothing.
            Ok(()) if !is_at(&file, &path) => Err(in_use()),
            // A holder that was killed did not take its word back.
            Ok(()) => file
                .set_len(0)
                .map(|()| Self(file))
                .map_err(Error::io("write", &path)),
            Err(TryLockError::WouldBlock) => Err(in_use()),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }

    pub(crate) fn share(&self) -> io::Result<()> {
        self.0.write_all_at(SHARED.as_bytes(), 0)
    }

    pub(crate) fn unshare(&self) -> io::Result<()> {
        self.0.set_len(0)
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let id = |it: Metadata| (it.dev(), it.ino());
    file.metadata()
        .and_then(|file| Ok(id(file) == id(fs::metadata(path)?)))
        .unwrap_or(false)
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If that fails, the next holder does it.
        let _ = self.unshare();
        // Closing is not enough: a child that another thread is forking just now holds a copy until it runs its program.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "cannot unlock a data folder");
        }
    }
}

/// Whether a process holds `folder` right now, and shares it.
pub(crate) fn is_shared(folder: &Path) -> bool {
    let Ok(mut file) = File::open(folder.join("lock")) else {
        return false;
    };
    let mut text = String::new();
    // First the word: a lock taken for a look would keep a holder out.
    file.read_to_string(&mut text).is_ok()
        && text == SHARED
        && matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_in_a_folder_that_was_removed_holds_nothing() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("lock");
        let file = File::create(&path).unwrap();
        assert!(is_at(&file, &path));
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&file, &path));
        File::create(&path).unwrap();
        assert!(!is_at(&file, &path));
    }
}
