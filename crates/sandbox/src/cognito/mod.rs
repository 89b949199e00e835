//! Cognito user pools and identity pools.

use crate::{Call, Refusal, World, answer::Answer};

/// A user pool.
pub struct UserPool;

/// An identity pool.
pub struct IdentityPool;

pub(crate) async fn answer(_world: &World, _call: &Call) -> Result<Answer, Refusal> {
    Err(Refusal::unknown_operation())
}
