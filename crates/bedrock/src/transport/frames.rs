//! The event stream of an answer.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use credential_provider::{Error, Result};
use tokio::time::{Instant, Sleep, sleep};

use super::{
    Answer,
    event::{Event, Source},
    frame::{Frame, Splitter},
};

/// The events of an answer. Dropping it ends the call.
pub struct Frames {
    answer: Answer,
    splitter: Splitter,
    /// Ends when it was silent for too long. One for the whole stream: a timer costs more than an event.
    silence: Pin<Box<Sleep>>,
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
            silence: Box::pin(sleep(Duration::ZERO)),
            batch,
        }
    }

    /// The next events, as many as came together, if some come within `idle`; `None` when the stream has ended.
    ///
    /// # Errors
    /// Silence, a connection that broke, or bytes that are no frames. A refusal in mid-stream is in the batch.
    pub async fn batch(&mut self, idle: Duration) -> Result<Option<Batch>> {
        self.silence.as_mut().reset(Instant::now() + idle);
        tokio::select! {
            biased;
            batch = read(&mut self.answer, &mut self.splitter) => batch,
            () = &mut self.silence => Err(Error::TimedOut {
                operation: self.answer.operation(),
                limit: idle,
            }),
        }
    }

    /// That the stream has ended before its time.
    pub fn cut_short(&self) -> Error {
        let operation = self.answer.operation();
        Error::Broken { operation }
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
}

/// The next frames that are whole.
async fn read(answer: &mut Answer, splitter: &mut Splitter) -> Result<Option<Batch>> {
    loop {
        match splitter.whole() {
            Ok(None) => {}
            Ok(Some(frames)) => {
                let source = answer.source().clone();
                return Ok(Some(Batch { frames, source }));
            }
            Err(_) => return Err(answer.nonsense()),
        }
        match answer.chunk().await? {
            Some(chunk) => splitter.push(chunk),
            None if splitter.is_between_frames() => return Ok(None),
            None => {
                let operation = answer.operation();
                return Err(Error::Broken { operation });
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
