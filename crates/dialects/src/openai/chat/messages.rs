//! Messages as turns: Bedrock wants user and assistant by turns, instructions apart from them, and the results of all calls
//! in the turn that follows.

use std::collections::{BTreeSet, HashSet};

use serde_json::value::RawValue;

use super::{
    media,
    place::Place,
    request::{Message, Part, ToolCall},
};
use crate::{
    openai::{
        Refusal,
        converse::{Block, Kind, Role, ToolResult, ToolUse, Turn},
        model::Model,
    },
    text::{Text, TextOr},
};

/// A conversation in Bedrock's form.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
    /// The functions that were called.
    pub(super) called: BTreeSet<&'a str>,
    /// Ids of the calls whose results have not come yet.
    open: HashSet<&'a str>,
    documents: usize,
}

pub(super) fn read<'a>(
    messages: &'a [Message<'a>],
    model: Model<'_>,
) -> Result<Conversation<'a>, Refusal> {
    let mut conversation = Conversation::default();
    for (index, message) in messages.iter().enumerate() {
        conversation.take(message, index, model)?;
    }
    conversation.require_results(messages.len().saturating_sub(1))?;
    match conversation.turns.first() {
        Some(first) if first.role == Role::User => Ok(conversation),
        _ => Err(Refusal::invalid(
            "messages",
            "must begin with a message of the user that is not blank, instructions aside.",
        )),
    }
}

impl<'a> Conversation<'a> {
    /// Whether the model is to go on from results of tools.
    pub(super) fn answers_calls(&self) -> bool {
        let is_result = |block: &Block<'_>| matches!(block, Block::ToolResult(_));
        self.turns
            .last()
            .is_some_and(|turn| turn.content.iter().any(is_result))
    }

    fn take(
        &mut self,
        message: &'a Message<'a>,
        index: usize,
        model: Model<'_>,
    ) -> Result<(), Refusal> {
        let place = Place {
            message: index,
            part: None,
        };
        let role = &*message.role;
        require_fitting(message, place)?;
        if role != "tool" {
            self.require_results(index)?;
        }
        match role {
            "system" | "developer" => {
                let blocks = self.content(message, place, model, Takes::Text)?;
                self.system.extend(blocks);
            }
            "user" => {
                let blocks = self.content(message, place, model, Takes::Media)?;
                if blocks.is_empty() {
                    let what = "must not be blank: Bedrock takes no blank text.";
                    return Err(Refusal::invalid(place.member("content"), what));
                }
                self.turn(Role::User).extend(blocks);
            }
            "assistant" => self.answer(message, place, model)?,
            "tool" => self.result(message, place, model)?,
            _ => {
                return Err(Refusal::invalid(
                    place.member("role"),
                    "must be system, developer, user, assistant or tool.",
                ));
            }
        }
        Ok(())
    }

    /// What the model said, and which functions it called.
    fn answer(
        &mut self,
        message: &'a Message<'a>,
        place: Place,
        model: Model<'_>,
    ) -> Result<(), Refusal> {
        let mut blocks = self.content(message, place, model, Takes::Said)?;
        if let Some(refusal) = message.refusal.as_ref().filter(|text| !text.is_blank()) {
            blocks.push(Block::Text(refusal));
        }
        let calls = message.tool_calls.as_deref().unwrap_or_default();
        for (number, call) in calls.iter().enumerate() {
            let at = |member: &str| place.member(&format!("tool_calls[{number}].{member}"));
            blocks.push(self.call(call, at)?);
        }
        // One that said nothing is no turn.
        if !blocks.is_empty() {
            self.turn(Role::Assistant).extend(blocks);
        }
        Ok(())
    }

