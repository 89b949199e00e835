//! Two tenants, a caller, and a faultless request of every operation about the first tenant.

use std::sync::atomic::{AtomicU32, Ordering};

use harness::{Answer, Aws, Client, Service, aws::save};
use reqwest::Method;
use sandbox::demo::{EXTERNAL_ID, add_role};
use serde_json::{Value, json};

/// Issuers answer for any id.
const ANYBODY: &str = "ten_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b";

static WORLDS: AtomicU32 = AtomicU32::new(0);

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Anonymous,
    ViewerA,
    MemberA,
    AdminA,
    AdminB,
    Operator,
    OperatorOnA,
}

impl Role {
    pub(crate) const ALL: [Self; 7] = [
        Self::Anonymous,
        Self::ViewerA,
        Self::MemberA,
        Self::AdminA,
        Self::AdminB,
        Self::Operator,
        Self::OperatorOnA,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anon",
            Self::ViewerA => "viewer@A",
            Self::MemberA => "member@A",
            Self::AdminA => "admin@A",
            Self::AdminB => "admin@B",
            Self::Operator => "operator",
            Self::OperatorOnA => "operator on A",
        }
    }
}

/// Tenant A with a key, and a caller.
pub(crate) struct World {
    anonymous: Client,
    caller: Client,
    number: u32,
    tenant: String,
    tenant_ref: String,
    key: String,
    /// A's connection, for what is about one.
    connection: String,
    /// A's registered model, for what is about one.
    model: String,
    /// What connects by an API key.
    by_key: Value,
    role_arn: String,
}

