//! What an answer used, as Converse counts it and as OpenAI tells it.

use serde::{Deserialize, Serialize};

/// Converse counts apart what was read anew and what a cache held.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct Counted {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: u64,
    cache_write_input_tokens: u64,
}

/// OpenAI counts together what was read, and tells the cache's share. How many tokens were thought, Converse does not say.
#[derive(Serialize)]
pub(super) struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
}

impl From<Counted> for Usage {
    fn from(counted: Counted) -> Self {
        let (cached_tokens, cache_write_tokens) = (
            counted.cache_read_input_tokens,
            counted.cache_write_input_tokens,
        );
        let prompt_tokens = counted
            .input_tokens
            .saturating_add(cached_tokens)
            .saturating_add(cache_write_tokens);
        Self {
            prompt_tokens,
            completion_tokens: counted.output_tokens,
            total_tokens: prompt_tokens.saturating_add(counted.output_tokens),
            prompt_tokens_details: PromptDetails {
                cached_tokens,
                cache_write_tokens,
            },
        }
    }
}
