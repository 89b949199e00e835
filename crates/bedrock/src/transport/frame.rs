//! Frames of `application/vnd.amazon.eventstream`, taken apart no further than anybody asks.
//!
//! A frame is its length, the length of its headers and a checksum of both; then headers and payload; then a checksum
//! of all before. What was received is handed on as it is: nothing is copied but a frame that came in pieces, and a
//! payload is never looked into.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// More than any frame of AWS's has; what claims to be longer is nonsense.
const LONGEST: usize = 24 * 1_024 * 1_024;
const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// Bytes that are no frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// A whole frame whose checksums are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame(Bytes);

impl Frame {
    /// Takes the first frame off `frames`, which [`Splitter`] made.
    pub(super) fn first(frames: &mut Bytes) -> Option<Self> {
        let length = number(frames)?;
        (length <= frames.len()).then(|| Self(frames.split_to(length)))
    }

    /// The value of a header that is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut rest = &self.0[self.headers()];
        while !rest.is_empty() {
            let header = Header::first(rest)?;
            if header.name == name.as_bytes() {
                return std::str::from_utf8(header.text?).ok();
            }
            rest = header.behind;
        }
        None
    }

    /// What it carries.
    pub(super) fn payload(&self) -> Bytes {
        self.0.slice(self.headers().end..self.0.len() - CHECKSUM)
    }

    fn headers(&self) -> Range<usize> {
        let length = number(&self.0[4..]).unwrap_or_default();
        PRELUDE..PRELUDE + length
    }
}

/// Cuts what is received into whole frames.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// What was received last, as far as it is not handed on.
    chunk: Bytes,
    /// The beginning of a frame of which more is to come.
    begun: BytesMut,
}

impl Splitter {
    /// Takes what was received, once [`Splitter::whole`] has nothing more to give.
    pub(super) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "what is at hand comes first");
        self.chunk = chunk;
    }

    /// The next whole frames, as many as lie one behind the other in memory; `None` until more is received.
    pub(super) fn whole(&mut self) -> Result<Option<Bytes>, Malformed> {
        if !self.begun.is_empty() {
            return self.complete();
        }
        let mut end = 0;
        while let Some(length) = length(&self.chunk[end..])?
            && let Some(frame) = self.chunk[end..].get(..length)
        {
            check(frame)?;
            end += length;
        }
        let whole = self.chunk.split_to(end);
        self.begun
            .extend_from_slice(&std::mem::take(&mut self.chunk));
        Ok((!whole.is_empty()).then_some(whole))
    }

    /// Whether it ended between frames.
    pub(super) fn is_between_frames(&self) -> bool {
        self.begun.is_empty() && self.chunk.is_empty()
    }

    /// The frame that was begun, if the rest of it is here.
    fn complete(&mut self) -> Result<Option<Bytes>, Malformed> {
        if length(&self.begun)?.is_none() {
            self.fill(PRELUDE);
        }
        let Some(length) = length(&self.begun)? else {
            return Ok(None);
        };
        self.fill(length);
        if self.begun.len() < length {
            return Ok(None);
        }
        let frame = std::mem::take(&mut self.begun).freeze();
        check(&frame)?;
        Ok(Some(frame))
    }

    /// Moves over what is missing of `length` bytes, or all there is.
    fn fill(&mut self, length: usize) {
        let missing = length - self.begun.len();
        let more = self.chunk.split_to(missing.min(self.chunk.len()));
        self.begun.extend_from_slice(&more);
    }
}

/// A header of a frame.
struct Header<'a> {
    name: &'a [u8],
    /// Its value, if that is text.
    text: Option<&'a [u8]>,
    /// What comes behind it.
    behind: &'a [u8],
}

impl<'a> Header<'a> {
    /// The header that begins here, if one does.
    fn first(bytes: &'a [u8]) -> Option<Self> {
        const TEXT: u8 = 7;
        let (length, rest) = bytes.split_first()?;
        let (name, rest) = rest.split_at_checked(usize::from(*length))?;
        let (kind, rest) = rest.split_first()?;
        let (length, rest) = match *kind {
            // Booleans have no value, and numbers, times and UUIDs one of a known length.
            0 | 1 => (0, rest),
            2 => (1, rest),
            3 => (2, rest),
            4 => (4, rest),
            5 | 8 => (8, rest),
            9 => (16, rest),
            // Bytes and text say how long they are.
            6 | TEXT => {
                let (length, rest) = rest.split_first_chunk()?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            _ => return None,
        };
        let (value, behind) = rest.split_at_checked(length)?;
        Some(Self {
            name,
            text: (*kind == TEXT).then_some(value),
            behind,
        })
    }
}

/// How long the frame is that begins here; `None` if its prelude is not all here.
fn length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let Some(prelude) = bytes.first_chunk::<PRELUDE>() else {
        // What claims to be endless is not waited for.
        return match number(bytes) {
            Some(length) if length > LONGEST => Err(Malformed),
            _ => Ok(None),
        };
    };
    let (lengths, checksum) = prelude.split_at(8);
    let (Some(all), Some(headers)) = (number(lengths), number(&lengths[4..])) else {
        return Err(Malformed);
    };
    let fits = all <= LONGEST && all.checked_sub(PRELUDE + CHECKSUM) >= Some(headers);
    if fits && is_sum(lengths, checksum) {
        Ok(Some(all))
    } else {
        Err(Malformed)
    }
}

/// Checks a frame whose prelude is right.
fn check(frame: &[u8]) -> Result<(), Malformed> {
    let (bytes, checksum) = frame.split_at(frame.len() - CHECKSUM);
    if is_sum(bytes, checksum) {
        Ok(())
    } else {
        Err(Malformed)
    }
}

