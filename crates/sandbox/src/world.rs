//! What exists in the sandbox. Tests and the demo make it and change it while it runs.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::AccountId;
use time::OffsetDateTime;

use crate::{
    Call, Fault, Service, bedrock,
    cognito::{IdentityPool, UserPool},
    principal::{AccessKey, Principal},
    sts::{OidcProvider, Role, User},
};

/// All accounts of the sandbox, the sessions they gave out, faults and what was asked. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct World(Arc<Mutex<State>>);

/// What is in a [`World`].
#[derive(Default)]
pub struct State {
    /// The accounts.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Which sessions STS and identity pools gave out, by access key. Users' keys are with the users.
    pub keys: HashMap<String, (AccessKey, Principal)>,
    /// What goes wrong on purpose, the first that matches.
    pub faults: Vec<Fault>,
    /// What was asked, in order.
    pub seen: Vec<Seen>,
}

/// An account and what is in it.
#[derive(Default)]
pub struct Account {
    /// IAM users.
    pub users: Vec<User>,
    /// IAM roles.
    pub roles: Vec<Role>,
    /// IAM's OIDC providers.
    pub oidc_providers: Vec<OidcProvider>,
    /// Where the account has switched STS off.
    pub regions_without_sts: Vec<String>,
    /// Cognito user pools.
    pub user_pools: Vec<UserPool>,
    /// Cognito identity pools.
    pub identity_pools: Vec<IdentityPool>,
    /// Models, profiles and API keys of Bedrock.
    pub bedrock: bedrock::Holdings,
}

/// A request that came, for tests to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// For which service.
    pub service: Service,
    /// Which operation.
    pub operation: &'static str,
    /// In which region.
    pub region: String,
    /// The header `host`.
    pub host: String,
    /// The header `authorization`, as sent.
    pub authorization: Option<String>,
    /// When.
    pub at: OffsetDateTime,
}

impl State {
    /// Whose access key that is. What a role's session may do follows the role as it is now; none, once the role is gone.
    pub(crate) fn signer(&self, access_key: &str) -> Option<(AccessKey, Principal)> {
        let user = self.accounts.iter().find_map(|(id, account)| {
            let mut users = account.users.iter();
            users.find_map(|user| Some((user.access_key(access_key)?, user.principal(*id))))
        });
        if user.is_some() {
            return user;
        }
        let (key, mut principal) = self.keys.get(access_key).cloned()?;
        if let Some(arn) = &principal.role_arn {
            principal.policies = self.role(arn)?.policies.clone();
        }
        Some((key, principal))
    }

    /// The role with that ARN.
    pub(crate) fn role(&self, arn: &str) -> Option<&Role> {
        let id = AccountId::of_arn(arn)?;
        let mut roles = self.accounts.get(&id)?.roles.iter();
        roles.find(|role| role.arn(id) == arn)
    }
}

impl World {
    /// An empty world.
    pub fn new() -> Self {
        Self::default()
    }

    /// The state, locked: keep it for a moment only, and never across an `await`.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes an account, which is made if there is none of that number.
    ///
    /// # Panics
    /// If `account` is not 12 digits: the world is written by tests and the demo, not by users.
    pub fn account(&self, account: &str, change: impl FnOnce(&mut Account)) {
        let Ok(id) = account.parse() else {
            panic!("an account is 12 digits");
        };
        change(self.state().accounts.entry(id).or_default());
    }

    /// Lets something go wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Ends all faults.
    pub fn mend(&self) {
        self.state().faults.clear();
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// How often an operation was asked.
    pub fn count(&self, operation: &str) -> usize {
        let state = self.state();
        state
            .seen
            .iter()
            .filter(|seen| seen.operation == operation)
            .count()
    }

    /// Notes a request.
    pub(crate) fn note(&self, call: &Call) {
        let header = |name| {
            let value = call.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let seen = Seen {
            service: call.service,
            operation: call.operation,
            region: call.region.clone(),
            host: header(http::header::HOST).unwrap_or_default(),
            authorization: header(http::header::AUTHORIZATION),
            at: call.now,
        };
        self.state().seen.push(seen);
    }
}
