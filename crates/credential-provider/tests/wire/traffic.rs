//! Recorded traffic, played back in order.
//!
//! A recording reads like `curl -v`: a block of lines with `>` is a request, its first line method and URL, and each
//! further one something that stands in its headers or its body; a block of lines with `<` is the answer, its first line
//! the status, then headers, an empty line and the body. Instead of a status there may be `reset` or `hang`.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

/// Connections on which the recorded answers come. Clones are one.
#[derive(Debug, Clone)]
pub(crate) struct Traffic(Arc<Mutex<Tape>>);

#[derive(Debug, Default)]
struct Tape {
    rest: VecDeque<Exchange>,
    sent: Vec<String>,
    surprises: Vec<String>,
}

#[derive(Debug, Default)]
struct Exchange {
    request: Vec<String>,
    answer: Vec<String>,
}

impl Traffic {
    pub(crate) fn read(recording: &str) -> Self {
        let mut rest = VecDeque::<Exchange>::new();
        for line in recording.lines() {
            if let Some(line) = part(line, '>') {
                if rest.back().is_none_or(|last| !last.answer.is_empty()) {
                    rest.push_back(Exchange::default());
                }
                rest.back_mut().unwrap().request.push(line);
            } else if let Some(line) = part(line, '<') {
                rest.back_mut().unwrap().answer.push(line);
            } else {
                assert_eq!(line, "", "neither request nor answer");
            }
        }
        let tape = Tape {
            rest,
            ..Tape::default()
        };
        Self(Arc::new(Mutex::new(tape)))
    }

    /// Goes on as that recording says, whatever was still to come.
    pub(crate) fn go_on(&self, recording: &str) {
        let Self(next) = Self::read(recording);
        self.0.lock().unwrap().rest = std::mem::take(&mut next.lock().unwrap().rest);
    }

    /// The requests so far, as text.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.0.lock().unwrap().sent.clone()
    }

    /// What was not as recorded: calls that should not have been made, and those that should have.
    pub(crate) fn surprises(&self) -> Vec<String> {
        let tape = self.0.lock().unwrap();
        let missing = tape.rest.iter().map(|exchange| {
            let request = exchange.request.join(" ");
            format!("not called: {request}")
        });
        tape.surprises.iter().cloned().chain(missing).collect()
    }
}

impl Tape {
    fn next(&mut self, request: &HttpRequest) -> Vec<String> {
        let text = text(request);
        self.sent.push(text.clone());
        let Some(Exchange {
            request: expected,
            answer,
        }) = self.rest.pop_front()
        else {
            self.surprises.push(format!("one call too many: {text}"));
            return vec!["reset".to_owned()];
        };
        let absent = expected.into_iter().filter(|part| !text.contains(part));
        let absent = absent.map(|part| format!("lacks {part}: {text}"));
        self.surprises.extend(absent);
        answer
    }
}

impl HttpConnector for Traffic {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.lock().unwrap().next(&request);
        match answer[0].as_str() {
            "reset" => {
                let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                HttpConnectorFuture::ready(Err(ConnectorError::io(broken.into())))
            }
            "hang" => HttpConnectorFuture::new(std::future::pending()),
            _ => HttpConnectorFuture::ready(Ok(read(&answer))),
        }
    }
}

impl HttpClient for Traffic {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A line of that direction, without its mark.
fn part(line: &str, mark: char) -> Option<String> {
    let rest = line.strip_prefix(mark)?;
    Some(rest.strip_prefix(' ').unwrap_or(rest).to_owned())
}

/// A request as text: method and URL, headers, body.
fn text(request: &HttpRequest) -> String {
    let headers = request.headers().iter();
    let headers: String = headers
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let body = request.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    let (method, url) = (request.method(), request.uri());
    format!("{method} {url}\n{headers}\n{body}")
}

fn read(answer: &[String]) -> HttpResponse {
    let end = answer.iter().position(String::is_empty);
    let (head, body) = answer.split_at(end.unwrap_or(answer.len()));
    let body = body.get(1..).unwrap_or_default().join("\n");
    let status: u16 = head[0].parse().unwrap();
    let status = StatusCode::try_from(status).unwrap();
    let mut answer = HttpResponse::new(status, SdkBody::from(body));
    for header in &head[1..] {
        let (name, value) = header.split_once(": ").unwrap();
        answer
            .headers_mut()
            .insert(name.to_owned(), value.to_owned());
    }
    answer
}
