//! From a credential to a caller. Look-ups are cached; the change feed makes them forget.

use std::{net::IpAddr, sync::Arc};

use domain::{Actor, Clock, KeyId, Role, Scope, TenantId, TenantRef, TenantState};
use store::{
    Store,
    changes::{Change, News},
    tenants,
};
use time::OffsetDateTime;

use super::{
    Credential, OidcVerifier,
    throttle::{Attempt, Throttle},
    token::Token,
    tokens::{Kind, Tokens},
};
use crate::{cache::Cache, pulse::Health};

/// The most refs kept. About 300 bytes each.
const CAPACITY: u64 = 50_000;

/// A caller who was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who, for whom and with what role. An operator's tenant is not resolved yet.
    pub scope: Scope,
    /// The key behind the call, if there is one.
    pub key: Option<KeyId>,
    /// When the credential ends, if it does.
    pub expires_at: Option<OffsetDateTime>,
}

/// Why a caller was not recognised or not let in.
#[derive(Debug)]
pub enum Refused {
    /// No credential that we know.
    Unknown(&'static str),
    /// It was good once.
    Expired,
    /// The token is good, but its tenant is not provisioned here.
    TenantUnknown,
    /// The token is good, but lacks a role we know.
    RoleMissing,
    /// The platform has suspended the tenant.
    TenantSuspended,
    /// Too many failures: try again after so many seconds.
    TooManyAttempts(u64),
    /// The identity provider cannot be asked.
    ProviderUnavailable,
    /// The database.
    Store(store::Error),
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// Recognises callers.
pub struct Callers {
    tokens: Tokens,
    refs: Cache<TenantRef, KnownTenant>,
    customers: Option<Customers>,
    operators: Option<OidcVerifier>,
    throttle: Throttle,
}

struct Customers {
    verifier: OidcVerifier,
    tenant_claim: String,
    role_claim: String,
}

struct KnownTenant {
    id: TenantId,
    state: TenantState,
}

impl Callers {
    /// Nobody is known yet.
    pub fn new(
        customers: Option<(OidcVerifier, String, String)>,
        operators: Option<OidcVerifier>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            tokens: Tokens::new(Arc::clone(&clock)),
            refs: Cache::new(CAPACITY),
            customers: customers.map(|(verifier, tenant_claim, role_claim)| Customers {
                verifier,
                tenant_claim,
                role_claim,
            }),
            operators,
            throttle: Throttle::new(clock),
        }
    }

    /// The caller behind a credential that came from `address`.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn recognise(
        &self,
        store: &Store,
        credential: &Credential,
        address: IpAddr,
    ) -> Result<SignedIn, Refused> {
        let token = |kind, token| {
            self.tokens
                .recognise(store, kind, token, &self.throttle, address)
        };
        let result = match credential {
            Credential::ApiKey(key) => return token(Kind::ApiKey, key).await,
            Credential::Session(cookie) => return token(Kind::Session, cookie).await,
            Credential::Jwt(token) => Box::pin(self.jwt(store, token)).await,
            Credential::Signature => Err(Refused::Unknown(
                "the request is signed with AWS credentials, which say nothing here: AWS's clients take a key of this service \
                 as their bearer token, AWS_BEARER_TOKEN_BEDROCK",
            )),
            Credential::Unreadable => Err(Refused::Unknown(
                "the credential is not one of ours: check that it was copied whole",
            )),
        };
        if let Err(Refused::Unknown(_)) = result {
            self.throttle
                .admit(address, Attempt::Nonsense)
                .map_err(Refused::TooManyAttempts)?;
            self.throttle.failed(address, Attempt::Nonsense);
        }
        result
    }

    /// The caller, as far as it can be told without the database: an operator of the platform's identity provider, or
    /// whoever was recognised before.
    pub async fn remembered(&self, credential: &Credential) -> Option<SignedIn> {
        match credential {
            Credential::ApiKey(token) => self.tokens.remembered(Kind::ApiKey, token).await,
            Credential::Session(token) => self.tokens.remembered(Kind::Session, token).await,
            Credential::Jwt(token) => self.operator(token).await?.ok(),
            Credential::Signature | Credential::Unreadable => None,
        }
    }

    /// Whose session that cookie is, even if they are not let in any more: ending it is always allowed.
    ///
    /// # Errors
    /// [`Refused::Unknown`], [`Refused::TooManyAttempts`], [`Refused::Store`].
    pub async fn session(
        &self,
        store: &Store,
        cookie: &Token,
        address: IpAddr,
    ) -> Result<Scope, Refused> {
        let known = self
            .tokens
            .known(store, Kind::Session, cookie, &self.throttle, address)
            .await?;
        Ok(known.scope())
    }

