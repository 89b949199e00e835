//! Whole numbers as Cognito writes and hashes them: `java.math.BigInteger`.
//!
//! Salt and public values come as hexadecimal numbers, not as bytes: leading zeros are left out, and the number of digits
//! may be odd. What is hashed is made from the number again. Who hashes the bytes as they came fails once in some hundred
//! sign-ins.

use zeroize::Zeroizing;

/// The bytes of a number in hexadecimal, most significant first; `None` if it is none.
pub(super) fn parse_hex(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    if digits.is_empty() || digits.len() > LONGEST {
        return None;
    }
    digits
        .rchunks(2)
        .rev()
        .map(|pair| {
            pair.iter().try_fold(0, |byte, digit| {
                let digit = char::from(*digit).to_digit(16)?;
                Some(byte << 4 | u8::try_from(digit).ok()?)
            })
        })
        .collect()
}

/// As many digits as the group's modulus has: no number that Cognito sends is longer.
const LONGEST: usize = 768;

/// The fewest bytes that hold the number and a sign: one zero in front if the top bit is set, otherwise none.
pub(super) fn padded(big_endian: &[u8]) -> Zeroizing<Vec<u8>> {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let digits = &big_endian[zeros..];
    let needs_sign = digits.first().is_none_or(|top| *top >= 0x80);
    // Made in its full size: bytes that a growing vector leaves behind would not be wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() + 1));
    if needs_sign {
        bytes.push(0);
    }
    bytes.extend_from_slice(digits);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_numbers_may_have_any_number_of_digits() {
        for (digits, bytes) in [
            ("0", &[0][..]),
            ("f", &[15]),
            ("abc", &[0x0a, 0xbc]),
            ("0ABC", &[0x0a, 0xbc]),
            ("00000abc", &[0, 0, 0x0a, 0xbc]),
        ] {
            assert_eq!(parse_hex(digits).as_deref(), Some(bytes), "{digits}");
        }
        for bad in [
            "",
            "-1",
            "+1",
            "0x1",
            "g",
            " 1",
            "1 ",
            "é",
            &"1".repeat(769),
        ] {
            assert_eq!(parse_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_are_padded_as_java_does() {
        for (number, padding) in [
            (&[][..], &[0][..]),
            (&[0, 0], &[0]),
            (&[0, 1], &[1]),
            (&[0x7f, 0xff], &[0x7f, 0xff]),
            (&[0x80], &[0, 0x80]),
            (&[0, 0x80], &[0, 0x80]),
            (&[0, 0, 0xff, 0], &[0, 0xff, 0]),
        ] {
            assert_eq!(padded(number).as_slice(), padding, "{number:?}");
        }
    }
}
