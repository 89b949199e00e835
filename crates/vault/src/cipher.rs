//! AES-256-GCM as the columns hold it: nonce, ciphertext, tag, in one byte string.
//!
//! Nonces are 96 random bits. A data key encrypts once in its life, so its nonce cannot repeat. A master key's wrap
//! subkey encrypts once per [`seal`](fn@crate::seal) and once per [`rewrap`](crate::rewrap); NIST SP 800-38D (8.3) bounds
//! random nonces at 2^32 encryptions per key, where one repeats with a chance of 2^-33. Rotate long before.
//!
//! GCM does not commit to its key. Nothing here needs it to: no key is chosen by anyone who also writes ciphertexts.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::key_bytes::{KeyBytes, wipes_itself};

const _: () = wipes_itself::<Aes256Gcm>();

const NONCE: usize = 12;
const TAG: usize = 16;

pub(crate) fn encrypt(
    key: &KeyBytes,
    aad: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Error> {
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);

    // Filled to its capacity and no further: growing would leave a copy of the plaintext behind.
    let mut sealed = Vec::with_capacity(NONCE + plaintext.len() + TAG);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plaintext);
    let tag = Aes256Gcm::new(key.as_bytes().into())
        .encrypt_inout_detached(&nonce.into(), aad, sealed[NONCE..].as_mut().into())
        // Its one error: past 64 GiB.
        .map_err(|_| Error::TooLarge)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

pub(crate) fn decrypt(
    key: &KeyBytes,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE>() else {
        return Err(Error::Refused);
    };
    let Some((ciphertext, tag)) = rest.split_last_chunk::<TAG>() else {
        return Err(Error::Refused);
    };
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    Aes256Gcm::new(key.as_bytes().into())
        .decrypt_inout_detached(
            nonce.into(),
            aad,
            plaintext.as_mut_slice().into(),
            tag.into(),
        )
        .map_err(|_| Error::Refused)?;
    Ok(plaintext)
}
