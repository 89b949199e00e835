//! Secure Remote Password as Cognito speaks it: a proof that the password is known, which does not show it.
//!
//! RFC 2945 and 5054 with the group of 3,072 bits and SHA-256, but with numbers hashed as Java writes them, a key derived
//! by HKDF, and a proof of Cognito's own. Everything secret is wiped when dropped, and nothing here can be printed.
//! A hand-shake makes one proof: its number must never serve twice.

mod group;
mod integer;
mod timestamp;

use base64::{Engine, prelude::BASE64_STANDARD};
use crypto_bigint::{BoxedUint, ConcatenatingMul};
use domain::Entropy;
use hmac::Mac;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use zeroize::{Zeroize, Zeroizing};

use self::{
    group::{Element, element, multiplied, power_of_generator},
    integer::{padded, parse_hex},
    timestamp::timestamp,
};
use super::{Password, secret_hash::keyed};

/// One side of one sign-in: a random number and what may be shown of it.
pub(super) struct Handshake {
    secret: Zeroizing<BoxedUint>,
    public: BoxedUint,
}

/// What Cognito asks, as it came.
pub(super) struct Challenge<'a> {
    /// The salt of the user's password, a hexadecimal number.
    pub(super) salt: &'a str,
    /// Cognito's public value, a hexadecimal number.
    pub(super) public: &'a str,
    /// What the proof is about, in base64.
    pub(super) secret_block: &'a str,
    /// Cognito's own name of the user, which may differ from the one typed.
    pub(super) user: &'a str,
}

/// That the password is known.
pub(super) struct Proof {
    pub(super) signature: String,
    pub(super) timestamp: String,
}

/// Why no proof was made: going on would have told something about the password, or could only fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    /// The source of randomness gave a number that hides nothing.
    #[error("no secret number could be drawn for the sign-in")]
    Secret,
    /// The challenge is not written as one.
    #[error("the challenge is not written as one")]
    Unreadable,
    /// Cognito's public value would make the key known to anybody.
    #[error("the challenge's public value is zero")]
    PublicValue,
    /// The two public values hash to nothing.
    #[error("the public values hash to zero")]
    Scrambler,
}

/// How many random bytes the secret number has.
const SECRET_BYTES: usize = 128;

impl Handshake {
    /// A hand-shake with a number nobody else knows.
    pub(super) fn new(entropy: &dyn Entropy) -> Result<Self, Flaw> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        entropy.fill(secret.as_mut_slice());
        Self::with_secret(&secret)
    }

    fn with_secret(secret: &[u8; SECRET_BYTES]) -> Result<Self, Flaw> {
        let secret = number(secret);
        let public = power_of_generator(&secret).retrieve();
        // Powers of 2 are never 0 modulo a prime; 0 as exponent gives 1, which gives the exponent away.
        if bool::from(public.is_zero() | public.is_one()) {
            return Err(Flaw::Secret);
        }
        Ok(Self { secret, public })
    }

    /// The public value, for SRP_A.
    pub(super) fn public(&self) -> String {
        let digits = format!("{:x}", self.public);
        digits.trim_start_matches('0').to_owned()
    }

    /// The proof for `challenge` by the user pool of that name.
    pub(super) fn prove(
        self,
        pool: &str,
        challenge: &Challenge<'_>,
        password: &Password,
        now: OffsetDateTime,
    ) -> Result<Proof, Flaw> {
        let salt = parse_hex(challenge.salt).ok_or(Flaw::Unreadable)?;
        let theirs = parse_hex(challenge.public).ok_or(Flaw::Unreadable)?;
        let secret_block = BASE64_STANDARD
            .decode(challenge.secret_block)
            .map_err(|_| Flaw::Unreadable)?;
        let timestamp = timestamp(now).map_err(|_| Flaw::Unreadable)?;

        let scrambler = Sha256::new()
            .chain_update(padded(&self.public.to_be_bytes()))
            .chain_update(padded(&theirs))
            .finalize();
        let private = private_key(&salt, pool, challenge.user, password);
        let shared = self.shared(&element(&theirs), &number(&scrambler), &private)?;
        let key = derive_key(&shared, &scrambler);

        let mut signature = keyed(key.as_slice());
        signature.update(pool.as_bytes());
        signature.update(challenge.user.as_bytes());
        signature.update(&secret_block);
        signature.update(timestamp.as_bytes());
        Ok(Proof {
            signature: BASE64_STANDARD.encode(signature.finalize().into_bytes()),
            timestamp,
        })
    }

    /// The number that only both sides can compute: (B - k·g^x) ^ (a + u·x). Given in bytes.
    fn shared(
        &self,
        theirs: &Element,
        scrambler: &BoxedUint,
        private: &BoxedUint,
    ) -> Result<Zeroizing<Box<[u8]>>, Flaw> {
        if bool::from(theirs.retrieve().is_zero()) {
            return Err(Flaw::PublicValue);
        }
        if bool::from(scrambler.is_zero()) {
            return Err(Flaw::Scrambler);
        }
        let verifier = power_of_generator(private);
        let base: Element = Zeroizing::new(theirs.sub(&multiplied(&verifier)));
        let product = Zeroizing::new(scrambler.concatenating_mul(private));
        let exponent = Zeroizing::new(self.secret.concatenating_add(&*product));
        let shared: Element = Zeroizing::new(base.pow(&exponent));
        let shared = Zeroizing::new(shared.retrieve());
        Ok(Zeroizing::new(shared.to_be_bytes()))
    }
}

/// The number with these bytes, in that many bits however many zeros it begins with.
fn number(big_endian: &[u8]) -> Zeroizing<BoxedUint> {
    Zeroizing::new(BoxedUint::from_be_slice_vartime(big_endian))
}

/// What the password comes to: the hash of salt, pool, user and password.
fn private_key(salt: &[u8], pool: &str, user: &str, password: &Password) -> Zeroizing<BoxedUint> {
    let mut inner = Sha256::new()
        .chain_update(pool)
        .chain_update(user)
        .chain_update(":")
        .chain_update(password.expose())
        .finalize();
    let mut outer = Sha256::new()
        .chain_update(padded(salt))
        .chain_update(inner)
        .finalize();
    inner.zeroize();
    let private = number(&outer);
    outer.zeroize();
    private
}

/// HKDF with SHA-256: 16 bytes, with the scrambler as salt.
fn derive_key(shared: &[u8], scrambler: &[u8]) -> Zeroizing<[u8; 16]> {
    let mut extract = keyed(&padded(scrambler));
    extract.update(&padded(shared));
    let mut extracted = extract.finalize().into_bytes();
    let mut expand = keyed(&extracted);
    extracted.zeroize();
    expand.update(b"Caldera Derived Key\x01");
    let mut expanded = expand.finalize().into_bytes();
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&expanded[..16]);
    expanded.zeroize();
    key
}

#[cfg(test)]
mod tests;
