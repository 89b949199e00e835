//! A user pool: its app clients, its users, and the sign-ins under way.

use std::collections::{HashMap, HashSet};

use time::{Duration, OffsetDateTime};

use super::{
    app_client::AppClient, is_for, pool_user::PoolUser, refresh::Grant, respond::Asked,
    sign_in::Exchanged, signing_key::SigningKey,
};
use crate::{Call, Refusal, State};

/// For how long the sandbox remembers a sign-in that went no further, to say that it is too late instead of unknown.
const MEMORY: Duration = Duration::hours(1);

/// A user pool.
pub struct UserPool {
    /// Its id, which begins with its region.
    pub id: String,
    /// Its app clients.
    pub clients: Vec<AppClient>,
    /// Its users.
    pub users: Vec<PoolUser>,
    /// Whether a web ACL blocks every request.
    pub is_blocked_by_waf: bool,
    /// What is wrong with its Lambda function that runs before users are authenticated.
    pub pre_authentication: Option<LambdaTrouble>,
    pub(super) key: SigningKey,
    /// Passwords to be proved, by secret block.
    pub(super) exchanges: HashMap<String, Exchanged>,
    /// Challenges to be answered, by session.
    pub(super) asked: HashMap<String, Asked>,
    /// What refresh tokens stand for, by token.
    pub(super) grants: HashMap<String, Grant>,
    /// The sign-ins whose tokens were revoked, by `origin_jti`.
    pub(super) revoked: HashSet<String>,
}

/// What is wrong with a Lambda function.
#[derive(Debug, Clone)]
pub enum LambdaTrouble {
    /// It refuses the user, with these words.
    Refuses(String),
    /// It cannot be invoked.
    Fails,
    /// It answers nonsense.
    AnswersNonsense,
}

impl UserPool {
    /// An empty pool. Its id begins with its region: `eu-west-1_AbCdEf123`.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            clients: Vec::new(),
            users: Vec::new(),
            is_blocked_by_waf: false,
            pre_authentication: None,
            key: SigningKey::default(),
            exchanges: HashMap::new(),
            asked: HashMap::new(),
            grants: HashMap::new(),
            revoked: HashSet::new(),
        }
    }

    /// The same with an app client.
    #[must_use]
    pub fn client(mut self, client: AppClient) -> Self {
        self.clients.push(client);
        self
    }

    /// The same with a user.
    #[must_use]
    pub fn user(mut self, user: PoolUser) -> Self {
        self.users.push(user);
        self
    }

    /// A user, by any name that signs in, to be changed.
    pub fn user_mut(&mut self, name: &str) -> Option<&mut PoolUser> {
        self.users.iter_mut().find(|user| user.is_called(name))
    }

    /// Signs a user out everywhere: refresh tokens end at once, ID tokens where they are checked at the pool.
    pub fn sign_out(&mut self, name: &str, now: OffsetDateTime) {
        if let Some(user) = self.user_mut(name) {
            user.signed_out_at = Some(now);
        }
    }

    /// The issuer of its tokens.
    pub fn issuer(&self) -> String {
        format!("https://{}", self.provider())
    }

    /// The name that identity pools know it by.
    pub(super) fn provider(&self) -> String {
        format!("cognito-idp.{}.amazonaws.com/{}", self.region(), self.id)
    }

    pub(super) fn region(&self) -> &str {
        self.id.split('_').next().unwrap_or_default()
    }

    /// What SRP calls the pool: what stands after the underscore.
    pub(super) fn name(&self) -> &str {
        self.id.split_once('_').map_or("", |(_, name)| name)
    }

    pub(super) fn find_user(&self, name: &str) -> Option<&PoolUser> {
        self.users.iter().find(|user| user.is_called(name))
    }

    /// Forgets what nobody went on with.
    pub(super) fn forget_stale(&mut self, now: OffsetDateTime) {
        self.exchanges.retain(|_, one| now < one.begun_at + MEMORY);
        self.asked.retain(|_, one| now < one.begun_at + MEMORY);
    }
}

/// The pool that an app client is of, in this region, and the client.
pub(super) fn of_client<'a>(
    state: &'a mut State,
    call: &Call,
    client_id: &str,
) -> Result<(&'a mut UserPool, AppClient), Refusal> {
    let missing = || {
        let message = format!("User pool client {client_id} does not exist.");
        Refusal::new(400, "ResourceNotFoundException", message)
    };
    let pools = state
        .accounts
        .values_mut()
        .flat_map(|account| &mut account.user_pools);
    for pool in pools {
        let found = pool.clients.iter().find(|client| client.id == client_id);
        if let Some(client) = found.filter(|_| is_for(call, pool.region())).cloned() {
            if pool.is_blocked_by_waf {
                let message = "Request not allowed due to WAF block.";
                return Err(Refusal::new(400, "ForbiddenException", message));
            }
            return Ok((pool, client));
        }
    }
    Err(missing())
}
