//! Conversations when something is wrong around them: the database away, many slow readers, many that go away.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use harness::{Aws, Client, Options, Service, aws::save, service::until};
use serde_json::{Value, json};

use crate::proxy::Proxy;

/// A replica behind a proxy of the database, and a member whose model it has asked before.
struct Scene {
    _seeing: Service,
    aws: Aws,
    proxy: Proxy,
    service: Service,
    member: Client,
}

fn hello() -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] })
}

impl Scene {
    async fn start() -> Self {
        let options = Options::default();
        let aws = Aws::start(options.clock.clone()).await;
        let seeing = Service::with(aws.serve(options)).await;
        let proxy = Proxy::before(&seeing.database);
        let options = aws.serve(Options::default());
        let service = Service::on(Arc::clone(&proxy.database), options).await;
        seeing.tenant("one").await;
        let admin = seeing.caller("one", "admin").await;
        save(&admin, "Production", aws.by_key()).await;
        let body = json!({ "models": [{ "model_id": aws.demo.model_id, "alias": "nova" }] });
        assert_eq!(admin.post("/v1/models", body).await.status, 201);
        let member = seeing.caller("one", "member").await.at(&service.url);
        // What was changed last is heard of last: after it, what the replica caches it keeps.
        let last = seeing.caller("one", "viewer").await;
        forget_last(&seeing, &service, &last).await;
        let scene = Self {
            _seeing: seeing,
            aws,
            proxy,
            service,
            member,
        };
        assert_eq!(scene.converse().await, 200);
        scene
    }

    async fn converse(&self) -> u16 {
        let path = "/v1/models/nova/converse";
        self.member.post(path, hello()).await.status
    }

    async fn stream(&self) -> reqwest::Response {
        let request = self
            .member
            .request(reqwest::Method::POST, "/v1/models/nova/converse")
            .header("accept", "text/event-stream")
            .json(&hello());
        request.send().await.unwrap()
    }
}

/// Revokes a key by one replica, and waits until the other has heard of it.
async fn forget_last(seeing: &Service, hearing: &Service, last: &Client) {
    let there = last.clone().at(&hearing.url);
    assert_eq!(there.get("/v1/me").await.status, 200);
    let admin = seeing.caller("one", "admin").await;
    let keys = admin.get("/v1/api-keys").await;
    let viewer = keys.items().iter().find(|key| key["role"] == "viewer");
    let path = format!("/v1/api-keys/{}", viewer.unwrap()["id"].as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 204);
    until("it has heard all", async || {
        there.get("/v1/me").await.status == 401
    })
    .await;
}

#[tokio::test]
async fn they_go_on_while_the_database_is_away() {
    let scene = Scene::start().await;
    scene.proxy.cut();
    until("the control plane is closed", async || {
        scene.member.get("/v1/models").await.status == 503
    })
    .await;
    assert_eq!(scene.converse().await, 200);
    let streamed = scene.stream().await;
    assert_eq!(streamed.status(), 200);
    assert!(streamed.text().await.unwrap().contains("metadata"));
}

#[tokio::test]
async fn two_hundred_readers_who_do_not_read_hold_up_nobody() {
    let scene = Scene::start().await;
    let readers: Vec<_> = stream::iter(0..200)
        .map(|_| scene.stream())
        .buffer_unordered(20)
        .collect()
        .await;
    assert!(readers.iter().all(|reader| reader.status() == 200));
    assert_eq!(scene.converse().await, 200);
    drop(readers);
    until("all calls have ended", async || {
        scene.service.context.running.count() == 0
    })
    .await;
}

#[tokio::test]
async fn streams_that_are_given_up_leave_nothing() {
    let scene = Scene::start().await;
    let account = scene.aws.demo.account_id;
    scene.aws.world.account(account, |account| {
        account.bedrock.pace = std::time::Duration::from_millis(300);
    });
    let aborted = stream::iter(0..500)
        .map(async |_| {
            let mut answer = scene.stream().await;
            answer.chunk().await.unwrap().is_some()
        })
        .buffer_unordered(50)
        .filter(|began| std::future::ready(*began))
        .count()
        .await;
    assert_eq!(aborted, 500);
    until("all calls have ended", async || {
        scene.service.context.running.count() == 0
    })
    .await;
}
