//! The service in this process, on a database of its own, and callers of every role.

pub mod answer;
pub mod aws;
pub mod client;
pub mod idp;
pub mod service;

pub use answer::Answer;
pub use aws::{Aws, BEDROCK};
pub use client::Client;
pub use service::{Options, Service};