impl World {
    /// New tenants A and B on `service`, a caller of that role, and what A needs for `path`.
    pub(crate) async fn new(
        service: &Service,
        aws: &Aws,
        operator: &Client,
        role: Role,
        path: &str,
    ) -> Self {
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let tenant_ref = format!("a-{number}");
        let tenant = tenant(operator, &tenant_ref).await;
        let (key, _) = key(operator, &tenant, "viewer").await;
        let anonymous = service.anonymous();
        let caller = match role {
            Role::Anonymous => anonymous.clone(),
            Role::ViewerA => anonymous
                .clone()
                .bearer(&self::key(operator, &tenant, "viewer").await.1),
            Role::MemberA => anonymous
                .clone()
                .bearer(&self::key(operator, &tenant, "member").await.1),
            Role::AdminA => anonymous
                .clone()
                .bearer(&self::key(operator, &tenant, "admin").await.1),
            Role::AdminB => {
                let other = self::tenant(operator, &format!("b-{number}")).await;
                anonymous
                    .clone()
                    .bearer(&self::key(operator, &other, "admin").await.1)
            }
            Role::Operator => operator.clone(),
            Role::OperatorOnA => operator.clone().on(&tenant),
        };
        let role_arn = add_role(&aws.world, &format!("Role{number}"), EXTERNAL_ID);
        let is_about_connections = path.contains("/connections/{id}") || path == "/v1/claims";
        let registered = [
            ("/v1/models", "amazon.nova-micro-v1:0"),
            ("/bedrock", "amazon.nova-micro-v1:0"),
            ("/anthropic", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
            ("/openai/v1/embeddings", "amazon.titan-embed-text-v2:0"),
            ("/openai", "amazon.nova-micro-v1:0"),
        ]
        .into_iter()
        .find_map(|(door, model)| path.starts_with(door).then_some(model));
        let (mut connection, mut model) = (String::new(), String::new());
        if is_about_connections || registered.is_some() {
            let (_, admin) = self::key(operator, &tenant, "admin").await;
            let admin = anonymous.clone().bearer(&admin);
            let mut body = aws.by_entered_role();
            body["fields"]["role_arn"] = role_arn.as_str().into();
            let saved = save(&admin, "Production", body).await;
            saved["id"].as_str().unwrap().clone_into(&mut connection);
            if let Some(id) = registered {
                model = register(&admin, id).await;
            }
        }
        Self {
            anonymous,
            caller: caller.header("if-match", "\"1\""),
            number,
            tenant,
            tenant_ref,
            key,
            connection,
            model,
            by_key: aws.by_key(),
            role_arn,
        }
    }

    /// Sends the caller's request of that operation.
    pub(crate) async fn ask(&self, method: &str, path: &str) -> Answer {
        // The one operation that takes its credential in the body.
        let caller = if (method, path) == ("POST", "/v1/session") {
            &self.anonymous
        } else {
            &self.caller
        };
        let method: Method = method.parse().unwrap();
        let body = self.body(&method, path);
        caller.send(method, &self.fill(path), body).await
    }

    /// What must never reach another tenant.
    pub(crate) fn names_of_a(&self) -> impl Iterator<Item = &str> {
        let names = [
            &self.tenant,
            &self.tenant_ref,
            &self.key,
            &self.connection,
            &self.model,
            &self.role_arn,
        ];
        names
            .into_iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }

    /// The path with A's own names in it.
    fn fill(&self, path: &str) -> String {
        let id = match path {
            "/v1/tenants/{id}" => &self.tenant,
            "/v1/api-keys/{id}" => &self.key,
            _ if path.starts_with("/v1/models/{id}") || path.starts_with("/bedrock") => &self.model,
            "/anthropic/v1/models/{id}" | "/openai/v1/models/{id}" => &self.model,
            _ if path.contains("/connections/{id}") => &self.connection,
            _ => "",
        };
        let filled = path
            .replace("{id}", id)
            .replace("{ref}", &self.tenant_ref)
            .replace("{tenant}", ANYBODY)
            .replace("{key}", "amazon.nova-lite-v1~3a0");
        let filled = match path {
            "/v1/claims" => format!("{filled}?role_arn={}", self.role_arn),
            _ => filled,
        };
        assert!(
            !filled.contains('{') && !filled.ends_with('/'),
            "say in world.rs what stands in {path}"
        );
        filled
    }

    fn body(&self, method: &Method, path: &str) -> Option<Value> {
        match (method.as_str(), path) {
            ("POST", "/v1/tenants") => {
                Some(json!({ "ref": format!("new-{}", self.number), "name": "New" }))
            }
            ("PATCH", "/v1/tenants/{id}") => Some(json!({ "state": "suspended" })),
            ("PUT", "/v1/tenants/by-ref/{ref}") => Some(json!({ "name": "Renamed" })),
            ("POST", "/v1/api-keys") => Some(json!({ "name": "new", "role": "viewer" })),
            ("POST", "/v1/session") => Some(json!({ "api_key": self.caller.credential() })),
            ("POST", "/v1/integrations/bedrock/connect") => {
                Some(json!({ "method": "api_key", "region": "us-east-1" }))
            }
            ("POST", "/v1/integrations/bedrock/test") => Some(self.by_key.clone()),
            ("POST", "/v1/integrations/bedrock/connections") => {
                let mut body = self.by_key.clone();
                body["name"] = "By key".into();
                Some(body)
            }
            ("PATCH", "/v1/integrations/bedrock/connections/{id}") => {
                Some(json!({ "name": "Renamed" }))
            }
            ("POST", "/v1/integrations/bedrock/connections/{id}/test") => Some(json!({})),
            ("POST", "/v1/models") => Some(json!({
                "connection_id": self.connection,
                "models": [{ "model_id": "amazon.nova-lite-v1:0", "alias": "lite" }],
            })),
            ("PATCH", "/v1/models/{id}") => Some(json!({ "alias": "renamed" })),
            ("POST", path) if path.ends_with("/converse") || path.ends_with("/converse-stream") => {
                Some(json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] }))
            }
            ("POST", path) if path.starts_with("/anthropic") => Some(json!({
                "model": self.model,
                "max_tokens": 99,
                "messages": [{ "role": "user", "content": "Hello" }],
            })),
            ("POST", "/openai/v1/chat/completions") => Some(json!({
                "model": self.model,
                "messages": [{ "role": "user", "content": "Hello" }],
            })),
            ("POST", "/openai/v1/embeddings") => {
                Some(json!({ "model": self.model, "input": "Hello" }))
            }
            // In the form of Amazon's own models.
            ("POST", path) if path.starts_with("/bedrock") => {
                Some(json!({ "messages": [{ "role": "user", "content": [{ "text": "Hello" }] }] }))
            }
            ("GET" | "DELETE", _) => None,
            _ => panic!("say in world.rs what to send to {method} {path}"),
        }
    }
}

/// A registered model's id.
async fn register(admin: &Client, model_id: &str) -> String {
    let body = json!({ "models": [{ "model_id": model_id }] });
    let made = admin.post("/v1/models", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.items()[0]["id"].as_str().unwrap().to_owned()
}

async fn tenant(operator: &Client, tenant_ref: &str) -> String {
    let path = format!("/v1/tenants/by-ref/{tenant_ref}");
    let made = operator.put(&path, json!({ "name": "A tenant" })).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.text("id")
}

/// A new key of the tenant: its id, and the key itself.
async fn key(operator: &Client, tenant: &str, role: &str) -> (String, String) {
    let operator = operator.clone().on(tenant);
    let made = operator
        .post("/v1/api-keys", json!({ "name": role, "role": role }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    (made.text("id"), made.text("api_key"))
}
