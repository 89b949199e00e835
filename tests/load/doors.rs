//! The doors of the service, and how each is asked for a conversation.

use serde_json::{Value, json};

use crate::{clients::Target, process::Process};

/// A way to ask, for a whole answer or for a stream.
pub(crate) struct Door {
    pub(crate) name: &'static str,
    whole: Way,
    streamed: Way,
    body: fn(bool) -> Value,
}

/// A path, and what its answer is to be.
struct Way(&'static str, &'static str);

const ANY: &str = "*/*";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// On AWS's wire, as the upstream and the minimal proxy are asked.
pub(crate) const BARE: Door = Door {
    name: "minimal signed proxy",
    whole: Way("/model/amazon.nova-lite-v1%3A0/converse", ANY),
    streamed: Way("/model/amazon.nova-lite-v1%3A0/converse-stream", ANY),
    body: converse,
};

/// Those of the service.
pub(crate) const DOORS: [Door; 4] = [
    Door {
        name: "`/v1`",
        whole: Way("/v1/models/nova/converse", JSON),
        streamed: Way("/v1/models/nova/converse", EVENTS),
        body: converse,
    },
    Door {
        name: "`/bedrock`",
        whole: Way("/bedrock/model/nova/converse", ANY),
        streamed: Way("/bedrock/model/nova/converse-stream", ANY),
        body: converse,
    },
    Door {
        name: "`/openai`",
        whole: Way("/openai/v1/chat/completions", ANY),
        streamed: Way("/openai/v1/chat/completions", ANY),
        body: chat,
    },
    Door {
        name: "`/anthropic`",
        whole: Way("/anthropic/v1/messages", ANY),
        streamed: Way("/anthropic/v1/messages", ANY),
        body: messages,
    },
];

/// A model that never stops talking.
pub(crate) const ENDLESS: Door = Door {
    name: "endless",
    whole: Way("/v1/models/endless/converse", JSON),
    streamed: Way("/v1/models/endless/converse", EVENTS),
    body: converse,
};

impl Door {
    /// This door of a process.
    pub(crate) fn target(&self, process: &Process, key: &str, streams: bool) -> Target {
        let Way(path, accept) = if streams { &self.streamed } else { &self.whole };
        Target {
            url: process.told("url").to_owned(),
            path,
            key: key.to_owned(),
            accept,
            body: (self.body)(streams).to_string().into(),
        }
    }
}

fn said() -> String {
    "x".repeat(200)
}

fn converse(_: bool) -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": said() }] }] })
}

fn chat(streams: bool) -> Value {
    json!({
        "model": "nova",
        "messages": [{ "role": "user", "content": said() }],
        "stream": streams,
    })
}

fn messages(streams: bool) -> Value {
    json!({
        "model": "claude",
        "max_tokens": 100,
        "messages": [{ "role": "user", "content": said() }],
        "stream": streams,
    })
}
