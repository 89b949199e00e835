#![doc = include_str!("../README.md")]

pub mod api_key;
mod aws;
pub mod cognito;
#[cfg(test)]
mod connector;
mod endpoints;
mod error;
mod http;
pub mod iam_role;
mod lease;
mod leases;
mod strategy;
mod temporary;

pub use aws::{Aws, AwsSettings, OwnIdentity, Service};
pub use endpoints::{Endpoint, Endpoints};
pub use error::{AwsError, Error, Result, Unfit, classify, from_sdk, request_id};
pub use lease::{Identity, Lease};
pub use leases::{Accesses, LeaseCounts, LeaseKey, Leases, LeasesSettings, Occasion, PolicyHash};
pub use strategy::{Proof, Strategy};
