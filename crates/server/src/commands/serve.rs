//! Serves until it is told to stop.

use std::process::ExitCode;

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use super::{Result, open::Opened};
use crate::{
    cli::Database,
    config::{Config, Environment, Secret},
    follower::FeedUrls,
    service::{self, Listeners},
    telemetry,
};

pub(crate) async fn run(
    config: &Config,
    database: Database,
    environment: &Environment,
) -> Result<ExitCode> {
    telemetry::start(config.log_format, &config.log_filter)?;
    // Before anything slow: a port that is taken is told at once.
    let listeners = listen(config).await?;
    // Where it really listens: port 0 lets the system choose one.
    let config = &Config {
        listen: listeners.api.local_addr()?,
        ops_listen: listeners.ops.local_addr()?,
        ..config.clone()
    };
    let stop = stop_on_signal()?;
    let opened = Opened::for_service(config, database, environment).await?;
    tracing::info!(url = %opened.context.settings.public_url, ops = %config.ops_listen, "listening");
    let served = service::run(
        opened.context.clone(),
        feed_urls(config, &opened.url),
        listeners,
        stop,
        config.stopping,
    )
    .await;
    opened.close().await?;
    served?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn listen(config: &Config) -> Result<Listeners> {
    let bind = async |variable: &str, address| {
        TcpListener::bind(address).await.map_err(|error| {
            format!("cannot listen on {address}: {error}; {variable} names another address")
        })
    };
    Ok(Listeners {
        api: bind("BI_LISTEN", config.listen).await?,
        ops: bind("BI_OPS_LISTEN", config.ops_listen).await?,
    })
}

pub(super) fn feed_urls(config: &Config, url: &Secret) -> FeedUrls {
    FeedUrls {
        poll: url.clone(),
        hints: config
            .direct_database_url
            .clone()
            .unwrap_or_else(|| url.clone()),
    }
}

/// The first signal asks for an orderly end, the second one does not wait for it.
pub(super) fn stop_on_signal() -> Result<CancellationToken> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        for patience in [true, false] {
            tokio::select! {
                _ = interrupts.recv() => {}
                _ = terminations.recv() => {}
            }
            if patience {
                tracing::info!("stopping: a second signal does not wait for requests under way");
                told.cancel();
            } else {
                std::process::exit(130);
            }
        }
    });
    Ok(stop)
}
