//! Logs. Libraries are never logged below `info`, whatever `RUST_LOG` says: at `trace` some of them print headers.

use std::{io::IsTerminal, panic};

use tracing::{Level, Metadata, subscriber::SetGlobalDefaultError};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, registry::Registry,
};

use crate::config::LogFormat;

/// Our own crates: what they log was written with secrets in mind.
const OURS: [&str; 9] = [
    "acceptance",
    "bedrock",
    "credential_provider",
    "domain",
    "local_postgres",
    "sandbox",
    "server",
    "store",
    "vault",
];

/// Prints the values of a database URL's parameters that it does not know, such as a mistyped password's.
const URL_READER: &str = "sqlx_postgres::options";

/// Starts to log to standard error.
///
/// # Errors
/// If something logs already.
pub fn start(format: LogFormat, filter: &str) -> Result<(), SetGlobalDefaultError> {
    let filter = EnvFilter::builder().parse_lossy(filter);
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text => lines.with_filter(filter_fn(is_fit_to_log)).boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_filter(filter_fn(is_fit_to_log))
            .boxed(),
    };
    tracing::subscriber::set_global_default(Registry::default().with(lines).with(filter))?;
    // Where it happened, in a line like any other; not the text, which may quote what was being worked on.
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "a panic: a fault of ours");
    }));
    Ok(())
}

fn is_fit_to_log(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next().unwrap_or_default();
    let least = match root {
        // It warns of every idle connection that is closed.
        "hyper" => Level::ERROR,
        // It tells what a migration finds in place already.
        "sqlx" => Level::WARN,
        _ => Level::INFO,
    };
    let is_fit = *metadata.level() <= least && !metadata.target().starts_with(URL_READER);
    OURS.contains(&root) || is_fit
}
