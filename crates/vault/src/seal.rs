//! Sealing a secret, opening it again, and moving it to another master key.
//!
//! A secret is encrypted under a data key that exists for it alone; the data key is wrapped by a master key. So rotating
//! master keys rewrites 60 bytes per secret and touches no secret. Both ciphertexts are bound to the same place and
//! data-key id: neither half can be exchanged for one from another row, or from another sealing of this one.

use std::fmt;

use rand_core::CryptoRng;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::destination::Destination;
use crate::error::Error;
use crate::key_bytes::KeyBytes;
use crate::key_ring::KeyRing;
use crate::master_key::MasterKey;
use crate::place::Place;
use crate::version::Version;
use crate::{aad, cipher};

/// The format that [`seal`] writes, and the only one there is.
pub const FORMAT: i16 = 1;

/// The most bytes that a secret may have: 64 KiB.
pub const MAX_PLAINTEXT: usize = 64 * 1024;

/// A sealed secret: the columns that hold it, one field each. Nothing in it is secret, and nothing in it is trusted.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// How the rest is to be read (`smallint`).
    pub format: i16,
    /// Which data key this is; new with every [`seal`], kept by [`rewrap`] (`uuid`).
    pub data_key_id: Uuid,
    /// The master key that wrapped the data key (`integer`).
    pub wrapped_by: Version,
    /// The data key: nonce, ciphertext, tag (`bytea`).
    pub wrapped_key: Vec<u8>,
    /// The secret: nonce, ciphertext, tag (`bytea`).
    pub ciphertext: Vec<u8>,
}

impl fmt::Debug for Sealed {
    /// Lengths for bytes: a log line is no place for ciphertext.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("format", &self.format)
            .field("data_key_id", &self.data_key_id)
            .field("wrapped_by", &self.wrapped_by)
            .field(
                "wrapped_key",
                &format_args!("{} bytes", self.wrapped_key.len()),
            )
            .field(
                "ciphertext",
                &format_args!("{} bytes", self.ciphertext.len()),
            )
            .finish()
    }
}

/// Seals `plaintext` into `place`, for `destination`, under a data key of its own that `key` wraps.
///
/// # Errors
/// [`Error::TooLarge`] past [`MAX_PLAINTEXT`].
pub fn seal(
    key: &MasterKey,
    place: &Place<'_>,
    destination: &Destination,
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Sealed, Error> {
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(Error::TooLarge);
    }
    let data_key_id = random_id(rng);
    let data_key = KeyBytes::random(rng);
    let wrapped_key = key.wrap_key(place, data_key_id, &data_key, rng)?;
    let aad = aad::secret(place, data_key_id, destination);
    let ciphertext = cipher::encrypt(&data_key, &aad, plaintext, rng)?;
    Ok(Sealed {
        format: FORMAT,
        data_key_id,
        wrapped_by: key.version(),
        wrapped_key,
        ciphertext,
    })
}

/// Opens what was sealed into the same place for the same destination.
///
/// # Errors
/// [`Error::UnknownFormat`] and [`Error::UnknownVersion`] if the means are missing; [`Error::Refused`] if it does not
/// authenticate, for whatever reason.
pub fn open(
    ring: &KeyRing,
    place: &Place<'_>,
    destination: &Destination,
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let data_key = unwrap_data_key(ring, place, sealed)?;
    let aad = aad::secret(place, sealed.data_key_id, destination);
    cipher::decrypt(&data_key, &aad, &sealed.ciphertext)
}

/// The same secret with its data key wrapped by `to`. Only `wrapped_by` and `wrapped_key` change, so the destination is
/// not needed, and the secret itself stays closed (and unchecked).
///
/// Write the two only where `data_key_id` and `wrapped_by` still are what was read: a secret sealed anew meanwhile has
/// another data key.
///
/// # Errors
/// As [`open`]'s.
pub fn rewrap(
    ring: &KeyRing,
    to: &MasterKey,
    place: &Place<'_>,
    sealed: &Sealed,
    rng: &mut impl CryptoRng,
) -> Result<Sealed, Error> {
    let data_key = unwrap_data_key(ring, place, sealed)?;
    let wrapped_key = to.wrap_key(place, sealed.data_key_id, &data_key, rng)?;
    Ok(Sealed {
        wrapped_by: to.version(),
        wrapped_key,
        ..sealed.clone()
    })
}

fn unwrap_data_key(ring: &KeyRing, place: &Place<'_>, sealed: &Sealed) -> Result<KeyBytes, Error> {
    if sealed.format != FORMAT {
        return Err(Error::UnknownFormat(sealed.format));
    }
    let key = ring.require(sealed.wrapped_by)?;
    key.unwrap_key(place, sealed.data_key_id, &sealed.wrapped_key)
}

/// A version 4 UUID.
fn random_id(rng: &mut impl CryptoRng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
