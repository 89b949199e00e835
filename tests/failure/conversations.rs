//! Conversations when something is wrong around them: the database away or frozen, many slow readers, many that go away.

use std::sync::Arc;

use domain::SystemClock;
use futures_util::future::{join, join_all};
use harness::{Answer, Aws, Client, Options, Service, aws::save, service::until};
use http::{Request, Response};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use reqwest::Method;
use serde_json::{Value, json};
use server::app::conversations::Limit;
use store::testing::Database;
use tokio::{net::TcpStream, time::timeout};

use crate::{database_away::AT_ONCE, postgres::Postgres, proxy::Proxy};

/// On both doors: whole, and in a stream.
const DOORS: [[&str; 2]; 2] = [
    ["/v1/models/nova/converse", "/v1/models/nova/converse"],
    [
        "/bedrock/model/nova/converse",
        "/bedrock/model/nova/converse-stream",
    ],
];

/// Two replicas, the second with a database of its own to lose, and a member whose model that one was asked for before.
struct Scene {
    _seeing: Service,
    aws: Aws,
    service: Service,
    admin: Client,
    member: Client,
}

fn hello() -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] })
}

impl Scene {
    async fn start() -> Self {
        let database = Arc::new(Database::new().await);
        Self::on(Arc::clone(&database), database, Options::default()).await
    }

    /// On one database, which the second replica reaches by a way of its own.
    async fn on(database: Arc<Database>, way: Arc<Database>, options: Options) -> Self {
        let aws = Aws::start(Arc::new(SystemClock)).await;
        let seeing = Service::on(database, aws.serve(Options::default())).await;
        let service = Service::on(way, aws.serve(options)).await;
        seeing.tenant("one").await;
        let admin = seeing.caller("one", "admin").await;
        save(&admin, "Production", aws.by_key()).await;
        let body = json!({ "models": [{ "model_id": aws.demo.model_id, "alias": "nova" }] });
        assert_eq!(admin.post("/v1/models", body).await.status, 201);
        let member = seeing.caller("one", "member").await.at(&service.url);
        // What was changed last is heard of last: after it, what the replica caches it keeps.
        forget_last(&seeing, &service, &admin).await;
        let scene = Self {
            _seeing: seeing,
            aws,
            service,
            admin,
            member,
        };
        scene.converse_at_both_doors().await;
        scene
    }

    async fn converse(&self) -> u16 {
        self.member.post(DOORS[0][0], hello()).await.status
    }

    async fn stream(&self, path: &str) -> reqwest::Response {
        let request = self.member.request(Method::POST, path);
        let request = request.header("accept", "text/event-stream").json(&hello());
        request.send().await.unwrap()
    }

    /// Whole and in a stream, without waiting for anything.
    async fn converse_at_both_doors(&self) {
        for [whole, streamed] in DOORS {
            let answers = join(self.member.post(whole, hello()), async {
                Answer::read(self.stream(streamed).await).await
            });
            let (whole, streamed) = timeout(AT_ONCE * 4, answers)
                .await
                .expect("it waits for something");
            assert_eq!((whole.status, streamed.status), (200, 200), "{whole:?}");
            assert!(streamed.raw.contains("metadata"), "{streamed:?}");
        }
    }

    async fn all_have_ended(&self) {
        until("all calls have ended", async || {
            self.service.context.running.count() == 0
        })
        .await;
    }
}

/// Revokes a key by one replica, and waits until the other has heard of it.
async fn forget_last(seeing: &Service, hearing: &Service, admin: &Client) {
    let last = seeing.caller("one", "viewer").await.at(&hearing.url);
    assert_eq!(last.get("/v1/me").await.status, 200);
    let keys = admin.get("/v1/api-keys").await;
    let viewer = keys.items().iter().find(|key| key["role"] == "viewer");
    let path = format!("/v1/api-keys/{}", viewer.unwrap()["id"].as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 204);
    until("it has heard all", async || {
        last.get("/v1/me").await.status == 401
    })
    .await;
}

#[tokio::test]
async fn they_go_on_while_the_database_is_away() {
    let database = Arc::new(Database::new().await);
    let proxy = Proxy::before(&database);
    let way = Arc::clone(&proxy.database);
    let scene = Scene::on(database, way, Options::default()).await;
    proxy.cut();
    until("the control plane is closed", async || {
        scene.member.get("/v1/models").await.status == 503
    })
    .await;
    scene.converse_at_both_doors().await;
}

