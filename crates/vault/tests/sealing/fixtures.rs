//! One secret in its place, keys that are fixed, and randomness that can be foretold.

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::{TryCryptoRng, TryRng, utils};
use uuid::Uuid;
use vault::{Destination, KeyRing, Place, Sealed, Version};

pub(crate) const PLAINTEXT: &[u8] = b"ABSK-correct-horse-battery";

pub(crate) const PLACE: Place<'static> = Place {
    tenant: Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0001),
    table: "secrets",
    row: Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0002),
    column: "password",
};

/// Bytes that count up from the one given: predictable, and never the same twice within 256.
pub(crate) struct Counting(pub(crate) u8);

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting {}

pub(crate) fn version(number: i32) -> Version {
    number.try_into().unwrap()
}

/// The master key that [`ring`] makes of `seed`.
pub(crate) fn master_bytes(seed: u8) -> [u8; 32] {
    std::array::from_fn(|i| seed ^ u8::try_from(i).unwrap())
}

/// A ring of one key per (version, seed).
pub(crate) fn ring(keys: &[(i32, u8)]) -> KeyRing {
    let lines: Vec<String> = keys
        .iter()
        .map(|(version, seed)| format!("{version}:{}", STANDARD.encode(master_bytes(*seed))))
        .collect();
    KeyRing::parse(&lines.join("\n")).unwrap()
}

pub(crate) fn destination() -> Destination {
    Destination::of(
        "cognito",
        &[("user_pool_id", "eu-west-1_AbCdEfGhI"), ("username", "ann")],
    )
}

/// [`PLAINTEXT`] sealed by the newest key of `ring` into [`PLACE`] for [`destination`].
pub(crate) fn sealed(ring: &KeyRing) -> Sealed {
    vault::seal(
        ring.newest(),
        &PLACE,
        &destination(),
        PLAINTEXT,
        &mut Counting(0),
    )
    .unwrap()
}
