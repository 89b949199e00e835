//! Chat Completions: a request as a body of Converse.

mod media;
mod messages;
mod place;
mod request;
mod thinking;
mod tools;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use self::request::Request;
use super::{
    Refusal,
    converse::{Body, Fields, Inference, Kind, Output},
    model::Model,
    parameters::CHAT,
};
use crate::text::TextOr;

/// A request that was read and holds nothing that is refused by name.
pub struct Chat<'a>(Request<'a>);

/// A request in Bedrock's form.
pub struct Translated {
    /// The body of Converse or ConverseStream.
    pub body: Vec<u8>,
    /// What the answer depends on.
    pub form: Form,
}

/// What a request says of the form of its answer.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Whether it is awaited in events.
    pub streams: bool,
    /// Whether the events are to tell at their end what was used.
    pub(super) includes_usage: bool,
    /// The tool whose input is the answer.
    pub(super) format: Option<String>,
}

impl<'a> Chat<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// What is refused by name, or cannot be understood.
    pub fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        super::read(body, CHAT).map(Self)
    }

    /// The model that is asked, by the name that the client has for it.
    pub fn model(&self) -> &str {
        &self.0.model
    }

    /// The request in Bedrock's form, for the model that AWS calls `model_id`.
    ///
    /// # Errors
    /// What that model, or Bedrock, cannot be asked.
    pub fn translate(&self, model_id: &str) -> Result<Translated, Refusal> {
        let request = &self.0;
        let model = Model::new(model_id);
        let inference = inference(request)?;
        let conversation = messages::read(&request.messages, model)?;
        let tools = tools::read(request, &conversation.called, model)?;
        let (thought, effort) = thinking::read(
            request.reasoning_effort,
            inference.max_tokens,
            conversation.answers_calls(),
            tools.is_forced,
            model,
        )?;
        let has_fields = thought.is_some() || tools.one_call.is_some();
        let fields = has_fields.then_some(Fields {
            thought,
            tool_choice: tools.one_call,
        });
        let text_format = tools.text_format;
        let says_how = text_format.is_some() || effort.is_some();
        let body = Body {
            messages: conversation.turns,
            system: conversation.system,
            inference_config: (inference != Inference::default()).then_some(inference),
            tool_config: tools.config,
            additional_model_request_fields: fields,
            output_config: says_how.then_some(Output {
                text_format,
                effort,
            }),
            request_metadata: metadata(request)?,
            service_tier: service_tier(request)?,
        };
        let options = request.stream_options.as_ref();
        let form = Form {
            streams: request.stream.unwrap_or(false),
            includes_usage: options.is_some_and(|options| options.include_usage == Some(true)),
            format: tools.format.map(str::to_owned),
        };
        // What was read can be written.
        let body = serde_json::to_vec(&body).map_err(|_| Refusal::not_an_object())?;
        Ok(Translated { body, form })
    }
}

fn inference<'a>(request: &'a Request<'a>) -> Result<Inference<'a>, Refusal> {
    let max_tokens = match (request.max_completion_tokens, request.max_tokens) {
        (Some(_), Some(_)) => {
            let what = "must not be there beside max_completion_tokens.";
            return Err(Refusal::invalid("max_tokens", what));
        }
        (new, old) => new.or(old),
    };
    if max_tokens.is_some_and(|most| most == 0 || i32::try_from(most).is_err()) {
        let name = match request.max_tokens {
            Some(_) => "max_tokens",
            None => "max_completion_tokens",
        };
        return Err(Refusal::invalid(
            name,
            "must be at least 1, and no more than a model can give.",
        ));
    }
    for (name, value) in [
        ("temperature", request.temperature),
        ("top_p", request.top_p),
    ] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return Err(Refusal::invalid(
                name,
                "must be 0 to 1 with Bedrock's models.",
            ));
        }
    }
    let stop_sequences: Vec<&str> = match &request.stop {
        None => Vec::new(),
        Some(TextOr::Text(one)) => vec![one],
        Some(TextOr::Other(several)) => several.iter().map(|one| &**one).collect(),
    };
    if stop_sequences.len() > 4 || stop_sequences.contains(&"") {
        return Err(Refusal::invalid(
            "stop",
            "must be at most 4 texts, none of them empty.",
        ));
    }
    Ok(Inference {
        max_tokens,
        temperature: request.temperature,
        top_p: request.top_p,
        stop_sequences,
    })
}

/// Labels for the account's invocation log, if AWS takes them as they are.
fn metadata<'a>(request: &Request<'a>) -> Result<Option<&'a RawValue>, Refusal> {
    let Some(labels) = request.metadata.filter(|labels| labels.get() != "{}") else {
        return Ok(None);
    };
    let plain =
        |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "_:@$#=/+,-.".contains(c);
    let fits = |text: &str| text.len() <= 256 && text.chars().all(plain);
    let read = serde_json::Map::<String, Value>::deserialize(labels);
    let is_fit = read.is_ok_and(|labels| {
        (1..=16).contains(&labels.len())
            && labels.iter().all(|(name, value)| {
                !name.is_empty() && fits(name) && value.as_str().is_some_and(fits)
            })
    });
    if is_fit {
        return Ok(Some(labels));
    }
    let what = "must be at most 16 texts with names, each of at most 256 letters, digits, spaces or _:@$#=/+,-.";
    Err(Refusal::invalid("metadata", what))
}

fn service_tier(request: &Request<'_>) -> Result<Option<Kind>, Refusal> {
    let r#type = match request.service_tier.as_deref() {
        None | Some("auto") => return Ok(None),
        Some("default") => "default",
        Some("flex") => "flex",
        Some("priority" | "fast") => "priority",
        Some(_) => {
            let what = "must be auto, default, flex or priority.";
            return Err(Refusal::invalid("service_tier", what));
        }
    };
    Ok(Some(Kind { r#type }))
}
