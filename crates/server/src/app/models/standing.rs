//! How a registered model is now: as the connection that it is invoked over allows.

use bedrock::diagnosis::Code;
use store::{connections, models::State};
use time::OffsetDateTime;

use super::RegisteredModel;
use crate::app::{access::is_proven, connections::Saved, usable::NOT_VERIFIED};

const MISSING_PERMISSION: &str = Code::MissingPermission.as_str();

/// How a registered model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether it can be used.
    pub state: State,
    /// Why not, or why nobody knows.
    pub reason: Option<String>,
}

impl RegisteredModel {
    /// How it is at `now`. What ails the connection comes first.
    pub fn standing(&self, now: OffsetDateTime) -> Standing {
        let (state, reason) = if let Some(reason) = self.hindrance(now) {
            (State::Unavailable, Some(reason))
        } else if self.over.connection.state == connections::State::Failing {
            // Who may not list may still invoke: nobody knows before it is tried.
            (State::Unverified, Some(MISSING_PERMISSION))
        } else {
            (self.model.state, self.model.state_reason.as_deref())
        };
        Standing {
            state,
            reason: reason.map(str::to_owned),
        }
    }

    /// Why nothing can be invoked over the connection.
    fn hindrance(&self, now: OffsetDateTime) -> Option<&str> {
        let Saved { connection, access } = &*self.over;
        let fault = connection.state_reason.as_deref().unwrap_or("failing");
        if access.secret_expires_at.is_some_and(|end| end <= now) {
            Some(Code::ApiKeyExpired.as_str())
        } else if connection.state == connections::State::Failing && fault != MISSING_PERMISSION {
            Some(fault)
        } else if !is_proven(access) {
            Some(NOT_VERIFIED)
        } else {
            None
        }
    }
}
