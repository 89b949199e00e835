//! An issuer of OIDC tokens on loopback: its discovery document, its keys, and tokens with whatever claims a test wants.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) struct Issuer {
    pub(crate) url: String,
    /// What is served by path; tests change it.
    pages: Arc<Mutex<[(&'static str, Value); 2]>>,
    key: Key,
}

/// A key and the part of it that is published.
pub(crate) struct Key {
    pkcs8: Vec<u8>,
    pub(crate) jwk: Value,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let key = Key::new("k1");
        let pages = Arc::new(Mutex::new([
            ("/.well-known/openid-configuration", discovery(&url, &url)),
            ("/jwks", json!({ "keys": [key.jwk] })),
        ]));
        let served = Arc::clone(&pages);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let pages = Arc::clone(&served);
                let service = service_fn(move |request: Request<Incoming>| {
                    let pages = Arc::clone(&pages);
                    async move { Ok::<_, Infallible>(page(&pages, request.uri().path())) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { url, pages, key }
    }

    /// Says from now on that it is this issuer.
    pub(crate) fn calls_itself(&self, issuer: &str) {
        self.pages.lock().unwrap()[0].1 = discovery(&self.url, issuer);
    }

    /// Publishes these keys from now on.
    pub(crate) fn publish(&self, keys: &[&Key]) {
        let keys: Vec<_> = keys.iter().map(|key| &key.jwk).collect();
        self.pages.lock().unwrap()[1].1 = json!({ "keys": keys });
    }

    /// A token of its own key.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.key.sign(claims)
    }
}

impl Key {
    pub(crate) fn new(id: &str) -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref()).unwrap();
        // An uncompressed point: 4, then x and y.
        let point = pair.public_key().as_ref();
        let encode = |part| BASE64_URL_SAFE_NO_PAD.encode(part);
        Self {
            pkcs8: document.as_ref().to_vec(),
            jwk: json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id,
                "x": encode(&point[1..33]), "y": encode(&point[33..65]),
            }),
        }
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header {
            kid: self.jwk["kid"].as_str().map(str::to_owned),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(&self.pkcs8)).unwrap()
    }
}

fn discovery(url: &str, issuer: &str) -> Value {
    json!({ "issuer": issuer, "jwks_uri": format!("{url}/jwks") })
}

fn page(pages: &Mutex<[(&'static str, Value); 2]>, path: &str) -> Response<Full<Bytes>> {
    let pages = pages.lock().unwrap();
    let page = pages.iter().find(|(at, _)| *at == path);
    let body = page.map(|(_, page)| page.to_string());
    let status = if body.is_some() { 200 } else { 404 };
    let body = Full::from(body.unwrap_or_default());
    Response::builder().status(status).body(body).unwrap()
}
