//! Makes a cluster, whole or not at all: in a scratch folder, renamed into place as the last step.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Command,
};

use rustix::process::Signal;

use crate::{
    Error, child,
    home::{self, Home, SCRATCH},
    log,
    password::Password,
    settings::Durability,
    url::USER,
};

/// Where the password is kept in a cluster's folder.
pub(crate) fn password_file(cluster: &Path) -> PathBuf {
    cluster.join("password")
}

/// Makes the cluster of `home` with the `initdb` given.
pub(crate) fn create(home: &Home, initdb: &Path, durability: Durability) -> Result<(), Error> {
    let account = home.account();
    // Removed on drop, so by every early return below.
    let scratch = home::new_folder(home.folder(), SCRATCH, account.passage())?;

    let kept = password_file(scratch.path());
    let password = Password::generate().map_err(Error::io("make a password for", &kept))?;
    password.write(&kept)?;
    // The kept one stays ours; `initdb` may be somebody else and gets a copy, for as long as it runs.
    let handed = scratch.path().join("password.initdb");
    password.write(&handed)?;
    account.own(&handed)?;

    let data = scratch.path().join("data");
    DirBuilder::new()
        .mode(0o700)
        .create(&data)
        .map_err(Error::io("make", &data))?;
    account.own(&data)?;

    let command = || child::command(initdb, account, Signal::KILL);
    run(command()
        .arg("--pgdata")
        .arg(&data)
        .arg("--pwfile")
        .arg(&handed)
        .args(["--username", USER, "--encoding=UTF8", "--locale=C"])
        .args(["--auth-local=scram-sha-256", "--auth-host=reject"])
        .args(["--no-instructions", "--no-sync"]))?;
    fs::remove_file(&handed).map_err(Error::io("remove", &handed))?;

    // The sync is a step of its own: what is renamed into place is on the disk, all of it.
    if durability == Durability::Durable {
        run(command().arg("--sync-only").arg("--pgdata").arg(&data))?;
        home::sync(scratch.path())?;
    }
    fs::rename(scratch.path(), home.cluster()).map_err(Error::io("rename", scratch.path()))?;
    let _now_in_place = scratch.keep();
    home::sync(home.folder())
}

fn run(initdb: &mut Command) -> Result<(), Error> {
    let program = Path::new(initdb.get_program()).to_owned();
    let output = initdb.output().map_err(Error::io("run", &program))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::Failed {
        program: "initdb",
        status: output.status.to_string(),
        output: log::last_lines(&output.stderr),
    })
}
