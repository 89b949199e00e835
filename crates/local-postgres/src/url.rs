//! What a client needs to connect. A secret: it carries the password.

use std::{
    fmt,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::{home, initdb, lock, password::Password, socket};

/// The superuser. The service makes a lesser role of its own and serves as that.
pub(crate) const USER: &str = "postgres";

/// Only a part of the socket's name, as there is no TCP.
pub(crate) const PORT: &str = "5432";

/// How to connect to one database. `Debug` leaves the password out.
#[derive(Clone)]
pub struct Url {
    socket: PathBuf,
    database: String,
    role: String,
    password: Password,
}

impl Url {
    pub(crate) fn new(socket: &Path, database: &str, password: &Password) -> Self {
        Self {
            socket: socket.to_owned(),
            database: database.to_owned(),
            role: USER.to_owned(),
            password: password.clone(),
        }
    }

    /// As the superuser of the cluster that some process holds in `folder` right now and [shares](crate::Cluster::share);
    /// none if no process does.
    pub fn of_running(folder: &Path, database: &str) -> Option<Self> {
        if !lock::is_shared(folder) {
            return None;
        }
        let password = Password::read(&initdb::password_file(&home::cluster_in(folder))).ok()?;
        let socket = socket::find(folder)?;
        Some(Self::new(&socket, database, &password))
    }

    /// As another role, to which whoever made it gave the superuser's [`password`](Self::password).
    #[must_use]
    pub fn as_role(&self, role: &str) -> Self {
        Self {
            role: role.to_owned(),
            ..self.clone()
        }
    }

    /// The password. Not for logs.
    pub fn password(&self) -> Zeroizing<String> {
        Zeroizing::new(self.password.expose().to_owned())
    }

    /// The whole URL, as libpq, sqlx and others understand it. Not for logs.
    ///
    /// Port and TLS mode are spelt out, so that no `PGPORT` or `PGSSLMODE` of the client's surroundings decides them.
    pub fn expose(&self) -> Zeroizing<String> {
        let database = encode(self.database.as_bytes());
        let host = encode(self.socket.as_os_str().as_bytes());
        let role = encode(self.role.as_bytes());
        let password = self.password.expose();
        Zeroizing::new(format!(
            "postgres:///{database}?host={host}&port={PORT}&user={role}&password={password}&sslmode=disable"
        ))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Url")
            .field("socket", &self.socket)
            .field("database", &self.database)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// Percent-encodes all but unreserved characters; unlike a form's encoding, a space is not `+`, which libpq keeps as is.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_names_are_encoded() {
        let password = Password::generate().unwrap();
        let url = Url::new(Path::new("/tmp/a b&c/ü"), "or?der", &password);

        let expected = format!(
            "postgres:///or%3Fder?host=%2Ftmp%2Fa%20b%26c%2F%C3%BC&port=5432&user=postgres&password={}&sslmode=disable",
            password.expose()
        );
        assert_eq!(*url.expose(), expected);
    }

    #[test]
    fn debug_leaves_the_password_out() {
        let password = Password::generate().unwrap();
        let url = Url::new(Path::new("/run"), "app", &password);

        let shown = format!("{url:?}");

        assert!(shown.contains("app") && shown.contains("/run"), "{shown}");
        assert!(!shown.contains(password.expose()), "{shown}");
    }
}
