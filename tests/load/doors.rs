//! The doors of the service, and how each is asked for a conversation.

use serde_json::{Value, json};

use crate::clients::Target;

/// A way to ask, for a whole answer or for a stream.
pub(crate) struct Door {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    whole: Way,
    streamed: Way,
}

/// In whose form it is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Bedrock,
    OpenAi,
    Anthropic,
}

/// A path, and what its answer is to be.
struct Way(&'static str, &'static str);

const ANY: &str = "*/*";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// On AWS's wire, as the upstream is asked.
pub(crate) const UPSTREAM: Door = Door {
    name: "upstream itself",
    form: Form::Bedrock,
    whole: Way("/model/amazon.nova-lite-v1%3A0/converse", ANY),
    streamed: Way("/model/amazon.nova-lite-v1%3A0/converse-stream", ANY),
};

/// The proxy that only signs.
pub(crate) const SIGNS: Door = Door {
    name: "proxy that signs, nothing else",
    form: Form::Bedrock,
    whole: Way("/bare/model/amazon.nova-lite-v1%3A0/converse", ANY),
    streamed: Way("/bare/model/amazon.nova-lite-v1%3A0/converse-stream", ANY),
};

/// The practical limit, in each form.
pub(crate) const LIMITS: [Door; 3] = [
    Door {
        name: "practical limit",
        ..UPSTREAM
    },
    Door {
        name: "practical limit, OpenAI's form",
        form: Form::OpenAi,
        whole: Way("/v1/chat/completions", ANY),
        streamed: Way("/v1/chat/completions", ANY),
    },
    Door {
        name: "practical limit, Anthropic's form",
        form: Form::Anthropic,
        whole: Way("/v1/messages", ANY),
        streamed: Way("/v1/messages", ANY),
    },
];

/// Those of the service.
pub(crate) const DOORS: [Door; 4] = [
    Door {
        name: "`/v1`",
        form: Form::Bedrock,
        whole: Way("/v1/models/nova/converse", JSON),
        streamed: Way("/v1/models/nova/converse", EVENTS),
    },
    Door {
        name: "`/bedrock`",
        form: Form::Bedrock,
        whole: Way("/bedrock/model/nova/converse", ANY),
        streamed: Way("/bedrock/model/nova/converse-stream", ANY),
    },
    Door {
        name: "`/openai`",
        form: Form::OpenAi,
        whole: Way("/openai/v1/chat/completions", ANY),
        streamed: Way("/openai/v1/chat/completions", ANY),
    },
    Door {
        name: "`/anthropic`",
        form: Form::Anthropic,
        whole: Way("/anthropic/v1/messages", ANY),
        streamed: Way("/anthropic/v1/messages", ANY),
    },
];

/// A model that never stops talking.
pub(crate) const ENDLESS: Door = Door {
    name: "endless",
    form: Form::Bedrock,
    whole: Way("/v1/models/endless/converse", JSON),
    streamed: Way("/v1/models/endless/converse", EVENTS),
};

impl Door {
    /// This door of whoever is at that URL.
    pub(crate) fn target(&self, url: &str, key: &str, streams: bool) -> Target {
        let Way(path, accept) = if streams { &self.streamed } else { &self.whole };
        Target {
            url: url.to_owned(),
            path,
            key: key.to_owned(),
            accept,
            body: self.form.body(streams).to_string().into(),
        }
    }
}

impl Form {
    fn body(self, streams: bool) -> Value {
        let said = "x".repeat(200);
        match self {
            Self::Bedrock => json!({
                "messages": [{ "role": "user", "content": [{ "text": said }] }],
            }),
            Self::OpenAi => json!({
                "model": "nova",
                "messages": [{ "role": "user", "content": said }],
                "stream": streams,
            }),
            Self::Anthropic => json!({
                "model": "claude",
                "max_tokens": 100,
                "messages": [{ "role": "user", "content": said }],
                "stream": streams,
            }),
        }
    }
}
