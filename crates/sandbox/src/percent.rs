//! Percent-encoding as AWS does it: everything but letters, digits, `-`, `_`, `.` and `~`.

use std::fmt::Write;

/// The text, encoded; a slash stays if it separates segments.
pub(crate) fn encode(text: &str, keeps_slash: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        if plain || (keeps_slash && byte == b'/') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The text that was encoded. A `%` that encodes nothing stays, and so does a `+`.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |at: usize| {
            bytes
                .get(at)
                .and_then(|byte| char::from(*byte).to_digit(16))
        };
        if let (b'%', Some(high), Some(low)) = (byte, digit(at + 1), digit(at + 2)) {
            decoded.extend(u8::try_from(high * 16 + low));
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_survives_a_path() {
        let arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a+b=c&d é";
        let encoded = encode(arn, false);
        assert!(
            encoded.starts_with("arn%3Aaws%3A") && encoded.ends_with("%2Fa%2Bb%3Dc%26d%20%C3%A9")
        );
        assert_eq!(decode(&encoded), arn);
    }

    #[test]
    fn what_encodes_nothing_stays() {
        assert_eq!(decode("100%+%zz%4"), "100%+%zz%4");
        assert_eq!(encode("a/b", true), "a/b");
    }
}