    fn call(
        &mut self,
        call: &'a ToolCall<'a>,
        at: impl Fn(&str) -> String,
    ) -> Result<Block<'a>, Refusal> {
        let is_function = call.r#type.as_deref().is_none_or(|kind| kind == "function");
        let Some(function) = call.function.as_ref().filter(|_| is_function) else {
            return Err(Refusal::unsupported(at("type"), "must be function."));
        };
        if !is_id(&call.id) || !self.open.insert(&call.id) {
            let what = "must be 1 to 64 letters, digits or one of _.:-, each call's its own.";
            return Err(Refusal::invalid(at("id"), what));
        }
        require_name(&function.name, || at("function.name"))?;
        let arguments = match &*function.arguments {
            blank if blank.trim().is_empty() => "{}",
            arguments => arguments,
        };
        let input = serde_json::from_str::<&RawValue>(arguments)
            .ok()
            .filter(|input| input.get().starts_with('{'));
        let Some(input) = input else {
            let what = "must be a JSON object as text.";
            return Err(Refusal::invalid(at("function.arguments"), what));
        };
        self.called.insert(&function.name);
        Ok(Block::ToolUse(ToolUse {
            tool_use_id: &call.id,
            name: &function.name,
            input,
        }))
    }

    /// What a function gave.
    fn result(
        &mut self,
        message: &'a Message<'a>,
        place: Place,
        model: Model<'_>,
    ) -> Result<(), Refusal> {
        let id = message.tool_call_id.as_deref().unwrap_or_default();
        if !self.open.remove(id) {
            let what = "must be the id of a call of the assistant's message before it, each once.";
            return Err(Refusal::invalid(place.member("tool_call_id"), what));
        }
        let content = self.content(message, place, model, Takes::Result)?;
        self.turn(Role::User).push(Block::ToolResult(ToolResult {
            tool_use_id: id,
            content,
        }));
        Ok(())
    }

    /// The turn that is going on, or the next one.
    fn turn(&mut self, role: Role) -> &mut Vec<Block<'a>> {
        let goes_on = self.turns.last().is_some_and(|turn| turn.role == role);
        if !goes_on {
            self.turns.push(Turn {
                role,
                content: Vec::new(),
            });
        }
        let last = self.turns.len() - 1;
        &mut self.turns[last].content
    }

    fn content(
        &mut self,
        message: &'a Message<'a>,
        place: Place,
        model: Model<'_>,
        takes: Takes,
    ) -> Result<Vec<Block<'a>>, Refusal> {
        let mut blocks = Vec::new();
        match &message.content {
            None => {}
            Some(TextOr::Text(text)) => push_text(&mut blocks, text),
            Some(TextOr::Other(parts)) => {
                for (index, part) in parts.iter().enumerate() {
                    let place = Place {
                        part: Some(index),
                        ..place
                    };
                    self.part(part, place, takes, &mut blocks)?;
                    let ends_prefix = part.prompt_cache_breakpoint.is_some();
                    if ends_prefix && takes.cache_points() && model.caches() && !blocks.is_empty() {
                        blocks.push(Block::CachePoint(Kind { r#type: "default" }));
                    }
                }
            }
        }
        Ok(blocks)
    }

    fn part(
        &mut self,
        part: &'a Part<'a>,
        place: Place,
        takes: Takes,
        blocks: &mut Vec<Block<'a>>,
    ) -> Result<(), Refusal> {
        let needed = |name: &str| Refusal::invalid(place.member(name), "is needed.");
        let block = match (&*part.r#type, takes) {
            ("text", _) => {
                push_text(blocks, part.text.as_ref().ok_or_else(|| needed("text"))?);
                return Ok(());
            }
            ("refusal", Takes::Said) => {
                let refusal = part.refusal.as_ref().ok_or_else(|| needed("refusal"))?;
                push_text(blocks, refusal);
                return Ok(());
            }
            ("image_url", Takes::Media) => {
                let image = part.image_url.as_ref().ok_or_else(|| needed("image_url"))?;
                media::image(image, place)?
            }
            ("input_audio", Takes::Media) => {
                let audio = part.input_audio.as_ref();
                media::audio(audio.ok_or_else(|| needed("input_audio"))?, place)?
            }
            ("file", Takes::Media) => {
                let file = part.file.as_ref().ok_or_else(|| needed("file"))?;
                let document = media::document(file, place, self.documents)?;
                self.documents += 1;
                document
            }
            _ => {
                return Err(Refusal::unsupported(
                    place.member("type"),
                    "is not supported in a message of this role.",
                ));
            }
        };
        blocks.push(block);
        Ok(())
    }

    fn require_results(&self, index: usize) -> Result<(), Refusal> {
        if self.open.is_empty() {
            return Ok(());
        }
        Err(Refusal::invalid(
            format!("messages[{index}]"),
            "must not come before tool messages with the results of all tool_calls.",
        ))
    }
}

/// What may stand in a message's content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Text,
    /// Text of a result.
    Result,
    /// Text, and refusals to give any.
    Said,
    /// Text, images, sound and documents.
    Media,
}

impl Takes {
    /// Whether Bedrock takes a cache point there.
    const fn cache_points(self) -> bool {
        matches!(self, Self::Text | Self::Media)
    }
}

/// That no member is of another role.
fn require_fitting(message: &Message<'_>, place: Place) -> Result<(), Refusal> {
    let role = &*message.role;
    let of_assistant = [
        ("tool_calls", message.tool_calls.is_some()),
        ("refusal", message.refusal.is_some()),
    ];
    let strays = of_assistant
        .map(|(name, is_there)| (name, is_there && role != "assistant"))
        .into_iter()
        .chain([
            (
                "tool_call_id",
                message.tool_call_id.is_some() && role != "tool",
            ),
            ("audio", message.audio.is_some()),
            ("function_call", message.function_call.is_some()),
        ]);
    for (name, is_stray) in strays {
        if is_stray {
            let what = "is not supported in a message of this role.";
            return Err(Refusal::unsupported(place.member(name), what));
        }
    }
    Ok(())
}

/// Bedrock takes no blank text, which says nothing either.
fn push_text<'a>(blocks: &mut Vec<Block<'a>>, text: &'a Text<'a>) {
    if !text.is_blank() {
        blocks.push(Block::Text(text));
    }
}

/// That it can be the name of a function, in both worlds.
pub(super) fn require_name(name: &str, param: impl Fn() -> String) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    let what = "must be 1 to 64 letters, digits, underscores or hyphens.";
    Err(Refusal::invalid(param(), what))
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    (1..=64).contains(&id.len()) && id.bytes().all(plain)
}
