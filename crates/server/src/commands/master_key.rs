//! The file of master keys in a data folder.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;
use vault::KeyRing;

use super::Result;
use crate::{config::Secret, random::random};

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("master.key")
}

/// The keys, if they are there.
pub(super) fn read(folder: &Path) -> Result<Option<Secret>> {
    let path = path(folder);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read {}: {error}", path.display()).into()),
    }
}

/// Makes a key, or returns the one that somebody else was faster to make: one that may be in use is never replaced.
pub(super) fn make(folder: &Path) -> Result<Secret> {
    let path = path(folder);
    let text = KeyRing::generate(&mut random());
    let made = write_private(&path, text.as_bytes())
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    if made {
        tracing::info!(file = %path.display(), "made a master key: keep a copy of it with your backups");
        return Ok(Secret::new(text.as_str()));
    }
    read(folder)?.ok_or_else(|| format!("{} comes and goes", path.display()).into())
}

/// Whole or not at all, for nobody else to read, and never in another file's place; whether it did.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    // Such a file is its owner's alone from the beginning.
    let mut scratch = NamedTempFile::new_in(folder)?;
    scratch.write_all(bytes)?;
    scratch.as_file().sync_all()?;
    match scratch.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error.error),
    }
    File::open(folder)?.sync_all()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, thread};

    use super::*;

    #[test]
    fn whoever_comes_second_gets_the_key_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap().is_none());
        let keys: Vec<_> = thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| make(folder.path())))
                .collect();
            let joined = makers.into_iter().map(|maker| maker.join().unwrap());
            joined
                .map(|made| made.unwrap().expose().to_owned())
                .collect()
        });

        let kept = fs::read_to_string(path(folder.path())).unwrap();
        assert!(keys.iter().all(|key| *key == kept));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let mode = fs::metadata(path(folder.path()))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
