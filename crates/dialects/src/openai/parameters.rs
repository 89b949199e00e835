//! What becomes of each parameter of OpenAI's: these tables decide it, and are the documentation, `OPENAI.md`.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::refusal::Refusal;
use crate::text::Text;

/// A parameter, and what becomes of it.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) fate: Fate,
    /// How, or why.
    pub(super) note: &'static str,
}

/// What becomes of a parameter.
pub(super) enum Fate {
    /// Bedrock is asked for it.
    Carried,
    /// Nothing: OpenAI's own documentation promises no effect on the answer.
    Ignored,
    /// It is refused by name, unless its value asks for nothing: `null`, or one of these.
    Refused(&'static [&'static str]),
}

const fn carried(name: &'static str, note: &'static str) -> Parameter {
    let fate = Fate::Carried;
    Parameter { name, fate, note }
}

const fn ignored(name: &'static str, note: &'static str) -> Parameter {
    let fate = Fate::Ignored;
    Parameter { name, fate, note }
}

const fn refused(
    name: &'static str,
    unless: &'static [&'static str],
    note: &'static str,
) -> Parameter {
    let fate = Fate::Refused(unless);
    Parameter { name, fate, note }
}

/// Of `POST /chat/completions`.
pub(super) const CHAT: &[Parameter] = &[
    carried(
        "model",
        "The alias, the id or AWS's name of a registered model.",
    ),
    carried("messages", "See below."),
    carried("max_completion_tokens", "`inferenceConfig.maxTokens`."),
    carried("max_tokens", "The same, by its old name; not both."),
    carried("temperature", "0 to 1, as Bedrock takes it."),
    carried(
        "top_p",
        "0 to 1. Some models take only one of it and `temperature`.",
    ),
    carried("stop", "One to four `stopSequences`."),
    carried("stream", "Server-sent events that end with `[DONE]`."),
    carried(
        "stream_options",
        "`include_usage`; `include_obfuscation` is ignored.",
    ),
    carried(
        "tools",
        "Up to 128 functions, with `strict` where AWS holds the model to it. Without it, the functions that were called before are declared, as Bedrock demands.",
    ),
    carried(
        "tool_choice",
        "`auto`, `required`, a function by name; `none`, unless the messages hold calls: Bedrock cannot forbid them then. Llama, Jamba and Command take `auto` and `none` alone. Models other than Claude and Nova cannot be told which to call: they are told of that function alone, and refused while the messages hold calls of others.",
    ),
    carried(
        "parallel_tool_calls",
        "`false` for Claude 4.5 and later, and where there is nothing to call; refused for other models, which cannot be told so.",
    ),
    carried(
        "response_format",
        "`json_schema`: by `outputConfig.textFormat` where the model has it, else by a tool that it has to call, which Llama, Jamba and Command cannot be made to; `text`. `json_object` is refused: give a schema.",
    ),
    carried(
        "reasoning_effort",
        "Claude thinks by budget (3.7 to 4.5; 1,024, 4,096, 16,384 or 24,576 tokens, no more than half of `max_completion_tokens` but 1,024 at least) or adaptively (later), Nova 2 and gpt-oss by their own words; refused for other models. `none` is refused for models that always think: gpt-oss, DeepSeek R1, MiniMax M2, Kimi K2 Thinking. While a budgeted Claude works on results of tools it does not think: OpenAI's form has no place for the signatures that it wants back. No Claude thinks where it has to call, be it by `tool_choice` or for a schema: Anthropic forbids that.",
    ),
    carried(
        "metadata",
        "`requestMetadata`, which AWS writes to the account's invocation log.",
    ),
    carried(
        "service_tier",
        "`flex`, `default`, and `priority`, which `fast` is as well; `auto` says nothing.",
    ),
    ignored(
        "seed",
        "OpenAI promises no determinism by it, and Bedrock has none.",
    ),
    ignored("user", "Names the end user to OpenAI."),
    ignored("safety_identifier", "Names the end user to OpenAI."),
    ignored("prompt_cache_key", "Only hastens OpenAI's own cache."),
    ignored(
        "prompt_cache_options",
        "Only concerns OpenAI's own cache. `prompt_cache_breakpoint` of a part is a `cachePoint`, see below.",
    ),
    ignored(
        "prompt_cache_retention",
        "Only concerns OpenAI's own cache.",
    ),
    refused("audio", &[], "Converse does not speak."),
    refused("frequency_penalty", &["0", "0.0"], "Converse has none."),
    refused("function_call", &[], "Use `tool_choice`."),
    refused("functions", &[], "Use `tools`."),
    refused("logit_bias", &["{}"], "Converse has none."),
    refused("logprobs", &["false"], "Converse tells none."),
    refused("modalities", &["[\"text\"]"], "Converse answers in text."),
    refused(
        "moderation",
        &[],
        "Bedrock has guardrails instead, in bodies of Converse.",
    ),
    refused("n", &["1"], "Converse gives one answer."),
    refused("prediction", &[], "Converse takes none."),
    refused("presence_penalty", &["0", "0.0"], "Converse has none."),
    refused("store", &["false"], "Nothing that is said is kept here."),
    refused("top_logprobs", &["0"], "Converse tells none."),
    refused("verbosity", &["\"medium\""], "Converse has none."),
    refused("web_search_options", &[], "Converse does not search."),
];

