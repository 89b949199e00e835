//! Clients that ask for the same again and again, each over a connection of its own.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{
    Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST},
};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{net::TcpStream, task::JoinSet};

/// What is asked, and of whom.
#[derive(Clone)]
pub(crate) struct Target {
    /// Without a path.
    pub(crate) url: String,
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) accept: &'static str,
}

/// How it went.
pub(crate) struct Sample {
    pub(crate) requests: usize,
    pub(crate) seconds: f64,
    /// In microseconds, to the end of the answer, the shortest first.
    took: Vec<u64>,
}

impl Sample {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    /// In milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        self.took[self.took.len() * percent / 100] as f64 / 1_000.0
    }
}

/// Asks over so many connections for so long.
pub(crate) async fn load(target: &Target, connections: usize, time: Duration) -> Sample {
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
    Sample {
        requests: took.len(),
        seconds,
        took,
    }
}

async fn ask(target: Target, until: Instant) -> Vec<u64> {
    let address = target.url.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let text = "x".repeat(200);
    let body = json!({ "messages": [{ "role": "user", "content": [{ "text": text }] }] });
    let body = Bytes::from(body.to_string());
    let mut took = Vec::new();
    loop {
        let began = Instant::now();
        if began > until {
            return took;
        }
        let request = Request::post(&target.path)
            .header(HOST, address)
            .header(AUTHORIZATION, format!("Bearer {}", target.key))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, target.accept)
            .body(Full::new(body.clone()))
            .unwrap();
        let answer = sender.send_request(request).await.unwrap();
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
