//! A running service: listeners, background work, an orderly end.

use std::time::Duration;

use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    Context, api,
    follower::{self, FeedUrls},
    housekeeping,
    http::serve::{Patience, serve},
};

/// How long to wait before the database is tried again at start.
const RETRY: Duration = Duration::from_millis(500);

/// Longest that the last writes and the closing of connections may take.
const CLOSING: Duration = Duration::from_secs(5);

/// What a service listens on.
pub struct Listeners {
    /// The API.
    pub api: TcpListener,
    /// Metrics and health for operators.
    pub ops: TcpListener,
}

/// Serves until `stop`, then lets requests under way end for `grace`.
///
/// While the database is away it serves what needs none, and starts in full when the database comes back.
///
/// # Errors
/// That this database must not be served with this role, schema or key.
pub async fn run(
    context: Context,
    urls: FeedUrls,
    listeners: Listeners,
    stop: CancellationToken,
    grace: Duration,
) -> store::Result<()> {
    let end = CancellationToken::new();
    let _ends_background = end.clone().drop_guard();
    let mut background = JoinSet::new();
    background.spawn(follower::follow(context.clone(), urls, end.clone()));
    background.spawn(housekeeping::keep(context.clone(), end.clone()));
    // Operators see how the end goes, so their listener ends last.
    background.spawn(serve(
        listeners.ops,
        api::ops_router(&context),
        end.clone(),
        Patience::with_grace(Duration::ZERO),
    ));

    let drain = stop.child_token();
    let api = tokio::spawn(serve(
        listeners.api,
        api::router(&context),
        drain.clone(),
        Patience::with_grace(grace),
    ));
    let prepared = tokio::select! {
        prepared = prepare(&context) => prepared,
        () = stop.cancelled() => Ok(()),
    };
    if prepared.is_ok() {
        stop.cancelled().await;
    }
    context.pulse.stopping();
    drain.cancel();
    // A task that panicked has nothing left to drain.
    let _ = api.await;
    if tokio::time::timeout(CLOSING, close(&context, end, background))
        .await
        .is_err()
    {
        tracing::warn!("the database does not answer: its connections are left to it");
    }
    prepared
}

/// Writes down what is only noted, and ends the rest. A database that hangs could hold this up for ever.
async fn close(context: &Context, end: CancellationToken, mut background: JoinSet<()>) {
    if let Err(error) = context.callers.flush(&context.store).await {
        tracing::warn!(%error, "when keys were last used could not be noted");
    }
    end.cancel();
    while background.join_next().await.is_some() {}
    context.store.close().await;
}

async fn prepare(context: &Context) -> store::Result<()> {
    loop {
        match context.prepare().await {
            Ok(()) => {
                context.pulse.started();
                tracing::info!("started");
                return Ok(());
            }
            Err(error @ store::Error::Unavailable(_)) => {
                tracing::warn!(%error, "the database cannot be reached yet");
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => return Err(error),
        }
    }
}
