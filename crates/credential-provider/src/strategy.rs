//! What the three ways into an account have in common.

use domain::{Method, Region};
use futures_util::future::BoxFuture;

use crate::{Aws, Lease, Result, Unfit};

/// A way into one AWS account, with the fields and secrets of one access. Chosen by a tenant's data, hence an object.
pub trait Strategy: Send + Sync {
    /// Which way.
    fn method(&self) -> Method;

    /// Finds what cannot work in `region`, as far as the fields alone tell; nothing is sent.
    ///
    /// # Errors
    /// What does not fit. [`Strategy::lease`] refuses it too.
    fn check(&self, aws: &Aws, region: &Region) -> Result<(), Unfit>;

    /// Makes a lease from scratch, for calls in `region`. No cache, and no retry of what AWS refused.
    fn lease<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Lease>>;

    /// Tries to get in without what should be needed, where the way has such a thing: a role must refuse the service
    /// without the external ID (or, by OIDC, with another subject).
    ///
    /// # Errors
    /// That it could not be found out; never that AWS refused, which is what is hoped for.
    fn prove<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Proof>>;
}

/// What the attempt to get in without the needed showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// There is nothing to prove: the way in is a secret of the tenant's own.
    NotNeeded,
    /// AWS refused every attempt: its ids of these requests, as far as it told them.
    Enforced(Vec<String>),
    /// AWS let the service in: any tenant that names this role could.
    NotEnforced,
}
