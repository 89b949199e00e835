//! The folder of the server's socket: closed to all others, and with a path short enough for a socket.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, symlink},
    },
    path::{Path, PathBuf},
};

use crate::{Error, account::Account, home::new_folder, url::PORT};

/// The shortest of the systems' limits (macOS; Linux has 107), so that a path works on all or none.
const LONGEST: usize = 103;

/// Where a socket goes whose own folder's path is too long. Not `TMPDIR`, which may be as long.
const SHORT: &str = "/tmp";
const PREFIX: &str = "bi-postgres-socket-";

/// Makes the socket folder of the cluster in `home`, and says where it is.
///
/// It is `home/run`, or, where that is too long, a new folder that `home/run` points to, so that it is found and
/// removed even after a crash.
pub(crate) fn make(home: &Path, account: &Account) -> Result<PathBuf, Error> {
    clear(home)?;
    let run = home.join("run");
    if fits(&run) {
        DirBuilder::new()
            .mode(0o700)
            .create(&run)
            .map_err(Error::io("make", &run))?;
        account.own(&run)?;
        return Ok(run);
    }
    let short = new_folder(Path::new(SHORT), PREFIX, 0o700)?;
    symlink(short.path(), &run).map_err(Error::io("make", &run))?;
    account.own(short.path())?;
    Ok(short.keep())
}

/// Removes the socket folder of a cluster that does not run, if there is one.
pub(crate) fn clear(home: &Path) -> Result<(), Error> {
    let run = home.join("run");
    let removed = match fs::read_link(&run) {
        Ok(target) => remove_short(&target).and_then(|()| fs::remove_file(&run)),
        // Not a link, or nothing at all.
        Err(_) => absent_is_fine(fs::remove_dir_all(&run)),
    };
    removed.map_err(Error::io("remove", &run))
}

/// Where the socket of the cluster in `home` is, if a server has made one.
pub(crate) fn find(home: &Path) -> Option<PathBuf> {
    let folder = home.join("run").canonicalize().ok()?;
    let socket = folder.join(format!(".s.PGSQL.{PORT}"));
    socket.exists().then_some(folder)
}

fn fits(folder: &Path) -> bool {
    let name = format!("/.s.PGSQL.{PORT}");
    folder.as_os_str().as_bytes().len() + name.len() <= LONGEST
}

/// Follows a link only to where `make` lets it point.
fn remove_short(target: &Path) -> io::Result<()> {
    let ours = target.parent() == Some(Path::new(SHORT))
        && target
            .file_name()
            .is_some_and(|name| name.as_bytes().starts_with(PREFIX.as_bytes()));
    if ours {
        absent_is_fine(fs::remove_dir_all(target))
    } else {
        Ok(())
    }
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_short_path_keeps_its_socket_to_itself() {
        let home = tempfile::tempdir().unwrap();

        let socket = make(home.path(), &Account::Own).unwrap();

        assert_eq!(socket, home.path().join("run"));
        assert_eq!(mode(&socket), 0o700);
    }

    #[test]
    fn a_long_path_gets_a_short_folder_that_is_removed_with_it() {
        let top = tempfile::tempdir().unwrap();
        let home = top.path().join("long".repeat(30));
        fs::create_dir(&home).unwrap();

        let first = make(&home, &Account::Own).unwrap();
        assert!(fits(&first) && mode(&first) == 0o700, "{first:?}");

        // As after a crash: the next start leaves nothing of the last one.
        let second = make(&home, &Account::Own).unwrap();
        assert!(!first.exists());

        clear(&home).unwrap();
        assert!(!second.exists());
        assert_eq!(fs::read_dir(&home).unwrap().count(), 0);
    }

    #[test]
    fn a_link_to_elsewhere_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let precious = tempfile::tempdir().unwrap();
        symlink(precious.path(), home.path().join("run")).unwrap();

        clear(home.path()).unwrap();

        assert!(precious.path().exists());
        assert!(!home.path().join("run").exists());
    }
}
