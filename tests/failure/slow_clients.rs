//! Clients that keep a connection and send next to nothing.

use std::{convert::Infallible, time::Duration};

use axum::{Router, routing::get};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use harness::Service;
use http::Request;
use http_body_util::{Empty, StreamBody};
use hyper::{body::Frame, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use server::http::serve::{Limits, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long a slow client is waited for at most: longer than the service has patience.
const HOPELESS: Duration = Duration::from_secs(20);
/// How often a slow client sends something.
const TRICKLE: Duration = Duration::from_millis(200);
/// How much later than promised, on a busy machine.
const LATE: Duration = Duration::from_secs(2);

/// Sends `head`, then one `drop` after another, until the service ends the connection; returns when that was and what it
/// had said.
async fn trickle(address: &str, head: &str, drop: &[u8]) -> (Duration, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut answers, mut requests) = stream.into_split();
    requests.write_all(head.as_bytes()).await.unwrap();
    let began = Instant::now();
    let mut said = Vec::new();
    let mut ticks = interval(TRICKLE);
    let ended = async {
        loop {
            tokio::select! {
                read = answers.read_buf(&mut said) => if read.unwrap_or(0) == 0 { break },
                _ = ticks.tick() => {
                    // The other side may have gone just now.
                    let _ = requests.write_all(drop).await;
                }
            }
        }
    };
    timeout(HOPELESS, ended)
        .await
        .unwrap_or_else(|_| panic!("kept for {HOPELESS:?}: {head:?}, then {drop:?}"));
    (began.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn a_head_that_does_not_arrive_ends_the_connection() {
    const HEAD: Duration = Duration::from_secs(1);
    let service = Service::start().await;
    let limits = Limits {
        first: HEAD,
        head: HEAD,
        ..Limits::new(100, Duration::ZERO)
    };
    let address = beside(&service, limits).await;

    let (head, nothing, preface, idle) = tokio::join!(
        trickle(&address, "GET /livez HTTP/1.1\r\nx: ", b"x"),
        trickle(&address, "", b""),
        trickle(&address, "PRI * HTTP/2.0\r\n", b""),
        trickle(&address, "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n", b""),
    );

    for (what, (took, _)) in [
        ("a head in drops", &head),
        ("nothing at all", &nothing),
        ("half of what opens HTTP/2", &preface),
        ("nothing after an answer", &idle),
    ] {
        let expected = HEAD - Duration::from_millis(100)..HEAD + LATE;
        assert!(expected.contains(took), "{what}: {took:?}");
    }
    assert!(idle.1.starts_with("HTTP/1.1 200 "), "{}", idle.1);
    // Who asks in time is served for longer than that.
    let mut steady = TcpStream::connect(&address).await.unwrap();
    let began = Instant::now();
    while began.elapsed() < HEAD * 2 {
        steady
            .write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut answer = [0; 1024];
        let read = steady.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 "));
    }
}

/// Serves beside `service`, with other limits; the address.
async fn beside(service: &Service, limits: Limits) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = server::api::router(&service.context);
    tokio::spawn(serve(listener, router, CancellationToken::new(), limits));
    address
}

#[tokio::test]
async fn who_reads_nothing_of_the_answers_is_left() {
    let service = Service::start().await;
    let limits = Limits {
        write: Duration::from_secs(1),
        ..Limits::new(100, Duration::ZERO)
    };
    let mut stream = TcpStream::connect(beside(&service, limits).await)
        .await
        .unwrap();
    // More and more is asked for, until the connection is gone.
    let many = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    let gone = async { while stream.write_all(many.as_bytes()).await.is_ok() {} };
    timeout(HOPELESS, gone).await.unwrap();
}

#[tokio::test]
async fn a_connection_of_http2_that_carries_nothing_more_ends() {
    let service = Service::start().await;
    let limits = Limits {
        head: Duration::from_secs(1),
        ..Limits::new(100, Duration::ZERO)
    };
    let limits = Limits {
        first: limits.head,
        ..limits
    };
    let stream = TcpStream::connect(beside(&service, limits).await)
        .await
        .unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("http://x/livez").body(Empty::<Bytes>::new());
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    drop(answer);
    // It is the service that ends it: the client still holds it.
    let ended = timeout(HOPELESS, connection).await;
    assert!(ended.is_ok());
    drop(sender);
}

#[tokio::test]
async fn a_connection_of_http2_whose_client_takes_nothing_ends() {
    const HEAD: Duration = Duration::from_secs(1);
    let service = Service::start().await;
    let limits = Limits {
        first: HEAD,
        head: HEAD,
        ..Limits::new(100, Duration::ZERO)
    };
    for window in [0, 1] {
        let stream = TcpStream::connect(beside(&service, limits).await)
            .await
            .unwrap();
        let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(window)
            .handshake(TokioIo::new(stream))
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::get("http://x/livez").body(Empty::<Bytes>::new());
        let answer = sender.send_request(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        let ended = timeout(HOPELESS, connection).await;
        assert!(ended.is_ok(), "{window}");
        drop((answer, sender));
    }
}

#[tokio::test]
async fn a_connection_of_http2_that_waits_for_us_goes_on() {
    const HEAD: Duration = Duration::from_secs(1);
    let limits = Limits {
        first: HEAD,
        head: HEAD,
        ..Limits::new(100, Duration::ZERO)
    };
    // Longer than anybody has who takes nothing.
    let slow = Router::new().route("/", get(async || sleep(HEAD * 5).await));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, slow, CancellationToken::new(), limits));
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://x/").body(Empty::<Bytes>::new());
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn who_is_refused_over_http2_has_sent_all_of_the_body() {
    const PIECES: usize = 300;
    let service = Service::start().await;
    let address = service.url.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let (tell, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let pieces = stream::iter(0..PIECES).map(move |piece| {
        tell.send(piece).unwrap();
        Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[b' '; 64 * 1_024])))
    });
    let request = Request::post(format!("{}/v1/models/x/converse", service.url))
        .header("authorization", "Bearer wrong")
        .body(StreamBody::new(pieces));
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 401);
    // A reset behind the answer would have many clients lose it.
    let mut last = None;
    while let Ok(piece) = sent.try_recv() {
        last = Some(piece);
    }
    assert_eq!(last, Some(PIECES - 1));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_answered_with_408() {
    const BODY: Duration = Duration::from_secs(10);
    let service = Service::start().await;
    let address = service.url.strip_prefix("http://").unwrap();
    let operator = service.operator().await;
    let head = format!(
        "POST /v1/tenants HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{",
        operator.credential()
    );
    let (took, said) = trickle(address, &head, b" ").await;
    assert!((BODY..BODY + LATE).contains(&took), "{took:?}");
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    assert!(said.contains("\"code\":\"body_timeout\""), "{said}");
}

