//! Registering: one model or many, all of them or none.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bedrock::{catalogue::Catalogue, diagnosis::Code};
use domain::{Alias, ConnectionId, ModelId, Permission, TenantId};
use serde_json::json;
use store::{
    TenantTx,
    accesses::{self, Access},
    changes::Change,
    connections::{self, Connection},
    models::{self, Model},
};

use super::{
    RegisteredModel, alias,
    choice::{Chosen, choose},
    with_connections,
};
use crate::{
    Context,
    app::{
        Caller, Error, Misfit, Once, Result,
        audit::{self, Reached},
        catalogues::{CatalogueKey, catalogue},
        draft,
        idempotency::{Claim, once},
        usable::{lease_key, refused},
    },
};

/// The most models that one request registers.
pub const MOST_AT_ONCE: usize = 50;
/// The most models of a tenant.
const MOST: usize = 500;

/// Models to be registered over one connection.
#[derive(Debug)]
pub struct NewModels {
    /// Over which; the default connection if absent.
    pub connection: Option<ConnectionId>,
    /// Which.
    pub models: Vec<NewModel>,
}

/// A model to be registered.
#[derive(Debug)]
pub struct NewModel {
    /// An id or ARN of AWS's.
    pub model_id: String,
    /// What callers will name it by; made of the id if absent.
    pub alias: Option<Alias>,
}

/// Registers models. The first one of a tenant becomes its default.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Unusable`], [`Error::ChangedMeanwhile`], [`Error::NotFound`],
/// [`Error::Store`]; of the idempotency key.
pub async fn register(
    context: &Context,
    caller: &Caller,
    new: NewModels,
    request: Once,
) -> Result<Vec<RegisteredModel>> {
    let tenant = caller.scope.require(Permission::ManageModels)?;
    let work = async |claim: &Claim| {
        let registration = Registration::prepare(context, tenant, new).await?;
        registration.commit(context, caller, claim).await
    };
    let replay = async |_, ids: String| {
        let mut tx = context.store.read(tenant).await?;
        let mut registered = Vec::new();
        for id in ids.split(',').filter_map(|id| id.parse().ok()) {
            registered.extend(models::find(&mut tx, id).await?);
        }
        with_connections(&mut tx, registered).await
    };
    once(context, tenant, &caller.scope, &request, work, replay).await
}

/// Models that were found to be fit for a connection.
struct Registration {
    tenant: TenantId,
    connection: Connection,
    entries: Vec<Entry>,
}

struct Entry {
    chosen: Chosen,
    alias: Alias,
    /// Whether the alias was made of the id.
    is_derived: bool,
}

impl Registration {
    async fn prepare(context: &Context, tenant: TenantId, new: NewModels) -> Result<Self> {
        let mut tx = context.store.read(tenant).await?;
        let (connection, access) = over(&mut tx, new.connection).await?;
        drop(tx);
        let catalogue = lists(context, tenant, &connection, &access).await?;
        let mut entries = Vec::with_capacity(new.models.len());
        let mut misfits = Vec::new();
        for (n, model) in new.models.into_iter().enumerate() {
            let chosen = choose(catalogue.as_deref(), &model.model_id, &connection.region)
                .map_err(|why| Misfit::at(format!("/models/{n}/model_id"), why));
            let entry = chosen.and_then(|chosen| Entry::new(n, chosen, model.alias));
            match entry {
                Ok(entry) => entries.push(entry),
                Err(misfit) => misfits.push(misfit),
            }
        }
        if !misfits.is_empty() {
            return Err(Error::Invalid(misfits));
        }
        Ok(Self {
            tenant,
            connection,
            entries,
        })
    }

    async fn commit(
        &self,
        context: &Context,
        caller: &Caller,
        claim: &Claim,
    ) -> Result<Vec<RegisteredModel>> {
        let now = context.now();
        let mut tx = context.store.write(self.tenant).await?;
        models::lock(&mut tx).await?;
        // A disconnect and edits come before or after.
        let access = accesses::lock(&mut tx, self.connection.access)
            .await?
            .ok_or(Error::NotFound)?;
        let (connection, _) = draft::find(&mut tx, self.connection.id).await?;
        if connection.region != self.connection.region {
            return Err(Error::ChangedMeanwhile);
        }
        let there = models::all(&mut tx).await?;
        self.require_room(&there)?;
        let mut registered = Vec::with_capacity(self.entries.len());
        for (entry, id) in self.entries.iter().zip(self.ids(context)) {
            let new = models::NewModel {
                id,
                connection: connection.id,
                facts: &entry.chosen.facts,
                alias: &entry.alias,
                state: entry.chosen.state,
            };
            registered.push(models::insert(&mut tx, &new, now).await?);
        }
        if let (true, Some(first)) = (there.is_empty(), registered.first_mut()) {
            models::set_default(&mut tx, Some(first.id), now).await?;
            first.is_default = true;
        }
        let ids: Vec<String> = registered
            .iter()
            .map(|model| model.id.to_string())
            .collect();
        claim.complete(&mut tx, 201, &ids.join(",")).await?;
        for model in &registered {
            Self::note(context, caller, &mut tx, &access, model).await?;
        }
        let changes: Vec<Change> = registered
            .iter()
            .map(|model| Change::Model(self.tenant, model.id))
            .collect();
        let registered = with_connections(&mut tx, registered).await?;
        context.commit(tx, &changes).await?;
        Ok(registered)
    }

