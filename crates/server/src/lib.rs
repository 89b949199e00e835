//! The service: commands, configuration, use-cases, HTTP.
//!
//! A request's path, top to bottom: [`http`] (connections, limits, the log line) → [`auth`] (who calls) → [`api`]
//! (parse, answer) → [`app`] (rules, audit) → `store`. What all requests share is one [`Context`].

pub mod api;
pub mod app;
pub mod auth;
mod cache;
pub mod cli;
mod commands;
pub mod config;
mod context;
pub mod follower;
mod housekeeping;
pub mod http;
mod metrics;
pub mod pulse;
mod random;
pub mod service;
mod telemetry;

pub use context::{Context, Settings};
