#![doc = include_str!("../README.md")]

pub mod api;
pub mod app;
pub mod auth;
mod cache;
mod chain;
pub mod cli;
mod commands;
pub mod config;
mod console;
mod context;
pub mod follower;
mod housekeeping;
pub mod http;
mod identity;
mod issuer;
mod leadership;
mod metrics;
pub mod pulse;
mod random;
pub mod service;
pub mod telemetry;

pub use context::{Context, Settings};
