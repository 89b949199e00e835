//! Who the server runs as. PostgreSQL refuses root, so that a hole in it is not a hole in the machine: root hands it to
//! an account of lesser rights, and everybody else runs it as themselves.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, lchown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use crate::Error;

/// Who child processes run as, and who owns the files they work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// The account of this process.
    Own,
    /// This process is root, and steps down to this one.
    Lesser { uid: u32, gid: u32, name: String },
}

impl Account {
    /// The account for a server on new data: as root `postgres`, else `nobody`.
    pub(crate) fn for_new_data() -> Result<Self, Error> {
        if !is_root() {
            return Ok(Self::Own);
        }
        let passwd = Path::new("/etc/passwd");
        let users = fs::read_to_string(passwd).map_err(Error::io("read", passwd))?;
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| lookup(&users, name))
            .ok_or(Error::NoAccount)
    }

    /// The account for a server on `data`: as root, whom they belong to already, since PostgreSQL insists on that.
    pub(crate) fn for_data(data: &Path) -> Result<Self, Error> {
        match fs::metadata(data) {
            Ok(owned) if is_root() && owned.uid() != 0 => Ok(Self::owner(&owned)),
            _ => Self::for_new_data(),
        }
    }

    /// Lets `command` run as this account, without any supplementary group.
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Self::Lesser { uid, gid, .. } = self {
            // With a uid set by root and no groups given, std also empties the supplementary groups.
            command.uid(*uid).gid(*gid);
        }
    }

    /// Gives a file or folder, never what a link points to, to this account.
    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own => Ok(()),
            Self::Lesser { uid, gid, .. } => {
                lchown(path, Some(*uid), Some(*gid)).map_err(Error::io("give away", path))
            }
        }
    }

    /// The mode of a folder that is ours and that this account has to pass through, but not to list.
    pub(crate) fn passage(&self) -> u32 {
        match self {
            Self::Own => 0o700,
            Self::Lesser { .. } => 0o711,
        }
    }

    /// Refuses a folder that this account cannot enter, naming the first closed one on the way.
    ///
    /// Access lists are not looked at: where they matter, the server's own error says so.
    pub(crate) fn require_reach(&self, folder: &Path) -> Result<(), Error> {
        let Self::Lesser { uid, gid, name } = self else {
            return Ok(());
        };
        match closed(folder, *uid, *gid).map_err(Error::io("look at", folder))? {
            None => Ok(()),
            Some(blocked_by) => Err(Error::Unreachable {
                folder: folder.to_owned(),
                blocked_by,
                account: name.clone(),
            }),
        }
    }

    fn owner(owned: &Metadata) -> Self {
        Self::Lesser {
            uid: owned.uid(),
            gid: owned.gid(),
            name: format!("number {}", owned.uid()),
        }
    }
}

/// System accounts are in the file itself, so that no name service has to be asked.
fn lookup(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (uid != 0).then(|| Account::Lesser {
            uid,
            gid,
            name: name.to_owned(),
        })
    })
}

fn closed(folder: &Path, uid: u32, gid: u32) -> io::Result<Option<PathBuf>> {
    let real = folder.canonicalize()?;
    let mut way: Vec<_> = real.ancestors().collect();
    way.reverse();
    for step in way {
        let metadata = fs::metadata(step)?;
        let bit = if metadata.uid() == uid {
            0o100
        } else if metadata.gid() == gid {
            0o010
        } else {
            0o001
        };
        if metadata.permissions().mode() & bit == 0 {
            return Ok(Some(step.to_owned()));
        }
    }
    Ok(None)
}

/// Whether this process is root's: then the server is not, and needs a folder that its user can reach.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
                          nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n\
                          postgres:x:101:104::/var/lib/postgresql:/bin/bash\n\
                          broken:x\n";

    #[test]
    fn accounts_are_found_by_their_whole_name() {
        let found = lookup(PASSWD, "nobody");

        let expected = Account::Lesser {
            uid: 65534,
            gid: 65533,
            name: "nobody".to_owned(),
        };
        assert_eq!(found, Some(expected));
        assert_eq!(lookup(PASSWD, "post"), None);
        assert_eq!(lookup(PASSWD, "broken"), None);
    }

    #[test]
    fn root_is_no_lesser_account() {
        assert_eq!(lookup(PASSWD, "root"), None);
    }

    #[test]
    fn the_closed_folder_on_the_way_is_named() {
        let top = tempfile::tempdir().unwrap();
        let below = top.path().join("below");
        fs::create_dir(&below).unwrap();
        fs::set_permissions(top.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let stranger = u32::MAX - 1;

        let blocked = closed(&below, stranger, stranger).unwrap();
        assert_eq!(blocked, Some(top.path().canonicalize().unwrap()));

        fs::set_permissions(top.path(), PermissionsExt::from_mode(0o711)).unwrap();
        fs::set_permissions(&below, PermissionsExt::from_mode(0o711)).unwrap();
        assert_eq!(closed(&below, stranger, stranger).unwrap(), None);
    }
}
