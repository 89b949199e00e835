//! A tenant that does whatever comes to its mind, and knows what it has.

use std::collections::{BTreeMap, BTreeSet};

use harness::{Answer, BEDROCK, Client};
use rand::{RngExt, rngs::StdRng};
use serde_json::{Value, json};

use super::account::Account;
use crate::connections::world::{World, connect, path, retest, test, try_save};

/// The most connections that one has at a time.
const MOST: usize = 8;

/// A tenant on its way.
pub(super) struct Walker {
    pub(super) account: Account,
    /// Its admin, at each replica.
    at: [Client; 2],
    rng: StdRng,
    /// Its saved connections, as they were last seen.
    pub(super) saved: Vec<Value>,
    /// Its reservations, and their external IDs.
    pub(super) reserved: Vec<(Value, Option<String>)>,
    /// What nobody else may be told.
    secrets: BTreeSet<String>,
    roles: usize,
    names: usize,
    done: BTreeMap<&'static str, usize>,
}

impl Walker {
    pub(super) fn new(account: Account, at: [Client; 2], rng: StdRng) -> Self {
        let secrets = [account.mark, account.number].map(str::to_owned);
        Self {
            secrets: BTreeSet::from(secrets),
            account,
            at,
            rng,
            saved: Vec::new(),
            reserved: Vec::new(),
            roles: 0,
            names: 0,
            done: BTreeMap::new(),
        }
    }

    /// One step, and what it was told.
    pub(super) async fn step(&mut self, world: &World) -> Vec<Answer> {
        let answer = match self.roll(20) {
            0 => self.reserve().await,
            1 => self.share().await,
            2 => self.save_reserved(world).await,
            3 | 4 => self.save_new(world).await,
            5 => self.disconnect().await,
            6 => self.rename().await,
            7 => self.choose_default().await,
            8 => self.edit_fields(world).await,
            9 => self.test_entered().await,
            10 | 11 => self.retest().await,
            12..=15 => self.list_models().await,
            16 => self.read_setup().await,
            17 => self.read("/v1/audit?limit=200").await,
            18 => self.read("/v1/integrations/bedrock").await,
            _ => None,
        };
        answer.into_iter().chain([self.list().await]).collect()
    }

    /// Its admin, at one of the replicas.
    pub(super) fn admin(&mut self) -> Client {
        self.at[self.roll(2)].clone()
    }

    /// One of so many possibilities.
    pub(super) fn roll(&mut self, many: usize) -> usize {
        self.rng.random_range(0..many)
    }

    /// One of its saved connections.
    pub(super) fn any(&mut self) -> Option<Value> {
        let many = self.saved.len();
        if many == 0 {
            return None;
        }
        let at = self.roll(many);
        Some(self.saved[at].clone())
    }

    /// Nothing of it may be in what another tenant was told.
    pub(super) fn assert_unknown_in(&self, told: &Answer) {
        self.assert_unknown_but(told, &[]);
    }

    /// The same, but for what the other said itself.
    pub(super) fn assert_unknown_but(&self, told: &Answer, said: &[&str]) {
        let mut text = format!("{:?} {}", told.headers, told.raw);
        for said in said {
            text = text.replace(said, "");
        }
        for secret in &self.secrets {
            assert!(!text.contains(&**secret), "{secret} was told: {told:?}");
        }
    }

    /// Otherwise the walk has shown nothing.
    pub(super) fn assert_has_been_everywhere(&self) {
        for what in [
            "reserved",
            "shared",
            "saved",
            "disconnected",
            "renamed",
            "chosen",
            "edited",
            "tested",
            "retested",
            "listed",
            "read",
            "peeked",
        ] {
            assert!(self.done.contains_key(what), "never {what}");
        }
    }

