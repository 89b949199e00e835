//! As root and as an ordinary user. A test run is one of them; as root, the other is tried as well.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::Path,
};

use local_postgres::{Cluster, Error};

use crate::support::{Holder, ask, folder, options, start, url};

const NOBODY: u32 = 65534;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn owner_and_mode(path: &Path) -> (u32, u32) {
    let metadata = fs::metadata(path).unwrap();
    (metadata.uid(), metadata.permissions().mode() & 0o777)
}

#[test]
fn data_and_socket_are_for_the_server_alone_and_the_password_for_us() {
    let folder = folder();
    let home = folder.path().join("home");
    let cluster = start(&home);

    let us = rustix::process::geteuid().as_raw();
    let (server, mode) = owner_and_mode(&home.join("cluster/data"));
    assert_eq!(mode, 0o700);
    assert_eq!(server == us, !is_root());
    assert_eq!(owner_and_mode(&home.join("run")), (server, 0o700));
    assert_eq!(owner_and_mode(&home.join("cluster/password")), (us, 0o600));
    assert_eq!(owner_and_mode(&home.join("postgres.log")), (us, 0o600));
    assert_eq!(
        owner_and_mode(&home),
        (us, if is_root() { 0o711 } else { 0o700 })
    );
    assert_eq!(ask(&url(&cluster), "SELECT 1::bigint"), 1);
}

#[test]
fn root_is_told_which_folder_keeps_the_server_out() {
    if !is_root() {
        // An ordinary user's server is that user.
        return;
    }
    let folder = folder();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, PermissionsExt::from_mode(0o700)).unwrap();

    let error = Cluster::start(&closed.join("home"), &options()).unwrap_err();

    let Error::Unreachable { blocked_by, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(blocked_by, closed.canonicalize().unwrap());
}

#[test]
fn root_serves_the_data_of_an_ordinary_user_as_that_user() {
    if !is_root() {
        // Only root can be another user; all other tests here are an ordinary user's then.
        return;
    }
    let folder = folder();
    chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();

    let holder = Holder::start_as(NOBODY, NOBODY, folder.path());
    assert_eq!(ask(&holder.url, "SELECT 1::bigint"), 1);
    assert_eq!(
        owner_and_mode(&folder.path().join("cluster/data")),
        (NOBODY, 0o700)
    );
    holder.stop();

    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).unwrap();
    let cluster = start(folder.path());
    assert_eq!(ask(&url(&cluster), "SELECT 1::bigint"), 1);
}
