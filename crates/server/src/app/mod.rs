//! What the service does, whoever asks: rules, the audit log, the transaction around both.

pub mod api_keys;
pub mod audit;
mod caller;
mod error;
mod idempotency;
pub mod integrations;
pub mod me;
pub mod regions;
pub mod rotation;
pub mod sessions;
pub mod tenants;

pub use caller::Caller;
pub use error::Error;
pub use idempotency::Once;

/// What use-cases return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