/// Worse than being away, since nothing fails by itself.
#[tokio::test]
async fn they_go_on_while_the_database_is_frozen() {
    let postgres = Postgres::start().await;
    let database = postgres.database().await;
    let scene = Scene::on(Arc::clone(&database), database, Options::default()).await;

    postgres.freeze();

    scene.converse_at_both_doors().await;
    until("the control plane is closed", async || {
        scene.member.get("/v1/models").await.status == 503
    })
    .await;
    scene.converse_at_both_doors().await;
    postgres.thaw();
}

/// They read the head of the answer, and leave no room for more: what a model says stays where it is.
#[tokio::test]
async fn two_hundred_readers_who_do_not_read_hold_up_nobody() {
    const CONNECTIONS: usize = 4;
    const READERS: usize = 200;
    let scene = Scene::start().await;
    let mut readers = Vec::new();
    for _ in 0..CONNECTIONS {
        let address = scene.service.url.strip_prefix("http://").unwrap();
        let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(1)
            .handshake(io)
            .await
            .unwrap();
        tokio::spawn(connection);
        let answers = (0..READERS / CONNECTIONS).map(|n| {
            let request = Request::post(format!("{}{}", scene.service.url, DOORS[n % 2][1]))
                .header(
                    "authorization",
                    format!("Bearer {}", scene.member.credential()),
                )
                .header("accept", "text/event-stream")
                .body(hello().to_string())
                .unwrap();
            sender.clone().send_request(request)
        });
        readers.extend(join_all(answers).await);
    }
    let has_begun = |reader: &Result<Response<_>, _>| reader.as_ref().unwrap().status() == 200;
    assert!(readers.iter().all(has_begun));
    assert_eq!(scene.service.context.running.count(), READERS);
    scene.converse_at_both_doors().await;
    drop(readers);
    scene.all_have_ended().await;
}

/// Ten thousand of them, and what they leave in memory, are counted by `tests/load`.
#[tokio::test]
async fn streams_that_are_given_up_leave_nothing_but_their_count() {
    const STREAMS: usize = 500;
    const AT_A_TIME: u32 = 50;
    let limit = Limit {
        requests_per_minute: 0,
        concurrent: AT_A_TIME,
        tokens_per_minute: 0,
    };
    let options = Options {
        tenant_limit: limit,
        caller_limit: limit,
        ..Options::default()
    };
    let database = Arc::new(Database::new().await);
    let scene = Scene::on(Arc::clone(&database), database, options).await;
    let account = scene.aws.demo.account_id;
    scene.aws.world.account(account, |account| {
        account.bedrock.pace = std::time::Duration::from_millis(300);
    });
    for _ in 0..STREAMS / AT_A_TIME as usize {
        let streams = (0..AT_A_TIME as usize).map(async |n| {
            let mut answer = scene.stream(DOORS[n % 2][1]).await;
            assert_eq!(answer.status(), 200);
            assert!(answer.chunk().await.unwrap().is_some());
            answer
        });
        let streams = join_all(streams).await;
        // There is no room for another …
        assert_eq!(scene.converse().await, 429);
        drop(streams);
        // … until they have ended.
        scene.all_have_ended().await;
    }
    let context = &scene.service.context;
    let flushed = context.usage.flush(&context.store, context.now()).await;
    flushed.unwrap();
    let told = scene.admin.get("/v1/usage").await;
    let cancelled = told
        .items()
        .iter()
        .find(|row| row["outcome"] == "cancelled")
        .unwrap();
    assert_eq!(cancelled["requests"], STREAMS, "{told:?}");
}

impl Scene {
    /// How many requests are written down.
    async fn counted(database: &Database) -> i64 {
        sqlx::query_scalar("SELECT COALESCE(SUM(requests), 0)::bigint FROM usage_days")
            .fetch_one(&database.owner())
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn what_was_used_is_written_at_an_orderly_end() {
    let scene = Scene::start().await;
    scene.all_have_ended().await;
    let database = Arc::clone(&scene.service.database);
    scene.service.stop().await.unwrap();
    assert_eq!(Scene::counted(&database).await, 4);
}

#[tokio::test]
async fn what_was_used_while_the_database_was_away_is_written_later() {
    let database = Arc::new(Database::new().await);
    let proxy = Proxy::before(&database);
    let way = Arc::clone(&proxy.database);
    let scene = Scene::on(Arc::clone(&database), way, Options::default()).await;
    scene.all_have_ended().await;
    let context = &scene.service.context;
    proxy.cut();
    scene.converse_at_both_doors().await;
    scene.all_have_ended().await;
    let flushed = context.usage.flush(&context.store, context.now()).await;
    assert!(flushed.is_err());
    proxy.mend();
    until("it is written", async || {
        let flushed = context.usage.flush(&context.store, context.now()).await;
        flushed.is_ok()
    })
    .await;
    assert_eq!(Scene::counted(&database).await, 8);
}
