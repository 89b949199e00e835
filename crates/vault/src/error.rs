//! What can go wrong, named by what one does about it. None of these holds a byte of a key, a secret or the key file.

use crate::seal::MAX_PLAINTEXT;
use crate::version::Version;

/// Why something was not sealed, opened or re-wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The key ring lacks the master key that wrapped this secret's data key: add its line to the key file.
    #[error("the key ring has no master key of version {0}")]
    UnknownVersion(Version),
    /// A later version of this software sealed it: upgrade.
    #[error("format {0} of sealed secrets is unknown to this version")]
    UnknownFormat(i16),
    /// It did not authenticate. Which of the reasons it is stays unsaid: GCM cannot tell, and a forger should not learn.
    #[error("refused: wrong master key, place or destination, or damaged bytes")]
    Refused,
    /// Too long to seal.
    #[error("a secret is at most {MAX_PLAINTEXT} bytes long")]
    TooLarge,
    /// The bytes given as a [`HashKey`](crate::HashKey) are none.
    #[error("a hash key is 32 bytes long")]
    NotAHashKey,
}

/// Why a text is no [`KeyRing`](crate::KeyRing).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// It names no key at all.
    #[error("no master key: expected a line <version>:<base64 of 32 bytes>")]
    Empty,
    /// One of its lines is wrong.
    #[error("line {line} of the master keys: {problem}")]
    Line {
        /// The line's number, the first being 1.
        line: usize,
        /// What is wrong with it.
        problem: BadLine,
    },
}

/// What is wrong with a line of the key file. The line itself is a key, or nearly one, and is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// There is no colon in it.
    #[error("expected <version>:<base64 of 32 bytes>")]
    NoColon,
    /// What stands before the colon is no version.
    #[error(transparent)]
    Version(#[from] InvalidVersion),
    /// What stands behind the colon is not standard base64 with its padding.
    #[error("the key is not base64 (A-Z a-z 0-9 + / and = to the end)")]
    NotBase64,
    /// It is base64, of some other length.
    #[error("the key is not 32 bytes long")]
    NotAKey,
    /// No random source made this.
    #[error("the key is one byte repeated")]
    Weak,
    /// Which key would that version be?
    #[error("its version is on line {0} already")]
    VersionTwice(usize),
    /// Rotating from a key to itself protects nothing.
    #[error("its key is on line {0} already, under another version")]
    KeyTwice(usize),
}

/// The number is no master key's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a master key's version is a whole number from 1 to 2147483647")]
pub struct InvalidVersion;
