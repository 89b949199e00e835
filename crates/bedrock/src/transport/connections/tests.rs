//! Connections to a peer that counts them, over HTTP/1 and, behind TLS, over HTTP/2.

use std::{
    convert::Infallible,
    future::poll_fn,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use futures_util::future::join_all;
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::{body::Frame, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
};
use tokio_rustls::TlsAcceptor;

use super::*;

/// A peer, and connections that trust it.
struct Peer {
    place: Uri,
    connections: Connections,
    side: Arc<Side>,
    /// Tells of each request that came.
    came: mpsc::UnboundedReceiver<()>,
    /// Tells of each request that was given up before its answer ended.
    ended: mpsc::UnboundedReceiver<()>,
}

/// The peer's own side.
struct Side {
    accepted: AtomicUsize,
    /// A permit for each answer to `/held`.
    release: Semaphore,
    came: mpsc::UnboundedSender<()>,
    ended: mpsc::UnboundedSender<()>,
}

/// Tells that something was dropped, unless it is taken out.
struct Alarm(Option<mpsc::UnboundedSender<()>>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(tell) = &self.0 {
            tell.send(()).ok();
        }
    }
}

impl Peer {
    /// One that speaks HTTP/1 alone.
    async fn http1() -> Self {
        Self::start(None, Dial::new()).await
    }

    /// One that offers HTTP/2, for so many requests at a time.
    async fn http2(streams: u32) -> Self {
        let (tls, dial) = tls();
        Self::start(Some((tls, streams)), dial).await
    }

    async fn start(tls: Option<(TlsAcceptor, u32)>, dial: Dial) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (tell_came, came) = mpsc::unbounded_channel();
        let (tell_ended, ended) = mpsc::unbounded_channel();
        let side = Arc::new(Side {
            accepted: AtomicUsize::new(0),
            release: Semaphore::new(0),
            came: tell_came,
            ended: tell_ended,
        });
        let its_side = Arc::clone(&side);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                its_side.accepted.fetch_add(1, SeqCst);
                tokio::spawn(serve(stream, tls.clone(), Arc::clone(&its_side)));
            }
        });
        Self {
            place: format!("{scheme}://localhost:{port}").parse().unwrap(),
            connections: Connections::over(dial),
            side,
            came,
            ended,
        }
    }

    async fn ask(&self, path: &str) -> Result<Response<Body>, Failure> {
        self.connections
            .send(&self.place, request(path), Bears::Whole)
            .await
    }

    async fn read(&self, path: &str) -> String {
        let answer = self.ask(path).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Asks so many times at once for what is not answered yet, and answers when all of them have come.
    async fn together(&mut self, requests: usize) {
        let came = async {
            for _ in 0..requests {
                self.came.recv().await.unwrap();
            }
            self.side.release.add_permits(requests);
        };
        let (connections, place) = (&self.connections, &self.place);
        let asked = join_all((0..requests).map(|_| async move {
            let answer = connections
                .send(place, request("/held"), Bears::Whole)
                .await
                .unwrap();
            answer.into_body().collect().await.unwrap();
        }));
        tokio::join!(asked, came);
    }

    fn accepted(&self) -> usize {
        self.side.accepted.load(SeqCst)
    }
}

/// A peer's side of TLS that offers HTTP/2, and who trusts it.
fn tls() -> (TlsAcceptor, Dial) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let provider = || Arc::new(aws_lc_rs::default_provider());
    let trusting = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut serving = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    serving.alpn_protocols = vec![b"h2".to_vec()];
    let dial = Dial::trusting(Arc::new(dial::offering_http2(trusting)));
    (TlsAcceptor::from(Arc::new(serving)), dial)
}

fn request(path: &str) -> Outgoing {
    let uri = format!("https://bedrock-runtime.eu-west-1.amazonaws.com{path}");
    Request::post(uri).body(Full::from("{}")).unwrap()
}

async fn serve(stream: TcpStream, tls: Option<(TlsAcceptor, u32)>, side: Arc<Side>) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    let service = service_fn(move |request| answer(Arc::clone(&side), request));
    // How it ends is the client's to tell.
    if let Some((tls, streams)) = tls {
        server.http2().max_concurrent_streams(streams);
        if let Ok(stream) = tls.accept(stream).await {
            server
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        }
    } else {
        server
            .serve_connection(TokioIo::new(stream), service)
            .await
            .ok();
    }
}

