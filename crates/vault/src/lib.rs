#![doc = include_str!("../README.md")]

mod aad;
mod cipher;
mod destination;
mod error;
mod frame;
mod hash_key;
mod key_bytes;
mod key_ring;
mod master_key;
mod place;
mod seal;
mod version;

pub use destination::Destination;
pub use error::{BadLine, Error, InvalidVersion, KeyRingError};
pub use hash_key::HashKey;
pub use key_ring::KeyRing;
pub use master_key::MasterKey;
pub use place::Place;
pub use seal::{FORMAT, MAX_PLAINTEXT, Sealed, open, rewrap, seal};
pub use version::Version;
