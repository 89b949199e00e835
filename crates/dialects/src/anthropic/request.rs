//! A request, read no deeper than its top level.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{error::Category, value::RawValue};

use super::{
    Betas, Refusal,
    table::{Fate, member},
};

/// The version of Messages that Bedrock speaks.
const VERSION: &str = "bedrock-2023-05-31";
/// The most members: several times what Messages has.
const MOST: usize = 100;

/// A request whose every member has met its fate.
#[derive(Debug)]
pub struct Request<'a> {
    /// The registered model.
    pub model: Cow<'a, str>,
    /// Whether the answer is to come in events.
    pub streams: bool,
    carried: Members<'a>,
}

impl<'a> Request<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// What cannot be read or honoured.
    pub fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        let Members(members) = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        let (mut model, mut streams) = (None, false);
        let mut carried = Vec::with_capacity(members.len());
        for (name, value) in members {
            let fate = member(&name).map_or(Fate::Carried, |member| member.fate);
            match (fate, &*name) {
                (Fate::Carried, _) => carried.push((name, value)),
                (Fate::Read, "model") => model = Some(read_model(value)?),
                (Fate::Read, _) => streams = read_stream(value)?,
                (Fate::Ignored, _) => {}
                (Fate::Refused { but_for }, _) => {
                    if !["null", but_for].contains(&value.get()) {
                        let why = member(&name).map_or("", |member| member.why);
                        return Err(Refusal::at(&name, &format!("is not available here: {why}")));
                    }
                }
            }
        }
        Ok(Self {
            model: model.ok_or_else(|| Refusal::at("model", "Field required"))?,
            streams,
            carried: Members(carried),
        })
    }

    /// The body of InvokeModel and of InvokeModelWithResponseStream.
    pub fn body(&self, betas: &Betas) -> Vec<u8> {
        self.with(betas, None)
    }

    /// The same with so many `max_tokens`, if any are to be added.
    pub(super) fn with(&self, betas: &Betas, max_tokens: Option<u64>) -> Vec<u8> {
        let body = Body {
            betas,
            max_tokens,
            carried: &self.carried,
        };
        // Writing into memory does not fail, and every key is a text.
        serde_json::to_vec(&body).unwrap_or_default()
    }

    /// A member that is carried.
    pub(super) fn carried(&self, name: &str) -> Option<&RawValue> {
        let mut carried = self.carried.0.iter();
        carried
            .find(|(own, _)| own == name)
            .map(|(_, value)| *value)
    }
}

/// Without serde's own words: those repeat what was sent, and people paste keys into the wrong place.
fn unreadable(error: &serde_json::Error) -> Refusal {
    let what = match error.classify() {
        Category::Data => "it must be a JSON object that has each member once",
        Category::Syntax | Category::Eof | Category::Io => "it is not JSON",
    };
    let (line, column) = (error.line(), error.column());
    Refusal(format!(
        "The body is not a valid request: {what}, line {line}, column {column}"
    ))
}

fn read_model(value: &RawValue) -> Result<Cow<'_, str>, Refusal> {
    let Text(model) = serde_json::from_str(value.get())
        .map_err(|_| Refusal::at("model", "Input should be a valid string"))?;
    Ok(model)
}

fn read_stream(value: &RawValue) -> Result<bool, Refusal> {
    let streams: Option<bool> = serde_json::from_str(value.get())
        .map_err(|_| Refusal::at("stream", "Input should be a valid boolean"))?;
    Ok(streams.unwrap_or_default())
}

/// A text, copied only if it is written with escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members of an object, in their order, each once.
#[derive(Debug)]
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'a> Visitor<'a> for MembersVisitor {
    type Value = Members<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
        let mut members: Vec<(Cow<'a, str>, &'a RawValue)> = Vec::new();
        while let Some((Text(name), value)) = map.next_entry()? {
            // Which of two counts would be a guess, and Bedrock might guess otherwise.
            if members.iter().any(|(before, _)| *before == name) {
                return Err(A::Error::custom("a member is there twice"));
            }
            if members.len() == MOST {
                return Err(A::Error::custom("it has too many members"));
            }
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

/// What Bedrock is sent.
struct Body<'a> {
    betas: &'a Betas,
    max_tokens: Option<u64>,
    carried: &'a Members<'a>,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry("anthropic_version", VERSION)?;
        if !self.betas.is_empty() {
            body.serialize_entry("anthropic_beta", self.betas)?;
        }
        if let Some(max_tokens) = self.max_tokens {
            body.serialize_entry("max_tokens", &max_tokens)?;
        }
        for (name, value) in &self.carried.0 {
            body.serialize_entry(name, value)?;
        }
        body.end()
    }
}
