//! The events of ConverseStream as the chunks of a chat completion.

use std::mem;

use serde::{Deserialize, Serialize};

use super::{
    Form, Head, Nonsense,
    answer::{Tier, finish_reason, require_whole},
    usage::{Counted, Usage},
};
use crate::text::Text;

/// What ends a stream that came to its end.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// A stream, chunk by chunk, as server-sent events.
pub struct Chunks {
    head: Head,
    form: Form,
    /// How many calls have begun.
    calls: u32,
    block: Block,
    /// Whether the call that is under way has said what it calls with.
    has_input: bool,
    answer: Answer,
    is_finished: bool,
}

/// What the block is that is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Said,
    Call,
    /// The call that is the answer itself.
    Format,
    /// A call that is none of the client's: of a tool that runs at AWS, or of the format once more.
    Elsewhere,
}

/// Where an answer that has to follow a schema stands, if it is a call.
enum Answer {
    /// It says what it says.
    Free,
    /// What was said until a call begins, if one does.
    Awaited(String),
    /// The call has begun: what is said beside it is not the answer.
    Begun,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start<'a> {
    #[serde(borrow)]
    start: Started<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Started<'a> {
    #[serde(borrow)]
    tool_use: Option<ToolUse<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolUse<'a> {
    #[serde(borrow)]
    tool_use_id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    r#type: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct DeltaEvent<'a> {
    #[serde(borrow)]
    delta: Said<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    tool_use: Option<Input<'a>>,
    #[serde(borrow)]
    reasoning_content: Option<Thought<'a>>,
}

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    input: Text<'a>,
}

#[derive(Deserialize)]
struct Thought<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stop<'a> {
    #[serde(borrow)]
    stop_reason: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(default)]
    usage: Counted,
    #[serde(borrow)]
    service_tier: Option<Tier<'a>>,
}

#[derive(Serialize)]
struct Chunk<'a> {
    #[serde(flatten)]
    head: &'a Head,
    object: &'static str,
    choices: &'a [Choice<'a>],
    /// There in every chunk if it was asked for, and null in all but the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: (),
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Call<'a>; 1]>,
}

#[derive(Serialize)]
struct Call<'a> {
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

impl Chunks {
    /// A stream that has not begun.
    pub fn new(head: Head, form: Form) -> Self {
        let answer = match form.format {
            Some(_) => Answer::Awaited(String::new()),
            None => Answer::Free,
        };
        Self {
            head,
            form,
            calls: 0,
            block: Block::Said,
            has_input: false,
            answer,
            is_finished: false,
        }
    }

