//! What goes over the wire, and what is made of what comes back, byte by byte. Whether AWS would accept the signature
//! is shown against the sandbox.

use std::sync::Arc;

use aws_credential_types::{Credentials, Token};
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use credential_provider::{AwsSettings, Endpoint, Endpoints, Identity};
use domain::{Entropy, ManualClock};
use time::macros::datetime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);
const PROFILE: &str = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc";

struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, _: &mut [u8]) {}
}

/// Something that answers one request with these pieces, and then closes or holds its tongue.
struct Stub {
    aws: Aws,
    seen: oneshot::Receiver<String>,
}

impl Stub {
    async fn answering(pieces: Vec<Vec<u8>>, and_closes: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, seen) = oneshot::channel();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"{}") {
                assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
            }
            tell.send(String::from_utf8(request).unwrap()).unwrap();
            for piece in pieces {
                stream.write_all(&piece).await.unwrap();
                stream.flush().await.unwrap();
            }
            if !and_closes {
                std::future::pending::<()>().await;
            }
        });
        let aws = Aws::new(AwsSettings {
            endpoints: Endpoints::every(Endpoint::parse(&url).unwrap()),
            identity: None,
            clock: Arc::new(ManualClock::at(datetime!(2026-11-22 12:00 UTC))),
            entropy: Arc::new(NoEntropy),
            call_limit: PATIENCE,
        });
        Self { aws, seen }
    }

    async fn ask(&self, lease: &Lease, operation: Operation, model_id: &str) -> Result<Answer> {
        let request = Request {
            operation,
            model_id,
            body: &Bytes::from_static(b"{}"),
            headers: None,
            begin_within: PATIENCE,
        };
        send(&self.aws, lease, &"eu-west-1".parse().unwrap(), request).await
    }

    async fn converse(&self) -> Result<Answer> {
        self.ask(&signed(), Operation::Converse, "amazon.nova-lite-v1:0")
            .await
    }
}

fn signed() -> Lease {
    let credentials = Credentials::new(
        "AKIDEXAMPLE",
        "wJalrXUtnFEMI",
        Some("session".to_owned()),
        None,
        "test",
    );
    Lease::new(Identity::Credentials(credentials), None)
}

fn bearer() -> Lease {
    Lease::new(Identity::Bearer(Token::new("ABSKexample", None)), None)
}

fn whole(status: &str, headers: &str, body: &str) -> Vec<Vec<u8>> {
    let length = body.len();
    vec![
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
            .into_bytes(),
    ]
}

const STREAM: &[u8] = b"HTTP/1.1 200 OK\r\nx-amzn-requestid: r-1\r\n\
    content-type: application/vnd.amazon.eventstream\r\nconnection: close\r\n\r\n";

fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let message = headers.iter().fold(
        Message::new(payload.to_owned()),
        |message, (name, value)| {
            message.add_header(Header::new(
                (*name).to_owned(),
                HeaderValue::String((*value).to_owned().into()),
            ))
        },
    );
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn event(kind: &str, payload: &str) -> Vec<u8> {
    frame(
        &[(":message-type", "event"), (":event-type", kind)],
        payload,
    )
}

#[tokio::test]
async fn a_signed_request_names_region_and_model_and_nothing_else() {
    let stub = Stub::answering(whole("200 OK", "x-amzn-requestid: r-1\r\n", "[1]"), false).await;

    let answer = stub
        .ask(&signed(), Operation::ConverseStream, PROFILE)
        .await
        .unwrap();

    assert_eq!(answer.request_id(), Some("r-1"));
    assert_eq!(answer.bytes(PATIENCE).await.unwrap(), "[1]");
    let request = stub.seen.await.unwrap();
    let lines: Vec<_> = request.lines().collect();
    assert_eq!(
        lines[0],
        "POST /model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Aapplication-inference-profile%2Fabc/converse-stream \
         HTTP/1.1"
    );
    for line in [
        "host: bedrock-runtime.eu-west-1.amazonaws.com",
        "content-type: application/json",
        "accept: application/vnd.amazon.eventstream",
        "x-amz-date: 20261122T120000Z",
        "x-amz-security-token: session",
    ] {
        assert!(lines.contains(&line), "{line} is not in {request}");
    }
    assert!(request.contains(
        "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/bedrock/aws4_request, SignedHeaders="
    ));
}

