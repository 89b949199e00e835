//! A whole answer on its way to its client.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use futures_util::{Stream, stream};
use http::{
    HeaderValue,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};

use super::watched::{Watch, watched};
use crate::{Context, app::conversations::Converser, http::RequestId};

/// How much of a long answer is handed over at a time.
const PIECE: usize = 64 * 1_024;

/// The answer, which takes its room until it is written. A long one takes its caller's place, too; nobody who does not read it
/// keeps them for long, nor who has lost what it depends on.
pub(super) fn written(
    context: &Context,
    converser: &Converser,
    request_id: RequestId,
    answer: &Bytes,
) -> Response {
    let length = answer.len();
    let body = if length <= PIECE {
        Body::from(answer.clone())
    } else {
        let (tenant, ends) = converser.whose();
        let watch = Watch {
            request_id,
            ended: Box::pin(ends.withdrawn()),
            tenant,
            context: context.clone(),
        };
        watched(watch, pieces(answer.clone(), converser.clone()))
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    (headers, body).into_response()
}

/// Copies, so that a piece that is not read holds no more than itself.
fn pieces(
    answer: Bytes,
    converser: Converser,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold((answer, converser), async |(mut answer, converser)| {
        if answer.is_empty() {
            return None;
        }
        let piece = answer.split_to(answer.len().min(PIECE));
        Some((Ok(Bytes::copy_from_slice(&piece)), (answer, converser)))
    })
}
