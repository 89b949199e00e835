//! From a credential to a caller. Look-ups are cached; the change feed makes them forget.

use std::{net::IpAddr, sync::Arc};

use domain::{Actor, Clock, KeyId, KeyRole, Role, Scope, TenantId, TenantRef, TenantState};
use store::{
    Store, api_keys,
    changes::{Change, News},
    sessions, tenants,
};
use time::OffsetDateTime;

use super::{
    Credential, OidcVerifier,
    jwt::BadToken,
    last_use::LastUse,
    throttle::{Attempt, Throttle},
    token::Token,
};
use crate::cache::Cache;

/// The most keys, sessions and refs kept. About 300 bytes each.
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
    clock: Arc<dyn Clock>,
    tokens: Cache<(Kind, Token), Known>,
    refs: Cache<TenantRef, KnownTenant>,
    customers: Option<Customers>,
    operators: Option<OidcVerifier>,
    throttle: Throttle,
    last_use: LastUse,
}

struct Customers {
    verifier: OidcVerifier,
    tenant_claim: String,
    role_claim: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    ApiKey,
    Session,
}

/// What a token stands for.
struct Known {
    space: TenantId,
    tenant_state: TenantState,
    actor: Actor,
    key: KeyId,
    role: KeyRole,
    expires_at: Option<OffsetDateTime>,
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
            tokens: Cache::new(CAPACITY),
            refs: Cache::new(CAPACITY),
            customers: customers.map(|(verifier, tenant_claim, role_claim)| Customers {
                verifier,
                tenant_claim,
                role_claim,
            }),
            operators,
            throttle: Throttle::new(Arc::clone(&clock)),
            last_use: LastUse::default(),
            clock,
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
        let result = match credential {
            Credential::ApiKey(token) => self.token(store, Kind::ApiKey, token, address).await,
            Credential::Session(token) => self.token(store, Kind::Session, token, address).await,
            Credential::Jwt(token) => self.jwt(store, token).await,
            Credential::Unreadable => Err(Refused::Unknown(
                "the credential is not one of ours: check that it was copied whole",
            )),
        };
        if let Err(Refused::Unknown(_)) = result {
            self.throttle
                .admit(address, credential.attempt())
                .map_err(Refused::TooManyAttempts)?;
            self.throttle.failed(address, credential.attempt());
        }
        result
    }

    /// The caller behind a token that was recognised before: for answers that must not wait for the database.
    pub async fn remembered(&self, credential: &Credential) -> Option<SignedIn> {
        let known = match credential {
            Credential::ApiKey(token) => self.tokens.peek(&(Kind::ApiKey, token.clone())).await,
            Credential::Session(token) => self.tokens.peek(&(Kind::Session, token.clone())).await,
            Credential::Jwt(_) | Credential::Unreadable => None,
        };
        self.admit(&*known?).ok()
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
            .get(tenant_ref.clone(), async {
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
        let customers = self.customers.as_ref().map(|customers| &customers.verifier);
        let verifiers = customers.into_iter().chain(&self.operators);
        futures_util::future::join_all(verifiers.map(OidcVerifier::check)).await
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
        self.last_use.flush(store, self.clock.now()).await
    }

    fn forget(&self, change: Change) {
        match change {
            Change::Tenant(tenant) => {
                self.tokens.forget(move |known| known.space == tenant);
                self.refs.forget(move |known| known.id == tenant);
            }
            Change::ApiKey(space, key) => {
                self.tokens
                    .forget(move |known| known.space == space && known.key == key);
            }
            Change::Session(space, session) => self.tokens.forget(move |known| {
                known.space == space
                    && matches!(known.actor, Actor::Session(id, _) if id == session)
            }),
            Change::MasterKey => {}
            Change::Unknown => self.forget_all(),
        }
    }

    fn forget_all(&self) {
        self.tokens.forget_all();
        self.refs.forget_all();
    }

    async fn token(
        &self,
        store: &Store,
        kind: Kind,
        token: &Token,
        address: IpAddr,
    ) -> Result<SignedIn, Refused> {
        let known = match self.tokens.peek(&(kind, token.clone())).await {
            Some(known) => known,
            None => {
                self.throttle
                    .admit(address, Attempt::LookUp(token.space))
                    .map_err(Refused::TooManyAttempts)?;
                self.tokens
                    .get((kind, token.clone()), look_up(store, kind, token))
                    .await?
                    .ok_or(Refused::Unknown(
                        "the credential is not known here: it was revoked, has ended, or never was",
                    ))?
            }
        };
        let signed_in = self.admit(&known)?;
        if kind == Kind::ApiKey {
            self.last_use.note(known.space, known.key, self.clock.now());
        }
        Ok(signed_in)
    }

    fn admit(&self, known: &Known) -> Result<SignedIn, Refused> {
        if known.expires_at.is_some_and(|at| at <= self.clock.now()) {
            return Err(Refused::Expired);
        }
        let actor = known.actor.clone();
        let scope = match known.role {
            KeyRole::Operator => Scope::Platform { actor, on: None },
            KeyRole::Tenant(role) => {
                let_in(known.tenant_state)?;
                Scope::Tenant {
                    tenant: known.space,
                    actor,
                    role,
                }
            }
        };
        Ok(SignedIn {
            scope,
            key: Some(known.key),
            expires_at: known.expires_at,
        })
    }

    async fn jwt(&self, store: &Store, token: &str) -> Result<SignedIn, Refused> {
        if let Some(verifier) = self
            .operators
            .as_ref()
            .filter(|verifier| verifier.is_named_by(token))
        {
            let claims = verifier.verify(token).await?;
            let scope = Scope::Platform {
                actor: Actor::User(claims.subject),
                on: None,
            };
            return Ok(SignedIn {
                scope,
                key: None,
                expires_at: None,
            });
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

impl Credential {
    /// How a failure with it is counted.
    const fn attempt(&self) -> Attempt {
        match self {
            Self::ApiKey(token) | Self::Session(token) => Attempt::LookUp(token.space),
            Self::Jwt(_) | Self::Unreadable => Attempt::Nonsense,
        }
    }
}

impl From<BadToken> for Refused {
    fn from(error: BadToken) -> Self {
        match error {
            BadToken::Expired => Self::Expired,
            BadToken::Invalid(why) => Self::Unknown(why),
            BadToken::Unavailable(_) => Self::ProviderUnavailable,
        }
    }
}

fn let_in(state: TenantState) -> Result<(), Refused> {
    match state {
        TenantState::Active => Ok(()),
        TenantState::Suspended => Err(Refused::TenantSuspended),
        TenantState::Deleted => Err(Refused::TenantUnknown),
    }
}

/// Looks a token up inside the row-level security of the tenant it names.
async fn look_up(store: &Store, kind: Kind, token: &Token) -> store::Result<Option<Known>> {
    let tenant_state = if token.space == TenantId::PLATFORM {
        TenantState::Active
    } else {
        let mut tx = store.platform().await?;
        match tenants::find(&mut tx, token.space).await? {
            Some(tenant) => tenant.state,
            None => return Ok(None),
        }
    };
    let mut tx = store.read(token.space).await?;
    let known = match kind {
        Kind::ApiKey => api_keys::find(&mut tx, &token.hash)
            .await?
            .map(|key| (Actor::ApiKey(key.id), key.id, key.role, key.expires_at)),
        Kind::Session => sessions::find(&mut tx, &token.hash).await?.map(|session| {
            (
                Actor::Session(session.id, session.api_key),
                session.api_key,
                session.role,
                Some(session.expires_at),
            )
        }),
    };
    Ok(known.map(|(actor, key, role, expires_at)| Known {
        space: token.space,
        tenant_state,
        actor,
        key,
        role,
        expires_at,
    }))
}
