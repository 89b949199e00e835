//! An identity provider: discovery, keys, and tokens with whatever claims a test wants.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use server::config::JwtIssuer;
use tokio::{net::TcpListener, sync::watch};

/// An identity provider on loopback.
pub struct Idp {
    /// Its issuer.
    pub issuer: String,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    keys: Mutex<Vec<Key>>,
    fetches: AtomicUsize,
    broken: AtomicBool,
    held: watch::Sender<bool>,
    moved_to: Mutex<Option<String>>,
}

struct Key {
    kid: String,
    pkcs8: Vec<u8>,
    jwk: Value,
}

impl Idp {
    /// One with a key `k1`.
    #[expect(clippy::unwrap_used, reason = "a test cannot go on without it")]
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            keys: Mutex::new(vec![key("k1")]),
            fetches: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            held: watch::Sender::new(false),
            moved_to: Mutex::new(None),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, shared }
    }

    /// How a service is told of it.
    pub fn accepted_for(&self, audience: &str) -> JwtIssuer {
        JwtIssuer {
            issuer: self.issuer.clone(),
            audience: audience.to_owned(),
        }
    }

    /// Signs with another key from now on; `keep` says whether the old ones stay published.
    pub fn rotate(&self, kid: &str, keep: bool) {
        let mut keys = self.shared.keys();
        if !keep {
            keys.clear();
        }
        keys.push(key(kid));
    }

    /// Answers 500 from now on, or no longer.
    pub fn break_down(&self, broken: bool) {
        self.shared.broken.store(broken, Ordering::SeqCst);
    }

    /// Takes requests for its keys and does not answer them from now on, or answers all of them.
    pub fn hold(&self, held: bool) {
        self.shared.held.send_replace(held);
    }

    /// Redirects whoever asks for its keys to those of `other` from now on.
    pub fn redirect_to(&self, other: &Self) {
        let url = format!("{}/jwks", other.issuer);
        *self
            .shared
            .moved_to
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(url);
    }

    /// How often the keys were fetched.
    pub fn fetches(&self) -> usize {
        self.shared.fetches.load(Ordering::SeqCst)
    }

    /// The published keys.
    pub fn jwks(&self) -> Value {
        self.shared.jwks()
    }

    /// Publishes a key of somebody else beside its own.
    pub fn publish(&self, jwk: Value) {
        self.shared.keys().insert(
            0,
            Key {
                kid: "none".to_owned(),
                pkcs8: Vec::new(),
                jwk,
            },
        );
    }

    /// The usual claims with these in their place; null takes one away.
    pub fn claims(&self, now: i64, claims: &Value) -> Map<String, Value> {
        let usual = json!({
            "iss": self.issuer, "aud": "bi", "sub": "ada", "iat": now, "exp": now + 600,
            "tenant": "acme", "role": "admin",
        });
        let both = [&usual, claims].into_iter().filter_map(Value::as_object);
        let mut all: Map<String, Value> = both
            .flatten()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        all.retain(|_, value| !value.is_null());
        all
    }

    /// A token of the newest key: these claims over the usual ones; null takes one away.
    #[expect(clippy::unwrap_used, reason = "a test's own key")]
    pub fn token(&self, now: i64, claims: &Value) -> String {
        let kid = self.shared.keys().last().unwrap().kid.clone();
        self.token_naming(Some(&kid), now, claims)
    }

    /// A token of the newest key that names another key, or none.
    pub fn token_naming(&self, kid: Option<&str>, now: i64, claims: &Value) -> String {
        let header = Header {
            kid: kid.map(str::to_owned),
            ..Header::new(Algorithm::ES256)
        };
        self.sign(&header, &self.claims(now, claims))
    }

    /// A token of the newest key with this very header and these very claims.
    #[expect(clippy::unwrap_used, reason = "a test's own token")]
    pub fn sign(&self, header: &Header, claims: &Map<String, Value>) -> String {
        let keys = self.shared.keys();
        let key = EncodingKey::from_ec_der(&keys.last().unwrap().pkcs8);
        jsonwebtoken::encode(header, claims, &key).unwrap()
    }
}

impl Shared {
    fn keys(&self) -> MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jwks(&self) -> Value {
        json!({ "keys": self.keys().iter().map(|key| key.jwk.clone()).collect::<Vec<_>>() })
    }
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "issuer": shared.issuer, "jwks_uri": format!("{}/jwks", shared.issuer) }))
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Response {
    shared.fetches.fetch_add(1, Ordering::SeqCst);
    // It cannot fail: the sender is in `shared`.
    let _ = shared.held.subscribe().wait_for(|held| !held).await;
    if shared.broken.load(Ordering::SeqCst) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let moved_to = shared
        .moved_to
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    moved_to.map_or_else(
        || Json(shared.jwks()).into_response(),
        |url| Redirect::temporary(&url).into_response(),
    )
}

#[expect(clippy::unwrap_used, reason = "a test cannot go on without a key")]
fn key(kid: &str) -> Key {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .unwrap();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
    // An uncompressed point: 4, then x and y.
    let point = pair.public_key().as_ref();
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid,
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
        "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
    });
    Key {
        kid: kid.to_owned(),
        pkcs8: document.as_ref().to_vec(),
        jwk,
    }
}
