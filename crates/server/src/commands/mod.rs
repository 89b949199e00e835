//! What each command does. They call the same use-cases as HTTP does.

pub(crate) mod api_key;
#[cfg(feature = "demo")]
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod healthcheck;
pub(crate) mod keys;
mod local;
mod master_key;
pub(crate) mod migrate;
mod open;
pub(crate) mod openapi;
pub(crate) mod output;
#[cfg(feature = "demo")]
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod template;
pub(crate) mod tenant;
mod watched;

/// What went wrong, for the person at the terminal.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// The runtime role of a private Postgres.
const LOCAL_ROLE: &str = "bi_runtime";
