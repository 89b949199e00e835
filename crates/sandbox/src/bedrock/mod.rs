//! Bedrock's control plane and runtime.

use crate::{Call, Principal, Refusal, World, answer::Answer};

/// What an account has of Bedrock.
#[derive(Default)]
pub struct Holdings;

pub(crate) async fn answer(
    _world: &World,
    _call: &Call,
    _caller: &Principal,
) -> Result<Answer, Refusal> {
    Err(Refusal::unknown_operation())
}

pub(crate) fn bearer(_world: &World, _call: &Call, _token: &str) -> Result<Principal, Refusal> {
    Err(Refusal::unknown_operation())
}
