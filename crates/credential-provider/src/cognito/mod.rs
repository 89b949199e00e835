//! x

mod app_client;
mod pools;
mod secret;
mod secret_hash;
mod srp;
mod user;

pub use app_client::{AppClient, AppClientId, AppClientSecret};
pub use pools::{IdentityPoolId, Misplaced, Pools, UserPoolId};
pub use user::{Password, Username};
