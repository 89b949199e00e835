//! A body that goes through as it is, and its share of what may be under way at a time.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
};
use bedrock::transport::{Answer, Operation, is_own};
use futures_util::StreamExt;
use http::{HeaderMap, header::CONTENT_LENGTH};
use tokio::time::{Instant, timeout};

use crate::{
    Context,
    api::problem::{Code, Problem},
    app::{
        self,
        conversations::{Arriving, Asked, Call, Converser, Route, Share},
    },
    http::observe::CallerNote,
};

/// The longest body: Bedrock takes documents and images of 20 MiB, which base64 makes a third longer.
const LONGEST: usize = 28 * 1024 * 1024;
/// Longest that a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most headers of Bedrock's own that are sent on, and how long they may be together: AWS knows half as many, and what
/// stands before it refuses long heads without a word.
const MOST_HEADERS: usize = 16;
const LONGEST_HEADERS: usize = 8 * 1024;

/// A body with its headers, and its share until it was sent on.
pub(super) struct Payload {
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
    share: Share,
}

impl Payload {
    /// Puts what it was translated into in its place.
    pub(super) fn replace(&mut self, bytes: Bytes) -> Result<(), app::Error> {
        self.share.grow_to(bytes.len())?;
        self.bytes = bytes;
        Ok(())
    }

    /// Asks a model what it says, and comes back when the answer begins. It takes its room until then.
    ///
    /// # Errors
    /// As of [`ask`](app::conversations::ask).
    pub(super) async fn ask(
        self,
        context: Context,
        converser: Converser,
        route: Arc<Route>,
        operation: Operation,
    ) -> Result<(Answer, Call), app::Error> {
        let asked = Asked {
            route,
            operation,
            body: self.bytes.clone(),
            headers: &self.headers,
        };
        app::conversations::ask(&context, converser, asked).await
    }
}

/// Read only once the caller is known and may converse: the extractor before it sees to that.
impl FromRequest<Context> for Payload {
    type Rejection = Problem;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let note = head.extensions.get::<CallerNote>();
        let admission = note.and_then(CallerNote::admission);
        let admission = admission.ok_or_else(|| Problem::new(Code::Internal))?;
        let length = head
            .headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > LONGEST) {
            return Err(too_long());
        }
        require_few(&head.headers)?;
        let share = context.room.share(admission.tenant);
        let began = Instant::now();
        let (bytes, share) = tokio::select! {
            biased;
            read = timeout(PATIENCE, read(body, share)) => read.map_err(|_| too_slow())??,
            () = admission.lost() => return Err(app::Error::Withdrawn.into()),
        };
        admission.note_upload(began.elapsed());
        Ok(Self {
            headers: head.headers,
            bytes,
            share,
        })
    }
}

fn require_few(headers: &HeaderMap) -> Result<(), Problem> {
    let own = headers.iter().filter(|(name, _)| is_own(name));
    let (count, length) = own.fold((0, 0), |(count, length), (name, value)| {
        (count + 1, length + name.as_str().len() + value.len())
    });
    if count <= MOST_HEADERS && length <= LONGEST_HEADERS {
        return Ok(());
    }
    Err(Problem::new(Code::ValidationFailed)
        .detail(
            "Of the headers x-amzn-bedrock-… at most 16 are sent on, of at most 8 KiB together.",
        )
        .at(
            "/header/x-amzn-bedrock-",
            "must be at most 16 headers of at most 8 KiB together",
        ))
}

/// What has arrived takes room, and nothing else does.
async fn read(body: Body, share: Share) -> Result<(Bytes, Share), Problem> {
    let mut stream = body.into_data_stream();
    let mut arriving = Arriving::new(share);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(Code::MalformedBody).at("", "could not be read to its end")
        })?;
        if arriving.length() + chunk.len() > LONGEST {
            return Err(too_long());
        }
        arriving.push(chunk).map_err(app::Error::from)?;
    }
    Ok(arriving.end())
}

fn too_long() -> Problem {
    Problem::new(Code::BodyTooLarge)
        .detail("A conversation's body is at most 28 MiB long.")
        .at("", "must be at most 28 MiB")
}

fn too_slow() -> Problem {
    Problem::new(Code::BodyTimeout)
        .detail("A conversation's body has 60 seconds to arrive.")
        .at("", "must arrive within 60 seconds")
}