/// Of `POST /embeddings`.
pub(super) const EMBEDDINGS: &[Parameter] = &[
    carried(
        "model",
        "The alias, the id or AWS's name of a registered model: Titan Text Embeddings, Cohere Embed 3 and 4.",
    ),
    carried(
        "input",
        "A text or up to 2,048 of them; Titan is asked once for each, Cohere for 96 at a time. Lists of tokens are refused, and so is what has more than 32 MiB of embeddings.",
    ),
    carried(
        "dimensions",
        "Titan 2 and Cohere 4; refused for others unless it is what they give.",
    ),
    carried("encoding_format", "`float` or `base64`."),
    carried(
        "input_type",
        "Not OpenAI's: Cohere's, `search_document` unless told.",
    ),
    ignored("user", "Names the end user to OpenAI."),
];

/// Refuses what `table` refuses or does not know.
pub(super) fn check(body: &str, table: &'static [Parameter]) -> Result<(), Refusal> {
    let mut json = serde_json::Deserializer::from_str(body);
    let refusal = Check(table).deserialize(&mut json);
    let refusal = refusal.and_then(|refusal| json.end().map(|()| refusal));
    refusal
        .map_err(|_| Refusal::not_an_object())?
        .map_or(Ok(()), Err)
}

/// Reads a body's members no further than to tell what becomes of them.
struct Check(&'static [Parameter]);

impl<'de> DeserializeSeed<'de> for Check {
    type Value = Option<Refusal>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Check {
    type Value = Option<Refusal>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut refusal = None;
        while let Some(name) = members.next_key::<Text<'de>>()? {
            let known = self.0.iter().find(|parameter| parameter.name == &*name);
            let refused = match known {
                Some(parameter) => match parameter.fate {
                    Fate::Carried | Fate::Ignored => {
                        members.next_value::<IgnoredAny>()?;
                        None
                    }
                    Fate::Refused(unless) => {
                        let value: &RawValue = members.next_value()?;
                        (!asks_for_nothing(value, unless)).then(|| {
                            Refusal::unsupported(
                                parameter.name,
                                &format!(
                                    "is not supported with Bedrock's models. {}",
                                    parameter.note
                                ),
                            )
                        })
                    }
                },
                None => {
                    members.next_value::<IgnoredAny>()?;
                    Some(Refusal::unknown(&name))
                }
            };
            refusal = refusal.or(refused);
        }
        Ok(refusal)
    }
}

fn asks_for_nothing(value: &RawValue, unless: &[&str]) -> bool {
    let text = value.get();
    if text == "null" || unless.contains(&text) {
        return true;
    }
    // However it is spaced.
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    let value = parse(text);
    unless.iter().any(|nothing| parse(nothing) == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_refused_unless_it_asks_for_nothing() {
        for body in [
            "{}",
            r#"{"n":1,"logprobs":false,"store":null,"presence_penalty":0.0,"modalities":[ "text" ]}"#,
            r#"{"seed":7,"user":"u"}"#,
        ] {
            assert_eq!(check(body, CHAT), Ok(()), "{body}");
        }
        for (body, param, code) in [
            (r#"{"n":2}"#, Some("n"), "unsupported_parameter"),
            (
                r#"{"modalities":["audio"]}"#,
                Some("modalities"),
                "unsupported_parameter",
            ),
            (r#"{"top_k":3}"#, Some("top_k"), "unknown_parameter"),
            (r#"{"bi_0123456789":3}"#, None, "unknown_parameter"),
            ("[]", None, "invalid_json"),
        ] {
            let refusal = check(body, CHAT).unwrap_err();
            assert_eq!(
                (refusal.param.as_deref(), refusal.code),
                (param, code),
                "{body}"
            );
            assert!(!refusal.message.contains("0123"), "{refusal:?}");
        }
    }
}
