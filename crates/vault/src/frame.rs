//! Several byte strings as one that says where each ends. Everything this crate authenticates, hashes or derives from
//! goes through here, so that no two different lists of parts ever give the same bytes.
//!
//! The layout is, for every part in order, its length as eight bytes, most significant first, and then the part.
//! Read from the front it has one reading only, so the encoding is injective over whole lists. Eight bytes, not four:
//! every length fits, so framing cannot fail.

/// Hands the frame of `parts` to `sink` piece by piece; no copy of a part is kept.
pub(crate) fn write<'a>(parts: impl IntoIterator<Item = &'a [u8]>, mut sink: impl FnMut(&[u8])) {
    for part in parts {
        sink(&(part.len() as u64).to_be_bytes());
        sink(part);
    }
}

/// The frame of `parts`, which must not be secret: the buffer is not wiped.
pub(crate) fn bytes<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut frame = Vec::new();
    write(parts, |piece| frame.extend_from_slice(piece));
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_stands_behind_its_length() {
        assert_eq!(bytes([]), b"");
        assert_eq!(
            bytes([&b"ab"[..], b"", b"c"]),
            b"\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01c"
        );
    }

    #[test]
    fn moving_a_boundary_changes_the_frame() {
        let frames = [
            bytes([&b"abc"[..]]),
            bytes([&b"abc"[..], b""]),
            bytes([&b""[..], b"abc"]),
            bytes([&b"a"[..], b"bc"]),
            bytes([&b"ab"[..], b"c"]),
        ];
        for (i, left) in frames.iter().enumerate() {
            for right in &frames[i + 1..] {
                assert_ne!(left, right);
            }
        }
    }
}
