//! Clients that ask for the same again and again, each over a connection of its own.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{
    Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST},
};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    task::{JoinSet, yield_now},
};
use tokio_util::task::AbortOnDropHandle;

/// What is asked, and of whom.
#[derive(Clone)]
pub(crate) struct Target {
    /// Without a path.
    pub(crate) url: String,
    pub(crate) path: &'static str,
    pub(crate) key: String,
    pub(crate) accept: &'static str,
    pub(crate) body: Bytes,
}

/// How it went.
#[derive(Default)]
pub(crate) struct Sample {
    seconds: f64,
    /// In microseconds, to the end of the answer, the shortest first.
    took: Vec<u64>,
}

impl Sample {
    /// More of the same.
    pub(crate) fn add(&mut self, more: Self) {
        self.seconds += more.seconds;
        self.took.extend(more.took);
        self.took.sort_unstable();
    }

    pub(crate) fn requests(&self) -> usize {
        self.took.len()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.requests() as f64 / self.seconds
    }

    /// In milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        self.took[self.took.len() * percent / 100] as f64 / 1_000.0
    }
}

/// Asks over so many connections for so long, wide awake.
pub(crate) async fn load(target: &Target, connections: usize, time: Duration) -> Sample {
    let _awake = AbortOnDropHandle::new(tokio::spawn(async {
        loop {
            yield_now().await;
        }
    }));
    let began = Instant::now();
    let mut clients: JoinSet<Vec<u64>> = (0..connections)
        .map(|_| ask(target.clone(), began + time))
        .collect();
    let mut took = Vec::new();
    while let Some(client) = clients.join_next().await {
        took.extend(client.unwrap());
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    Sample { seconds, took }
}

/// Asks for a stream over a connection of its own. What is left of it, once it has begun.
pub(crate) async fn begin(target: &Target) -> Incoming {
    let answer = connect(target).await.send_request(request(target));
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body();
    assert!(body.frame().await.unwrap().is_ok());
    body
}

async fn ask(target: Target, until: Instant) -> Vec<u64> {
    let mut sender = connect(&target).await;
    let mut took = Vec::new();
    loop {
        let began = Instant::now();
        if began > until {
            return took;
        }
        let answer = sender.send_request(request(&target));
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame.unwrap().data_ref().map_or(0, Bytes::len);
        }
        assert!(length > 200, "too short for an answer");
        took.push(u64::try_from(began.elapsed().as_micros()).unwrap());
    }
}

impl Target {
    fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }
}

async fn connect(target: &Target) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(target.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(target: &Target) -> Request<Full<Bytes>> {
    Request::post(target.path)
        .header(HOST, target.address())
        .header(AUTHORIZATION, format!("Bearer {}", target.key))
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, target.accept)
        .body(Full::new(target.body.clone()))
        .unwrap()
}
