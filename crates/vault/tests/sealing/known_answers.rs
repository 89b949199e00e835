//! The same inputs through another implementation, whose program stands in the file of its answers: so that what is
//! stored today opens for ever, and nothing but the documented layout is needed to open it.

use rand_core::Rng;
use uuid::Uuid;
use vault::{Destination, HashKey, Sealed, open, rewrap, seal};

use crate::fixtures::{Counting, PLACE, PLAINTEXT, destination, ring, sealed, version};

#[test]
fn check_values() {
    for key in ring(&[(1, 10), (258, 20)]).keys() {
        let expected = answer(&format!("check_value {}", key.version()));
        assert_eq!(key.check_value().as_slice(), expected);
        assert!(key.matches(&expected));
    }
}

#[test]
fn a_sealed_secret() {
    let ring = ring(&[(1, 10)]);
    assert_eq!(sealed(&ring), expected());
    assert_eq!(
        open(&ring, &PLACE, &destination(), &expected())
            .unwrap()
            .as_slice(),
        PLAINTEXT
    );
}

#[test]
fn a_rewrapped_secret() {
    let ring = ring(&[(1, 10), (258, 20)]);
    let moved = rewrap(
        &ring,
        ring.newest(),
        &PLACE,
        &expected(),
        &mut Counting(200),
    )
    .unwrap();
    let expected = Sealed {
        wrapped_by: version(258),
        wrapped_key: answer("wrapped_key 258"),
        ..expected()
    };
    assert_eq!(moved, expected);
    assert_eq!(
        open(&ring, &PLACE, &destination(), &expected)
            .unwrap()
            .as_slice(),
        PLAINTEXT
    );
}

#[test]
fn an_empty_secret_without_destination() {
    let ring = ring(&[(258, 20)]);
    let sealed = seal(
        ring.newest(),
        &PLACE,
        &Destination::none(),
        b"",
        &mut Counting(100),
    )
    .unwrap();
    assert_eq!(sealed.wrapped_key, answer("platform wrapped_key"));
    assert_eq!(sealed.ciphertext, answer("platform ciphertext"));
}

#[test]
fn a_keyed_hash() {
    let mut bytes = [0; 32];
    Counting(100).fill_bytes(&mut bytes);
    let key = HashKey::generate(&mut Counting(100));
    assert_eq!(key.as_bytes(), &bytes);
    let digest = key.digest("claim", &[b"arn:aws:iam::123456789012:role/Bedrock", b""]);
    assert_eq!(digest.as_slice(), answer("digest"));
}

fn expected() -> Sealed {
    Sealed {
        format: 1,
        data_key_id: Uuid::from_slice(&answer("data_key_id")).unwrap(),
        wrapped_by: version(1),
        wrapped_key: answer("wrapped_key 1"),
        ciphertext: answer("ciphertext"),
    }
}

/// The bytes behind `name` in the file of known answers.
fn answer(name: &str) -> Vec<u8> {
    let answers = include_str!("../../test-data/known-answers.txt");
    let hex = answers
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
        .unwrap();
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
