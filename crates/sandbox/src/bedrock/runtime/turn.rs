//! A question that a model was asked, and what came of it.

use time::OffsetDateTime;

use super::{
    prompt::Prompt,
    reply::{Reply, reply},
    usage::Usage,
};
use crate::{
    Call,
    bedrock::{holdings::Holdings, model::Model},
};

/// A question that was answered.
pub(crate) struct Turn {
    /// Who answered.
    pub(crate) model: &'static Model,
    /// What it answered.
    pub(crate) reply: Reply,
    /// What that counts.
    pub(crate) usage: Usage,
    /// The id of the request, from which the answer's is made.
    pub(crate) request_id: String,
    /// When.
    pub(crate) at: OffsetDateTime,
}

impl Turn {
    /// Asks the model.
    pub(crate) fn take(
        holdings: &mut Holdings,
        call: &Call,
        model: &'static Model,
        prompt: &Prompt,
    ) -> Self {
        let reply = reply(model, prompt);
        let usage = Usage::of(holdings, model, prompt, &reply, call.now);
        Self {
            model,
            reply,
            usage,
            request_id: call.request_id.clone(),
            at: call.now,
        }
    }
}
