//! What a model reads, in order, and how much of it is to be kept for the next time.

use serde_json::Value;

use super::tokens::count_in;
use crate::{Refusal, bedrock::model::Chat};

/// What a model reads.
#[derive(Default)]
pub(crate) struct Reading {
    text: String,
    tokens: usize,
    kept: Option<(String, usize)>,
}

impl Reading {
    /// Reads a part on.
    pub(crate) fn part(&mut self, part: &Value) {
        self.text.push_str(&part.to_string());
        self.tokens += count_in(part);
    }

    /// Marks that everything so far is to be kept.
    pub(crate) fn keep(&mut self) {
        self.kept = Some((self.text.clone(), self.tokens));
    }

    /// How many tokens there are, and what is to be kept, which not every model does.
    pub(crate) fn end(self, chat: Chat) -> Result<(usize, Option<(String, usize)>), Refusal> {
        if self.kept.is_some() && !chat.caches {
            return Err(Refusal::new(
                403,
                "AccessDeniedException",
                "You invoked an unsupported model or your request did not allow prompt caching. See the documentation \
                 for more information.",
            ));
        }
        Ok((self.tokens, self.kept))
    }
}
