//! Every operation that takes a body, with a body that it would take.

use std::sync::atomic::{AtomicUsize, Ordering};

use harness::{Answer, Client, Service};
use http::Method;
use serde_json::{Map, Value, json};

/// What stands in every hostile value, and must be in no refusal.
pub(super) const MARKER: &str = "hunter2";
/// The same of values that are numbers.
pub(super) const NUMBER: &str = "86753098675309";

/// An operation, and how its body's fields are.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) client: Client,
    /// Each with a good value, and how it may be.
    pub(super) fields: Vec<(&'static str, Value, Kind)>,
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name for people, which must be there.
    Name,
    /// A name for people, which may be null or absent.
    OptionalName,
    /// Few words, which must be there.
    Strict,
    /// Few words, which may be null or absent.
    OptionalStrict,
}

impl Kind {
    pub(super) const fn is_optional(self) -> bool {
        matches!(self, Self::OptionalName | Self::OptionalStrict)
    }

    pub(super) const fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::OptionalName)
    }
}

impl Operation {
    /// A good body, as text, with `value` in the place of one field.
    pub(super) fn body(&self, replaced: &str, value: &[u8]) -> Vec<u8> {
        let members: Vec<Vec<u8>> = self
            .good()
            .iter()
            .map(|(name, good)| {
                let good = good.to_string().into_bytes();
                let value = if name == replaced { value } else { &good };
                [format!("{name:?}:").as_bytes(), value].concat()
            })
            .collect();
        [b"{".as_slice(), &members.join(b",".as_slice()), b"}"].concat()
    }

    /// A good body; a ref in it is another one each time.
    pub(super) fn good(&self) -> Map<String, Value> {
        static REFS: AtomicUsize = AtomicUsize::new(0);
        let mut body = Map::new();
        for (name, value, _) in &self.fields {
            let value = if *name == "ref" {
                json!(format!("ref-{}", REFS.fetch_add(1, Ordering::Relaxed)))
            } else {
                value.clone()
            };
            body.insert((*name).to_owned(), value);
        }
        body
    }

    pub(super) async fn send(&self, body: Vec<u8>) -> Answer {
        self.client
            .send_raw(self.method.clone(), &self.path, body)
            .await
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// All of them, and the service.
pub(super) async fn operations() -> (Service, Vec<Operation>) {
    let service = Service::start().await;
    let id = service.tenant("acme").await;
    let operator = service.operator().await;
    let admin = service.caller("acme", "admin").await;
    let operation = |method, path: &str, client: &Client, fields| Operation {
        method,
        path: path.to_owned(),
        client: client.clone(),
        fields,
    };
    let all = vec![
        operation(
            Method::POST,
            "/v1/tenants",
            &operator,
            vec![
                ("ref", json!(""), Kind::Strict),
                ("name", json!("x"), Kind::Name),
            ],
        ),
        operation(
            Method::PATCH,
            &format!("/v1/tenants/{id}"),
            &operator,
            vec![
                ("name", json!("x"), Kind::OptionalName),
                ("state", json!("active"), Kind::OptionalStrict),
            ],
        ),
        operation(
            Method::PUT,
            "/v1/tenants/by-ref/acme",
            &operator,
            vec![("name", json!("x"), Kind::Name)],
        ),
        operation(
            Method::POST,
            "/v1/api-keys",
            &admin,
            vec![
                ("name", json!("x"), Kind::Name),
                ("role", json!("viewer"), Kind::Strict),
                (
                    "expires_at",
                    json!("2090-01-01T00:00:00Z"),
                    Kind::OptionalStrict,
                ),
            ],
        ),
        operation(
            Method::POST,
            "/v1/session",
            &service.anonymous(),
            vec![("api_key", json!(admin.credential()), Kind::Strict)],
        ),
    ];
    (service, all)
}

/// A refusal: a 4xx that says where, and repeats nothing.
pub(super) fn check(answer: &Answer, pointer: Option<&str>, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    assert!(!answer.pointers().is_empty(), "{what}: {answer:?}");
    if let Some(pointer) = pointer {
        assert_eq!(answer.pointers(), [pointer], "{what}");
    }
    for hidden in [MARKER, NUMBER] {
        assert!(!answer.raw.contains(hidden), "{what}: {answer:?}");
    }
    for value in answer.headers.values() {
        let value = String::from_utf8_lossy(value.as_bytes());
        assert!(!value.contains(MARKER), "{what}: {answer:?}");
    }
}
