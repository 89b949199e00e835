//! Where fetched binaries are kept for the next time.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use crate::{Error, account::Account, home::make_folders};

/// What a folder's name begins with while it is fetched.
pub(crate) const SCRATCH: &str = "fetch.";

/// Makes it, or finds it. Programs are run from it: what somebody else has put there, or might, is refused.
pub(crate) fn make(cache: &Path, account: &Account) -> Result<PathBuf, Error> {
    make_folders(cache, account.passage())?;
    let ours = |it: Metadata| it.uid() == rustix::process::geteuid().as_raw();
    let link = fs::symlink_metadata(cache).map_err(Error::io("look at", cache))?;
    let folder = fs::metadata(cache).map_err(Error::io("look at", cache))?;
    let closed = folder.permissions().mode() & 0o022 == 0;
    if !closed || !ours(link) || !ours(folder) {
        return Err(Error::NotOurs {
            folder: cache.to_owned(),
        });
    }
    cache.canonicalize().map_err(Error::io("find", cache))
}

/// Waits for another process that fetches already.
pub(crate) fn lock(cache: &Path) -> Result<File, Error> {
    let path = cache.join("lock");
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(Error::io("lock", &path))
}

/// Removes what a killed fetch left. Under the lock, so nobody is at work there.
pub(crate) fn remove_scratch(cache: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(cache).map_err(Error::io("list", cache))? {
        let entry = entry.map_err(Error::io("list", cache))?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(SCRATCH.as_bytes())
        {
            fs::remove_dir_all(entry.path()).map_err(Error::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{lchown, symlink};

    use super::*;
    use crate::home::restrict;

    #[test]
    fn a_folder_where_others_may_put_programs_is_refused() {
        let top = tempfile::tempdir().unwrap();
        let cache = top.path().join("above/cache");
        let make = || make(&cache, &Account::Own);
        make().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&cache), mode(cache.parent().unwrap())),
            (0o700, 0o700)
        );

        restrict(&cache, 0o777).unwrap();
        assert!(matches!(make(), Err(Error::NotOurs { folder }) if folder == cache));
        restrict(&cache, 0o700).unwrap();
        make().unwrap();

        // Only root can give a folder away.
        if crate::is_root() {
            lchown(&cache, Some(12_345), None).unwrap();
            assert!(matches!(make(), Err(Error::NotOurs { .. })));
            fs::remove_dir(&cache).unwrap();
            symlink(top.path(), &cache).unwrap();
            make().unwrap();
            lchown(&cache, Some(12_345), None).unwrap();
            assert!(matches!(make(), Err(Error::NotOurs { .. })));
        }
    }
}