    async fn note(
        context: &Context,
        caller: &Caller,
        tx: &mut TenantTx,
        access: &Access,
        model: &Model,
    ) -> Result<()> {
        let reached = Reached::account(access.account);
        let (action, id) = ("model.registered", model.id);
        let detail = json!({
            "alias": model.alias,
            "connection": model.connection.to_string(),
            "model_id": model.facts.model_id,
            "invoke_id": model.facts.invoke_id,
        });
        audit::append_reached(context, tx, caller, action, id, reached, detail).await?;
        Ok(())
    }

    /// Ids that sort as the models were named.
    fn ids(&self, context: &Context) -> Vec<ModelId> {
        let now = context.now();
        let mut ids: Vec<ModelId> = (self.entries.iter())
            .map(|_| ModelId::new(now, &mut context.rng()))
            .collect();
        ids.sort();
        ids
    }

    /// No alias may name two models, and no connection have a model twice.
    fn require_room(&self, there: &[Model]) -> Result<()> {
        if there.len() + self.entries.len() > MOST {
            let message = format!("are too many: a tenant has at most {MOST} registered models");
            return Err(Misfit::at("/models", message).into());
        }
        let mut taken: HashSet<&str> = there.iter().map(|model| model.alias.as_str()).collect();
        let mut known: HashMap<&str, &str> = there
            .iter()
            .filter(|model| model.connection == self.connection.id)
            .map(|model| (model.facts.invoke_id.as_str(), model.alias.as_str()))
            .collect();
        let mut misfits = Vec::new();
        for (n, entry) in self.entries.iter().enumerate() {
            let alias = entry.alias.as_str();
            if let Some(other) = known.insert(&entry.chosen.facts.invoke_id, alias) {
                misfits.push(Misfit::at(
                    format!("/models/{n}/model_id"),
                    format!("is {other} already, over this connection"),
                ));
            } else if !taken.insert(alias) {
                misfits.push(Misfit::at(format!("/models/{n}/alias"), entry.taken()));
            }
        }
        if misfits.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(misfits))
        }
    }
}

impl Entry {
    fn new(n: usize, chosen: Chosen, alias: Option<Alias>) -> Result<Self, Misfit> {
        let is_derived = alias.is_none();
        match alias.or_else(|| alias::derived(&chosen.label)) {
            Some(alias) => Ok(Self {
                chosen,
                alias,
                is_derived,
            }),
            None => Err(Misfit::needed(format!("/models/{n}/alias"))),
        }
    }

    fn taken(&self) -> String {
        if self.is_derived {
            let alias = &self.alias;
            format!("is needed: {alias}, which its id suggests, is the alias of another model")
        } else {
            "is the alias of another model".to_owned()
        }
    }
}

/// The connection of that id, or the default one.
async fn over(tx: &mut TenantTx, id: Option<ConnectionId>) -> Result<(Connection, Access)> {
    let id = match id {
        Some(id) => Some(id),
        None => connections::default(tx).await?,
    };
    let Some(id) = id else {
        return Err(Misfit::at(
            "/connection_id",
            "is needed: none of your connections is the default",
        )
        .into());
    };
    draft::find(tx, id).await
}

/// What can be invoked over a connection; none if AWS does not answer now or does not let us list, which says nothing
/// about a model.
async fn lists(
    context: &Context,
    tenant: TenantId,
    connection: &Connection,
    access: &Access,
) -> Result<Option<Arc<Catalogue>>> {
    let key = CatalogueKey {
        connection: connection.id,
        lease: lease_key(context, tenant, connection, access)?,
    };
    let listed = catalogue(context, key, false).await;
    match listed.map_err(|error| refused(&error, &connection.region)) {
        Ok(catalogue) => Ok(Some(catalogue)),
        Err(Error::AwsUnavailable(_)) => Ok(None),
        Err(Error::Unusable(unusable)) if unusable.reason == Code::MissingPermission.as_str() => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
