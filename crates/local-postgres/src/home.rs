//! The folder of one cluster, held by at most one process.
//!
//! ```text
//! <folder>/
//!   lock             held from start to stop
//!   postgres.log     and postgres.log.old
//!   run/             the socket; or a link to where it is, see `socket`
//!   cluster/         appears whole, by one rename
//!     password       of the superuser
//!     data/          PostgreSQL's own
//!   cluster.<random> a cluster in the making; one that is left over is removed
//! ```

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{self, Path, PathBuf},
};

use tempfile::TempDir;

use crate::{Error, account::Account, lock::Lock, log::Log};

/// What a cluster's name begins with while it is made.
pub(crate) const SCRATCH: &str = "cluster.";

/// A folder that this process holds.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    account: Account,
    lock: Lock,
}

impl Home {
    /// Takes hold of `folder`, made if it is not there.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        make_folders(folder, Account::for_data(&data_in(folder))?.passage())?;
        Self::hold(folder)
    }

    /// Takes hold of `folder`, which is there.
    pub(crate) fn hold(folder: &Path) -> Result<Self, Error> {
        let folder = folder.canonicalize().map_err(Error::io("find", folder))?;
        let account = Account::for_data(&data_in(&folder))?;
        let lock = Lock::take(&folder)?;
        account.require_reach(&folder)?;
        Ok(Self {
            folder,
            account,
            lock,
        })
    }

    /// Lets [`is_shared`](crate::lock::is_shared) say so.
    pub(crate) fn share(&self) -> Result<(), Error> {
        let path = self.folder.join("lock");
        self.lock.share().map_err(Error::io("write", &path))
    }

    /// Lets nobody new find it.
    pub(crate) fn unshare(&self) {
        // If that fails, whoever finds it now finds a server that stops, and says so.
        let _ = self.lock.unshare();
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn cluster(&self) -> PathBuf {
        cluster_in(&self.folder)
    }

    pub(crate) fn data(&self) -> PathBuf {
        data_in(&self.folder)
    }

    pub(crate) fn log(&self) -> Log {
        Log::in_folder(&self.folder)
    }

    /// The major version that made the data, if there are any.
    pub(crate) fn made_by(&self) -> Result<Option<u32>, Error> {
        if !self.cluster().exists() {
            return Ok(None);
        }
        let path = self.data().join("PG_VERSION");
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let major = text.trim().parse().map_err(io::Error::other);
        major.map(Some).map_err(Error::io("understand", &path))
    }

    /// Removes what a start left that was killed while it made a cluster.
    pub(crate) fn remove_scratch(&self) -> Result<(), Error> {
        let entries = fs::read_dir(&self.folder).map_err(Error::io("list", &self.folder))?;
        for entry in entries {
            let entry = entry.map_err(Error::io("list", &self.folder))?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(SCRATCH.as_bytes())
            {
                let path = entry.path();
                tracing::info!(folder = %path.display(), "removing a half-made cluster");
                fs::remove_dir_all(&path).map_err(Error::io("remove", &path))?;
            }
        }
        Ok(())
    }
}

/// Makes `folder` and what lacks above it, each of that mode whatever the umask is: whoever the server runs as has to
/// pass them all.
pub(crate) fn make_folders(folder: &Path, mode: u32) -> Result<(), Error> {
    let folder = path::absolute(folder).map_err(Error::io("find", folder))?;
    let lacking: Vec<_> = folder.ancestors().take_while(|it| !it.exists()).collect();
    for folder in lacking.into_iter().rev() {
        match DirBuilder::new().mode(mode).create(folder) {
            Ok(()) => restrict(folder, mode)?,
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("make", folder)(error)),
        }
    }
    Ok(())
}

/// Makes a folder of a new name, removed when dropped unless kept.
pub(crate) fn new_folder(parent: &Path, prefix: &str, mode: u32) -> Result<TempDir, Error> {
    let folder = tempfile::Builder::new()
        .prefix(prefix)
        // Never open to more than `mode`, not even for a moment.
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent)
        .map_err(Error::io("make a folder in", parent))?;
    restrict(folder.path(), mode)?;
    Ok(folder)
}

/// Sets a mode whatever the umask is.
pub(crate) fn restrict(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(Error::io("set the mode of", path))
}

/// Puts a folder's entries, such as one renamed into it, on the disk.
pub(crate) fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::io("sync", folder))
}

pub(crate) fn cluster_in(folder: &Path) -> PathBuf {
    folder.join("cluster")
}

fn data_in(folder: &Path) -> PathBuf {
    cluster_in(folder).join("data")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::is_shared;

    #[test]
    fn is_held_by_one_until_dropped() {
        let top = tempfile::tempdir().unwrap();
        restrict(top.path(), 0o711).unwrap();
        let folder = top.path().join("home");
        let held = Home::open(&folder).unwrap();

        let second = Home::open(&folder);
        assert!(matches!(second, Err(Error::InUse { .. })), "{second:?}");

        drop(held);
        Home::open(&folder).unwrap();
    }

    #[test]
    fn is_shared_from_when_its_holder_says_so_until_dropped() {
        let top = tempfile::tempdir().unwrap();
        restrict(top.path(), 0o711).unwrap();
        let folder = top.path().join("home");
        let held = Home::open(&folder).unwrap();
        assert!(!is_shared(&folder) && !is_shared(top.path()));
        held.share().unwrap();
        assert!(is_shared(&folder));
        drop(held);
        assert!(!is_shared(&folder));

        // As after a kill.
        fs::write(folder.join("lock"), "shared").unwrap();
        assert!(!is_shared(&folder));
        let _held = Home::open(&folder).unwrap();
        assert!(!is_shared(&folder));
    }

    #[test]
    fn half_made_clusters_are_removed_and_nothing_else() {
        let top = tempfile::tempdir().unwrap();
        restrict(top.path(), 0o711).unwrap();
        let home = Home::open(top.path()).unwrap();
        fs::create_dir_all(top.path().join("cluster.x1/data/base")).unwrap();
        fs::create_dir_all(top.path().join("clusters")).unwrap();

        home.remove_scratch().unwrap();

        assert!(!top.path().join("cluster.x1").exists());
        assert!(top.path().join("clusters").exists());
    }

    #[test]
    fn knows_which_version_made_its_data() {
        let top = tempfile::tempdir().unwrap();
        restrict(top.path(), 0o711).unwrap();
        let home = Home::open(top.path()).unwrap();
        assert_eq!(home.made_by().unwrap(), None);

        fs::create_dir_all(home.data()).unwrap();
        fs::write(home.data().join("PG_VERSION"), "17\n").unwrap();
        assert_eq!(home.made_by().unwrap(), Some(17));
    }

    #[test]
    fn only_root_needs_a_folder_that_others_may_enter() {
        let top = tempfile::tempdir().unwrap();
        restrict(top.path(), 0o700).unwrap();

        let opened = Home::open(top.path());

        if rustix::process::geteuid().is_root() {
            let text = opened.unwrap_err().to_string();
            let named = top.path().canonicalize().unwrap();
            assert!(
                text.contains(&format!("chmod o+x {}", named.display())),
                "{text}"
            );
        } else {
            opened.unwrap();
        }
    }
}
