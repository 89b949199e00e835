//! Which registered model a name means, and by which connection it is reached. Read from the database once for a tenant
//! and forgotten when something of it changes: no conversation waits for Postgres.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    sync::Arc,
};

use bedrock::transport::Operation;
use credential_provider::LeaseKey;
use domain::{ModelId, TenantId};
use store::{
    accesses,
    changes::{Change, News},
    connections::{self, Connection},
    models::{self, Model},
};

use crate::{
    Context,
    app::{Error, Result, Unusable, usable::lease_key},
    cache::Cache,
};

/// The most tenants whose models are kept.
const CAPACITY: u64 = 20_000;

/// A registered model and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) model: Model,
    pub(crate) connection: Arc<Connection>,
    /// The lease by which it is reached, or why it cannot be: found out once, as a session policy takes longer to write and
    /// to hash than a request to sign.
    pub(crate) lease: Arc<Result<LeaseKey, Unusable>>,
}

impl Route {
    /// What AWS is asked for: the way that the region needs, but tokens are counted by a model's own id.
    pub(super) fn id_for(&self, operation: Operation) -> &str {
        let facts = &self.model.facts;
        match operation {
            Operation::CountTokens => own_id(facts.telling_id()),
            Operation::Converse
            | Operation::ConverseStream
            | Operation::InvokeModel
            | Operation::InvokeModelWithResponseStream => &facts.invoke_id,
        }
    }
}

/// The id of a model of Anthropic's, without the geography or the ARN of a profile around it. What an ARN does not tell is
/// left to AWS to refuse.
fn own_id(id: &str) -> &str {
    id.find("anthropic.").map_or(id, |at| &id[at..])
}

/// All registered models of a tenant.
#[derive(Debug)]
struct Routes {
    tenant: TenantId,
    routes: Vec<Arc<Route>>,
}

/// The registered models of all tenants.
pub struct AllRoutes(Cache<TenantId, Routes>);

impl Default for AllRoutes {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl AllRoutes {
    /// Forgets what is not true any more.
    pub(crate) fn hear(&self, news: &News) {
        let News::Changes(changes) = news else {
            return self.0.forget_all();
        };
        for change in changes {
            match *change {
                Change::Tenant(tenant)
                | Change::Access(tenant, _)
                | Change::Connection(tenant, _)
                | Change::Model(tenant, _) => {
                    self.0.forget(move |routes| routes.tenant == tenant);
                }
                Change::Unknown => self.0.forget_all(),
                Change::ApiKey(..) | Change::Session(..) | Change::MasterKey => {}
            }
        }
    }
}

/// The registered model that a caller names.
///
/// # Errors
/// [`Error::ModelNotFound`], [`Error::ModelAmbiguous`], [`Error::Store`].
pub(super) async fn find(context: &Context, tenant: TenantId, name: &str) -> Result<Arc<Route>> {
    let all = of(context, tenant).await?;
    choose(&all.routes, name).cloned()
}

/// All that a tenant has registered, oldest first.
///
/// # Errors
/// [`Error::Store`].
pub(super) async fn all(context: &Context, tenant: TenantId) -> Result<Vec<Arc<Route>>> {
    Ok(of(context, tenant).await?.routes.clone())
}

async fn of(context: &Context, tenant: TenantId) -> Result<Arc<Routes>> {
    context
        .routes
        .0
        .get(tenant, async || read(context, tenant).await.map(Some))
        .await?
        .ok_or(Error::NotFound)
}

/// By id, then by what AWS calls it, then by alias. What is registered over several connections means the default's.
pub(super) fn choose<'a>(routes: &'a [Arc<Route>], name: &str) -> Result<&'a Arc<Route>> {
    if let Ok(id) = name.parse::<ModelId>() {
        let found = routes.iter().find(|route| route.model.id == id);
        return found.ok_or_else(|| unknown(routes));
    }
    let named: Vec<&Arc<Route>> = routes
        .iter()
        .filter(|route| route.model.facts.model_id == name || route.model.facts.invoke_id == name)
        .collect();
    match named[..] {
        [] => routes
            .iter()
            .find(|route| route.model.alias == name)
            .ok_or_else(|| unknown(routes)),
        [one] => Ok(one),
        ref several => {
            let mut of_default = several.iter().filter(|route| route.connection.is_default);
            match (of_default.next(), of_default.next()) {
                (Some(one), None) => Ok(*one),
                _ => Err(Error::ModelAmbiguous(aliases(several.iter().copied()))),
            }
        }
    }
}

fn unknown(routes: &[Arc<Route>]) -> Error {
    Error::ModelNotFound(aliases(routes.iter()))
}

fn aliases<'a>(routes: impl Iterator<Item = &'a Arc<Route>>) -> Vec<String> {
    let sorted: BTreeSet<&str> = routes.map(|route| route.model.alias.as_str()).collect();
    sorted.into_iter().map(str::to_owned).collect()
}

async fn read(context: &Context, tenant: TenantId) -> Result<Routes> {
    let mut tx = context.store.read(tenant).await?;
    let models = models::all(&mut tx).await?;
    let mut ways = HashMap::new();
    let mut routes = Vec::with_capacity(models.len());
    for model in models {
        let (connection, lease) = match ways.entry(model.connection) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let connection = connections::find(&mut tx, model.connection).await?;
                let connection = connection.ok_or(Error::NotFound)?;
                let access = accesses::find(&mut tx, connection.access).await?;
                let access = access.ok_or(Error::NotFound)?;
                let lease = lease_key(context, tenant, &connection, &access);
                unknown.insert((Arc::new(connection), Arc::new(lease)))
            }
        };
        routes.push(Arc::new(Route {
            model,
            connection: Arc::clone(connection),
            lease: Arc::clone(lease),
        }));
    }
    Ok(Routes { tenant, routes })
}

#[cfg(test)]
mod tests {
    use super::own_id;

    #[test]
    fn a_model_is_counted_by_its_own_id() {
        let own = "anthropic.claude-sonnet-4-5-20250929-v1:0";
        for id in [
            own,
            &format!("eu.{own}"),
            &format!("arn:aws:bedrock:eu-west-1::foundation-model/{own}"),
            &format!("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.{own}"),
        ] {
            assert_eq!(own_id(id), own);
        }
        let hidden = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1";
        assert_eq!(own_id(hidden), hidden);
    }
}
