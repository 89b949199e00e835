//! The event stream of an answer.

use std::time::Duration;

use bytes::Bytes;
use credential_provider::{Error, Result};

use super::{
    Answer,
    event::{Event, Source},
    frame::{Frame, Splitter},
};

/// The events of an answer. Dropping it ends the call.
pub struct Frames {
    answer: Answer,
    splitter: Splitter,
    /// What is left of the last batch for who takes events one by one.
    batch: Batch,
}

impl Frames {
    pub(super) fn new(answer: Answer) -> Self {
        let batch = Batch {
            frames: Bytes::new(),
            source: answer.source().clone(),
        };
        Self {
            answer,
            splitter: Splitter::default(),
            batch,
        }
    }

    /// The next events, as many as came together, if some come within `idle`; `None` when the stream has ended.
    ///
    /// # Errors
    /// Silence, a connection that broke, or bytes that are no frames. A refusal in mid-stream is in the batch.
    pub async fn batch(&mut self, idle: Duration) -> Result<Option<Batch>> {
        let operation = self.answer.operation();
        tokio::time::timeout(idle, self.read())
            .await
            .map_err(|_| Error::TimedOut {
                operation,
                limit: idle,
            })?
    }

    /// The next event, if one comes within `idle`; `None` when the stream has ended.
    ///
    /// # Errors
    /// What AWS says in mid-stream, silence, a connection that broke, or bytes that are no event.
    pub async fn next(&mut self, idle: Duration) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.batch.next() {
                return event.map(Some);
            }
            match self.batch(idle).await? {
                Some(batch) => self.batch = batch,
                None => return Ok(None),
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Batch>> {
        loop {
            match self.splitter.whole() {
                Ok(None) => {}
                Ok(Some(frames)) => {
                    let source = self.answer.source().clone();
                    return Ok(Some(Batch { frames, source }));
                }
                Err(_) => return Err(self.answer.nonsense()),
            }
            match self.answer.chunk().await? {
                Some(chunk) => self.splitter.push(chunk),
                None if self.splitter.is_between_frames() => return Ok(None),
                None => {
                    return Err(Error::Unreachable {
                        operation: self.answer.operation(),
                    });
                }
            }
        }
    }
}

/// Events that came together. Iterating tells what they say; [`Batch::bytes`] is for handing them on unread.
#[derive(Debug, Clone)]
pub struct Batch {
    frames: Bytes,
    source: Source,
}

impl Batch {
    /// The frames themselves, checked and whole, as AWS sent them; those that are iterated over are left out.
    pub fn bytes(&self) -> &Bytes {
        &self.frames
    }
}

impl Iterator for Batch {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = Frame::first(&mut self.frames)?;
        Some(self.source.event(frame))
    }
}
