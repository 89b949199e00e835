//! HTTP/2 without TLS, as proxies inside a cluster speak it: with prior knowledge.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use harness::Service;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
/// The flags of a stream that ends and whose head ends.
const ENDS: u8 = 0x5;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A GET, in HPACK: `:method GET` and `:scheme http` by index, `:path` and `:authority` as they are.
fn get(path: &str) -> Vec<u8> {
    let literal = |index: u8, text: &str| {
        let length = u8::try_from(text.len()).unwrap();
        [&[index, length], text.as_bytes()].concat()
    };
    [vec![0x82, 0x86], literal(4, path), literal(1, "localhost")].concat()
}

/// The first byte of the answer's head, and its body.
fn ask(address: &str, path: &str) -> (u8, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let request = [
        PREFACE,
        &frame(SETTINGS, 0, 0, &[]),
        &frame(HEADERS, ENDS, 1, &get(path)),
    ];
    stream.write_all(&request.concat()).unwrap();
    let mut status = 0;
    let mut body = Vec::new();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).unwrap();
        match head[3] {
            HEADERS => status = payload[0],
            DATA => body.extend(payload),
            _ => continue,
        }
        if head[4] & 1 == 1 {
            return (status, body);
        }
    }
}

#[tokio::test]
async fn http_two_is_spoken_with_prior_knowledge() {
    let service = Service::start().await;
    let address = service.url.strip_prefix("http://").unwrap().to_owned();
    let (alive, lost) =
        tokio::task::spawn_blocking(move || (ask(&address, "/livez"), ask(&address, "/nowhere")))
            .await
            .unwrap();
    // In HPACK's static table, 8 is `:status 200` and 13 is `:status 404`.
    assert_eq!(alive, (0x88, br#"{"status":"alive"}"#.to_vec()));
    let problem: serde_json::Value = serde_json::from_slice(&lost.1).unwrap();
    assert_eq!((lost.0, &problem["code"]), (0x8d, &"not_found".into()));
}
