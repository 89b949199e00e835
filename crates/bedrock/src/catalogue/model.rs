//! One entry of the catalogue.

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    Capability, Lifecycle, ModelKey, Reason, Way,
    way::{self, Residency},
};

/// A model as one account in one region sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Model {
    /// Its name in URLs.
    pub key: ModelKey,
    /// What it is.
    pub kind: Kind,
    /// Its own id, alone of that id in a catalogue: a base model's id, or the ARN of what the account made.
    pub model_id: String,
    /// What to send to invoke it, the best of its ways; none while it cannot be invoked.
    pub invoke_id: Option<String>,
    /// AWS's or the owner's name for it.
    pub name: String,
    /// Who made it, or the model it was made from.
    pub provider: String,
    /// The base model that it is, reaches or was made from.
    pub base_model_id: Option<String>,
    /// What it can be asked for.
    pub capabilities: Vec<Capability>,
    /// What it takes and gives.
    pub modalities: Modalities,
    /// Whether it can be invoked.
    pub state: State,
    /// Why not, or why not for sure.
    pub state_reason: Option<Reason>,
    /// How long AWS keeps it.
    pub lifecycle: Option<Lifecycle>,
    /// How far the data of a call by `invoke_id` may travel.
    pub residency: Option<Residency>,
    /// The regions that may answer a call by `invoke_id`. Empty if that is any.
    pub destinations: Vec<String>,
    /// All ways that AWS lists, the best first; also while none may be taken.
    pub ways: Vec<Way>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A model of AWS's, by whichever ways.
    Base,
    /// The account's own inference profile: another name for a base model, under which costs are told apart.
    ApplicationProfile,
    /// A model that the account made from a base model.
    Custom,
    /// A model that the account brought along.
    Imported,
}

/// What a model takes and gives, as AWS spells it: `TEXT`, `IMAGE`, `EMBEDDING`, `VIDEO`, `SPEECH`, ….
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Modalities {
    /// What it takes.
    pub input: Vec<String>,
    /// What it gives.
    pub output: Vec<String>,
}

/// Whether a model can be invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It can, as far as lists tell.
    Available,
    /// It can, but AWS will end it, and accounts that did not use it lately may be refused.
    Legacy,
    /// The account may not.
    NotAuthorized,
    /// It cannot.
    Unavailable,
}

/// What entries of one base model have in common.
#[derive(Debug, Clone)]
pub(super) struct Traits {
    pub provider: String,
    pub base_model_id: Option<String>,
    pub capabilities: Vec<Capability>,
    pub modalities: Modalities,
    pub lifecycle: Option<Lifecycle>,
}

impl Traits {
    /// Those of what nothing is known about.
    pub(super) fn unknown(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            base_model_id: None,
            capabilities: vec![Capability::Unknown],
            modalities: Modalities::default(),
            lifecycle: None,
        }
    }
}

impl Model {
    /// An entry that is invoked in one of `ways`, or the reason why there is none.
    pub(super) fn new(
        kind: Kind,
        model_id: &str,
        name: &str,
        traits: Traits,
        ways: Result<Vec<Way>, Reason>,
        now: OffsetDateTime,
    ) -> Self {
        let (ways, unreached) = match ways {
            Ok(ways) => (way::sorted(ways), None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        let lifecycle = traits.lifecycle.as_ref();
        let blocked = if traits.capabilities.is_empty() {
            Some(Reason::InterfaceUnsupported)
        } else if lifecycle.is_some_and(|lifecycle| lifecycle.has_ended(now)) {
            Some(Reason::EndOfLife)
        } else {
            unreached
        };
        let taken = ways.first().filter(|_| blocked.is_none()).cloned();
        let state = match blocked {
            Some(_) => State::Unavailable,
            None if lifecycle.is_some_and(Lifecycle::is_legacy) => State::Legacy,
            None => State::Available,
        };
        Self {
            key: ModelKey::of(model_id),
            kind,
            model_id: model_id.to_owned(),
            name: name.to_owned(),
            provider: traits.provider,
            base_model_id: traits.base_model_id,
            capabilities: traits.capabilities,
            modalities: traits.modalities,
            state,
            state_reason: blocked,
            lifecycle: traits.lifecycle,
            invoke_id: taken.as_ref().map(|way| way.id.clone()),
            residency: taken.as_ref().map(|way| way.residency),
            destinations: taken.map(|way| way.destinations).unwrap_or_default(),
            ways,
        }
    }

    /// Whether it can be invoked, as far as lists tell.
    pub fn is_invocable(&self) -> bool {
        self.invoke_id.is_some()
    }
}