    /// The tenant of that ref.
    ///
    /// # Errors
    /// [`store::Error::Unavailable`].
    pub async fn tenant_by_ref(
        &self,
        store: &Store,
        tenant_ref: &TenantRef,
    ) -> store::Result<Option<(TenantId, TenantState)>> {
        let known = self
            .refs
            .get(tenant_ref.clone(), async || {
                let mut tx = store.platform().await?;
                let tenant = tenants::find_by_ref(&mut tx, tenant_ref).await?;
                Ok::<_, store::Error>(tenant.map(|tenant| KnownTenant {
                    id: tenant.id,
                    state: tenant.state,
                }))
            })
            .await?;
        Ok(known.map(|known| (known.id, known.state)))
    }

    /// Whether each identity provider publishes its keys, for whoever looks for what is wrong.
    pub async fn check_providers(&self) -> Vec<Result<String, String>> {
        let checks = self.providers().map(|(_, verifier)| verifier.check());
        futures_util::future::join_all(checks).await
    }

    /// How each configured identity provider was when it was last needed.
    pub fn provider_health(&self) -> impl Iterator<Item = (&'static str, Health)> {
        self.providers()
            .map(|(name, verifier)| (name, verifier.health()))
    }

    fn providers(&self) -> impl Iterator<Item = (&'static str, &OidcVerifier)> {
        let customers = self.customers.as_ref().map(|customers| &customers.verifier);
        [
            ("identity_provider", customers),
            ("operator_identity_provider", self.operators.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, verifier)| Some((name, verifier?)))
    }

    /// Forgets what changes made untrue.
    pub fn hear(&self, news: &News) {
        match news {
            News::Missed => self.forget_all(),
            News::Changes(changes) => changes.iter().for_each(|change| self.forget(*change)),
        }
    }

    /// Writes down when keys were last used.
    ///
    /// # Errors
    /// [`store::Error::Unavailable`].
    pub async fn flush(&self, store: &Store) -> store::Result<()> {
        self.tokens.flush(store).await
    }

    fn forget(&self, change: Change) {
        self.tokens.forget(change);
        match change {
            Change::Tenant(tenant) => self.refs.forget(move |known| known.id == tenant),
            Change::ApiKey(..)
            | Change::Session(..)
            | Change::Access(..)
            | Change::Connection(..)
            | Change::Model(..)
            | Change::MasterKey => {}
            Change::Unknown => self.refs.forget_all(),
        }
    }

    fn forget_all(&self) {
        self.tokens.forget_all();
        self.refs.forget_all();
    }

    /// The operator behind a token of the platform's identity provider; none if it is not that provider's.
    async fn operator(&self, token: &str) -> Option<Result<SignedIn, Refused>> {
        let verifier = self.operators.as_ref()?;
        if !verifier.is_named_by(token) {
            return None;
        }
        let claims = verifier.verify(token).await;
        Some(claims.map_err(Refused::from).map(|claims| SignedIn {
            scope: Scope::Platform {
                actor: Actor::User(claims.subject),
                on: None,
            },
            key: None,
            expires_at: None,
        }))
    }

    async fn jwt(&self, store: &Store, token: &str) -> Result<SignedIn, Refused> {
        if let Some(operator) = self.operator(token).await {
            return operator;
        }
        let customers = self
            .customers
            .as_ref()
            .filter(|customers| customers.verifier.is_named_by(token));
        let Some(customers) = customers else {
            return Err(Refused::Unknown("the token's issuer is not accepted here"));
        };
        let claims = customers.verifier.verify(token).await?;
        let role = claims
            .text(&customers.role_claim)
            .and_then(|role| role.parse::<Role>().ok());
        let tenant_ref = claims
            .text(&customers.tenant_claim)
            .and_then(|name| name.parse().ok());
        let role = role.ok_or(Refused::RoleMissing)?;
        let tenant_ref = tenant_ref.ok_or(Refused::TenantUnknown)?;
        let (tenant, state) = self
            .tenant_by_ref(store, &tenant_ref)
            .await?
            .ok_or(Refused::TenantUnknown)?;
        let_in(state)?;
        let scope = Scope::Tenant {
            tenant,
            actor: Actor::User(claims.subject),
            role,
        };
        Ok(SignedIn {
            scope,
            key: None,
            expires_at: None,
        })
    }
}

pub(super) fn let_in(state: TenantState) -> Result<(), Refused> {
    match state {
        TenantState::Active => Ok(()),
        TenantState::Suspended => Err(Refused::TenantSuspended),
        TenantState::Deleted => Err(Refused::TenantUnknown),
    }
}
