//! What is asked and answered in OpenAI's or Anthropic's form, as far as the clients of this benchmark use it.

use std::{borrow::Cow, collections::BTreeMap, error::Error};

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderValue, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Incoming};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

pub(super) type Broken = Box<dyn Error + Send + Sync>;

/// In whose form it is asked.
#[derive(Clone, Copy)]
pub(super) enum Dialect {
    Bedrock,
    OpenAi,
    Anthropic,
}

/// What Bedrock is asked.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) body: Bytes,
    pub(super) streams: bool,
}

impl Dialect {
    pub(super) fn of(path: &str) -> Self {
        match path {
            "/v1/chat/completions" => Self::OpenAi,
            "/v1/messages" => Self::Anthropic,
            _ => Self::Bedrock,
        }
    }

    pub(super) fn ask(self, path: &str, body: Bytes) -> Asked {
        match self {
            Self::Bedrock => Asked {
                path: path.to_owned(),
                body,
                streams: false,
            },
            Self::OpenAi => chat(&body),
            Self::Anthropic => messages(&body),
        }
    }

    pub(super) async fn answer(
        self,
        streams: bool,
        answer: Response<Incoming>,
    ) -> Response<impl Body<Data = Bytes, Error = Broken> + use<>> {
        let (head, body) = answer.into_parts();
        let content_type = match streams {
            true => HeaderValue::from_static("text/event-stream"),
            false => head.headers[CONTENT_TYPE].clone(),
        };
        let body = match self {
            _ if streams => {
                let mut events = Events::new(self);
                let translated =
                    body.map_frame(move |frame| frame.map_data(|bytes| events.translate(&bytes)));
                Either::Left(translated)
            }
            Self::OpenAi => {
                let whole = body.collect().await.unwrap().to_bytes();
                Either::Right(Either::Right(Full::new(completion(&whole))))
            }
            Self::Bedrock | Self::Anthropic => Either::Right(Either::Left(body)),
        };
        let mut answer = Response::new(body);
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
        answer
    }
}

/// What AWS calls a model, in a path.
fn model(alias: &str) -> &'static str {
    match alias {
        "nova" => "amazon.nova-lite-v1%3A0",
        _ => "anthropic.claude-3-5-haiku-20241022-v1%3A0",
    }
}

#[derive(Deserialize)]
struct Chat<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    #[serde(borrow)]
    messages: Vec<Said<'a>>,
    stream: bool,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: Cow<'a, str>,
}

#[derive(Serialize)]
struct Converse<'a> {
    messages: Vec<Turn<'a>>,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'a str,
    content: [Text<'a>; 1],
}

#[derive(Serialize, Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

fn chat(body: &[u8]) -> Asked {
    let chat: Chat<'_> = serde_json::from_slice(body).unwrap();
    let messages = chat.messages.iter().map(|said| Turn {
        role: &said.role,
        content: [Text {
            text: Cow::Borrowed(&said.content),
        }],
    });
    let body = Converse {
        messages: messages.collect(),
    };
    let operation = match chat.stream {
        true => "converse-stream",
        false => "converse",
    };
    Asked {
        path: format!("/model/{}/{operation}", model(&chat.model)),
        body: serde_json::to_vec(&body).unwrap().into(),
        streams: chat.stream,
    }
}

fn messages(body: &[u8]) -> Asked {
    let mut body: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(body).unwrap();
    let alias: Cow<'_, str> = serde_json::from_str(body.remove("model").unwrap().get()).unwrap();
    let streams = body.remove("stream").unwrap().get() == "true";
    let version = to_raw_value("bedrock-2023-05-31").unwrap();
    body.insert("anthropic_version".into(), &version);
    let operation = match streams {
        true => "invoke-with-response-stream",
        false => "invoke",
    };
    Asked {
        path: format!("/model/{}/{operation}", model(&alias)),
        body: serde_json::to_vec(&body).unwrap().into(),
        streams,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    output: Output<'a>,
    usage: Counted,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: Answered<'a>,
}

#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(borrow)]
    content: Vec<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
}

#[derive(Serialize)]
struct Completion<'a, C> {
    id: &'a str,
    object: &'a str,
    created: u64,
    model: &'a str,
    choices: [C; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
}

