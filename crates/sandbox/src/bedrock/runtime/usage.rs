//! What a call counts, and the prompts that models keep for the next one.

use time::{Duration, OffsetDateTime};

use super::{digest, prompt::Prompt, reply::Reply};
use crate::bedrock::{holdings::Holdings, model::Model};

/// The fewest tokens that are worth keeping.
const FEWEST: usize = 1_024;

/// How long a prompt is kept after it was used.
const KEPT: Duration = Duration::minutes(5);

/// What a call counts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Tokens read anew.
    pub(crate) input: usize,
    /// Tokens given.
    pub(crate) output: usize,
    /// Tokens read from what was kept.
    pub(crate) cache_read: usize,
    /// Tokens kept.
    pub(crate) cache_write: usize,
}

impl Usage {
    /// What a call counts, in which the prompt is kept or found.
    pub(crate) fn of(
        holdings: &mut Holdings,
        model: &Model,
        prompt: &Prompt,
        reply: &Reply,
        now: OffsetDateTime,
    ) -> Self {
        let mut usage = Self {
            input: prompt.input_tokens,
            output: reply.output_tokens,
            ..Self::default()
        };
        let can_keep = model.chat.is_some_and(|chat| chat.caches);
        let Some((text, tokens)) = prompt.kept.as_ref().filter(|_| can_keep) else {
            return usage;
        };
        if *tokens < FEWEST {
            return usage;
        }
        usage.input -= tokens;
        let cache = &mut holdings.prompt_cache;
        cache.retain(|_, end| *end > now);
        let was_kept = cache
            .insert(digest(&[model.id, text]), now + KEPT)
            .is_some();
        if was_kept {
            usage.cache_read = *tokens;
        } else {
            usage.cache_write = *tokens;
        }
        usage
    }

    /// All tokens.
    pub(crate) const fn total(self) -> usize {
        self.input + self.output + self.cache_read + self.cache_write
    }

    /// How long the call is said to have taken, in milliseconds: the sandbox does not let anybody wait for it.
    pub(crate) const fn latency(self) -> usize {
        250 + self.input / 20 + 12 * self.output
    }
}