async fn answer(
    side: Arc<Side>,
    request: Request<hyper::body::Incoming>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, h2::Error> {
    side.came.send(()).ok();
    let mut alarm = Alarm(Some(side.ended.clone()));
    let path = request.uri().path();
    let body = match path {
        "/held" => {
            side.release.acquire().await.unwrap().forget();
            Full::from("held").boxed()
        }
        // Streams that are reset.
        "/refused" => return Err(h2::Reason::REFUSED_STREAM.into()),
        "/failed" => return Err(h2::Reason::INTERNAL_ERROR.into()),
        // One piece, and then nothing for ever.
        "/endless" => {
            let piece = futures_util::stream::iter([Ok(Frame::data(Bytes::from("piece")))]);
            let rest = futures_util::stream::once(async move {
                let _alarm = alarm;
                std::future::pending().await
            });
            let body = StreamBody::new(futures_util::StreamExt::chain(piece, rest));
            return Ok(Response::new(BodyExt::boxed(body)));
        }
        _ => {
            let host = request.headers().get("host");
            let host = host.and_then(|host| host.to_str().ok());
            let host = host.or(request.uri().host()).unwrap_or_default();
            Full::from(format!("{:?} {host} {path}", request.version())).boxed()
        }
    };
    alarm.0 = None;
    Ok(Response::new(body))
}

#[tokio::test]
async fn the_peer_sees_whom_the_request_is_for_wherever_it_is_carried() {
    let peer = Peer::http1().await;
    assert_eq!(
        peer.read("/model/a%3A0/converse").await,
        "HTTP/1.1 bedrock-runtime.eu-west-1.amazonaws.com /model/a%3A0/converse"
    );
    let peer = Peer::http2(100).await;
    assert_eq!(
        peer.read("/model/a%3A0/converse").await,
        "HTTP/2.0 bedrock-runtime.eu-west-1.amazonaws.com /model/a%3A0/converse"
    );
}

#[tokio::test]
async fn a_connection_is_used_again() {
    for peer in [Peer::http1().await, Peer::http2(100).await] {
        for _ in 0..3 {
            peer.read("/").await;
        }
        assert_eq!(peer.accepted(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_was_not_used_for_long_is_not_believed_to_be_good() {
    let peer = Peer::http1().await;
    for (idle, accepted) in [(0, 1), (59, 1), (61, 2)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(idle)).await;
        tokio::time::resume();
        peer.read("/").await;
        assert_eq!(peer.accepted(), accepted);
    }
}

#[tokio::test]
async fn over_http1_who_comes_together_has_a_connection_each() {
    let mut peer = Peer::http1().await;
    peer.together(3).await;
    assert_eq!(peer.accepted(), 3);
    peer.together(3).await;
    assert_eq!(peer.accepted(), 3);
}

#[tokio::test]
async fn over_http2_who_comes_together_shares_a_connection() {
    let mut peer = Peer::http2(100).await;
    peer.together(20).await;
    assert_eq!(peer.accepted(), 1);
}

#[tokio::test]
async fn over_http2_who_finds_no_room_does_not_wait_for_the_others() {
    let mut peer = Peer::http2(2).await;
    // With the first answer the peer has said how many requests it takes at a time.
    peer.read("/").await;
    peer.read("/").await;
    peer.came.try_recv().unwrap();
    peer.came.try_recv().unwrap();
    peer.together(5).await;
    assert_eq!(peer.accepted(), 3);
    peer.together(6).await;
    assert_eq!(peer.accepted(), 3);
}

#[tokio::test]
async fn an_answer_that_is_dropped_ends_the_call() {
    for mut peer in [Peer::http1().await, Peer::http2(100).await] {
        let mut answer = peer.ask("/endless").await.unwrap();
        let piece = answer.frame().await.unwrap().unwrap();
        assert_eq!(piece.into_data().unwrap(), "piece");
        drop(answer);
        peer.ended.recv().await.unwrap();
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_before_its_answer_ends() {
    for mut peer in [Peer::http1().await, Peer::http2(100).await] {
        let (place, connections) = (&peer.place, &peer.connections);
        tokio::select! {
            biased;
            _ = connections.send(place, request("/held"), Bears::Whole) => panic!("nothing was released"),
            _ = peer.came.recv() => {}
        }
        peer.ended.recv().await.unwrap();
    }
}

#[tokio::test]
async fn over_http2_a_call_that_ends_takes_no_other_with_it() {
    let mut peer = Peer::http2(100).await;
    let first = peer.ask("/endless").await.unwrap();
    let mut second = peer.ask("/endless").await.unwrap();
    drop(first);
    peer.ended.recv().await.unwrap();
    assert!(second.frame().await.unwrap().is_ok());
    peer.read("/").await;
    assert_eq!(peer.accepted(), 1);
}

/// Takes connections one after the other: reads a request, answers it or not, and closes.
async fn curt(answers: [bool; 2]) -> (Uri, mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}", listener.local_addr().unwrap());
    let (tell, closed) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for and_answers in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"{}") {
                assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
            }
            if and_answers {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.unwrap();
            }
            drop(stream);
            tell.send(()).unwrap();
        }
    });
    (place.parse().unwrap(), closed)
}

#[tokio::test]
async fn a_connection_that_ended_meanwhile_costs_nobody_a_request() {
    let (place, mut closed) = curt([true, true]).await;
    let connections = Connections::new();
    for _ in 0..2 {
        let answer = connections
            .send(&place, request("/"), Bears::Whole)
            .await
            .unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "ok");
        closed.recv().await.unwrap();
    }
}

