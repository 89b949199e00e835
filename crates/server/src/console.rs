//! The console: files that a browser runs, served out of the binary. They call nothing but the public API.
//!
//! Pages are told apart behind the `#` of their addresses, so there is one document, and what else is unknown here stays an
//! unknown path of the API. A build without optimisation reads the files from their folder, to work on them.

use std::fmt::Write;

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};

use crate::{
    Context,
    api::problem::{Code, Problem},
};

#[derive(Embed)]
#[folder = "console"]
struct Files;

/// No script or style in the document, nothing from anywhere else, in nobody's frame, no text taken for markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What every answer carries.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    // Replicas of two versions may answer one page: it asks each time, and is told that nothing has changed.
    (header::CACHE_CONTROL, "no-cache"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

pub(crate) fn router() -> Router<Context> {
    Router::new()
        .route("/", get(document))
        .route("/console/{*file}", get(file))
}

async fn document(headers: HeaderMap) -> Result<Response, Problem> {
    answer("index.html", &headers)
}

async fn file(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    answer(&name, &headers)
}

fn answer(name: &str, asked: &HeaderMap) -> Result<Response, Problem> {
    let not_found = || Problem::new(Code::NotFound);
    let kind = kind(name).ok_or_else(not_found)?;
    let file = Files::get(name).ok_or_else(not_found)?;
    let etag = etag(&file);
    let is_known = asked.get(header::IF_NONE_MATCH) == Some(&etag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind)], file.data).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    Ok(response)
}

fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "html" => Some("text/html; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// A name for what is in the file.
fn etag(file: &EmbeddedFile) -> HeaderValue {
    let mut text = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..16] {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}
