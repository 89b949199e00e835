//! Bedrock: the control plane's lists, the runtime, and API keys.
//!
//! Everybody has the same catalogue, all of it granted; what an account has besides, and which models stand otherwise for
//! it, is in its [`Holdings`]. Whether the caller may do something is asked before whether the thing exists. Nothing here
//! waits: an answer is whole when it leaves, and only its events are paced.

mod api_key;
mod arn;
mod catalogue;
mod geography;
mod holdings;
mod listing;
mod model;
mod owned;
mod permission;
mod query;
mod runtime;
mod standing;
mod target;

pub(crate) use api_key::bearer;
pub use api_key::{LongTermKey, short_term};
pub use holdings::Holdings;
pub use owned::{
    ApplicationProfile, CustomModel, Deployment, ImportedModel, ProvisionedThroughput,
};
pub(crate) use standing::OVERLOADED;
pub use standing::Standing;

use crate::{Call, Principal, Refusal, Service, World, answer::Answer};

/// The answer to a request of the control plane or the runtime.
pub(crate) fn answer(world: &World, call: &Call, caller: &Principal) -> Result<Answer, Refusal> {
    let mut state = world.state();
    match call.service {
        Service::Bedrock => listing::answer(&state, call, caller),
        Service::BedrockRuntime => runtime::answer(&mut state, call, caller),
        _ => Err(Refusal::unknown_operation()),
    }
}
