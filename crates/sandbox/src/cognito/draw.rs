//! What is drawn at random, from the sandbox's source.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::Call;

/// Random bytes.
pub(super) fn bytes<const N: usize>(call: &Call) -> [u8; N] {
    let mut bytes = [0; N];
    call.entropy.fill(&mut bytes);
    bytes
}

/// Random text of letters, digits, `-` and `_`: four characters for every three of `N`.
pub(super) fn text<const N: usize>(call: &Call) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<N>(call))
}

/// A random UUID.
pub(super) fn uuid(call: &Call) -> String {
    uuid::Builder::from_random_bytes(bytes(call))
        .into_uuid()
        .to_string()
}
