//! Answers, and how they and refusals look on the wire in each protocol of AWS.

use std::{io, time::Duration};

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue as HttpHeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::Frame;
use serde_json::Value;

use crate::{Call, Refusal, Service, bedrock::OVERLOADED};

/// What goes back over the connection. Its error breaks the connection off.
pub(crate) type Wire = BoxBody<Bytes, io::Error>;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    content: Content,
}

/// What an answer brings.
#[derive(Debug, Clone)]
enum Content {
    Whole(Bytes),
    Events(Events),
}

/// Events, one after the other.
#[derive(Debug, Clone)]
struct Events {
    /// Each already framed.
    frames: Vec<Bytes>,
    /// How long each takes.
    pace: Duration,
    /// Whether the connection breaks behind the last.
    is_cut: bool,
}

impl Answer {
    /// JSON of a REST service.
    pub(crate) fn json(value: &Value) -> Self {
        Self::whole("application/json", value.to_string())
    }

    /// JSON of the protocol `x-amz-json-1.1`.
    pub(crate) fn amz_json(value: &Value) -> Self {
        Self::whole("application/x-amz-json-1.1", value.to_string())
    }

    /// XML.
    pub(crate) fn xml(text: String) -> Self {
        Self::whole("text/xml", text)
    }

    /// Bytes of any kind.
    pub(crate) fn whole(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: 200,
            content_type,
            headers: Vec::new(),
            content: Content::Whole(body.into()),
        }
    }

    /// A stream of events, each already framed, and each `pace` after the one before.
    pub(crate) fn events(frames: Vec<Bytes>, pace: Duration) -> Self {
        let events = Events {
            frames,
            pace,
            is_cut: false,
        };
        Self {
            status: 200,
            content_type: "application/vnd.amazon.eventstream",
            headers: Vec::new(),
            content: Content::Events(events),
        }
    }

    /// The same with one header more.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The refusal, in the words of the service's protocol.
    pub(crate) fn refused(call: &Call, refusal: &Refusal) -> Self {
        let Refusal {
            status,
            code,
            message,
        } = refusal;
        let answer = match call.service {
            Service::Sts => Self::xml(xml_error(refusal, &call.request_id)),
            Service::CognitoUserPools | Service::CognitoIdentity => {
                let body = serde_json::json!({ "__type": code, "message": message });
                Self::amz_json(&body)
                    .header("x-amzn-errortype", format!("{code}:"))
                    .header("x-amzn-errormessage", message.clone())
            }
            Service::Bedrock | Service::BedrockRuntime if *code == OVERLOADED => {
                let error = serde_json::json!({ "type": code, "message": message });
                let body = serde_json::json!({ "type": "error", "error": error });
                Self::json(&body).header("retry-after", "1")
            }
            Service::Bedrock | Service::BedrockRuntime => {
                // What is refused before the service proper sees it says `Message`, as AWS's gate does.
                let member = if *status == 403 { "Message" } else { "message" };
                let body = serde_json::json!({ member: message });
                let kind = format!("{code}:http://internal.amazon.com/coral/com.amazon.bedrock/");
                Self::json(&body).header("x-amzn-errortype", kind)
            }
        };
        Self {
            status: *status,
            ..answer
        }
    }

    /// The same, its stream broken off after `count` events.
    #[must_use]
    pub(crate) fn cut_after(mut self, count: usize) -> Self {
        if let Content::Events(events) = &mut self.content {
            events.frames.truncate(count);
            events.is_cut = true;
        }
        self
    }

    /// The same, its stream ended after `count` events as if that were all.
    #[must_use]
    pub(crate) fn end_after(mut self, count: usize) -> Self {
        if let Content::Events(events) = &mut self.content {
            events.frames.truncate(count);
        }
        self
    }

    /// The same, its stream ended by an error event after `count` events.
    #[must_use]
    pub(crate) fn fail_after(mut self, count: usize, refusal: &Refusal) -> Self {
        if let Content::Events(events) = &mut self.content {
            events.frames.truncate(count);
            events.frames.push(exception(refusal));
        }
        self
    }

    /// What goes over the connection.
    pub(crate) fn into_response(self, call: &Call) -> Response<Wire> {
        let body = match self.content {
            Content::Whole(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed(),
            Content::Events(events) => events.into_wire(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let own = [
            ("content-type", self.content_type.to_owned()),
            ("x-amzn-requestid", call.request_id.clone()),
            // SDKs set their clocks by this, so it has to be the sandbox's.
            ("date", http_date(call.now)),
        ];
        for (name, value) in self.headers.into_iter().chain(own) {
            // What no header can carry, such as a message with line ends, AWS leaves out as well.
            if let Ok(value) = HttpHeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl Events {
    fn into_wire(self) -> Wire {
        let pace = self.pace;
        let frames = stream::iter(self.frames).then(move |frame| async move {
            if !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
            Ok(Frame::data(frame))
        });
        let end = stream::iter(self.is_cut.then_some(())).then(|()| async {
            // Lets what was written go out before the connection breaks.
            tokio::task::yield_now().await;
            Err(io::ErrorKind::ConnectionReset.into())
        });
        BodyExt::boxed(StreamBody::new(frames.chain(end)))
    }
}

/// A frame of an event stream.
pub(crate) fn frame(message: &Message) -> Bytes {
    let mut bytes = Vec::new();
    match write_message_to(message, &mut bytes) {
        Ok(()) => bytes.into(),
        Err(error) => panic!("the sandbox writes only frames that fit: {error}"),
    }
}

/// The error event that a stream ends with: its code begins with a small letter there.
pub(crate) fn exception(refusal: &Refusal) -> Bytes {
    let mut kind = refusal.code.to_owned();
    kind[..1].make_ascii_lowercase();
    let text = |text: &str| HeaderValue::String(text.to_owned().into());
    let body = serde_json::json!({ "message": refusal.message });
    let message = Message::new(body.to_string())
        .add_header(Header::new(":message-type", text("exception")))
        .add_header(Header::new(":exception-type", text(&kind)))
        .add_header(Header::new(":content-type", text("application/json")));
    frame(&message)
}

fn xml_error(refusal: &Refusal, request_id: &str) -> String {
    let fault = if refusal.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    let message = escape(&refusal.message);
    let code = refusal.code;
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>{fault}</Type>\n    \
         <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n\
         </ErrorResponse>\n"
    )
}

/// Text as XML has it.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn http_date(at: time::OffsetDateTime) -> String {
    let form = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.format(form).unwrap_or_default()
}