    /// Whether the model has said why it stopped: a stream that ends before has broken.
    pub const fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Writes what an event of that kind says.
    ///
    /// # Errors
    /// [`Nonsense`].
    pub fn write(&mut self, kind: &str, payload: &[u8], to: &mut Vec<u8>) -> Result<(), Nonsense> {
        match kind {
            "messageStart" => {
                let delta = Delta {
                    role: Some("assistant"),
                    content: Some(""),
                    ..Delta::default()
                };
                self.tell(delta, to)
            }
            "contentBlockStart" => self.start(&read::<Start<'_>>(payload)?.start, to),
            "contentBlockDelta" => self.go_on(&read::<DeltaEvent<'_>>(payload)?.delta, to),
            "contentBlockStop" => {
                // Models call without arguments by saying nothing, and clients read JSON.
                if !self.has_input {
                    self.tell_input("{}", to)?;
                }
                self.block = Block::Said;
                Ok(())
            }
            "messageStop" => self.stop(&read::<Stop<'_>>(payload)?.stop_reason, to),
            "metadata" if self.form.includes_usage => {
                let Metadata {
                    usage,
                    service_tier,
                } = read(payload)?;
                let tier = service_tier.as_ref().map(|tier| &*tier.r#type);
                self.put(&[], Some(usage.into()), tier, to)
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, started: &Started<'_>, to: &mut Vec<u8>) -> Result<(), Nonsense> {
        let Some(call) = &started.tool_use else {
            return Ok(());
        };
        self.has_input = false;
        if call.r#type.is_some() {
            self.block = Block::Elsewhere;
            return Ok(());
        }
        if self.form.is_format(&call.name) {
            // Models may call it again, and two answers are no JSON.
            self.block = match mem::replace(&mut self.answer, Answer::Begun) {
                Answer::Begun => Block::Elsewhere,
                Answer::Free | Answer::Awaited(_) => Block::Format,
            };
            return Ok(());
        }
        self.block = Block::Call;
        self.calls += 1;
        let call = Call {
            index: self.calls - 1,
            id: Some(&call.tool_use_id),
            r#type: Some("function"),
            function: Function {
                name: Some(&call.name),
                arguments: "",
            },
        };
        self.tell(calling(call), to)
    }

    fn go_on(&mut self, said: &Said<'_>, to: &mut Vec<u8>) -> Result<(), Nonsense> {
        if let Some(text) = &said.text {
            match &mut self.answer {
                Answer::Free => self.tell(saying(text), to)?,
                Answer::Awaited(held) => held.push_str(text),
                Answer::Begun => {}
            }
        }
        let thought = said.reasoning_content.as_ref();
        if let Some(text) = thought.and_then(|thought| thought.text.as_ref()) {
            let delta = Delta {
                reasoning_content: Some(text),
                ..Delta::default()
            };
            self.tell(delta, to)?;
        }
        let Some(Input { input }) = &said.tool_use else {
            return Ok(());
        };
        self.has_input |= !input.trim().is_empty();
        self.tell_input(input, to)
    }

    /// What a call calls with, or a part of it.
    fn tell_input(&self, input: &str, to: &mut Vec<u8>) -> Result<(), Nonsense> {
        match self.block {
            Block::Format => self.tell(saying(input), to),
            Block::Call => {
                let call = Call {
                    index: self.calls - 1,
                    id: None,
                    r#type: None,
                    function: Function {
                        name: None,
                        arguments: input,
                    },
                };
                self.tell(calling(call), to)
            }
            Block::Said | Block::Elsewhere => Ok(()),
        }
    }

    fn stop(&mut self, stop_reason: &str, to: &mut Vec<u8>) -> Result<(), Nonsense> {
        require_whole(stop_reason)?;
        self.is_finished = true;
        // The model did not call after all: what it said is the answer.
        if let Answer::Awaited(held) = &mut self.answer {
            let held = mem::take(held);
            if self.calls == 0 || !held.is_empty() {
                self.tell(saying(&held), to)?;
            }
        }
        let choice = Choice {
            index: 0,
            delta: Delta::default(),
            logprobs: (),
            finish_reason: Some(finish_reason(stop_reason, self.calls > 0)),
        };
        self.put(&[choice], None, None, to)
    }

    fn tell(&self, delta: Delta<'_>, to: &mut Vec<u8>) -> Result<(), Nonsense> {
        let choice = Choice {
            index: 0,
            delta,
            logprobs: (),
            finish_reason: None,
        };
        self.put(&[choice], None, None, to)
    }

    fn put(
        &self,
        choices: &[Choice<'_>],
        usage: Option<Usage>,
        service_tier: Option<&str>,
        to: &mut Vec<u8>,
    ) -> Result<(), Nonsense> {
        to.extend_from_slice(b"data: ");
        let chunk = Chunk {
            head: &self.head,
            object: "chat.completion.chunk",
            choices,
            usage: self.form.includes_usage.then_some(usage),
            service_tier,
        };
        serde_json::to_writer(&mut *to, &chunk).map_err(|_| Nonsense)?;
        to.extend_from_slice(b"\n\n");
        Ok(())
    }
}

fn saying(text: &str) -> Delta<'_> {
    Delta {
        content: Some(text),
        ..Delta::default()
    }
}

fn calling(call: Call<'_>) -> Delta<'_> {
    Delta {
        tool_calls: Some([call]),
        ..Delta::default()
    }
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Nonsense> {
    serde_json::from_slice(payload).map_err(|_| Nonsense)
}