#[tokio::test]
async fn of_the_clients_headers_those_of_bedrock_go_along_and_no_others() {
    let stub = Stub::answering(whole("200 OK", "", "{}"), false).await;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-amzn-bedrock-guardrailidentifier", "g-1"),
        ("authorization", "Bearer of-ours"),
        ("host", "evil.example"),
        ("x-amz-date", "yesterday"),
        ("cookie", "session"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let request = Request {
        operation: Operation::InvokeModel,
        model_id: "m",
        body: &Bytes::from_static(b"{}"),
        headers: Some(&headers),
        begin_within: PATIENCE,
    };
    send(&stub.aws, &signed(), &"eu-west-1".parse().unwrap(), request)
        .await
        .unwrap();

    let seen = stub.seen.await.unwrap();
    assert!(seen.contains("x-amzn-bedrock-guardrailidentifier: g-1\r\n"));
    for other in ["of-ours", "evil", "yesterday", "cookie"] {
        assert!(!seen.contains(other), "{other} is in {seen}");
    }
}

#[tokio::test]
async fn an_api_key_goes_as_it_is_and_unsigned() {
    let stub = Stub::answering(whole("200 OK", "", "{}"), false).await;

    stub.ask(
        &bearer(),
        Operation::InvokeModel,
        "amazon.titan-embed-text-v2:0",
    )
    .await
    .unwrap();

    let request = stub.seen.await.unwrap();
    assert!(request.starts_with("POST /model/amazon.titan-embed-text-v2%3A0/invoke HTTP/1.1"));
    assert!(request.contains("authorization: Bearer ABSKexample\r\n"));
    assert!(!request.to_lowercase().contains("x-amz-"), "{request}");
}

#[tokio::test]
async fn a_model_id_that_would_change_the_path_is_never_sent() {
    let stub = Stub::answering(Vec::new(), false).await;
    let long = "a".repeat(2_049);
    for id in [
        "", ".", "..", "../x", "/x", "a b", "a?b", "a#b", "a%2Fb", "a\nb", "a\\b", "ä", "a@b",
        &long,
    ] {
        for operation in Operation::ALL {
            let error = stub.ask(&signed(), operation, id).await.err().unwrap();
            assert!(
                matches!(error, Error::Rejected(aws) if aws.code == "ValidationException"),
                "{id:?}"
            );
        }
    }
    let Stub { aws, mut seen } = stub;
    drop(aws);
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn a_refusal_is_read_from_header_and_body() {
    let headers = "x-amzn-requestid: r-7\r\nx-amzn-errortype: AccessDeniedException\r\n";
    let stub = Stub::answering(
        whole("403 Forbidden", headers, r#"{"Message":"no"}"#),
        false,
    )
    .await;
    let Some(Error::Rejected(aws)) = stub.converse().await.err() else {
        panic!("no refusal");
    };
    assert_eq!(
        (
            aws.operation,
            aws.status,
            &*aws.code,
            &*aws.message,
            aws.request_id.as_deref()
        ),
        ("Converse", 403, "AccessDeniedException", "no", Some("r-7"))
    );
}

#[tokio::test]
async fn a_refusal_with_status_200_is_one() {
    let headers = "x-amzn-errortype: UnknownOperationException\r\n";
    let stub = Stub::answering(whole("200 OK", headers, "{}"), false).await;
    let error = stub.converse().await.err().unwrap();
    assert!(matches!(error, Error::Rejected(aws) if aws.code == "UnknownOperationException"));
}

#[tokio::test]
async fn a_refusal_that_is_nonsense_is_judged_by_its_status() {
    for (status, is_temporary) in [
        ("400 Bad Request", false),
        ("408 Request Timeout", true),
        ("431 Request Header Fields Too Large", false),
        ("502 Bad Gateway", true),
    ] {
        let stub = Stub::answering(whole(status, "", "<html>"), false).await;
        let error = stub.converse().await.err().unwrap();
        assert_eq!(error.is_temporary(), is_temporary, "{status}");
    }
}

#[tokio::test]
async fn what_never_begins_is_not_waited_for() {
    let stub = Stub::answering(Vec::new(), false).await;
    let limit = Duration::from_millis(50);
    let request = Request {
        operation: Operation::Converse,
        model_id: "m",
        body: &Bytes::from_static(b"{}"),
        headers: None,
        begin_within: limit,
    };
    let error = send(&stub.aws, &signed(), &"eu-west-1".parse().unwrap(), request)
        .await
        .err();
    assert_eq!(
        error,
        Some(Error::TimedOut {
            operation: "Converse",
            limit
        })
    );
}

#[tokio::test]
async fn a_connection_that_closes_is_unreachable() {
    let stub = Stub::answering(Vec::new(), true).await;
    assert_eq!(
        stub.converse().await.err(),
        Some(Error::Unreachable {
            operation: "Converse"
        })
    );
}

#[tokio::test]
async fn events_come_whole_however_they_are_cut() {
    let sent = [
        event("messageStart", "{}"),
        event("contentBlockDelta", r#"{"delta":{"text":"ä"}}"#),
    ]
    .concat();
    for size in [1, 3, 7, sent.len()] {
        let pieces = std::iter::once(STREAM.to_vec())
            .chain(sent.chunks(size).map(<[u8]>::to_vec))
            .collect();
        let stub = Stub::answering(pieces, true).await;
        let mut frames = stub.converse().await.unwrap().frames();
        let first = frames.next(PATIENCE).await.unwrap().unwrap();
        let second = frames.next(PATIENCE).await.unwrap().unwrap();
        assert_eq!(
            (first.kind(), &*first.payload()),
            ("messageStart", b"{}".as_slice())
        );
        assert_eq!(second.kind(), "contentBlockDelta");
        assert_eq!(second.payload(), r#"{"delta":{"text":"ä"}}"#);
        assert_eq!(frames.next(PATIENCE).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_exception_in_mid_stream_is_the_refusal_that_it_would_have_been() {
    let exception = [
        (":message-type", "exception"),
        (":exception-type", "throttlingException"),
    ];
    let error = |code| {
        let head = [
            (":message-type", "error"),
            (":error-code", code),
            (":error-message", "oh"),
        ];
        frame(&head, "")
    };
    for (last, status, code, message) in [
        (
            frame(&exception, r#"{"message":"slow"}"#),
            429,
            "ThrottlingException",
            "slow",
        ),
        (
            error("InternalServerException"),
            500,
            "InternalServerException",
            "oh",
        ),
        (
            error("modelStreamErrorException"),
            424,
            "ModelStreamErrorException",
            "oh",
        ),
    ] {
        let stub = Stub::answering(
            vec![STREAM.to_vec(), event("messageStart", "{}"), last],
            true,
        )
        .await;
        let mut frames = stub.converse().await.unwrap().frames();
        frames.next(PATIENCE).await.unwrap().unwrap();
        let error = frames.next(PATIENCE).await.unwrap_err();
        let aws = error.aws().unwrap();
        assert_eq!(
            (aws.status, &*aws.code, &*aws.message),
            (status, code, message)
        );
        assert_eq!(aws.request_id.as_deref(), Some("r-1"));
        assert!(error.is_temporary());
    }
}

#[tokio::test]
async fn what_came_together_is_handed_on_as_it_came() {
    let exception = [
        (":message-type", "exception"),
        (":exception-type", "throttlingException"),
    ];
    let sent = [
        event("messageStart", "{}"),
        frame(&exception, r#"{"message":"slow"}"#),
    ]
    .concat();
    let stub = Stub::answering(vec![[STREAM, &*sent].concat()], true).await;
    let mut frames = stub.converse().await.unwrap().frames();

    let batch = frames.batch(PATIENCE).await.unwrap().unwrap();

    assert_eq!(batch.bytes(), &sent);
    let said: Vec<_> = batch.collect();
    assert_eq!(said[0].as_ref().unwrap().kind(), "messageStart");
    assert!(matches!(&said[1], Err(Error::Throttled(aws)) if aws.message == "slow"));
    assert_eq!(said.len(), 2);
    assert!(frames.batch(PATIENCE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_stream_that_is_cut_between_events_did_not_end() {
    let event = event("messageStart", "{}");
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = [format!("{:x}\r\n", event.len()).as_bytes(), &event, b"\r\n"].concat();
    let stub = Stub::answering(vec![head.to_vec(), chunk], true).await;
    let mut frames = stub.converse().await.unwrap().frames();
    assert!(frames.next(PATIENCE).await.unwrap().is_some());
    assert_eq!(
        frames.next(PATIENCE).await,
        Err(Error::Broken {
            operation: "Converse"
        })
    );
}

#[tokio::test]
async fn a_stream_that_is_cut_in_an_event_did_not_end() {
    let mut cut = event("messageStart", "{}");
    cut.pop();
    let stub = Stub::answering(vec![STREAM.to_vec(), cut], true).await;
    let mut frames = stub.converse().await.unwrap().frames();
    assert_eq!(
        frames.next(PATIENCE).await,
        Err(Error::Broken {
            operation: "Converse"
        })
    );
}

#[tokio::test]
async fn bytes_that_are_no_event_are_a_fault() {
    for nonsense in [
        vec![b'x'; 64],
        frame(&[(":message-type", "event")], ""),
        frame(&[], ""),
    ] {
        let stub = Stub::answering(vec![STREAM.to_vec(), nonsense], true).await;
        let mut frames = stub.converse().await.unwrap().frames();
        assert!(matches!(frames.next(PATIENCE).await, Err(Error::Faulty(_))));
    }
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_not_waited_for() {
    let stub = Stub::answering(vec![STREAM.to_vec(), event("messageStart", "{}")], false).await;
    let mut frames = stub.converse().await.unwrap().frames();
    frames.next(PATIENCE).await.unwrap().unwrap();
    let limit = Duration::from_millis(50);
    assert_eq!(
        frames.next(limit).await,
        Err(Error::TimedOut {
            operation: "Converse",
            limit
        })
    );
}
