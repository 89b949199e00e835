//! Answers of Converse as chat completions: what both the whole answer and its events say, and the whole answer.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Form,
    usage::{Counted, Usage},
};
use crate::text::Text;

/// An answer that is none of Converse's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonsense;

/// What a completion says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Its id, `chatcmpl-…`.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// The model, as the client named it.
    pub model: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    output: Output<'a>,
    #[serde(borrow)]
    stop_reason: Text<'a>,
    #[serde(default)]
    usage: Counted,
    #[serde(borrow)]
    service_tier: Option<Tier<'a>>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Vec<Block<'a>>,
}

/// A block is what one of its members says; others say nothing that OpenAI's form has a place for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    tool_use: Option<ToolUse<'a>>,
    #[serde(borrow)]
    reasoning_content: Option<Reasoning<'a>>,
    #[serde(borrow)]
    citations_content: Option<Cited<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolUse<'a> {
    #[serde(borrow)]
    tool_use_id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    input: &'a RawValue,
    /// Of a tool that runs at AWS.
    #[serde(borrow)]
    r#type: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reasoning<'a> {
    #[serde(borrow)]
    reasoning_text: Option<Said<'a>>,
}

#[derive(Deserialize)]
struct Cited<'a> {
    #[serde(borrow, default)]
    content: Vec<Said<'a>>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Tier<'a> {
    #[serde(borrow)]
    pub(super) r#type: Text<'a>,
}

#[derive(Serialize)]
struct Completion<'a> {
    #[serde(flatten)]
    head: &'a Head,
    object: &'static str,
    choices: [Choice<'a>; 1],
    usage: Usage,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Told<'a>,
    logprobs: (),
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Told<'a> {
    role: &'static str,
    content: Option<String>,
    refusal: (),
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning_content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    /// JSON, as text.
    arguments: &'a str,
}

/// A whole answer of Converse as a completion.
///
/// # Errors
/// [`Nonsense`].
pub fn completion(answer: &[u8], head: &Head, form: &Form) -> Result<Vec<u8>, Nonsense> {
    let answer: Answer<'_> = serde_json::from_slice(answer).map_err(|_| Nonsense)?;
    require_whole(&answer.stop_reason)?;
    let (mut text, mut reasoning_content) = (String::new(), String::new());
    let mut formatted = None;
    let mut tool_calls = Vec::new();
    for block in &answer.output.message.content {
        let cited = block
            .citations_content
            .iter()
            .flat_map(|cited| &cited.content);
        let said = cited.filter_map(|said| said.text.as_ref());
        for said in block.text.iter().chain(said) {
            text.push_str(said);
        }
        let reasoning = block.reasoning_content.as_ref();
        let thought =
            reasoning.and_then(|reasoning| reasoning.reasoning_text.as_ref()?.text.as_ref());
        reasoning_content.push_str(thought.map_or("", |thought| thought));
        match &block.tool_use {
            Some(call) if call.r#type.is_some() => {}
            Some(call) if form.is_format(&call.name) => {
                formatted.get_or_insert(call.input.get());
            }
            Some(call) => tool_calls.push(Call {
                id: &call.tool_use_id,
                r#type: "function",
                function: Function {
                    name: &call.name,
                    arguments: call.input.get(),
                },
            }),
            None => {}
        }
    }
    if let Some(formatted) = formatted {
        formatted.clone_into(&mut text);
    }
    let finish_reason = finish_reason(&answer.stop_reason, !tool_calls.is_empty());
    let message = Told {
        role: "assistant",
        content: (!text.is_empty() || tool_calls.is_empty()).then_some(text),
        refusal: (),
        reasoning_content,
        tool_calls,
    };
    let completion = Completion {
        head,
        object: "chat.completion",
        choices: [Choice {
            index: 0,
            message,
            logprobs: (),
            finish_reason,
        }],
        usage: answer.usage.into(),
        service_tier: answer.service_tier.as_ref().map(|tier| &*tier.r#type),
    };
    serde_json::to_vec(&completion).map_err(|_| Nonsense)
}

impl Form {
    /// Whether a call of that name is the answer itself.
    pub(super) fn is_format(&self, name: &str) -> bool {
        self.format.as_deref() == Some(name)
    }
}

/// That the model did not stop over what it could not put together: a call of that kind must not be carried out.
pub(super) fn require_whole(stop_reason: &str) -> Result<(), Nonsense> {
    match stop_reason {
        "malformed_tool_use" | "malformed_model_output" => Err(Nonsense),
        _ => Ok(()),
    }
}

/// Why a model stopped, in OpenAI's words.
pub(super) fn finish_reason(stop_reason: &str, calls: bool) -> &'static str {
    match stop_reason {
        "max_tokens" | "model_context_window_exceeded" => "length",
        "guardrail_intervened" | "content_filtered" => "content_filter",
        _ if calls => "tool_calls",
        _ => "stop",
    }
}
