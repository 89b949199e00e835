//! Connections: accepted, bounded in number and patience, and drained at shutdown.

use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::Poll,
    time::Duration,
};

use axum::Router;
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::unread::Unread;

/// Longest head, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// The most streams of one HTTP/2 connection.
const MAX_STREAMS: u32 = 250;

/// How many clients to serve, and how long to wait for them.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most connections at once; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Until a new connection has brought its first request.
    pub first: Duration,
    /// Until the head of a later one is whole, the wait for it included: longer than load balancers keep a connection
    /// open, so that it is never we who close it under their hands.
    pub head: Duration,
    /// Until requests under way have ended, at shutdown.
    pub grace: Duration,
}

impl Limits {
    /// The usual ones.
    pub const fn new(connections: usize, grace: Duration) -> Self {
        Self {
            connections,
            first: Duration::from_secs(10),
            head: Duration::from_secs(75),
            grace,
        }
    }
}

/// The address a connection came from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Serves until `stop`, then lets requests under way end, then cuts them off.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken, limits: Limits) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    // Dropped at the end, it cuts off what is left in it.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        if let Some((stream, peer, place)) = accepted {
            let connection = connection(stream, peer, &router, limits, &graceful);
            connections.spawn(async move {
                connection.await;
                drop(place);
            });
        }
    }
    drop(listener);
    let under_way = graceful.count();
    if timeout(limits.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(under_way, "cut off what had not ended in time");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            // Out of file descriptors, most likely: trying again at once would spin.
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    limits: Limits,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    // Answers are written whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let begun = Arc::new(AtomicBool::new(false));
    let begins = Arc::clone(&begun);
    let service = service_fn(move |mut request: Request<Incoming>| {
        begins.store(true, Relaxed);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(Unread::lend(request))
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(30));
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    let connection = graceful.watch(connection);
    async move {
        let connection = unless_silent(connection, &begun, limits.first);
        match connection.await {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::debug!(%peer, %error, "a connection ended early"),
            None => tracing::debug!(%peer, "a connection brought no request"),
        }
    }
}

/// What becomes of a connection; `None` if no request begins in time. hyper's own limit covers heads of HTTP/1 only, not the
/// bytes before it knows the version, nor HTTP/2.
async fn unless_silent<C: Future>(
    connection: C,
    begun: &AtomicBool,
    patience: Duration,
) -> Option<C::Output> {
    let mut connection = pin!(connection);
    let mut silence = pin!(sleep(patience));
    // Polled with every packet: what is known to have begun costs no more than this look.
    poll_fn(|context| {
        if !begun.load(Relaxed) && silence.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        connection.as_mut().poll(context).map(Some)
    })
    .await
}