#[tokio::test]
async fn who_is_refused_before_the_body_was_read_keeps_the_connection() {
    const BODY: usize = 1024 * 1024;
    let service = Service::start().await;
    let address = service.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    for door in [
        "/v1/models/x/converse",
        "/openai/v1/chat/completions",
        "/anthropic/v1/messages",
        "/bedrock/model/x/converse",
        "/v1/tenants",
    ] {
        let head = format!(
            "POST {door} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n\
             content-type: application/json\r\ncontent-length: {BODY}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // Many libraries send the body by itself.
        stream.write_all(&vec![b' '; BODY]).await.unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"}") {
            let read = timeout(HOPELESS, stream.read_buf(&mut said)).await.unwrap();
            assert_ne!(read.unwrap(), 0, "{}", String::from_utf8_lossy(&said));
        }
        let said = String::from_utf8_lossy(&said).to_lowercase();
        // AWS's clients know 403 only.
        let refused = ["http/1.1 401 ", "http/1.1 403 "];
        let is_refused = refused.iter().any(|status| said.starts_with(status));
        assert!(is_refused, "{door}: {said}");
        assert!(!said.contains("connection: close"), "{door}: {said}");
    }
}

#[tokio::test]
async fn who_waits_to_be_asked_for_a_body_is_refused_without_it() {
    let service = Service::start().await;
    let address = service.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /v1/models/x/converse HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n\
                expect: 100-continue\r\ncontent-length: 1000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    timeout(HOPELESS, stream.read_to_end(&mut said))
        .await
        .unwrap()
        .unwrap();
    let said = String::from_utf8_lossy(&said).to_lowercase();
    assert!(said.starts_with("http/1.1 401 "), "{said}");
    assert!(said.contains("connection: close"), "{said}");
}
