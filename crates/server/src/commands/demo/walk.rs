//! The path of a customer, by each method: connect, test with a mistake and its remedy, save, list, register, disconnect,
//! and connect again.

use sandbox::demo::Demo;
use serde_json::{Value, json};

use super::{Client, step};
use crate::commands::{Result, output};

const BEDROCK: &str = "/v1/integrations/bedrock";

/// A customer with an AWS account.
pub(super) struct Customer<'a> {
    /// Signed in to the service.
    pub(super) admin: &'a Client,
    /// In front of the AWS console.
    pub(super) console: &'a Client,
    /// What the account holds.
    pub(super) demo: &'a Demo,
}

/// One way into the account, right and wrong.
struct Way {
    /// What people call it.
    label: &'static str,
    /// The mistake, and how it is told.
    mistake: &'static str,
    wrong: Value,
    right: Value,
    /// The code that the mistake gives, and the step that it fails.
    code: &'static str,
    /// The model to register, and its alias.
    model: &'static str,
    alias: &'static str,
}

impl Customer<'_> {
    /// Walks all three methods.
    pub(super) async fn walk(&self) -> Result<()> {
        self.by_role().await?;
        self.by_key().await?;
        self.by_user().await
    }

    async fn by_role(&self) -> Result<()> {
        output::line("By IAM role");
        let first = self.reserved_role("BedrockIntegration").await?;
        self.take(&first).await?;
        self.disconnect("IAM role").await?;
        let again = self.reserved_role("BedrockIntegration").await?;
        self.save_and_register(&again).await
    }

    async fn by_key(&self) -> Result<()> {
        output::line("By Bedrock API key");
        let keys = &self.demo.api_keys;
        let way = Way {
            label: "API key",
            mistake: "a key that was taken back",
            wrong: self.entry("api_key", &json!({ "api_key": keys.revoked })),
            right: self.entry("api_key", &json!({ "api_key": keys.long_term })),
            code: "api_key_invalid",
            model: "nova",
            alias: "nova",
        };
        self.take(&way).await?;
        self.disconnect("API key").await?;
        self.save_and_register(&way).await
    }

    async fn by_user(&self) -> Result<()> {
        output::line("By Amazon Cognito");
        let cognito = &self.demo.cognito;
        let fields = |identity_pool: &str| {
            json!({
                "user_pool_id": cognito.user_pool_id,
                "app_client_id": cognito.app_client_id,
                "identity_pool_id": identity_pool,
                "username": cognito.username,
                "password": cognito.password,
            })
        };
        let way = Way {
            label: "Cognito",
            mistake: "an identity pool that does not know the user pool",
            wrong: self.entry("cognito", &fields(cognito.unlinked_identity_pool_id)),
            right: self.entry("cognito", &fields(cognito.identity_pool_id)),
            code: "cognito_pool_not_linked",
            model: "llama",
            alias: "llama",
        };
        self.take(&way).await?;
        self.disconnect("Cognito").await?;
        self.save_and_register(&way).await
    }

    fn entry(&self, method: &str, fields: &Value) -> Value {
        json!({ "method": method, "region": self.demo.region, "fields": fields })
    }

    /// Connects: reserves an external ID, and makes the role as the setup kit says.
    async fn reserved_role(&self, name: &str) -> Result<Way> {
        let body = json!({ "method": "iam_role", "region": self.demo.region });
        let connected = self.admin.post(&format!("{BEDROCK}/connect"), body).await?;
        let setup = &connected["setup"];
        step(&format!(
            "connect: reserved the external ID {}, with the policies to paste",
            text(setup, "external_id")?
        ));
        let path = format!("/_sandbox/roles/{name}");
        let made = self.console.send("PUT", &path, connected.clone()).await?;
        let role_arn = text(&made, "role_arn")?;
        step(&format!(
            "in AWS: the customer made the role {role_arn} from them"
        ));
        let entry = |role_arn: &str| {
            let mut entry = self.entry("iam_role", &json!({ "role_arn": role_arn }));
            entry["connection_id"] = connected["connection"]["id"].clone();
            entry
        };
        Ok(Way {
            label: "IAM role",
            mistake: "the ARN of a role that trusts nobody here",
            wrong: entry(&self.demo.roles.role_arn),
            right: entry(role_arn),
            code: "trust_policy_denied",
            model: "claude",
            alias: "claude",
        })
    }

    /// Tests with the mistake, then goes all the way.
    async fn take(&self, way: &Way) -> Result<()> {
        let path = format!("{BEDROCK}/test");
        let report = self.admin.post(&path, way.wrong.clone()).await?;
        let failed = failed(&report)?;
        if failed["code"] != way.code {
            return Err(format!("{} was to be told as {}: {report}", way.mistake, way.code).into());
        }
        step(&format!(
            "test with {}: {} at the step {}",
            way.mistake,
            way.code,
            text(failed, "name")?
        ));
        step(&format!("  remedy: {}", text(failed, "remedy")?));
        let report = self.admin.post(&path, way.right.clone()).await?;
        if report["ok"] != true {
            return Err(format!("the test was to pass: {report}").into());
        }
        step(&format!(
            "test again: it passes, account {}, {} models",
            report["account_id"].as_str().unwrap_or("unknown"),
            report["models"]
        ));
        self.save_and_register(way).await
    }

    async fn save_and_register(&self, way: &Way) -> Result<()> {
        let mut body = way.right.clone();
        body["name"] = way.label.into();
        let saved = self
            .admin
            .post(&format!("{BEDROCK}/connections"), body)
            .await?;
        let connection = &saved["connection"];
        let id = text(connection, "id")?;
        step(&format!("save: {id} is {}", text(connection, "state")?));
        let path = format!(
            "{BEDROCK}/connections/{id}/models?q={}&capability=converse",
            way.model
        );
        let models = self.admin.get(&path).await?;
        let model = models["items"]
            .as_array()
            .and_then(|items| items.iter().find(|model| model["state"] == "available"))
            .ok_or("no such model can be invoked")?;
        step(&format!(
            "list: {} is invoked as {}",
            text(model, "name")?,
            text(model, "invoke_id")?
        ));
        let body = json!({
            "connection_id": id,
            "models": [{ "model_id": model["model_id"], "alias": way.alias }],
        });
        self.admin.post("/v1/models", body).await?;
        step(&format!(
            "register: conversations can name it {}",
            way.alias
        ));
        Ok(())
    }

    async fn disconnect(&self, label: &str) -> Result<()> {
        let connections = self.admin.get(&format!("{BEDROCK}/connections")).await?;
        let connection = connections["items"]
            .as_array()
            .and_then(|items| items.iter().find(|connection| connection["name"] == label))
            .ok_or("the connection is not listed")?;
        let path = format!("{BEDROCK}/connections/{}", text(connection, "id")?);
        let done = self.admin.delete(&path).await?;
        step(&format!(
            "disconnect: removed its secrets and the models {}; left in AWS: {}",
            done["removed"]["models"], done["left_in_aws"]
        ));
        Ok(())
    }
}

fn failed(report: &Value) -> Result<&Value> {
    let steps = report["steps"].as_array();
    let failed = steps.and_then(|steps| steps.iter().find(|step| step["status"] == "failed"));
    failed.ok_or_else(|| format!("a step was to fail: {report}").into())
}

fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str> {
    value[member]
        .as_str()
        .ok_or_else(|| format!("the answer has no {member}: {value}").into())
}