#[derive(Serialize)]
struct Whole<'a> {
    index: u32,
    message: Reply<'a>,
    finish_reason: &'a str,
}

#[derive(Serialize)]
struct Reply<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
struct Part<'a> {
    index: u32,
    delta: Delta<'a>,
    finish_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
}

impl<C> Completion<'_, C> {
    fn new(object: &'static str, choice: C) -> Self {
        Self {
            id: "chatcmpl-0198c0c0c0c07000800000000000000a",
            object,
            created: 1_800_000_000,
            model: "nova",
            choices: [choice],
            usage: None,
        }
    }
}

fn completion(answer: &[u8]) -> Bytes {
    let answer: Answer<'_> = serde_json::from_slice(answer).unwrap();
    let message = Reply {
        role: "assistant",
        content: &answer.output.message.content[0].text,
    };
    let choice = Whole {
        index: 0,
        message,
        finish_reason: "stop",
    };
    let mut completion = Completion::new("chat.completion", choice);
    completion.usage = Some(Usage {
        prompt_tokens: answer.usage.input_tokens,
        completion_tokens: answer.usage.output_tokens,
        total_tokens: answer.usage.total_tokens,
    });
    serde_json::to_vec(&completion).unwrap().into()
}

/// A stream: AWS's frames as they come, and what they are to the client.
struct Events {
    dialect: Dialect,
    decoder: MessageFrameDecoder,
    unread: BytesMut,
}

#[derive(Deserialize)]
struct DeltaEvent<'a> {
    #[serde(borrow)]
    delta: Text<'a>,
}

#[derive(Deserialize)]
struct Chunk<'a> {
    bytes: &'a str,
}

#[derive(Deserialize)]
struct Typed<'a> {
    r#type: &'a str,
}

impl Events {
    fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            decoder: MessageFrameDecoder::new(),
            unread: BytesMut::new(),
        }
    }

    /// What came together goes together.
    fn translate(&mut self, bytes: &[u8]) -> Bytes {
        self.unread.extend_from_slice(bytes);
        let mut translated = BytesMut::with_capacity(2 * bytes.len());
        while let DecodedFrame::Complete(frame) =
            self.decoder.decode_frame(&mut self.unread).unwrap()
        {
            match self.dialect {
                Dialect::OpenAi => chunk(&frame, &mut translated),
                Dialect::Anthropic => event(&frame, &mut translated),
                Dialect::Bedrock => {}
            }
        }
        translated.freeze()
    }
}

/// An event of ConverseStream, in OpenAI's form.
fn chunk(frame: &Message, translated: &mut BytesMut) {
    let kind = frame
        .headers()
        .iter()
        .find(|header| header.name().as_str() == ":event-type");
    let kind = kind.unwrap().value().as_string().unwrap().as_str();
    let said: DeltaEvent<'_>;
    let (role, content, finish_reason) = match kind {
        "messageStart" => (Some("assistant"), Some(""), None),
        "contentBlockDelta" => {
            said = serde_json::from_slice(frame.payload()).unwrap();
            (None, Some(&*said.delta.text), None)
        }
        "messageStop" => (None, None, Some("stop")),
        "metadata" => return translated.put_slice(b"data: [DONE]\n\n"),
        _ => return,
    };
    let part = Part {
        index: 0,
        delta: Delta { role, content },
        finish_reason,
    };
    let chunk = Completion::new("chat.completion.chunk", part);
    translated.put_slice(b"data: ");
    serde_json::to_writer(translated.writer(), &chunk).unwrap();
    translated.put_slice(b"\n\n");
}

/// A chunk of InvokeModelWithResponseStream, as one of Anthropic's events.
fn event(frame: &Message, translated: &mut BytesMut) {
    let chunk: Chunk<'_> = serde_json::from_slice(frame.payload()).unwrap();
    let event = STANDARD.decode(chunk.bytes).unwrap();
    let typed: Typed<'_> = serde_json::from_slice(&event).unwrap();
    translated.put_slice(b"event: ");
    translated.put_slice(typed.r#type.as_bytes());
    translated.put_slice(b"\ndata: ");
    translated.put_slice(&event);
    translated.put_slice(b"\n\n");
}
