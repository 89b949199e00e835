//! The runtime: conversations, invocations, and their streams.

mod async_invokes;
mod converse;
mod count_tokens;
mod event;
mod invoke;
mod prompt;
mod reading;
mod reply;
mod thinking;
mod tokens;
mod turn;
mod usage;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    holdings::Holdings,
    permission,
    target::{Found, Place},
};
use crate::{Call, Principal, Refusal, State, answer::Answer};

/// The answer to an operation of the runtime.
pub(super) fn answer(
    state: &mut State,
    call: &Call,
    caller: &Principal,
) -> Result<Answer, Refusal> {
    let holdings = &mut state.accounts.entry(caller.account).or_default().bedrock;
    match call.operation {
        "ListAsyncInvokes" => async_invokes::list(call, caller),
        "CountTokens" => count_tokens::answer(call, caller),
        "Converse" => {
            let found = model(holdings, call, caller, "bedrock:InvokeModel")?;
            converse::whole(holdings, call, &found)
        }
        "ConverseStream" => {
            let found = model(
                holdings,
                call,
                caller,
                "bedrock:InvokeModelWithResponseStream",
            )?;
            converse::streamed(holdings, call, &found)
        }
        "InvokeModel" => {
            let found = model(holdings, call, caller, "bedrock:InvokeModel")?;
            invoke::whole(holdings, call, &found)
        }
        "InvokeModelWithResponseStream" => {
            let found = model(
                holdings,
                call,
                caller,
                "bedrock:InvokeModelWithResponseStream",
            )?;
            invoke::streamed(holdings, call, &found)
        }
        _ => Err(Refusal::unknown_operation()),
    }
}

/// The model that is asked, if the caller may and it stands.
fn model(
    holdings: &Holdings,
    call: &Call,
    caller: &Principal,
    action: &str,
) -> Result<Found, Refusal> {
    let place = Place {
        account: caller.account,
        holdings,
        region: &call.region,
        now: call.now,
    };
    let target = place.find(call.segments.first().map_or("", String::as_str))?;
    permission::require_all(
        call,
        caller,
        action,
        &target.resources,
        target.profile.as_deref(),
    )?;
    let found = target.found?;
    found.standing.check()?;
    Ok(found)
}

/// A digest of some texts, none of which can pass for a part of another.
fn digest(texts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.len().to_be_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}

/// Something that looks random and is always the same for the same texts: ids and signatures.
fn seal(texts: &[&str]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(texts))
}
