//! How much a model is to think before it answers.

use super::request::Effort;
use crate::openai::{
    Refusal,
    converse::{ReasoningConfig, Thinking as Told, Thought},
    model::{Model, Thinking},
};

/// The least that a Claude may be given to think.
const LEAST: u32 = 1_024;

/// What a model is told of it: in a form of its own, and as Converse's effort.
type Thoughts = (Option<Thought>, Option<&'static str>);

/// `answers_calls` says that the model is to go on from results of tools, `is_forced` that it has to call one.
pub(super) fn read(
    effort: Option<Effort>,
    max_tokens: Option<u32>,
    answers_calls: bool,
    is_forced: bool,
    model: Model<'_>,
) -> Result<Thoughts, Refusal> {
    let Some(effort) = effort else {
        return Ok((None, None));
    };
    Ok(match model.thinking() {
        _ if effort == Effort::None && model.always_thinks() => {
            let what = "must not be none with this model, which always thinks.";
            return Err(Refusal::unsupported("reasoning_effort", what));
        }
        // The others do not think unless they are told to.
        _ if effort == Effort::None => (None, None),
        // A Claude that was told to think wants back what it thought before its calls, which OpenAI's form cannot hold.
        Thinking::Budget if answers_calls => (None, None),
        // Nor does Anthropic let one think that has to call.
        Thinking::Budget if is_forced => (None, None),
        Thinking::Adaptive if is_forced => (None, Some(word(effort))),
        Thinking::Budget => {
            let told = Told {
                r#type: "enabled",
                budget_tokens: Some(budget(effort, max_tokens)?),
            };
            (Some(Thought::Thinking(told)), None)
        }
        Thinking::Adaptive => {
            let told = Told {
                r#type: "adaptive",
                budget_tokens: None,
            };
            (Some(Thought::Thinking(told)), Some(word(effort)))
        }
        Thinking::Nova => {
            let told = ReasoningConfig {
                r#type: "enabled",
                max_reasoning_effort: at_most_high(effort),
            };
            (Some(Thought::ReasoningConfig(told)), None)
        }
        Thinking::Effort => (Some(Thought::ReasoningEffort(at_most_high(effort))), None),
        Thinking::No => {
            let what = "is not supported with this model.";
            return Err(Refusal::unsupported("reasoning_effort", what));
        }
    })
}

/// Tokens to think with, which are among those that the answer may have.
fn budget(effort: Effort, max_tokens: Option<u32>) -> Result<u32, Refusal> {
    let wanted = match effort {
        Effort::None | Effort::Minimal | Effort::Low => LEAST,
        Effort::Medium => 4_096,
        Effort::High => 16_384,
        // Opus 4 says no more than 32,000 tokens altogether.
        Effort::XHigh | Effort::Max => 24_576,
    };
    match max_tokens {
        None => Ok(wanted),
        Some(max_tokens) if max_tokens > LEAST => Ok(wanted.min(max_tokens / 2).max(LEAST)),
        Some(_) => Err(Refusal::invalid(
            "max_completion_tokens",
            "must be more than 1024 for this model to think with reasoning_effort.",
        )),
    }
}

const fn word(effort: Effort) -> &'static str {
    match effort {
        Effort::None | Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::XHigh => "xhigh",
        Effort::Max => "max",
    }
}

const fn at_most_high(effort: Effort) -> &'static str {
    match effort {
        Effort::XHigh | Effort::Max => "high",
        effort => word(effort),
    }
}
