//! All master keys that this process can open with, as the operator wrote them down.
//!
//! Parsing is strict and its errors are blind: they name a line and what is wrong with it, never what stands there.
//! Which of the keys seals is not decided here; the database says so.

use std::fmt;
use std::iter;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::CryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::error::{BadLine, Error, KeyRingError};
use crate::key_bytes::KeyBytes;
use crate::master_key::MasterKey;
use crate::version::Version;

/// One or more master keys, no two of one version and no two alike.
#[derive(ZeroizeOnDrop)]
pub struct KeyRing {
    newest: MasterKey,
    /// By ascending version.
    older: Vec<MasterKey>,
}

impl KeyRing {
    /// Reads one `<version>:<base64 of 32 bytes>` per line. Blank lines, lines that begin with `#`, and white space
    /// around a line (so CRLF too) are passed over.
    ///
    /// # Errors
    /// [`KeyRingError`] names the first line that is wrong, without showing it.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut keys: Vec<(usize, MasterKey)> = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let key =
                parse_line(text, &keys).map_err(|problem| KeyRingError::Line { line, problem })?;
            keys.push((line, key));
        }

        let mut keys: Vec<MasterKey> = keys.into_iter().map(|(_, key)| key).collect();
        keys.sort_unstable_by_key(MasterKey::version);
        let newest = keys.pop().ok_or(KeyRingError::Empty)?;
        Ok(Self {
            newest,
            older: keys,
        })
    }

    /// The text of a new key file with one key, [`Version::FIRST`], to be written where nobody else can read it and
    /// then [parsed](Self::parse).
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Zeroizing<String> {
        const HEAD: &str = "# Master keys of bedrock-integrations, one <version>:<base64 of 32 bytes> per line.\n\
            # Without them no stored secret can be read again: keep a copy, apart from the database's.\n";
        let secret = KeyBytes::random(rng);
        // Room for all of it: growing would leave a copy behind.
        let mut text = Zeroizing::new(String::with_capacity(HEAD.len() + 64));
        text.push_str(HEAD);
        text.push_str(&format!("{}:", Version::FIRST));
        STANDARD.encode_string(secret.as_bytes(), &mut text);
        text.push('\n');
        text
    }

    /// The master key of that version.
    #[must_use]
    pub fn get(&self, version: Version) -> Option<&MasterKey> {
        self.keys().find(|key| key.version() == version)
    }

    /// The master key of the highest version.
    #[must_use]
    pub fn newest(&self) -> &MasterKey {
        &self.newest
    }

    /// All versions, ascending.
    pub fn versions(&self) -> impl Iterator<Item = Version> {
        self.keys().map(MasterKey::version)
    }

    /// All master keys, by ascending version.
    pub fn keys(&self) -> impl Iterator<Item = &MasterKey> {
        self.older.iter().chain(iter::once(&self.newest))
    }

    /// The master key that a stored secret asks for.
    pub(crate) fn require(&self, version: Version) -> Result<&MasterKey, Error> {
        self.get(version).ok_or(Error::UnknownVersion(version))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys()).finish()
    }
}

fn parse_line(text: &str, known: &[(usize, MasterKey)]) -> Result<MasterKey, BadLine> {
    let Some((version, secret)) = text.split_once(':') else {
        return Err(BadLine::NoColon);
    };
    let version: Version = version.trim_end().parse()?;
    let secret = parse_secret(secret.trim_start())?;

    for (line, key) in known {
        if key.version() == version {
            return Err(BadLine::VersionTwice(*line));
        }
        if key.matches(&MasterKey::derive(key.version(), &secret).check_value()) {
            return Err(BadLine::KeyTwice(*line));
        }
    }
    Ok(MasterKey::derive(version, &secret))
}

fn parse_secret(text: &str) -> Result<KeyBytes, BadLine> {
    // Into a buffer of our own: what the allocating decoder had read before an error would not be wiped.
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = STANDARD
        .decode_slice(text, &mut bytes)
        .map_err(|_| BadLine::NotBase64)?;
    let secret = KeyBytes::copied(&bytes[..length]).ok_or(BadLine::NotAKey)?;
    if secret
        .as_bytes()
        .iter()
        .all(|byte| *byte == secret.as_bytes()[0])
    {
        return Err(BadLine::Weak);
    }
    Ok(secret)
}
