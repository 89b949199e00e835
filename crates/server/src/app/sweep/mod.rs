//! The sweep: connections are looked at without anybody asking, so that what they say of themselves stays true.
//!
//! One replica does it, at a low rate: never more calls to AWS than the operator allows, and one connection of a tenant a
//! minute. Each step takes the lease of the leader, looks at one connection and says how long to rest; it can be dropped
//! anywhere, and what was not finished is due again. What may pass by itself changes nothing; a refusal counts once it was
//! met twice in a row, unless it is certain. What a person changed meanwhile stands.
//!
//! Absent: what an admin's test alone can mend, refused passwords, invocations, suspended tenants.

mod expiry;
mod look;
mod model;
mod models;
mod pace;
mod round;
mod weigh;

use std::{sync::Arc, time::Duration};

use domain::{Entropy, TenantId};
use store::sweep::Next;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::{
    look::Look,
    pace::{parts, stretched},
    round::{Found, Round},
};
use super::{Error, Result};
use crate::{
    Context,
    chain::chain,
    leadership::{Candidate, Leader},
};

pub use self::pace::SweepSettings;

/// How long the leader's lease lasts. It is renewed before each step, and no step takes longer; and while it rests.
const LEASE: Duration = Duration::from_secs(60);
/// The longest that it rests without renewing it.
const RENEW: Duration = Duration::from_secs(30);
/// How often one that does not lead looks whether it could.
const FOLLOW: Duration = Duration::from_secs(20);
/// The least time from one round over all tenants to the next.
const ROUND: time::Duration = time::Duration::minutes(1);
/// Between two pages of tenants of whom none has a connection that is due.
const SEARCH: Duration = Duration::from_secs(1);
/// After a step that failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The sweep of one replica.
pub struct Sweep {
    context: Context,
    settings: SweepSettings,
    entropy: Arc<dyn Entropy>,
    candidate: Candidate,
    round: Round,
}

/// What a step did, and how long to rest after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What it did.
    pub did: Did,
    /// How long to rest.
    pub rest: Duration,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Another replica leads.
    Follow,
    /// It found nothing that is due among some tenants.
    Search,
    /// It looked at a connection.
    Look,
    /// It came to the end of the tenants.
    Round,
}

impl Sweep {
    /// A sweep that has not begun.
    pub fn new(context: Context, settings: SweepSettings, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            candidate: Candidate::new("sweep", &*entropy),
            round: Round::default(),
            context,
            settings,
            entropy,
        }
    }

    /// Looks at the next connection that is due, if this replica leads.
    ///
    /// # Errors
    /// [`Error::Store`]: what was not finished is due again.
    pub async fn step(&mut self) -> Result<Step> {
        let Some(leader) = self.candidate.lead(&self.context, LEASE).await? else {
            self.round = Round::default();
            self.context.metrics.sweep_oldest(None);
            return Ok(self.rested(Did::Follow, FOLLOW));
        };
        let found = self.round.next(&self.context, &self.settings).await?;
        let (did, rest) = match found {
            Found::Due(tenant, next) => {
                let calls = self.look(&leader, tenant, next).await?;
                (Did::Look, self.settings.rest_after(calls))
            }
            Found::Nothing => (Did::Search, SEARCH),
            Found::End { began, oldest } => {
                let age = oldest.map(|oldest| self.context.now() - oldest);
                self.context.metrics.sweep_oldest(age);
                let left = began + ROUND - self.context.clock.elapsed();
                (Did::Round, left.try_into().unwrap_or_default())
            }
        };
        Ok(self.rested(did, rest))
    }

    /// Lets another replica lead at once.
    pub async fn end(&self) {
        if let Err(error) = self.candidate.give_up(&self.context).await {
            tracing::info!(
                error = chain(&error),
                "the sweep's lease is left to run out"
            );
        }
    }

    /// Looks at a connection. One that cannot be looked at holds up no other.
    async fn look(&self, leader: &Leader, tenant: TenantId, next: Next) -> Result<u32> {
        let look = Look {
            context: &self.context,
            settings: &self.settings,
            entropy: &*self.entropy,
            leader,
            tenant,
            next,
        };
        // Due again at once, it would hold up the tenant's other connections for ever.
        let Ok(taken) = timeout(self.settings.longest_look, look.take()).await else {
            look.put_off().await?;
            return Err(store::Error::silent().into());
        };
        match taken {
            Err(Error::Store(store::Error::TenantGone)) => Ok(0),
            Err(error @ Error::Store(store::Error::Unavailable(_))) => Err(error),
            Err(error) => {
                look.put_off().await?;
                Err(error)
            }
            Ok(calls) => Ok(calls),
        }
    }

    /// Rests, and stays the leader meanwhile: at a low rate the rest is longer than the lease.
    async fn rest(&self, rest: Duration) {
        let mut parts = parts(rest, RENEW).peekable();
        while let Some(part) = parts.next() {
            tokio::time::sleep(part).await;
            if parts.peek().is_some() {
                // Whether it leads, the next step finds out.
                let _ = self.candidate.lead(&self.context, LEASE).await;
            }
        }
    }

    fn rested(&self, did: Did, rest: Duration) -> Step {
        let rest = stretched(rest, &*self.entropy);
        Step { did, rest }
    }
}

/// Sweeps until `stop`.
pub(crate) async fn run(mut sweep: Sweep, stop: CancellationToken) {
    loop {
        let step = timeout(LEASE, sweep.step());
        let step = tokio::select! {
            () = stop.cancelled() => break,
            step = step => step.unwrap_or_else(|_| Err(store::Error::silent().into())),
        };
        let rest = match step {
            Ok(step) => step.rest,
            Err(error) => {
                sweep.context.metrics.sweep_failed();
                let error = match &error {
                    Error::Store(error) => chain(error),
                    _ => "the service has not finished starting".to_owned(),
                };
                tracing::warn!(error, "a step of the sweep was put off");
                PATIENCE
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = sweep.rest(rest) => {}
        }
    }
    sweep.end().await;
}
