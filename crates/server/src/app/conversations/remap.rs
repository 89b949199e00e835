//! A model that AWS does not let be invoked as it was registered any more: mapped anew to the way that its connection's
//! region needs now.

use std::sync::Arc;

use bedrock::diagnosis::Code;
use domain::TenantId;
use store::{changes::Change, models};

use super::routes::Route;
use crate::{
    Context,
    app::{Error, Result, invocable},
};

/// Whether AWS says that the model needs another way.
pub(super) fn is_called_for(error: &Error) -> bool {
    matches!(error, Error::Model(failure) if failure.diagnosis.code == Code::OnDemandUnsupported)
}

/// The route by the way that AWS lists now, which is kept; none if it is the one that was refused.
pub(super) async fn remap(
    context: &Context,
    tenant: TenantId,
    route: &Route,
) -> Result<Option<Arc<Route>>> {
    let facts = &route.model.facts;
    let catalogue = invocable::of_connection(context, tenant, route.connection.id, true).await?;
    let found = catalogue.find(&facts.model_id);
    let Some(invoke_id) = found.and_then(|(model, _)| model.invoke_id.as_ref()) else {
        return Ok(None);
    };
    if *invoke_id == facts.invoke_id {
        return Ok(None);
    }
    let mut tx = context.store.write(tenant).await?;
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
        access: Arc::clone(&route.access),
    })))
}
