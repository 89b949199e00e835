//! Several master keys over the life of a secret.

use rand::SeedableRng;
use rand::rngs::StdRng;
use vault::{Destination, Error, Place, open, rewrap, seal};

use crate::fixtures::{Counting, PLACE, PLAINTEXT, destination, ring, sealed, version};

#[test]
fn what_was_sealed_opens() {
    let ring = ring(&[(1, 10)]);
    let sealed = sealed(&ring);
    assert_eq!(
        (sealed.format, sealed.wrapped_by),
        (vault::FORMAT, version(1))
    );
    assert_eq!(
        (sealed.wrapped_key.len(), sealed.ciphertext.len()),
        (12 + 32 + 16, 12 + PLAINTEXT.len() + 16)
    );
    assert_eq!(
        open(&ring, &PLACE, &destination(), &sealed)
            .unwrap()
            .as_slice(),
        PLAINTEXT
    );
}

#[test]
fn any_length_up_to_the_limit_is_sealed() {
    let ring = ring(&[(1, 10)]);
    let mut rng = StdRng::seed_from_u64(1);
    for length in [0, 1, 15, 16, 17, vault::MAX_PLAINTEXT] {
        let plaintext = vec![b'x'; length];
        let sealed = seal(
            ring.newest(),
            &PLACE,
            &Destination::none(),
            &plaintext,
            &mut rng,
        )
        .unwrap();
        assert_eq!(
            *open(&ring, &PLACE, &Destination::none(), &sealed).unwrap(),
            plaintext
        );
    }
    let plaintext = vec![b'x'; vault::MAX_PLAINTEXT + 1];
    let refused = seal(
        ring.newest(),
        &PLACE,
        &Destination::none(),
        &plaintext,
        &mut rng,
    );
    assert_eq!(refused, Err(Error::TooLarge));
}

#[test]
fn sealing_again_shares_nothing() {
    let ring = ring(&[(1, 10)]);
    let mut rng = StdRng::seed_from_u64(1);
    let [one, two] = [(), ()]
        .map(|()| seal(ring.newest(), &PLACE, &destination(), PLAINTEXT, &mut rng).unwrap());
    assert_ne!(one.data_key_id, two.data_key_id);
    assert_ne!(one.wrapped_key[..12], two.wrapped_key[..12]);
    assert_ne!(one.ciphertext[..12], two.ciphertext[..12]);
    assert_ne!(one.ciphertext[12..], two.ciphertext[12..]);
    assert_ne!(one.ciphertext[..12], one.wrapped_key[..12]);
}

#[test]
fn a_data_key_id_is_a_random_uuid() {
    let id = sealed(&ring(&[(1, 10)])).data_key_id;
    assert_eq!(id.get_version(), Some(uuid::Version::Random));
    assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
}

#[test]
fn an_old_version_still_opens() {
    let sealed = sealed(&ring(&[(1, 10)]));
    let after = ring(&[(1, 10), (2, 20)]);
    assert_eq!(after.newest().version(), version(2));
    assert_eq!(
        open(&after, &PLACE, &destination(), &sealed)
            .unwrap()
            .as_slice(),
        PLAINTEXT
    );
}

#[test]
fn without_its_version_nothing_opens() {
    let sealed = sealed(&ring(&[(1, 10)]));
    let without = ring(&[(2, 20), (3, 10)]);
    let unknown = Error::UnknownVersion(version(1));
    assert_eq!(
        open(&without, &PLACE, &destination(), &sealed).unwrap_err(),
        unknown
    );
    assert_eq!(
        rewrap(
            &without,
            without.newest(),
            &PLACE,
            &sealed,
            &mut Counting(0)
        ),
        Err(unknown)
    );
}

#[test]
fn another_key_under_the_same_version_is_refused() {
    let sealed = sealed(&ring(&[(1, 10)]));
    let other = ring(&[(1, 11)]);
    assert_eq!(
        open(&other, &PLACE, &destination(), &sealed).unwrap_err(),
        Error::Refused
    );
    assert_eq!(
        rewrap(&other, other.newest(), &PLACE, &sealed, &mut Counting(0)),
        Err(Error::Refused)
    );
}

#[test]
fn the_same_key_under_another_version_is_refused() {
    let mut sealed = sealed(&ring(&[(1, 10)]));
    sealed.wrapped_by = version(2);
    assert_eq!(
        open(&ring(&[(2, 10)]), &PLACE, &destination(), &sealed).unwrap_err(),
        Error::Refused
    );
}

#[test]
fn rewrapping_touches_the_wrapped_key_only() {
    let before = sealed(&ring(&[(1, 10)]));
    let both = ring(&[(1, 10), (2, 20)]);
    let after = rewrap(&both, both.newest(), &PLACE, &before, &mut Counting(200)).unwrap();

    assert_eq!(after.wrapped_by, version(2));
    assert_ne!(after.wrapped_key, before.wrapped_key);
    assert_eq!(after.wrapped_key.len(), before.wrapped_key.len());
    assert_eq!(
        (after.format, after.data_key_id),
        (before.format, before.data_key_id)
    );
    assert_eq!(after.ciphertext, before.ciphertext);
}

#[test]
fn after_rewrapping_the_old_key_is_neither_needed_nor_enough() {
    let old = ring(&[(1, 10)]);
    let both = ring(&[(1, 10), (2, 20)]);
    let new = ring(&[(2, 20)]);
    let sealed = rewrap(
        &both,
        both.newest(),
        &PLACE,
        &sealed(&old),
        &mut Counting(200),
    )
    .unwrap();
    assert_eq!(
        open(&new, &PLACE, &destination(), &sealed)
            .unwrap()
            .as_slice(),
        PLAINTEXT
    );
    assert_eq!(
        open(&old, &PLACE, &destination(), &sealed).unwrap_err(),
        Error::UnknownVersion(version(2))
    );
}

#[test]
fn rewrapping_can_go_back_and_to_the_same_version() {
    let both = ring(&[(1, 10), (2, 20)]);
    let mut sealed = sealed(&both);
    for (step, to) in [1, 1, 2].into_iter().enumerate() {
        let key = both.get(version(to)).unwrap();
        let mut rng = StdRng::seed_from_u64(step as u64);
        let next = rewrap(&both, key, &PLACE, &sealed, &mut rng).unwrap();
        assert_ne!(next.wrapped_key, sealed.wrapped_key, "a nonce of its own");
        sealed = next;
    }
    assert_eq!(
        open(&both, &PLACE, &destination(), &sealed)
            .unwrap()
            .as_slice(),
        PLAINTEXT
    );
}

#[test]
fn rewrapping_for_another_place_is_refused() {
    let both = ring(&[(1, 10), (2, 20)]);
    let sealed = sealed(&ring(&[(1, 10)]));
    let elsewhere = Place {
        column: "refresh_token",
        ..PLACE
    };
    let refused = rewrap(&both, both.newest(), &elsewhere, &sealed, &mut Counting(0));
    assert_eq!(refused, Err(Error::Refused));
}
