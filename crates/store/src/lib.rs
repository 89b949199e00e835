#![doc = include_str!("../README.md")]

pub mod accesses;
pub mod api_keys;
pub mod audit;
pub mod changes;
pub mod claims;
pub mod connections;
mod error;
pub mod external_ids;
pub mod idempotency;
pub mod leadership;
pub mod master_keys;
mod migrate;
pub mod models;
pub mod passwords;
pub mod platform_secrets;
pub mod retention;
pub mod rotation;
pub mod schema;
mod sealed;
pub mod secrets;
pub mod sessions;
pub mod signing_keys;
pub mod sweep;
pub mod tenants;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
pub mod usage;

pub use error::Error;
pub use migrate::{Migrated, RuntimeRole, migrate};
pub use tx::{PlatformTx, Store, TenantTx};

/// What the store's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
