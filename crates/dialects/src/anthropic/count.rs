//! How many tokens a request would read: Bedrock's CountTokens counts what InvokeModel would be sent.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{Betas, Request};

impl Request<'_> {
    /// The body of CountTokens. Anthropic's own count needs no `max_tokens`; Bedrock wants a request that could be sent.
    pub fn count(&self, betas: &Betas) -> Vec<u8> {
        let is_there = self.carried("max_tokens").is_some();
        let body = self.with(betas, (!is_there).then(|| self.fewest_tokens()));
        let body = BASE64_STANDARD.encode(body);
        let input = Input {
            input: InvokeModel {
                invoke_model: Body { body },
            },
        };
        // Writing into memory does not fail.
        serde_json::to_vec(&input).unwrap_or_default()
    }

    /// The fewest `max_tokens` that a model takes: more than it may think for.
    fn fewest_tokens(&self) -> u64 {
        let thinking = self.carried("thinking");
        let thinking = thinking.and_then(|thinking| serde_json::from_str(thinking.get()).ok());
        thinking.map_or(1, |Thinking { budget_tokens }| {
            budget_tokens.saturating_add(1)
        })
    }
}

/// Reads CountTokens' answer. None if it is none.
pub fn counted(answer: &[u8]) -> Option<Count> {
    serde_json::from_slice(answer).ok()
}

/// A count, as Anthropic tells it.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Count {
    #[serde(rename(deserialize = "inputTokens"))]
    input_tokens: u64,
}

#[derive(Deserialize)]
struct Thinking {
    budget_tokens: u64,
}

#[derive(Serialize)]
struct Input {
    input: InvokeModel,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InvokeModel {
    invoke_model: Body,
}

#[derive(Serialize)]
struct Body {
    body: String,
}
