//! An open connection, and one request over it.

use std::{error::Error, sync::Arc};

use bytes::Bytes;
use h2::Reason;
use http::{HeaderValue, Response, Uri, header::HOST};
use http_body_util::Full;
use hyper::client::conn::{TrySendError, http1, http2};

use super::{
    Outgoing,
    body::{Body, Hold},
    host::{Host, Stream},
};

pub(super) type Http1 = http1::SendRequest<Full<Bytes>>;
pub(super) type Http2 = http2::SendRequest<Full<Bytes>>;

/// A connection that is good for a request.
pub(super) enum Channel {
    /// One that carries nothing else, and the host that takes it back.
    Http1(Http1, Arc<Host>),
    /// One that carries others too, and the place on it.
    Http2(Http2, Stream),
}

/// Why a connection brought no answer.
pub(super) enum Unanswered {
    /// It ended before the request was sent, which comes back as it was.
    Unsent(Box<Outgoing>),
    /// The peer says that it did nothing about the request.
    Declined,
    /// It ended later.
    Broken,
}

impl Channel {
    /// Sends a request, and comes back when the answer begins.
    pub(super) async fn send(self, mut request: Outgoing) -> Result<Response<Body>, Unanswered> {
        let uri = request.uri().clone();
        let (answer, hold) = match self {
            Self::Http1(mut sender, host) => {
                into_http1(&mut request);
                let answer = sender.try_send_request(request).await;
                (answer, Hold::Connection(Some(sender), host))
            }
            Self::Http2(mut sender, stream) => {
                let answer = sender.try_send_request(request).await;
                (answer, Hold::Stream(stream))
            }
        };
        match answer {
            Ok(answer) => Ok(answer.map(|body| Body::new(body, hold))),
            Err(error) => Err(unanswered(error, uri)),
        }
    }
}

/// HTTP/1 has the host in a header, and nothing but the path where HTTP/2 has all.
fn into_http1(request: &mut Outgoing) {
    let uri = request.uri();
    let host = uri
        .authority()
        .map(|host| HeaderValue::try_from(host.as_str()));
    let path = uri.path_and_query().cloned().map(Uri::from);
    if let Some(Ok(host)) = host {
        request.headers_mut().insert(HOST, host);
    }
    if let Some(path) = path {
        *request.uri_mut() = path;
    }
}

fn unanswered(mut error: TrySendError<Outgoing>, uri: Uri) -> Unanswered {
    match error.take_message() {
        Some(mut request) => {
            *request.uri_mut() = uri;
            Unanswered::Unsent(Box::new(request))
        }
        None if is_declined(error.error()) => Unanswered::Declined,
        None => Unanswered::Broken,
    }
}

/// Whether a peer that speaks HTTP/2 vouches for it that it did nothing: it refused the stream, or went away before it.
fn is_declined(error: &hyper::Error) -> bool {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<h2::Error>());
    cause.is_some_and(|cause| {
        cause.reason() == Some(Reason::REFUSED_STREAM) || (cause.is_go_away() && cause.is_remote())
    })
}
