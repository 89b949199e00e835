//! Conversations whose caller is revoked while nobody asks them for anything: a body is still on its way, an answer is not read.

use std::{sync::Arc, time::Duration};

use domain::SystemClock;
use harness::{Aws, Client, Options, Service, aws::save, service::until};
use http::{Request, Response};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use server::app::conversations::Patience;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PATHS: [&str; 2] = [
    "/v1/models/nova/converse",
    "/bedrock/model/nova/converse-stream",
];

struct Scene {
    _aws: Aws,
    service: Service,
    admin: Client,
    member: Client,
}

impl Scene {
    async fn start() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let aws = Aws::start(Arc::new(SystemClock)).await;
        let service = Service::with(aws.serve(options)).await;
        service.tenant("one").await;
        let admin = service.caller("one", "admin").await;
        save(&admin, "Production", aws.by_key()).await;
        let body = json!({ "models": [
            { "model_id": aws.demo.model_id, "alias": "nova" },
            { "model_id": "cohere.embed-english-v3", "alias": "cohere" },
        ] });
        assert_eq!(admin.post("/v1/models", body).await.status, 201);
        let member = service.caller("one", "member").await;
        Self {
            _aws: aws,
            service,
            admin,
            member,
        }
    }

    async fn connect(&self) -> TcpStream {
        let address = self.service.url.strip_prefix("http://").unwrap();
        TcpStream::connect(address).await.unwrap()
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.member.credential())
    }

    /// Revokes the member's key, and waits until it is heard of.
    async fn revoke(&self) {
        let keys = self.admin.get("/v1/api-keys").await;
        let key = keys.items().iter().find(|key| key["role"] == "member");
        let path = format!("/v1/api-keys/{}", key.unwrap()["id"].as_str().unwrap());
        assert_eq!(self.admin.delete(&path).await.status, 204);
        until("it is heard of", async || {
            self.member.get("/v1/me").await.status == 401
        })
        .await;
    }

    async fn none_is_left(&self) {
        until("none is left", async || {
            self.service.context.running.count() == 0
        })
        .await;
    }
}

fn hello() -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] })
}

#[tokio::test]
async fn a_body_that_is_still_on_its_way_is_not_answered_after_a_revocation() {
    for path in PATHS {
        let scene = Scene::start().await;
        let body = hello().to_string();
        let (first, rest) = body.split_at(10);
        let mut stream = scene.connect().await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: it\r\nauthorization: {}\r\naccept: text/event-stream\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{first}",
            scene.bearer(),
            body.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        until("it has begun", async || {
            scene.service.context.running.count() == 1
        })
        .await;

        scene.revoke().await;
        scene.none_is_left().await;

        // It may be gone already.
        let _ = stream.write_all(rest.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!answer.contains("Hello"), "{answer}");
    }
}

/// Asks for an answer of which no byte is read, and for which there is so much room.
async fn unread(scene: &Scene, asked: &Unread, window: u32) -> Response<Incoming> {
    let io = TokioIo::new(scene.connect().await);
    let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(io)
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::post(format!("{}{}", scene.service.url, asked.path))
        .header("authorization", scene.bearer())
        .header("accept", "text/event-stream")
        .body(asked.body.to_string())
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer
}

/// What is asked for and not read.
struct Unread {
    path: &'static str,
    body: Value,
}

impl Unread {
    /// Streams, and an answer of many MiB; each with no room at all, and with some.
    fn all() -> impl Iterator<Item = (Self, u32)> {
        let [streamed, frames] = PATHS;
        let texts = vec!["x"; 400];
        let all = [
            (streamed, hello()),
            (frames, hello()),
            (
                "/openai/v1/embeddings",
                json!({ "model": "cohere", "input": texts }),
            ),
        ];
        all.into_iter().flat_map(|(path, body)| {
            [0, 1].map(|window| {
                let body = body.clone();
                (Self { path, body }, window)
            })
        })
    }
}

#[tokio::test]
async fn an_answer_that_nobody_reads_ends_with_a_revocation() {
    for (asked, window) in Unread::all() {
        let scene = Scene::start().await;
        let answer = unread(&scene, &asked, window).await;
        assert_eq!(scene.service.context.running.count(), 1);
        scene.revoke().await;
        scene.none_is_left().await;
        drop(answer);
    }
}

#[tokio::test]
async fn an_answer_that_nobody_reads_ends_by_itself() {
    for (asked, window) in Unread::all() {
        let patience = Patience {
            unread: Duration::from_millis(200),
            ..Patience::default()
        };
        let scene = Scene::with(Options {
            patience,
            ..Options::default()
        })
        .await;
        let answer = unread(&scene, &asked, window).await;
        scene.none_is_left().await;
        drop(answer);
    }
}
