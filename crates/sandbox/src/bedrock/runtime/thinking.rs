//! Whether a model is asked to think aloud, in the words of its maker.

use serde_json::Value;

use crate::bedrock::model::{Chat, Thinking};

/// The fewest tokens to think with.
const FEWEST: u64 = 1_024;

/// What a model says that is to think and has to call.
pub(crate) const FORCED: &str = "Thinking may not be enabled when tool_choice forces tool use.";

/// Whether it thinks, asked by the model's own `fields`; else what the model says to them.
pub(crate) fn thinks(
    chat: Chat,
    fields: &Value,
    max_tokens: usize,
    temperature: Option<f64>,
) -> Result<bool, String> {
    let asked = ["thinking", "reasoningConfig"]
        .iter()
        .find_map(|name| Some((*name, fields.get(name)?)));
    let Some((name, asked)) = asked.filter(|(_, asked)| asked["type"] != "disabled") else {
        return Ok(chat.thinking == Thinking::Always);
    };
    if chat.thinking == Thinking::No {
        return Err(format!("{name}: Extra inputs are not permitted"));
    }
    if let Some(budget) = asked.get("budget_tokens") {
        let budget = budget.as_u64().unwrap_or_default();
        if budget < FEWEST {
            return Err(
                "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
                    .to_owned(),
            );
        }
        if usize::try_from(budget).is_ok_and(|budget| max_tokens <= budget) {
            return Err(
                "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
                 https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size"
                    .to_owned(),
            );
        }
        if temperature.is_some_and(|temperature| temperature != 1.0) {
            return Err("`temperature` may only be set to 1 when thinking is enabled.".to_owned());
        }
    } else if name == "thinking" && asked["type"] == "enabled" {
        return Err("thinking.enabled.budget_tokens: Field required".to_owned());
    }
    Ok(true)
}