    pub(super) fn note(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    /// Keeps in mind what it was told of a connection.
    fn keep(&mut self, connection: &Value) {
        for text in [
            &connection["id"],
            &connection["access"]["id"],
            &connection["access"]["external_id"],
        ] {
            self.secrets.extend(text.as_str().map(str::to_owned));
        }
        if connection["state"] != "pending" {
            self.saved.retain(|kept| kept["id"] != connection["id"]);
            self.saved.push(connection.clone());
            self.reserved
                .retain(|(kept, _)| kept["id"] != connection["id"]);
        }
    }

    async fn reserve(&mut self) -> Option<Answer> {
        if self.reserved.len() >= MOST {
            return None;
        }
        let method = ["iam_role", "api_key", "cognito"][self.roll(3)];
        let told = connect(
            &self.admin(),
            json!({ "method": method, "region": "us-east-1" }),
        )
        .await;
        assert_eq!(told.status, 201, "{told:?}");
        self.note("reserved");
        self.reserve_told(&told);
        Some(told)
    }

    async fn share(&mut self) -> Option<Answer> {
        if self.reserved.len() >= MOST {
            return None;
        }
        let connection = self.any()?;
        let share = json!({
            "method": connection["method"],
            "region": connection["region"],
            "access_id": connection["access"]["id"],
        });
        let told = connect(&self.admin(), share).await;
        assert_eq!(told.status, 201, "{told:?}");
        self.note("shared");
        self.reserve_told(&told);
        Some(told)
    }

    fn reserve_told(&mut self, told: &Answer) {
        let connection = told.body["connection"].clone();
        self.keep(&connection);
        let external_id = told.body["setup"]["external_id"]
            .as_str()
            .map(str::to_owned);
        self.reserved.push((connection, external_id));
    }

    async fn save_reserved(&mut self, world: &World) -> Option<Answer> {
        let (connection, external_id) = self.reserved.pop()?;
        let shared = self
            .saved
            .iter()
            .any(|it| it["access"]["id"] == connection["access"]["id"]);
        let mut body = match connection["method"].as_str().unwrap() {
            "api_key" => self.account.by_key(),
            "cognito" => self.account.by_user(),
            _ => {
                let external_id = external_id.clone().unwrap_or_default();
                let role = self.role(world, &external_id);
                json!({ "method": "iam_role", "region": "us-east-1", "fields": { "role_arn": role } })
            }
        };
        body["connection_id"] = connection["id"].clone();
        if shared {
            body["fields"] = json!({});
        }
        let told = self.save(body).await;
        if told.status == 429 {
            self.reserved.push((connection, external_id));
        }
        Some(told)
    }

    async fn save_new(&mut self, world: &World) -> Option<Answer> {
        let body = match self.roll(3) {
            0 => self.account.by_key(),
            1 => self.account.by_user(),
            _ => {
                let agreed = self.account.agreed();
                let role = self.role(world, &agreed);
                let fields = json!({ "role_arn": role, "external_id": agreed });
                json!({ "method": "iam_role", "region": "us-east-1", "fields": fields })
            }
        };
        Some(self.save(body).await)
    }

    async fn save(&mut self, body: Value) -> Answer {
        self.names += 1;
        let name = format!("{} {}", self.account.mark, self.names);
        let told = try_save(&self.admin(), &name, body).await;
        assert!([201, 429].contains(&told.status), "{told:?}");
        if told.status == 201 {
            self.note("saved");
            self.keep(&told.body["connection"]);
        }
        told
    }

    fn role(&mut self, world: &World, external_id: &str) -> String {
        self.roles += 1;
        self.account.role(world, self.roles, external_id)
    }

    async fn disconnect(&mut self) -> Option<Answer> {
        if self.saved.len() < MOST / 2 {
            return None;
        }
        let connection = self.any()?;
        let told = self.admin().delete(&path(&connection)).await;
        assert_eq!(told.status, 200, "{told:?}");
        self.note("disconnected");
        self.saved.retain(|kept| kept["id"] != connection["id"]);
        if told.body["removed"]["secrets"] == true {
            let access = &connection["access"]["id"];
            self.reserved
                .retain(|(kept, _)| kept["access"]["id"] != *access);
        }
        Some(told)
    }

    async fn rename(&mut self) -> Option<Answer> {
        self.names += 1;
        let name = format!("{} {}", self.account.mark, self.names);
        let connection = self.any()?;
        self.edit("renamed", connection, json!({ "name": name }))
            .await
    }

    async fn choose_default(&mut self) -> Option<Answer> {
        let connection = self.any()?;
        self.edit("chosen", connection, json!({ "is_default": true }))
            .await
    }

    async fn edit_fields(&mut self, world: &World) -> Option<Answer> {
        let connection = self.any()?;
        let fields = match connection["method"].as_str() {
            Some("api_key") => self.account.by_key()["fields"].clone(),
            Some("cognito") => json!({ "password": self.account.by_user()["fields"]["password"] }),
            _ => {
                let external_id = connection["access"]["external_id"].as_str().unwrap();
                json!({ "role_arn": self.role(world, external_id) })
            }
        };
        self.edit("edited", connection, json!({ "fields": fields }))
            .await
    }

    async fn edit(&mut self, what: &'static str, connection: Value, body: Value) -> Option<Answer> {
        let admin = self.admin();
        let present = admin.get(&path(&connection)).await;
        let admin = admin.header("if-match", present.body["etag"].as_str().unwrap());
        let told = admin.patch(&path(&connection), body).await;
        assert!([200, 429].contains(&told.status), "{told:?}");
        if told.status == 200 {
            self.note(what);
            self.keep(&told.body["connection"]);
        }
        Some(told)
    }

    async fn test_entered(&mut self) -> Option<Answer> {
        let body = match self.roll(2) {
            0 => self.account.by_key(),
            _ => self.account.by_user(),
        };
        let told = test(&self.admin(), body).await;
        assert!(told.status == 429 || told.body["ok"] == true, "{told:?}");
        self.note("tested");
        Some(told)
    }

    async fn retest(&mut self) -> Option<Answer> {
        let connection = self.any()?;
        let told = retest(&self.admin(), &connection).await;
        assert!(told.status == 429 || told.body["ok"] == true, "{told:?}");
        self.note("retested");
        Some(told)
    }

    /// What is listed is what the own account has.
    async fn list_models(&mut self) -> Option<Answer> {
        let connection = self.any()?;
        let refresh = self.rng.random_bool(0.3);
        let path = format!("{}/models?limit=200&refresh={refresh}", path(&connection));
        let told = self.admin().get(&path).await;
        assert_eq!(told.status, 200, "{told:?}");
        let is_own = told.raw.contains(self.account.number);
        assert!(is_own, "not the own account's: {told:?}");
        self.note("listed");
        Some(told)
    }

    async fn read_setup(&mut self) -> Option<Answer> {
        let connection = self.any()?;
        let told = self
            .admin()
            .get(&format!("{}/setup", path(&connection)))
            .await;
        assert_eq!(told.status, 200, "{told:?}");
        Some(told)
    }

    async fn read(&mut self, path: &str) -> Option<Answer> {
        let told = self.admin().get(path).await;
        assert_eq!(told.status, 200, "{told:?}");
        self.note("read");
        Some(told)
    }

    /// What it has is what it is told it has.
    async fn list(&mut self) -> Answer {
        let path = format!("{BEDROCK}/connections?pending=true&limit=200");
        let told = self.admin().get(&path).await;
        let told_ids: BTreeSet<_> = told.items().iter().map(|it| it["id"].to_string()).collect();
        let reserved = self.reserved.iter().map(|(connection, _)| connection);
        let own = self.saved.iter().chain(reserved);
        let own_ids: BTreeSet<_> = own.map(|it| it["id"].to_string()).collect();
        assert_eq!(told_ids, own_ids);
        told
    }
}
