//! What to set up in AWS for a connection.

use bedrock::catalogue::{self, Catalogue, InvokeId, Via};
use credential_provider::iam_role::Subject;
use domain::{ConnectionId, Federation, Invalid, Method, Partition, Permission, Region, TenantId};
use setup::{Kit, Model, Oidc, Place, Standing, Way};
use store::{
    accesses::{Access, Fields},
    connections::Connection,
};

use super::{Caller, Error, Misfit, Result, draft, integrations::Availability, invocable};
use crate::{Context, issuer::AUDIENCE};

/// The models that a customer wants to allow alone, and where in the request they are.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// Ids or ARNs; none for all models.
    pub ids: &'a [String],
    /// A JSON pointer.
    pub pointer: &'static str,
}

/// What to set up in AWS for a connection, so that the chosen models can be invoked and no other.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::MethodUnavailable`], [`Error::Invalid`], [`Error::Store`].
pub async fn read(
    context: &Context,
    caller: &Caller,
    id: ConnectionId,
    choice: Choice<'_>,
) -> Result<Kit> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    let mut tx = context.store.read(tenant).await?;
    let (connection, access) = draft::find(&mut tx, id).await?;
    drop(tx);
    let catalogue = match choice.ids {
        [] => None,
        // Where it can be had: a profile's id alone does not tell where it sends calls.
        _ => invocable::of_connection(context, tenant, id, false)
            .await
            .ok(),
    };
    let models = models(&connection.region, catalogue.as_deref(), choice)?;
    kit(context, tenant, (&connection, &access), &models)
}

/// What must be allowed for the chosen models.
pub(super) fn models(
    region: &Region,
    catalogue: Option<&Catalogue>,
    choice: Choice<'_>,
) -> Result<Vec<Model>> {
    let model = |id: &String| {
        let listed = catalogue.and_then(|catalogue| catalogue.find(id));
        if let Some(model) = listed.and_then(|(model, way)| listed_model(region, model, way)) {
            return Ok(model);
        }
        let id = InvokeId::parse(id, region)?;
        Model::named(region, id.as_str())
    };
    let models: Result<Vec<Model>, Invalid> = choice.ids.iter().map(model).collect();
    let models = models.map_err(|invalid| Misfit::at(choice.pointer, invalid.0))?;
    if !setup::fit_one_policy(&models) {
        let too_many = "are more than one IAM policy can name: choose fewer";
        return Err(Misfit::at(choice.pointer, too_many).into());
    }
    Ok(models)
}

/// A model that AWS lists, by the way that is meant, or else by the best.
fn listed_model(
    region: &Region,
    model: &catalogue::Model,
    way: Option<&catalogue::Way>,
) -> Option<Model> {
    let way = way.or(model.ways.first())?;
    let arn = way.arn.as_deref()?;
    Some(match way.via {
        Via::InferenceProfile => Model::through_profile(
            region,
            arn,
            model.base_model_id.as_deref()?,
            &way.destinations,
        ),
        Via::OnDemand | Via::Import | Via::Deployment | Via::ProvisionedThroughput => {
            Model::by_arn(arn)
        }
    })
}

/// Refuses a method by which the region cannot be reached from here.
pub(super) fn check(
    context: &Context,
    method: Method,
    federation: Option<Federation>,
    region: &Region,
) -> Result<()> {
    if let Some(why) = Availability::here(context).why_not(method, federation) {
        return Err(Error::MethodUnavailable(why));
    }
    let is_assumed = method == Method::IamRole && federation != Some(Federation::Oidc);
    if is_assumed && !is_in_our_partition(context, region) {
        return Err(Error::MethodUnavailable(
            "A role cannot be taken on from another partition of AWS, such as GovCloud or China: use oidc, a Bedrock API key or Cognito there.",
        ));
    }
    Ok(())
}

/// Whether the service's own identity is in the region's partition.
fn is_in_our_partition(context: &Context, region: &Region) -> bool {
    let principal = context.settings.aws.principal_arn.as_deref();
    let partition = principal.and_then(|arn| arn.split(':').nth(1));
    partition.is_none_or(|name| Partition::named(name) == Some(region.partition()))
}

/// The kit of a connection.
pub(super) fn kit(
    context: &Context,
    tenant: TenantId,
    (connection, access): (&Connection, &Access),
    models: &[Model],
) -> Result<Kit> {
    let (method, federation) = (access.fields.method(), access.fields.federation());
    check(context, method, federation, &connection.region)?;
    let issuer = context.issuer.of(tenant);
    let subject = Subject {
        tenant,
        access: access.id,
    };
    let subject = subject.to_string();
    let settings = &context.settings.aws;
    let way = match &access.fields {
        Fields::IamRole {
            federation: Federation::Oidc,
            ..
        } => Way::Oidc(Oidc {
            issuer: issuer.as_deref().ok_or(Error::NotFound)?,
            audience: AUDIENCE,
            subject: &subject,
        }),
        Fields::IamRole { external_id, .. } => {
            let principal = settings.principal_arn.as_deref();
            let (principal_arn, external_id) =
                principal.zip(external_id.as_ref()).ok_or(Error::NotFound)?;
            Way::AssumeRole {
                principal_arn,
                external_id: &external_id.value,
            }
        }
        Fields::ApiKey => Way::ApiKey,
        Fields::Cognito(fields) => Way::Cognito {
            identity_pool_id: fields.identity_pool_id.as_deref(),
        },
    };
    let role_name = match &access.fields {
        // Its path stands before it.
        Fields::IamRole { role_arn, .. } => {
            role_arn.as_deref().and_then(|arn| arn.rsplit('/').next())
        }
        Fields::ApiKey | Fields::Cognito(_) => None,
    };
    // An access begins with its first connection, which sets it up for all that come after, and may be gone by then.
    let is_shared = connection.created_at > access.created_at;
    Ok(Kit::of(&Place {
        region: &connection.region,
        way,
        access: access.id,
        standing: if is_shared {
            Standing::Shared { role_name }
        } else {
            Standing::New
        },
        account_id: access.account,
        models,
        names: &settings.setup.names,
        template_url: settings.setup.template_url.as_ref(),
    }))
}
