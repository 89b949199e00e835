//! Whatever can be printed is printed and searched for the secrets, however they might be spelt.

use std::fmt::Debug;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use vault::{
    BadLine, Error, HashKey, InvalidVersion, KeyRing, KeyRingError, MasterKey, Sealed, Version,
};
use zeroize::ZeroizeOnDrop;

use crate::fixtures::{
    Counting, PLACE, PLAINTEXT, destination, master_bytes, ring, sealed, version,
};

/// So few consecutive bytes of a secret count as the secret.
const WINDOW: usize = 6;

#[test]
fn nothing_prints_a_secret() {
    let ring = ring(&[(1, 10), (2, 20)]);
    let sealed = sealed(&ring);
    // `Counting` gives the data-key id its 16 bytes first, and then the data key.
    let data_key: Vec<u8> = (16..48).collect();
    let hash_key = HashKey::generate(&mut Counting(100));
    let secrets = [
        PLAINTEXT.to_vec(),
        data_key,
        master_bytes(10).to_vec(),
        master_bytes(20).to_vec(),
        hash_key.as_bytes().to_vec(),
        sealed.wrapped_key.clone(),
        sealed.ciphertext.clone(),
    ];

    let mut printed = Vec::new();
    let mut print =
        |value: &dyn Debug| printed.extend([format!("{value:?}"), format!("{value:#?}")]);
    print(&ring);
    print(&ring.newest());
    print(&sealed);
    print(&hash_key);
    print(&destination());
    print(&PLACE);
    print(&version(1));
    for secret in &secrets {
        for text in &printed {
            assert!(!shows(text, secret), "{text}");
        }
    }
}

#[test]
fn what_is_printed_still_says_which() {
    let ring = ring(&[(1, 10), (2, 20)]);
    assert_eq!(
        format!("{ring:?}"),
        "[MasterKey { version: Version(1), .. }, MasterKey { version: Version(2), .. }]"
    );
    assert_eq!(
        format!("{:?}", HashKey::generate(&mut Counting(0))),
        "HashKey(..)"
    );
    assert_eq!(format!("{:?}", destination()), "Destination(..)");
    assert_eq!(
        format!("{:?}", sealed(&ring)),
        "Sealed { format: 1, data_key_id: 00010203-0405-4607-8809-0a0b0c0d0e0f, wrapped_by: Version(2), \
         wrapped_key: 60 bytes, ciphertext: 54 bytes }"
    );
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let secret: Vec<u8> = (200..232).collect();
    let part = &secret[7..20];
    for text in [
        format!("{part:?}"),
        format!("{part:#?}"),
        format!("{part:x?}"),
        format!("{part:02X?}"),
        hex(part),
        hex(part).to_uppercase(),
        STANDARD_NO_PAD.encode(part),
        URL_SAFE_NO_PAD.encode(part),
    ] {
        assert!(shows(&text, &secret), "{text}");
    }
    assert!(shows("the key is correct-horse", PLAINTEXT));
    assert!(!shows("MasterKey { version: Version(1), .. }", &secret));
}

#[test]
fn errors_say_what_to_do_and_nothing_else() {
    let texts = [
        (
            Error::UnknownVersion(version(7)).to_string(),
            "the key ring has no master key of version 7",
        ),
        (
            Error::UnknownFormat(2).to_string(),
            "format 2 of sealed secrets is unknown to this version",
        ),
        (
            Error::Refused.to_string(),
            "refused: wrong master key, place or destination, or damaged bytes",
        ),
        (
            Error::TooLarge.to_string(),
            "a secret is at most 65536 bytes long",
        ),
        (
            Error::NotAHashKey.to_string(),
            "a hash key is 32 bytes long",
        ),
    ];
    for (text, expected) in texts {
        assert_eq!(text, expected);
    }
    assert!(
        std::error::Error::source(&Error::Refused).is_none(),
        "no cause that might say more"
    );
}

#[test]
fn secrets_wipe_themselves() {
    const fn wipes_itself<T: ZeroizeOnDrop>() {}
    const {
        wipes_itself::<MasterKey>();
        wipes_itself::<KeyRing>();
        wipes_itself::<HashKey>();
    }
}

#[test]
fn everything_crosses_threads() {
    const fn crosses<T: Send + Sync + 'static>() {}
    const {
        crosses::<KeyRing>();
        crosses::<MasterKey>();
        crosses::<HashKey>();
        crosses::<Sealed>();
        crosses::<Version>();
        crosses::<Error>();
        crosses::<KeyRingError>();
        crosses::<BadLine>();
        crosses::<InvalidVersion>();
    }
}

/// Whether `text` holds any [`WINDOW`] consecutive bytes of `secret`: as they are, in hex, in base64 or as a list.
fn shows(text: &str, secret: &[u8]) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let lower = text.to_lowercase();
    secret.windows(WINDOW).any(|window| {
        let list =
            |spell: fn(&u8) -> String| window.iter().map(spell).collect::<Vec<_>>().join(",");
        text.as_bytes().windows(WINDOW).any(|found| found == window)
            || lower.contains(&hex(window))
            || lower.contains(&list(|byte| format!("{byte}")))
            || lower.contains(&list(|byte| format!("{byte:x}")))
            || text.contains(&STANDARD_NO_PAD.encode(window))
            || text.contains(&URL_SAFE_NO_PAD.encode(window))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
