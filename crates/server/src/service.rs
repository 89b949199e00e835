//! A running service: listeners, background work, an orderly end.

use std::{sync::Arc, time::Duration};

use rustix::process::Resource;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    Context, api,
    app::{
        self,
        sweep::{self, Sweep},
    },
    chain::chain,
    follower::{self, FeedUrls},
    housekeeping,
    http::serve::{Limits, serve},
    random::OsEntropy,
};

/// How long to wait before the database is tried again at start.
const RETRY: Duration = Duration::from_millis(500);

/// A database that takes longer than this to let a service start is away.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest that the last writes and the closing of connections may take.
const CLOSING: Duration = Duration::from_secs(5);

/// The most connections of the API, if the system allows as many open files.
const CONNECTIONS: usize = 10_000;
/// Open files that are kept for the database, an identity provider and whatever else there is.
const OTHER_FILES: usize = 200;
/// The most connections of the operations listener: probes and a scraper, which nobody else can crowd out.
const OPS_CONNECTIONS: usize = 64;

/// How a service stops.
#[derive(Debug, Clone, Copy)]
pub struct Stopping {
    /// How long it says that it stops, and still takes requests: until load balancers have noticed.
    pub delay: Duration,
    /// How long it then waits for requests under way.
    pub grace: Duration,
}

/// What a service listens on.
pub struct Listeners {
    /// The API.
    pub api: TcpListener,
    /// Metrics and health for operators.
    pub ops: TcpListener,
}

/// Serves until `stop`, then stops as `stopping` says.
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
    stopping: Stopping,
) -> store::Result<()> {
    let end = CancellationToken::new();
    let _ends_background = end.clone().drop_guard();
    let mut background = JoinSet::new();
    // Operators see how the end goes, so their listener ends last.
    let ops = Limits::new(OPS_CONNECTIONS, Duration::ZERO);
    background.spawn(serve(
        listeners.ops,
        api::ops_router(&context),
        end.clone(),
        ops,
    ));

    let drain = CancellationToken::new();
    let limits = Limits::new(connections(), stopping.grace);
    let api = tokio::spawn(serve(
        listeners.api,
        api::router(&context),
        drain.clone(),
        limits,
    ));
    let prepared = tokio::select! {
        prepared = prepare(&context) => prepared,
        () = stop.cancelled() => Ok(()),
    };
    if prepared.is_ok() {
        // Caches are empty until here, so the feed is followed from its end.
        background.spawn(follower::follow(context.clone(), urls, end.clone()));
        background.spawn(housekeeping::keep(context.clone(), end.clone()));
        background.spawn(housekeeping::write_usage(context.clone(), end.clone()));
        if let Some(settings) = context.settings.sweep {
            let sweep = Sweep::new(context.clone(), settings, Arc::new(OsEntropy));
            background.spawn(sweep::run(sweep, end.clone()));
        }
        stop.cancelled().await;
        context.pulse.stopping();
        tokio::time::sleep(stopping.delay).await;
    }
    context.pulse.stopping();
    // Their clients ask another replica; whole answers end by themselves.
    context.running.stop();
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
    app::usage::flush(context).await;
    end.cancel();
    while background.join_next().await.is_some() {}
    context.store.close().await;
}

/// As many as the system's limit on open files leaves room for.
fn connections() -> usize {
    let files = rustix::process::getrlimit(Resource::Nofile).current;
    let files = files
        .and_then(|files| usize::try_from(files).ok())
        .unwrap_or(usize::MAX);
    files.saturating_sub(OTHER_FILES).clamp(1, CONNECTIONS)
}

async fn prepare(context: &Context) -> store::Result<()> {
    loop {
        let prepared = tokio::time::timeout(PATIENCE, context.prepare()).await;
        let prepared = prepared.unwrap_or_else(|_| Err(store::Error::silent()));
        match prepared {
            Ok(()) => {
                context.pulse.started();
                tracing::info!("started");
                return Ok(());
            }
            Err(error @ store::Error::Unavailable(_)) => {
                tracing::warn!(error = chain(&error), "the database cannot be reached yet");
                context.pulse.database_down(chain(&error));
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => return Err(error),
        }
    }
}
