//! One round over all tenants: of each the connection that is due first, if it is due.

use std::collections::VecDeque;

use domain::{TenantId, TenantState};
use store::{
    sweep::{self, Next, Usual},
    tenants,
};
use time::{Duration, OffsetDateTime};

use super::SweepSettings;
use crate::{Context, app::connections::Expiry};

/// A round, which may not have begun.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// When it began.
    began: Option<Duration>,
    /// Tenants that were listed and not come to yet …
    ahead: VecDeque<TenantId>,
    /// … and the last of them.
    last: Option<TenantId>,
    /// When any connection was last looked at: the one for which that is longest ago.
    oldest: Option<OffsetDateTime>,
}

/// What comes next in a round.
pub(super) enum Found {
    /// This connection.
    Due(TenantId, Next),
    /// Nothing among some tenants; there may be more.
    Nothing,
    /// The end.
    End {
        /// When the round began.
        began: Duration,
        /// When any connection was last looked at: the one for which that is longest ago.
        oldest: Option<OffsetDateTime>,
    },
}

impl Round {
    /// What comes next. After the end another round begins.
    pub(super) async fn next(
        &mut self,
        context: &Context,
        settings: &SweepSettings,
    ) -> store::Result<Found> {
        let began = *self.began.get_or_insert_with(|| context.clock.elapsed());
        if self.ahead.is_empty() {
            let mut tx = context.store.platform().await?;
            self.ahead = tenants::active_after(&mut tx, self.last).await?.into();
            let Some(last) = self.ahead.back() else {
                let oldest = self.oldest;
                *self = Self::default();
                return Ok(Found::End { began, oldest });
            };
            self.last = Some(*last);
        }
        while let Some(tenant) = self.ahead.pop_front() {
            let Some(next) = first_in(context, settings, tenant).await? else {
                continue;
            };
            self.oldest = self.oldest.into_iter().chain([next.oldest]).min();
            if next.at <= context.now() {
                return Ok(Found::Due(tenant, next));
            }
        }
        Ok(Found::Nothing)
    }
}

/// The connection of a tenant that is due first; none if the tenant has none, or was suspended since it was listed.
async fn first_in(
    context: &Context,
    settings: &SweepSettings,
    tenant: TenantId,
) -> store::Result<Option<Next>> {
    let mut tx = context.store.platform().await?;
    let found = tenants::find(&mut tx, tenant).await?;
    if found.is_none_or(|tenant| tenant.state != TenantState::Active) {
        return Ok(None);
    }
    let usual = Usual {
        interval: settings.interval,
        ahead: Expiry::AHEAD_OF_SHORT_TERM,
    };
    sweep::next(&mut tx.enter(tenant).await?, usual).await
}
