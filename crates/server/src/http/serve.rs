//! Connections: accepted, bounded in number and patience, and drained at shutdown.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use futures_util::TryFutureExt;
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
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    idle::{Requests, unless_idle},
    unread::Unread,
};

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
    /// Until the head of a later one is whole, the wait for it included, over HTTP/2 up to twice as long, or three times if there is something to take: longer than load balancers keep a connection
    /// open, so that it is never we who close it under their hands.
    pub head: Duration,
    /// Until a client has taken something of what is written to it.
    pub write: Duration,
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
            write: Duration::from_secs(120),
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
    let requests = Arc::new(Requests::default());
    let begun = Arc::clone(&requests);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let begun = begun.begin(request.version());
        request.extensions_mut().insert(Peer(peer));
        let answer = router.clone().oneshot(Unread::lend(request));
        answer.map_ok(|answer| answer.map(|body| begun.with(body)))
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
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write));
    let connection = builder
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .into_owned();
    // On the heap: what waits for it would hold it twice each.
    let connection = Box::pin(graceful.watch(connection));
    async move {
        let connection = unless_idle(connection, &requests, limits);
        match connection.await {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::debug!(%peer, %error, "a connection ended early"),
            None => {
                tracing::debug!(%peer, "a connection carried nothing for too long");
            }
        }
    }
}
