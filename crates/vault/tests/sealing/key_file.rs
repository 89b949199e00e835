//! What an operator may write into the key file, and what they are told when it is wrong.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use rand::SeedableRng;
use rand::rngs::StdRng;
use vault::{BadLine, InvalidVersion, KeyRing, KeyRingError, Version};

// 32 bytes each, in base64.
const A: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
const B: &str = "Z2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU2Nzg5Ky8=";

#[test]
fn reads_a_key_per_line() {
    let lines = [
        (format!("1:{A}"), vec![1]),
        (format!("1:{A}\n2:{B}\n"), vec![1, 2]),
        (format!("2:{B}\r\n1:{A}\r\n"), vec![1, 2]),
        (
            format!("\n# of June\n\n  2147483647 : {A}  \n#1:{B}\n\t\n"),
            vec![i32::MAX],
        ),
        (format!("0007:{A}"), vec![7]),
    ];
    for (text, expected) in lines {
        assert_eq!(versions(&text), expected, "{text:?}");
    }
}

#[test]
fn finds_keys_by_version() {
    let ring = KeyRing::parse(&format!("30:{A}\n4:{B}")).unwrap();
    for number in [4, 30] {
        let version = Version::try_from(number).unwrap();
        assert_eq!(ring.get(version).unwrap().version(), version);
    }
    assert!(ring.get(Version::FIRST).is_none());
    assert_eq!(i32::from(ring.newest().version()), 30);
    assert_eq!(ring.keys().count(), 2);
}

#[test]
fn where_a_key_stands_does_not_change_it() {
    let [one, two] = [
        format!("1:{A}\n2:{B}"),
        format!("# turned\n2: {B}\r\n1:{A}"),
    ]
    .map(|text| KeyRing::parse(&text).unwrap());
    for (one, two) in one.keys().zip(two.keys()) {
        assert!(one.matches(&two.check_value()));
    }
}

#[test]
fn a_new_file_holds_one_new_key() {
    let mut rng = StdRng::seed_from_u64(1);
    let [one, two] = [(), ()].map(|()| KeyRing::parse(&KeyRing::generate(&mut rng)).unwrap());
    assert_eq!(one.versions().collect::<Vec<_>>(), [Version::FIRST]);
    assert!(!one.newest().matches(&two.newest().check_value()));
}

#[test]
fn refuses_with_the_line_and_the_reason() {
    let zeros = STANDARD.encode([0; 32]);
    let ones = STANDARD.encode([255; 32]);
    let short = STANDARD.encode(&A.as_bytes()[..31]);
    let long = STANDARD.encode(&A.as_bytes()[..33]);
    let unpadded = A.trim_end_matches('=');
    let url_safe = URL_SAFE.encode([[0xff; 16], [0xfe; 16]].concat());
    let bad_bits = A.replace("ZWY=", "ZWZ=");
    let table = [
        (String::new(), KeyRingError::Empty),
        ("\n \r\n# only words\n".into(), KeyRingError::Empty),
        (A.into(), line(1, BadLine::NoColon)),
        (format!("1={A}"), line(1, BadLine::NoColon)),
        (format!("1:{A}\ntypo"), line(2, BadLine::NoColon)),
        (format!(":{A}"), line(1, BadLine::Version(InvalidVersion))),
        (format!("0:{A}"), line(1, BadLine::Version(InvalidVersion))),
        (format!("-1:{A}"), line(1, BadLine::Version(InvalidVersion))),
        (format!("+1:{A}"), line(1, BadLine::Version(InvalidVersion))),
        (format!("v1:{A}"), line(1, BadLine::Version(InvalidVersion))),
        (
            format!("2147483648:{A}"),
            line(1, BadLine::Version(InvalidVersion)),
        ),
        (format!("{A}:1"), line(1, BadLine::Version(InvalidVersion))),
        ("1:".into(), line(1, BadLine::NotAKey)),
        (format!("# head\n\n1:{short}"), line(3, BadLine::NotAKey)),
        (format!("1:{long}"), line(1, BadLine::NotAKey)),
        (format!("1:{unpadded}"), line(1, BadLine::NotBase64)),
        (format!("1:{url_safe}"), line(1, BadLine::NotBase64)),
        (format!("1:{bad_bits}"), line(1, BadLine::NotBase64)),
        (format!("1:{A} # the key"), line(1, BadLine::NotBase64)),
        (format!("1:\"{A}\""), line(1, BadLine::NotBase64)),
        (format!("1:{A},2:{B}"), line(1, BadLine::NotBase64)),
        (format!("1:2:{A}"), line(1, BadLine::NotBase64)),
        (format!("1:{zeros}"), line(1, BadLine::Weak)),
        (format!("1:{ones}"), line(1, BadLine::Weak)),
        (
            format!("1:{A}\n2:{B}\n1:{B}"),
            line(3, BadLine::VersionTwice(1)),
        ),
        (format!("1:{A}\n1:{A}"), line(2, BadLine::VersionTwice(1))),
        (
            format!("1:{B}\n\n2:{A}\n3:{A}"),
            line(4, BadLine::KeyTwice(3)),
        ),
    ];
    for (text, expected) in table {
        let error = KeyRing::parse(&text).unwrap_err();
        assert_eq!(error, expected, "{text:?}");
        echoes_nothing(&error, &text);
    }
}

#[test]
fn messages_read_well() {
    let messages = [
        (
            KeyRingError::Empty,
            "no master key: expected a line <version>:<base64 of 32 bytes>",
        ),
        (
            line(1, BadLine::NoColon),
            "line 1 of the master keys: expected <version>:<base64 of 32 bytes>",
        ),
        (
            line(2, BadLine::Version(InvalidVersion)),
            "line 2 of the master keys: a master key's version is a whole number from 1 to 2147483647",
        ),
        (
            line(3, BadLine::NotBase64),
            "line 3 of the master keys: the key is not base64 (A-Z a-z 0-9 + / and = to the end)",
        ),
        (
            line(4, BadLine::NotAKey),
            "line 4 of the master keys: the key is not 32 bytes long",
        ),
        (
            line(5, BadLine::Weak),
            "line 5 of the master keys: the key is one byte repeated",
        ),
        (
            line(6, BadLine::VersionTwice(1)),
            "line 6 of the master keys: its version is on line 1 already",
        ),
        (
            line(7, BadLine::KeyTwice(1)),
            "line 7 of the master keys: its key is on line 1 already, under another version",
        ),
    ];
    for (error, message) in messages {
        assert_eq!(error.to_string(), message);
    }
}

fn versions(text: &str) -> Vec<i32> {
    KeyRing::parse(text)
        .unwrap()
        .versions()
        .map(i32::from)
        .collect()
}

fn line(line: usize, problem: BadLine) -> KeyRingError {
    KeyRingError::Line { line, problem }
}

/// No five characters of a key stand in what the error prints, in either form.
fn echoes_nothing(error: &KeyRingError, text: &str) {
    let printed = format!("{error} {error:?}");
    let words = text.split(|c: char| c == ':' || c.is_whitespace());
    for word in words.filter(|word| word.len() > 30) {
        for at in 0..=word.len() - 5 {
            assert!(!printed.contains(&word[at..at + 5]), "{printed}");
        }
    }
}
