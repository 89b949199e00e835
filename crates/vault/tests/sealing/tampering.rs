//! What a database writer may try. None of it opens.

use uuid::Uuid;
use vault::{Destination, Error, KeyRing, Place, Sealed, Version, open, rewrap, seal};

use crate::fixtures::{Counting, PLACE, PLAINTEXT, destination, ring, sealed};

#[test]
fn no_other_place_opens_it() {
    let ring = ring(&[(1, 10)]);
    let sealed = sealed(&ring);
    let places = [
        Place {
            tenant: Uuid::nil(),
            ..PLACE
        },
        Place {
            tenant: PLACE.row,
            ..PLACE
        },
        Place {
            tenant: PLACE.row,
            row: PLACE.tenant,
            ..PLACE
        },
        Place {
            row: Uuid::nil(),
            ..PLACE
        },
        Place {
            row: PLACE.tenant,
            ..PLACE
        },
        Place { table: "", ..PLACE },
        Place {
            table: "Secrets",
            ..PLACE
        },
        Place {
            table: "secret",
            column: "spassword",
            ..PLACE
        },
        Place {
            table: PLACE.column,
            column: PLACE.table,
            ..PLACE
        },
        Place {
            column: "",
            ..PLACE
        },
        Place {
            column: "app_client_secret",
            ..PLACE
        },
        Place {
            column: "password\0",
            ..PLACE
        },
    ];
    for place in places {
        assert_eq!(
            open(&ring, &place, &destination(), &sealed).unwrap_err(),
            Error::Refused,
            "{place:?}"
        );
        assert_eq!(
            rewrap(&ring, ring.newest(), &place, &sealed, &mut Counting(0)),
            Err(Error::Refused),
            "{place:?}"
        );
    }
}

#[test]
fn no_bit_of_tenant_or_row_may_differ() {
    let ring = ring(&[(1, 10)]);
    let sealed = sealed(&ring);
    for bit in 0..128 {
        for place in [
            Place {
                tenant: flipped_id(PLACE.tenant, bit),
                ..PLACE
            },
            Place {
                row: flipped_id(PLACE.row, bit),
                ..PLACE
            },
        ] {
            assert_eq!(
                open(&ring, &place, &destination(), &sealed).unwrap_err(),
                Error::Refused
            );
        }
    }
}

#[test]
fn no_other_destination_opens_it() {
    let ring = ring(&[(1, 10)]);
    let sealed = sealed(&ring);
    let pool = ("user_pool_id", "eu-west-1_AbCdEfGhI");
    let destinations = [
        Destination::none(),
        Destination::of("cognito", &[]),
        Destination::of("cognito", &[pool]),
        Destination::of("cognito", &[pool, ("username", "bob")]),
        Destination::of(
            "cognito",
            &[("user_pool_id", "eu-west-1_attackers"), ("username", "ann")],
        ),
        Destination::of("api_key", &[pool, ("username", "ann")]),
    ];
    for destination in destinations {
        assert_eq!(
            open(&ring, &PLACE, &destination, &sealed).unwrap_err(),
            Error::Refused
        );
    }
}

#[test]
fn a_secret_without_destination_is_not_given_one() {
    let ring = ring(&[(1, 10)]);
    let sealed = seal(
        ring.newest(),
        &PLACE,
        &Destination::none(),
        PLAINTEXT,
        &mut Counting(0),
    )
    .unwrap();
    for destination in [destination(), Destination::of("", &[])] {
        assert_eq!(
            open(&ring, &PLACE, &destination, &sealed).unwrap_err(),
            Error::Refused
        );
    }
}

#[test]
fn halves_of_two_sealings_do_not_fit() {
    let ring = ring(&[(1, 10)]);
    let ours = sealed(&ring);
    let theirs = seal(
        ring.newest(),
        &PLACE,
        &destination(),
        b"theirs",
        &mut Counting(99),
    )
    .unwrap();
    let mixtures = [
        Sealed {
            ciphertext: theirs.ciphertext.clone(),
            ..ours.clone()
        },
        Sealed {
            wrapped_key: theirs.wrapped_key.clone(),
            ..ours.clone()
        },
        Sealed {
            data_key_id: theirs.data_key_id,
            ..ours.clone()
        },
        Sealed {
            ciphertext: ours.ciphertext.clone(),
            ..theirs.clone()
        },
        Sealed {
            wrapped_key: ours.ciphertext.clone(),
            ciphertext: ours.wrapped_key.clone(),
            ..ours.clone()
        },
        Sealed {
            ciphertext: ours.wrapped_key.clone(),
            ..ours.clone()
        },
        Sealed {
            wrapped_key: ours.ciphertext.clone(),
            ..ours
        },
    ];
    for mixture in mixtures {
        refuses(&ring, &mixture);
    }
}

