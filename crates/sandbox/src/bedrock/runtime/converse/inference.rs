//! `inferenceConfig`: how much a model may say, how freely, and where it stops.

use serde_json::Value;

use crate::{
    Refusal,
    bedrock::{model::Chat, query::violation},
};

/// What a request says of the answer.
pub(super) struct Inference {
    pub(super) max_tokens: usize,
    pub(super) temperature: Option<f64>,
    pub(super) stop_sequences: Vec<String>,
}

/// The most stop sequences.
const SEQUENCES: usize = 2_500;

impl Inference {
    pub(super) fn read(config: &Value, chat: Chat) -> Result<Self, Refusal> {
        let temperature = share(config, "temperature")?;
        let top_p = share(config, "topP")?;
        if temperature.is_some() && top_p.is_some() && !chat.samples_by_both {
            return Err(Refusal::validation(
                "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this \
                 model. Please use only one.",
            ));
        }
        Ok(Self {
            max_tokens: max_tokens(&config["maxTokens"], chat)?,
            temperature,
            stop_sequences: stop_sequences(&config["stopSequences"])?,
        })
    }
}

fn max_tokens(value: &Value, chat: Chat) -> Result<usize, Refusal> {
    if value.is_null() {
        return Ok(chat.max_tokens);
    }
    let number = value.as_i64().ok_or_else(Refusal::serialization)?;
    let limit = chat.max_tokens;
    match usize::try_from(number) {
        Err(_) | Ok(0) => Err(violation(
            &number.to_string(),
            "inferenceConfig.maxTokens",
            "Member must have value greater than or equal to 1",
        )),
        Ok(number) if number > limit => Err(Refusal::validation(format!(
            "The maximum tokens you requested exceeds the model limit of {limit}. Try again with a maximum tokens value \
             that is lower than {limit}."
        ))),
        Ok(number) => Ok(number),
    }
}

/// A number from 0 to 1.
fn share(config: &Value, name: &str) -> Result<Option<f64>, Refusal> {
    let value = &config[name];
    if value.is_null() {
        return Ok(None);
    }
    let number = value.as_f64().ok_or_else(Refusal::serialization)?;
    let rule = match number {
        ..0.0 => "Member must have value greater than or equal to 0",
        0.0..=1.0 => return Ok(Some(number)),
        _ => "Member must have value less than or equal to 1",
    };
    let member = format!("inferenceConfig.{name}");
    Err(violation(&value.to_string(), &member, rule))
}

fn stop_sequences(value: &Value) -> Result<Vec<String>, Refusal> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let member = "inferenceConfig.stopSequences";
    let values = value.as_array().ok_or_else(Refusal::serialization)?;
    if values.len() > SEQUENCES {
        let rule = "Member must have length less than or equal to 2500";
        return Err(violation(&value.to_string(), member, rule));
    }
    let text = |value: &Value| match value.as_str() {
        None => Err(Refusal::serialization()),
        Some("") => Err(violation(
            "",
            member,
            "Member must have length greater than or equal to 1",
        )),
        Some(text) => Ok(text.to_owned()),
    };
    values.iter().map(text).collect()
}