fn is_sum(bytes: &[u8], checksum: &[u8]) -> bool {
    crc32fast::hash(bytes).to_be_bytes() == checksum
}

fn number(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.first_chunk()?;
    usize::try_from(u32::from_be_bytes(*bytes)).ok()
}

#[cfg(test)]
mod tests {
    use aws_smithy_eventstream::frame::write_message_to;
    use aws_smithy_types::{
        DateTime,
        event_stream::{self, HeaderValue, Message},
        str_bytes::StrBytes,
    };
    use proptest::{collection::vec, prelude::*, sample::Index};

    use super::*;

    fn value() -> impl Strategy<Value = HeaderValue> {
        prop_oneof![
            any::<bool>().prop_map(HeaderValue::Bool),
            any::<i8>().prop_map(HeaderValue::Byte),
            any::<i16>().prop_map(HeaderValue::Int16),
            any::<i32>().prop_map(HeaderValue::Int32),
            any::<i64>().prop_map(HeaderValue::Int64),
            vec(any::<u8>(), 0..40).prop_map(|bytes| HeaderValue::ByteArray(bytes.into())),
            any::<i32>().prop_map(|at| HeaderValue::Timestamp(DateTime::from_secs(at.into()))),
            any::<u128>().prop_map(HeaderValue::Uuid),
            "\\PC{0,20}".prop_map(|text| HeaderValue::String(text.into())),
        ]
    }

    fn message() -> impl Strategy<Value = Message> {
        let headers = vec(("[a-z:-]{1,12}", value()), 0..5);
        (headers, vec(any::<u8>(), 0..200)).prop_map(|(headers, payload)| {
            let headers = headers
                .into_iter()
                .map(|(name, value)| event_stream::Header::new(name, value));
            headers.fold(Message::new(payload), Message::add_header)
        })
    }

    fn written(messages: &[Message]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for message in messages {
            write_message_to(message, &mut bytes).unwrap();
        }
        bytes
    }

    /// The frames of what is received in pieces.
    fn received<'a>(
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Splitter, Result<Vec<Frame>, Malformed>) {
        let mut splitter = Splitter::default();
        let mut frames = Vec::new();
        for piece in pieces {
            splitter.push(Bytes::copy_from_slice(piece));
            loop {
                match splitter.whole() {
                    Ok(Some(mut whole)) => {
                        frames.extend(std::iter::from_fn(|| Frame::first(&mut whole)));
                        assert!(whole.is_empty(), "frames are handed out whole");
                    }
                    Ok(None) => break,
                    Err(malformed) => return (splitter, Err(malformed)),
                }
            }
        }
        (splitter, Ok(frames))
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_they_are_cut(
            messages in vec(message(), 0..6),
            cuts in vec(any::<Index>(), 0..8),
        ) {
            let bytes = written(&messages);
            let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.extend([0, bytes.len()]);
            at.sort_unstable();

            let (splitter, frames) = received(at.windows(2).map(|cut| &bytes[cut[0]..cut[1]]));

            let frames = frames.unwrap();
            prop_assert!(splitter.is_between_frames());
            prop_assert_eq!(frames.len(), messages.len());
            for (frame, message) in frames.iter().zip(&messages) {
                prop_assert_eq!(&frame.payload(), message.payload());
                for header in message.headers() {
                    let name = header.name().as_str();
                    let first = message.headers().iter().find(|other| other.name() == header.name());
                    let text = first.and_then(|first| first.value().as_string().ok());
                    prop_assert_eq!(frame.header(name), text.map(StrBytes::as_str));
                }
                prop_assert_eq!(frame.header("absent"), None);
            }
        }

        #[test]
        fn a_bit_that_flipped_is_found(message in message(), at in any::<Index>(), bit in 0_u8..8) {
            let mut bytes = written(&[message]);
            *at.get_mut(&mut bytes) ^= 1 << bit;
            let (_, frames) = received([&*bytes]);
            prop_assert_eq!(frames, Err(Malformed));
        }

        #[test]
        fn what_is_cut_is_no_frame(message in message(), at in any::<Index>()) {
            let bytes = written(&[message]);
            let (splitter, frames) = received([&bytes[..at.index(bytes.len())]]);
            prop_assert_eq!(frames, Ok(Vec::new()));
            prop_assert_eq!(splitter.is_between_frames(), at.index(bytes.len()) == 0);
        }
    }

    #[test]
    fn what_came_together_stays_together_and_is_not_copied() {
        let message = || Message::new(vec![1; 20]);
        let bytes = Bytes::from(written(&[message(), message(), message()]));
        let two = bytes.len() / 3 * 2;
        let mut splitter = Splitter::default();

        splitter.push(bytes.slice(..two + 5));
        let whole = splitter.whole().unwrap().unwrap();
        assert_eq!((whole.len(), whole.as_ptr()), (two, bytes.as_ptr()));
        assert_eq!(splitter.whole(), Ok(None));

        splitter.push(bytes.slice(two + 5..));
        assert_eq!(splitter.whole(), Ok(Some(bytes.slice(two..))));
        assert_eq!(splitter.whole(), Ok(None));
    }

    #[test]
    fn what_claims_to_be_endless_is_nonsense_at_once() {
        for bytes in [[0xff; 4].as_slice(), &[b'x'; 12], &[0; 12]] {
            assert_eq!(received([bytes]).1, Err(Malformed), "{bytes:?}");
        }
    }
}
