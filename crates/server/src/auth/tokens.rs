//! From one of our own tokens, an API key or a console cookie, to a caller.

use std::{net::IpAddr, sync::Arc};

use domain::{Actor, Clock, KeyId, KeyRole, Scope, TenantId, TenantState};
use store::{Store, api_keys, changes::Change, sessions, tenants};
use time::{Duration, OffsetDateTime};

use super::{
    callers::{Refused, SignedIn, let_in},
    last_use::LastUse,
    recent::Recent,
    throttle::{Attempt, Throttle},
    token::Token,
};
use crate::cache::Cache;

/// The most keys and sessions kept. About 300 bytes each.
const CAPACITY: u64 = 50_000;
/// How long a token that was good is looked up whatever others fail at from the same address.
const GOOD_LATELY: Duration = Duration::hours(1);
/// How long a token that was refused is refused without another look-up. No change needs to be heard meanwhile: a secret
/// is drawn when a key is made, and told only after that is committed, so what was refused once is never made later.
const REFUSED_LATELY: Duration = Duration::seconds(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    ApiKey,
    Session,
}

/// What a token stands for.
pub(super) struct Known {
    space: TenantId,
    tenant_state: TenantState,
    actor: Actor,
    key: KeyId,
    role: KeyRole,
    expires_at: Option<OffsetDateTime>,
}

/// Recognises our own tokens.
pub(super) struct Tokens {
    clock: Arc<dyn Clock>,
    known: Cache<(Kind, Token), Known>,
    good: Recent<(Kind, Token)>,
    refused: Recent<(Kind, Token)>,
    last_use: LastUse,
}

impl Tokens {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            known: Cache::new(CAPACITY),
            good: Recent::new(GOOD_LATELY, Arc::clone(&clock)),
            refused: Recent::new(REFUSED_LATELY, Arc::clone(&clock)),
            last_use: LastUse::default(),
            clock,
        }
    }

    /// The caller behind a token that came from `address`.
    pub(super) async fn recognise(
        &self,
        store: &Store,
        kind: Kind,
        token: &Token,
        throttle: &Throttle,
        address: IpAddr,
    ) -> Result<SignedIn, Refused> {
        let known = self.known(store, kind, token, throttle, address).await?;
        let signed_in = self.admit(&known)?;
        if kind == Kind::ApiKey {
            self.last_use.note(known.space, known.key, self.clock.now());
        }
        Ok(signed_in)
    }

    /// The caller behind a token that is cached.
    pub(super) async fn remembered(&self, kind: Kind, token: &Token) -> Option<SignedIn> {
        let known = self.known.peek(&(kind, token.clone())).await?;
        self.admit(&known).ok()
    }

    /// What a token stands for, whether or not its bearer is let in.
    pub(super) async fn known(
        &self,
        store: &Store,
        kind: Kind,
        token: &Token,
        throttle: &Throttle,
        address: IpAddr,
    ) -> Result<Arc<Known>, Refused> {
        let unknown = Refused::Unknown(
            "the credential is not known here: it was revoked, has ended, or never was",
        );
        let key = (kind, token.clone());
        if let Some(known) = self.known.peek(&key).await {
            return Ok(known);
        }
        if self.refused.has_met(&key).await {
            return Err(unknown);
        }
        let attempt = Attempt::LookUp(token.space);
        let was_good = self.good.has_met(&key).await;
        if !was_good {
            throttle
                .admit(address, attempt)
                .map_err(Refused::TooManyAttempts)?;
        }
        let found = self
            .known
            .get(key.clone(), || look_up(store, kind, token))
            .await?;
        if let Some(known) = found {
            self.good.meet(key).await;
            Ok(known)
        } else {
            self.good.forget(&key).await;
            self.refused.meet(key).await;
            // Who goes on with a key that was revoked does not guess.
            if !was_good {
                throttle.failed(address, attempt);
            }
            Err(unknown)
        }
    }

    pub(super) fn forget(&self, change: Change) {
        match change {
            Change::Tenant(tenant) => self.known.forget(move |known| known.space == tenant),
            Change::ApiKey(space, key) => self
                .known
                .forget(move |known| known.space == space && known.key == key),
            Change::Session(space, session) => self.known.forget(move |known| {
                known.space == space
                    && matches!(known.actor, Actor::Session(id, _) if id == session)
            }),
            Change::Access(..) | Change::Connection(..) | Change::Model(..) | Change::MasterKey => {
            }
            Change::Unknown => self.forget_all(),
        }
    }

    pub(super) fn forget_all(&self) {
        self.known.forget_all();
    }

    /// Writes down when keys were last used.
    pub(super) async fn flush(&self, store: &Store) -> store::Result<()> {
        self.last_use.flush(store, self.clock.now()).await
    }

    fn admit(&self, known: &Known) -> Result<SignedIn, Refused> {
        if known.expires_at.is_some_and(|at| at <= self.clock.now()) {
            return Err(Refused::Expired);
        }
        if let KeyRole::Tenant(_) = known.role {
            let_in(known.tenant_state)?;
        }
        Ok(SignedIn {
            scope: known.scope(),
            key: Some(known.key),
            expires_at: known.expires_at,
        })
    }
}

impl Known {
    /// For whom its bearer would act.
    pub(super) fn scope(&self) -> Scope {
        let actor = self.actor.clone();
        match self.role {
            KeyRole::Operator => Scope::Platform { actor, on: None },
            KeyRole::Tenant(role) => Scope::Tenant {
                tenant: self.space,
                actor,
                role,
            },
        }
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
