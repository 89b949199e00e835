//! The associated data: what is authenticated along with the ciphertexts and stored beside them, not in them.
//!
//! Both are [frames](crate::frame): every part below stands behind its length in eight bytes, most significant first,
//! and nothing stands between them. The first part names the purpose and the format; a new format changes the `1`.
//!
//! | | of the wrapped data key | of the secret | bytes |
//! |---|---|---|---|
//! | 1 | `bi-vault/1/wrap` | `bi-vault/1/secret` | 15, 17; ASCII |
//! | 2 | tenant | tenant | 16; a UUID as RFC 9562 orders it |
//! | 3 | table | table | any; UTF-8 |
//! | 4 | row | row | 16 |
//! | 5 | column | column | any; UTF-8 |
//! | 6 | data-key id | data-key id | 16 |
//! | 7 | master key's version | destination | 4, most significant first; 32, or 0 for none |
//!
//! The destination is the SHA-256 of the frame of `bi-vault/1/destination`, the method, and then name and value of every
//! field, the fields ordered by the bytes of name, then value.
//!
//! The keys: a data key is 32 random bytes. A master key's 32 bytes are the input of HKDF-SHA256 without salt; its
//! info is the frame of `bi-vault/1/wrap-key` (or `bi-vault/1/check-value`) and the version in four bytes.
//! Both ciphertexts are AES-256-GCM: 12 bytes of nonce, the ciphertext, 16 bytes of tag.

use uuid::Uuid;

use crate::destination::Destination;
use crate::frame;
use crate::place::Place;
use crate::version::Version;

/// What a wrapped data key is bound to. The destination is missing on purpose: rotation does not know it.
pub(crate) fn wrap(place: &Place<'_>, data_key_id: Uuid, version: Version) -> Vec<u8> {
    encode(
        b"bi-vault/1/wrap",
        place,
        data_key_id,
        &version.to_be_bytes(),
    )
}

/// What a secret is bound to. The master key's version is missing on purpose: rotation leaves the secret as it is.
pub(crate) fn secret(place: &Place<'_>, data_key_id: Uuid, destination: &Destination) -> Vec<u8> {
    encode(
        b"bi-vault/1/secret",
        place,
        data_key_id,
        destination.as_bytes(),
    )
}

fn encode(purpose: &[u8], place: &Place<'_>, data_key_id: Uuid, last: &[u8]) -> Vec<u8> {
    let Place {
        tenant,
        table,
        row,
        column,
    } = place;
    frame::bytes([
        purpose,
        tenant.as_bytes(),
        table.as_bytes(),
        row.as_bytes(),
        column.as_bytes(),
        data_key_id.as_bytes(),
        last,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place {
        tenant: Uuid::from_bytes([1; 16]),
        table: "tab",
        row: Uuid::from_bytes([2; 16]),
        column: "column",
    };
    const ID: Uuid = Uuid::from_bytes([3; 16]);

    #[test]
    fn a_wrap_is_laid_out_as_documented() {
        let mut expected = Vec::new();
        expected.extend(b"\0\0\0\0\0\0\0\x0fbi-vault/1/wrap");
        expected.extend(
            b"\0\0\0\0\0\0\0\x10\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01",
        );
        expected.extend(b"\0\0\0\0\0\0\0\x03tab");
        expected.extend(
            b"\0\0\0\0\0\0\0\x10\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02",
        );
        expected.extend(b"\0\0\0\0\0\0\0\x06column");
        expected.extend(
            b"\0\0\0\0\0\0\0\x10\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03\x03",
        );
        expected.extend(b"\0\0\0\0\0\0\0\x04\0\0\x01\x02");
        assert_eq!(wrap(&PLACE, ID, Version::try_from(258).unwrap()), expected);
    }

    #[test]
    fn a_secret_is_laid_out_as_documented() {
        let wrap = wrap(&PLACE, ID, Version::FIRST);
        let common = &wrap[8 + b"bi-vault/1/wrap".len()..wrap.len() - 12];

        let mut expected = b"\0\0\0\0\0\0\0\x11bi-vault/1/secret".to_vec();
        expected.extend(common);
        expected.extend(b"\0\0\0\0\0\0\0\0");
        assert_eq!(secret(&PLACE, ID, &Destination::none()), expected);

        let destination = Destination::of("api_key", &[]);
        expected.truncate(expected.len() - 8);
        expected.extend(b"\0\0\0\0\0\0\0\x20");
        expected.extend(destination.as_bytes());
        assert_eq!(secret(&PLACE, ID, &destination), expected);
    }
}
