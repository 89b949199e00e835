//! The superuser's password: made once per data folder, never shown.

use std::{
    fmt::{self, Write as _},
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rand::{TryRng, rngs::SysRng};
use zeroize::Zeroizing;

use crate::Error;

/// 256 random bits, as hexadecimal digits.
#[derive(Clone)]
pub(crate) struct Password(Zeroizing<String>);

impl Password {
    /// A new one, from the operating system: no other source of randomness will do for a credential.
    pub(crate) fn generate() -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        SysRng
            .try_fill_bytes(bytes.as_mut())
            .map_err(io::Error::other)?;
        let mut digits = Zeroizing::new(String::with_capacity(2 * bytes.len()));
        for byte in bytes.iter() {
            // Writing to a String does not fail.
            let _ = write!(digits, "{byte:02x}");
        }
        Ok(Self(digits))
    }

    /// The one that [`Password::write`] left.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        fs::read_to_string(path)
            .map(|digits| Self(Zeroizing::new(digits)))
            .map_err(Error::io("read", path))
    }

    /// Writes it to a new file for the owner's eyes only, and through to the disk.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| {
                file.write_all(self.0.as_bytes())?;
                file.sync_all()
            })
            .map_err(Error::io("write", path))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn survives_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let password = Password::generate().unwrap();

        password.write(&path).unwrap();

        assert_eq!(Password::read(&path).unwrap().expose(), password.expose());
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn is_long_different_each_time_and_not_shown() {
        let one = Password::generate().unwrap();
        let other = Password::generate().unwrap();

        assert_eq!(one.expose().len(), 64);
        assert_ne!(one.expose(), other.expose());
        assert!(!format!("{one:?}").contains(one.expose()));
    }
}
