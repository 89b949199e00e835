//! How a registered model is, as AWS's lists and its answers about the account say.

use std::collections::HashMap;

use bedrock::{
    catalogue::{self, Availability, Catalogue, Kind, Listing, Reason},
    diagnosis::Code,
};
use store::models::{Model, State};
use time::OffsetDateTime;

const DENIED: &str = Code::ModelAccessNotGranted.as_str();

/// How a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) state: State,
    pub(super) reason: Option<&'static str>,
    /// When AWS ends it, where that is announced.
    pub(super) end_of_life: Option<OffsetDateTime>,
}

/// How a model is; none if AWS does not tell for sure. `asked` holds what AWS says of the account, by base model.
pub(super) fn judge(
    model: &Model,
    catalogue: &Catalogue,
    asked: &HashMap<String, Availability>,
) -> Option<Judgement> {
    let entry = match catalogue.listing(&model.facts.invoke_id) {
        Listing::Listed(entry) => entry,
        Listing::Absent => return absent(model, catalogue),
        Listing::Unknown => return None,
    };
    let end_of_life = entry.lifecycle.as_ref().and_then(|life| life.end_of_life);
    let is = |state, reason: Option<Code>| Judgement {
        state,
        reason: reason.map(Code::as_str),
        end_of_life,
    };
    match entry.state_reason {
        Some(Reason::EndOfLife) => return Some(is(State::Unavailable, Some(Code::ModelEndOfLife))),
        Some(_) => return None,
        None => {}
    }
    let availability = base(entry).and_then(|base| asked.get(base));
    match availability.map(|availability| availability.state) {
        Some(catalogue::State::NotAuthorized) => {
            return Some(is(State::Unavailable, Some(Code::ModelAccessNotGranted)));
        }
        // Lists have it all the same.
        None if is_denied(model) => return None,
        _ => {}
    }
    Some(match entry.state {
        catalogue::State::Legacy => is(State::Legacy, None),
        _ => is(State::Available, None),
    })
}

/// The base models about which AWS can be asked whether the account may use them, of those that can be invoked at all;
/// with whether it was denied when it was last asked.
pub(super) fn askable<'a>(
    registered: &'a [Model],
    catalogue: &'a Catalogue,
) -> HashMap<&'a str, bool> {
    let mut bases = HashMap::new();
    for model in registered {
        if let Listing::Listed(entry) = catalogue.listing(&model.facts.invoke_id)
            && entry.is_invocable()
            && let Some(base) = base(entry)
        {
            *bases.entry(base).or_default() |= is_denied(model);
        }
    }
    bases
}

/// A model to which nothing leads any more as it was registered.
fn absent(model: &Model, catalogue: &Catalogue) -> Option<Judgement> {
    // No list ever had it.
    if model.state == State::Unverified {
        return None;
    }
    let own = catalogue.find(&model.facts.model_id);
    let code = match own.map(|(entry, _)| entry) {
        // A conversation finds the other way by itself.
        Some(entry) if entry.is_invocable() && entry.model_id == model.facts.invoke_id => {
            return None;
        }
        Some(entry) => match entry.state_reason {
            Some(Reason::EndOfLife) => Code::ModelEndOfLife,
            Some(Reason::NoProfileHere | Reason::ProvisionedOnly) => Code::OnDemandUnsupported,
            Some(Reason::ProfilesNotListed | Reason::DeploymentsNotListed) => return None,
            _ => Code::ModelNotFound,
        },
        // It was announced.
        None if model.state == State::Legacy => Code::ModelEndOfLife,
        None => Code::ModelNotFound,
    };
    Some(Judgement {
        state: State::Unavailable,
        reason: Some(code.as_str()),
        end_of_life: None,
    })
}

/// The base model that an entry is another way to.
fn base(entry: &catalogue::Model) -> Option<&str> {
    match entry.kind {
        Kind::Base | Kind::ApplicationProfile => entry.base_model_id.as_deref(),
        Kind::Custom | Kind::Imported => None,
    }
}

fn is_denied(model: &Model) -> bool {
    model.state == State::Unavailable && model.state_reason.as_deref() == Some(DENIED)
}
