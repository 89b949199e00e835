//! A model that AWS does not let be invoked as it was registered any more: mapped anew to the way that its connection's
//! region needs now.

use std::sync::Arc;

use bedrock::{catalogue::InvokeId, diagnosis::Code};
use domain::{Clock, ModelId, Region, TenantId};
use store::{
    changes::Change,
    models::{self, State},
};
use time::Duration;

use super::routes::Route;
use crate::{
    Context,
    app::{Error, Result, invocable, rate::Rate},
};

/// How long a model that could not be mapped anew is let be: it would take seven calls for each of its requests.
const LET_BE: Duration = Duration::minutes(5);

/// The models that were mapped anew in vain, by the region in which they were.
pub struct Remaps(Rate<(ModelId, Region)>);

impl Remaps {
    pub(crate) fn new(clock: &Arc<dyn Clock>) -> Self {
        Self(Rate::new(Arc::clone(clock), 1, LET_BE))
    }

    /// Whether it was tried lately, and did not help.
    pub(super) fn are_vain(&self, route: &Route) -> bool {
        self.0.look(&key(route)).is_err()
    }

    /// Notes that it did not help.
    pub(super) fn note_vain(&self, route: &Route) {
        self.0.charge(key(route), 1);
    }
}

fn key(route: &Route) -> (ModelId, Region) {
    (route.model.id, route.connection.region.clone())
}

/// Whether AWS says that the model needs another way, or does not know it by this one: its connection may have gone to
/// another region.
pub(super) fn is_called_for(error: &Error, route: &Route) -> bool {
    let Error::Model(failure) = error else {
        return false;
    };
    match failure.diagnosis.code {
        Code::OnDemandUnsupported => true,
        Code::ModelNotFound | Code::ModelRequestInvalid => route.model.state == State::Unverified,
        _ => false,
    }
}

/// The route by the way that AWS lists now, which is kept; none if it is the one that was refused.
pub(super) async fn remap(
    context: &Context,
    tenant: TenantId,
    route: &Route,
) -> Result<Option<Arc<Route>>> {
    let facts = &route.model.facts;
    let catalogue = invocable::of_connection(context, tenant, route.connection.id, true).await?;
    let typed = InvokeId::parse(&facts.model_id, &route.connection.region);
    let base = typed.as_ref().ok().and_then(InvokeId::base_model_id);
    let found = catalogue
        .find(&facts.model_id)
        .or_else(|| base.and_then(|base| catalogue.find(base)));
    let Some(invoke_id) = found.and_then(|(model, _)| model.invoke_id.as_ref()) else {
        return Ok(None);
    };
    if *invoke_id == facts.invoke_id {
        return Ok(None);
    }
    let mut tx = context.store.write(tenant).await?;
    models::lock(&mut tx).await?;
    let remapped = models::remap(&mut tx, route.model.id, invoke_id, context.now()).await?;
    let Some(model) = remapped else {
        return Ok(None);
    };
    context
        .commit(tx, &[Change::Model(tenant, model.id)])
        .await?;
    Ok(Some(Arc::new(Route {
        model,
        connection: Arc::clone(&route.connection),
        lease: Arc::clone(&route.lease),
    })))
}