#[tokio::test]
async fn what_may_have_been_heard_is_told_from_what_was_never_sent() {
    let (place, mut closed) = curt([false, true]).await;
    let connections = Connections::new();
    let failure = connections
        .send(&place, request("/"), Bears::Whole)
        .await
        .err();
    assert_eq!(failure, Some(Failure::Broken));
    closed.recv().await.unwrap();
    connections
        .send(&place, request("/"), Bears::Whole)
        .await
        .unwrap();
    closed.recv().await.unwrap();
    drop(connections);

    // Nobody listens there any longer.
    let failure = Connections::new()
        .send(&place, request("/"), Bears::Whole)
        .await
        .err();
    assert_eq!(failure, Some(Failure::Unsent));
}

#[tokio::test]
async fn over_http2_a_stream_that_nobody_reads_brings_no_more_than_it_takes_room_for() {
    for (bears, most) in [
        (Bears::Whole, 256 * 1_024),
        (Bears::Events, UNREAD as usize),
    ] {
        let (tls, dial) = tls();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let allowed = tokio::spawn(async move {
            let stream = tls.accept(listener.accept().await.unwrap().0).await;
            let mut peer = h2::server::handshake(stream.unwrap()).await.unwrap();
            let (_, mut answer) = peer.accept().await.unwrap().unwrap();
            tokio::spawn(async move { while peer.accept().await.is_some() {} });
            let mut body = answer.send_response(Response::new(()), false).unwrap();
            body.reserve_capacity(usize::MAX >> 33);
            // What all streams together may bring comes a moment later.
            loop {
                let allowed = poll_fn(|context| body.poll_capacity(context)).await;
                let allowed = allowed.unwrap().unwrap();
                if allowed > 65_535 {
                    return allowed;
                }
            }
        });
        let connections = Connections::over(dial);
        let place = format!("https://localhost:{port}").parse().unwrap();
        let answer = connections.send(&place, request("/"), bears).await.unwrap();
        assert_eq!(allowed.await.unwrap(), most, "{bears:?}");
        drop(answer);
    }
}

#[tokio::test]
async fn over_http2_what_the_peer_did_nothing_about_may_be_sent_again() {
    let peer = Peer::http2(100).await;
    assert_eq!(peer.ask("/refused").await.err(), Some(Failure::Unsent));
    assert_eq!(peer.ask("/failed").await.err(), Some(Failure::Broken));
    assert_eq!(peer.accepted(), 1, "others go on over the connection");
    peer.ask("/").await.unwrap();
    assert_eq!(peer.accepted(), 1);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_sent_nothing() {
    let mut peer = Peer::http2(100).await;
    let failure = Connections::new()
        .send(&peer.place, request("/"), Bears::Whole)
        .await
        .err();
    assert_eq!(failure, Some(Failure::Unsent));
    assert!(peer.came.try_recv().is_err());
}

#[tokio::test]
async fn hosts_without_a_connection_are_forgotten_when_there_are_others() {
    let peer = Peer::http1().await;
    peer.read("/").await;
    for nobody in 1..=5 {
        let place = format!("http://localhost:{nobody}").parse().unwrap();
        let answer = peer
            .connections
            .send(&place, request("/"), Bears::Whole)
            .await;
        assert_eq!(answer.err(), Some(Failure::Unsent));
    }
    let hosts = peer.connections.hosts.lock().unwrap();
    assert_eq!(hosts.len(), 2, "the peer, and who was asked last");
    let kept = hosts.keys().map(|(_, host, _)| Some(host));
    assert!({ kept }.any(|host| host == peer.place.authority()));
}