#[test]
fn no_byte_may_be_missing() {
    let ring = ring(&[(1, 10)]);
    let whole = sealed(&ring);
    for length in 0..whole.wrapped_key.len() {
        let end = whole.wrapped_key.len() - length;
        refuses(
            &ring,
            &Sealed {
                wrapped_key: whole.wrapped_key[..length].to_vec(),
                ..whole.clone()
            },
        );
        refuses(
            &ring,
            &Sealed {
                wrapped_key: whole.wrapped_key[end..].to_vec(),
                ..whole.clone()
            },
        );
    }
    for length in 0..whole.ciphertext.len() {
        let end = whole.ciphertext.len() - length;
        refuses(
            &ring,
            &Sealed {
                ciphertext: whole.ciphertext[..length].to_vec(),
                ..whole.clone()
            },
        );
        refuses(
            &ring,
            &Sealed {
                ciphertext: whole.ciphertext[end..].to_vec(),
                ..whole.clone()
            },
        );
    }
}

#[test]
fn no_byte_may_be_added() {
    let ring = ring(&[(1, 10)]);
    let whole = sealed(&ring);
    for byte in [0, 1, 16, 255] {
        for at in 0..=whole.wrapped_key.len() {
            let mut longer = whole.clone();
            longer.wrapped_key.insert(at, byte);
            refuses(&ring, &longer);
        }
        for at in 0..=whole.ciphertext.len() {
            let mut longer = whole.clone();
            longer.ciphertext.insert(at, byte);
            refuses(&ring, &longer);
        }
    }
}

#[test]
fn no_bit_of_either_byte_string_may_flip() {
    let ring = ring(&[(1, 10)]);
    let whole = sealed(&ring);
    for bit in 0..whole.wrapped_key.len() * 8 {
        let mut damaged = whole.clone();
        damaged.wrapped_key[bit / 8] ^= 1 << (bit % 8);
        refuses(&ring, &damaged);
        assert_eq!(
            rewrap(&ring, ring.newest(), &PLACE, &damaged, &mut Counting(0)),
            Err(Error::Refused)
        );
    }
    for bit in 0..whole.ciphertext.len() * 8 {
        let mut damaged = whole.clone();
        damaged.ciphertext[bit / 8] ^= 1 << (bit % 8);
        refuses(&ring, &damaged);
    }
}

#[test]
fn no_bit_of_the_data_key_id_may_flip() {
    let ring = ring(&[(1, 10)]);
    let whole = sealed(&ring);
    for bit in 0..128 {
        let damaged = Sealed {
            data_key_id: flipped_id(whole.data_key_id, bit),
            ..whole.clone()
        };
        refuses(&ring, &damaged);
        assert_eq!(
            rewrap(&ring, ring.newest(), &PLACE, &damaged, &mut Counting(0)),
            Err(Error::Refused)
        );
    }
}

#[test]
fn no_bit_of_the_version_may_flip() {
    // Every positive version one bit away from 1 is in the ring, so each is tried and none is merely missing.
    let others = (1..31).map(|bit| 1 | 1 << bit);
    let keys: Vec<(i32, u8)> = std::iter::once(1).chain(others.clone()).zip(40..).collect();
    let ring = ring(&keys);
    let whole = seal(
        ring.get(Version::FIRST).unwrap(),
        &PLACE,
        &destination(),
        PLAINTEXT,
        &mut Counting(0),
    )
    .unwrap();
    for other in others {
        refuses(
            &ring,
            &Sealed {
                wrapped_by: other.try_into().unwrap(),
                ..whole.clone()
            },
        );
    }
}

#[test]
fn no_bit_of_the_format_may_flip() {
    let ring = ring(&[(1, 10)]);
    for bit in 0..16 {
        let mut damaged = sealed(&ring);
        damaged.format ^= 1 << bit;
        let unknown = Error::UnknownFormat(damaged.format);
        assert_eq!(
            open(&ring, &PLACE, &destination(), &damaged).unwrap_err(),
            unknown
        );
        assert_eq!(
            rewrap(&ring, ring.newest(), &PLACE, &damaged, &mut Counting(0)),
            Err(unknown)
        );
    }
}

fn refuses(ring: &KeyRing, sealed: &Sealed) {
    assert_eq!(
        open(ring, &PLACE, &destination(), sealed).unwrap_err(),
        Error::Refused,
        "{sealed:?}"
    );
}

fn flipped_id(id: Uuid, bit: u32) -> Uuid {
    Uuid::from_u128(id.as_u128() ^ 1 << bit)
}
