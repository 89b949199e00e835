//! The models registered over a connection: AWS is asked about some of them, and what changed is noted of all.

use std::{collections::HashMap, time::Duration};

use bedrock::{
    catalogue::{Availability, Catalogue},
    report::Report,
};
use credential_provider::Error as AwsFailure;
use domain::{ConnectionId, Entropy, TenantId};
use rand::Rng;
use serde_json::json;
use store::{TenantTx, changes::Change, models};
use time::format_description::well_known::Rfc3339;
use tokio::time::timeout;

use super::model::{askable, judge};
use crate::{
    Context,
    app::{
        Caller, Error, Result, audit, draft,
        usable::{lease, lease_key},
    },
};

/// The most models that AWS is asked about at a time: each is a call.
const MOST: usize = 20;
/// The most calls that a lease takes.
const LEASE_CALLS: u32 = 4;

/// What AWS said about the account.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// By base model.
    availabilities: HashMap<String, Availability>,
    /// The most calls that it took.
    pub(super) calls: u32,
}

/// Asks AWS about models that are registered over a connection: those that it denied before, and others by chance. What it
/// has not said `within` that time is left.
pub(super) async fn ask(
    context: &Context,
    tenant: TenantId,
    id: ConnectionId,
    catalogue: &Catalogue,
    entropy: &dyn Entropy,
    within: Duration,
) -> Result<Asked> {
    let mut asked = Asked::default();
    let asking = asked.fill(context, tenant, id, catalogue, entropy);
    timeout(within, asking).await.unwrap_or(Ok(()))?;
    Ok(asked)
}

impl Asked {
    async fn fill(
        &mut self,
        context: &Context,
        tenant: TenantId,
        id: ConnectionId,
        catalogue: &Catalogue,
        entropy: &dyn Entropy,
    ) -> Result<()> {
        let mut tx = context.store.read(tenant).await?;
        let (connection, access) = match draft::find(&mut tx, id).await {
            Err(Error::NotFound) => return Ok(()),
            found => found?,
        };
        let registered = models::of_connection(&mut tx, id).await?;
        drop(tx);
        let bases = drawn(askable(&registered, catalogue), entropy);
        let (false, Ok(key)) = (
            bases.is_empty(),
            lease_key(context, tenant, &connection, &access),
        ) else {
            return Ok(());
        };
        self.calls += LEASE_CALLS;
        let Ok(lease) = lease(context, &key).await else {
            return Ok(());
        };
        let aws = context.aws.isolated().without_retries();
        for base in bases {
            self.calls += 1;
            let availability = Availability::fetch(&aws, &lease, &connection.region, base).await;
            match availability {
                Ok(availability) => {
                    self.availabilities.insert(base.to_owned(), availability);
                }
                // It says something about this model alone.
                Err(AwsFailure::Rejected(aws)) if aws.status != FORBIDDEN => {}
                Err(_) => break,
            }
        }
        Ok(())
    }
}

const FORBIDDEN: u16 = 403;

/// Those that were denied, and others by chance, as many as may be asked about.
fn drawn<'a>(bases: HashMap<&'a str, bool>, entropy: &dyn Entropy) -> Vec<&'a str> {
    let mut lots: Vec<(bool, u32, &str)> = bases
        .into_iter()
        .map(|(base, is_denied)| (!is_denied, entropy.rng().next_u32(), base))
        .collect();
    lots.sort_unstable();
    lots.truncate(MOST);
    lots.into_iter().map(|(.., base)| base).collect()
}

/// Notes what has changed of the models registered over a connection.
pub(super) async fn note(
    context: &Context,
    tx: &mut TenantTx,
    id: ConnectionId,
    (report, catalogue): (&Report, &Catalogue),
    asked: &Asked,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), context.now());
    let service = Caller::service(tenant);
    for model in models::of_connection(tx, id).await? {
        let Some(judged) = judge(&model, catalogue, &asked.availabilities) else {
            continue;
        };
        if !models::set_state(tx, model.id, judged.state, judged.reason, now).await? {
            continue;
        }
        changes.push(Change::Model(tenant, model.id));
        context.metrics.sweep_changed("model");
        let detail = json!({
            "alias": model.alias,
            "connection": id.to_string(),
            "state": judged.state.as_str(),
            "reason": judged.reason,
            "end_of_life": judged.end_of_life.and_then(|at| at.format(&Rfc3339).ok()),
            "before": { "state": model.state.as_str(), "reason": model.state_reason },
        });
        let (action, reached) = ("model.state_changed", report.into());
        audit::append_reached(context, tx, &service, action, model.id, reached, detail).await?;
    }
    Ok(())
}
