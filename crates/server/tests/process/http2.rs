//! A request over HTTP/2 without TLS, which reqwest is built without.

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

/// Sends one, and returns its status and answer.
pub(crate) async fn send(url: &str, request: http::request::Builder, body: &str) -> (u16, String) {
    let address = url.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let driven = tokio::spawn(connection);
    let request: Request<_> = request
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    drop(sender);
    driven.await.unwrap().unwrap();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}
