//! Opening a connection.

use std::{
    error::Error,
    future::poll_fn,
    iter,
    pin::Pin,
    sync::{Arc, LazyLock, atomic::Ordering::Relaxed},
    time::Duration,
};

use http::Uri;
use hyper::client::conn::{http1, http2};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::connect::{Connection, HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::{
    Failure, UNREAD,
    channel::Channel,
    host::{Host, MOST_STREAMS},
};

/// Longest that connecting may take, DNS and TLS and waiting for who connects already together; the SDK's own limit.
const LIMIT: Duration = Duration::from_millis(3_100);
/// A connection that is silent for so long is asked whether it is there: a NAT forgets it after 350 seconds, and all that is
/// under way on one that died in silence waits until that is known.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long it may take to answer that.
const ALIVE_WITHIN: Duration = Duration::from_secs(5);

/// The longest head of an answer over HTTP/1: what such a connection may bring before somebody reads it.
const BUFFER: usize = UNREAD as usize;
const _: () = assert!(MOST_STREAMS == 100);

type Io = MaybeHttpsStream<TokioIo<TcpStream>>;

/// How connections are opened.
pub(super) struct Dial(HttpsConnector<HttpConnector>);

impl Dial {
    /// Trusting the certificates that the machine trusts.
    pub(super) fn new() -> Self {
        /// Parsed once: it takes a while, and holds a hundred kilobytes and the sessions that make a handshake short.
        static TRUST: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| Arc::new(native_trust()));
        Self::trusting(Arc::clone(&TRUST))
    }

    pub(super) fn trusting(config: Arc<ClientConfig>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        Self((tcp, config).into())
    }

    /// Opens a connection to `place`, or takes a place on one that somebody else opened meanwhile.
    pub(super) async fn open(&self, host: &Arc<Host>, place: &Uri) -> Result<Channel, Failure> {
        tokio::time::timeout(LIMIT, async {
            let turn = host.turn.lock().await;
            if let Some(channel) = host.channel() {
                return Ok(channel);
            }
            let _turn = (!host.is_http1()).then_some(turn);
            self.connect(host, place).await
        })
        .await
        .map_err(|_| Failure::Unsent)?
    }

    async fn connect(&self, host: &Arc<Host>, place: &Uri) -> Result<Channel, Failure> {
        let io = self.0.clone().oneshot(place.clone()).await;
        let io = io.map_err(|error| unreachable(&*error))?;
        if io.connected().is_negotiated_h2() {
            many(host, io).await
        } else {
            host.note_http1();
            one(host, io).await
        }
        .map_err(|error| unreachable(&error))
    }
}

/// A connection that carries one request at a time.
async fn one(host: &Arc<Host>, io: Io) -> hyper::Result<Channel> {
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(BUFFER)
        .handshake(io)
        .await?;
    // How it ends is told to who waits for an answer.
    tokio::spawn(connection);
    Ok(Channel::Http1(sender, Arc::clone(host)))
}

/// A connection that carries many.
async fn many(host: &Host, io: Io) -> hyper::Result<Channel> {
    let most = Arc::clone(&host.most_streams);
    let (sender, mut connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(ALIVE_WITHIN)
        .initial_stream_window_size(host.bears.window())
        // Room for as many as it carries: who does not read holds up no other.
        .initial_connection_window_size(host.bears.window() * 100)
        .initial_max_send_streams(most.load(Relaxed))
        .handshake(io)
        .await?;
    tokio::spawn(poll_fn(move |context| {
        let ended = Pin::new(&mut connection).poll(context);
        most.store(
            connection.current_max_send_streams().min(MOST_STREAMS),
            Relaxed,
        );
        ended
    }));
    Ok(host.share(sender))
}

/// Names, addresses and certificates: no secret is known when a connection is opened.
fn unreachable(error: &(dyn Error + 'static)) -> Failure {
    let chain = iter::successors(Some(error), |&error| error.source());
    let words: Vec<_> = chain.map(ToString::to_string).collect();
    tracing::debug!(error = words.join(": "), "no connection");
    Failure::Unsent
}

/// What the machine trusts. If it trusts nobody no connection comes about, and a log line says why.
fn native_trust() -> ClientConfig {
    let builder = || {
        let provider = Arc::new(aws_lc_rs::default_provider());
        #[expect(
            clippy::expect_used,
            reason = "the provider has ciphers of every version"
        )]
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3 are there")
    };
    let trusting = builder().with_native_roots().unwrap_or_else(|error| {
        tracing::warn!(%error, "no certificate authority is trusted: AWS cannot be reached");
        builder().with_root_certificates(RootCertStore::empty())
    });
    offering_http2(trusting.with_no_client_auth())
}

/// Lets the peer choose HTTP/2.
pub(super) fn offering_http2(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
