//! What the service does, whoever asks: rules, the audit log, the transaction around both.

mod access;
pub mod api_keys;
pub mod audit;
mod caller;
mod catalogues;
pub mod claims;
pub mod connect;
pub mod connections;
pub mod conversations;
mod draft;
mod error;
mod idempotency;
pub mod integrations;
pub mod invocable;
pub mod me;
pub mod models;
mod ownership;
mod rate;
pub mod regions;
pub mod rotation;
pub mod sessions;
pub mod setup;
pub mod signing_keys;
pub mod sweep;
pub mod tenants;
pub mod trials;
mod usable;
pub mod usage;

pub(crate) use access::StoredAccesses;
pub use access::{Change, Entered, EnteredRole, EnteredUser};
pub use caller::Caller;
pub use catalogues::Catalogues;
pub use draft::Entry;
pub use error::{Error, Misfit, Unusable};
pub use idempotency::Once;
pub use trials::{Progress, Run, Runs};

/// What use-cases return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
