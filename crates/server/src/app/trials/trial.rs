//! One run of the test over a draft or a kept access, with the rules about whose role it is and about refused passwords
//! around it.

use std::sync::Arc;

use bedrock::report::{self, Limits, Name, Report, Status, Step, Subject};
use credential_provider::{
    Error as AwsFailure, Occasion, Strategy,
    cognito::{MemoryTokens, TokenStore},
};
use domain::{AccountId, Region, TenantId};
use futures_util::future::BoxFuture;
use store::{accesses::Access, claims, connections::Connection};

use crate::{
    Context,
    app::{
        Error, Result,
        access::{self, Attempt, Bearings, Demand, Role, Way, Withheld},
        draft::Draft,
    },
    config::AwsConfig,
};

/// What is tried.
pub(in crate::app) struct Trial {
    pub(in crate::app) tenant: TenantId,
    pub(in crate::app) region: Region,
    pub(in crate::app) way: Way,
    pub(in crate::app) strategy: Arc<dyn Strategy>,
    /// The account that was reached before; another one fails the test.
    pub(in crate::app) account: Option<AccountId>,
    /// A model to invoke.
    pub(in crate::app) invoke: Option<String>,
    /// Whether somebody asked for it, who may have a refused password tried again.
    pub(in crate::app) is_attended: bool,
}

impl Trial {
    /// Over a draft; a user's tokens go to `tokens`. A connection's account is not another one's by an edit.
    ///
    /// # Errors
    /// [`Error::Starting`], [`Error::Store`].
    pub(in crate::app) async fn of_draft(
        context: &Context,
        draft: &Draft,
        tokens: Arc<dyn TokenStore>,
        invoke: Option<String>,
    ) -> Result<Self> {
        let bearings = draft.bearings(context);
        let strategy = match withheld(context, draft.tenant, &draft.way, &bearings).await? {
            Some(withheld) => withheld,
            None => draft.way.strategy(&bearings, || tokens),
        };
        Ok(Self {
            tenant: draft.tenant,
            region: draft.region.clone(),
            way: draft.way.clone(),
            strategy,
            account: draft.account(),
            invoke,
            is_attended: true,
        })
    }

    /// Over a kept access.
    ///
    /// # Errors
    /// [`Error::Starting`], [`Error::Store`].
    pub(in crate::app) async fn of_kept(
        context: &Context,
        tenant: TenantId,
        connection: &Connection,
        access: &Access,
        way: Way,
        invoke: Option<String>,
    ) -> Result<Self> {
        let bearings = Bearings::of(context, tenant, access.id);
        let is_refused = match &way {
            Way::User(user) => access::is_password_refused(context, tenant, user).await?,
            Way::Role(_) | Way::Key(_) => false,
        };
        let strategy = match withheld(context, tenant, &way, &bearings).await? {
            Some(withheld) => withheld,
            // A kept refresh token would pass, and clear what the password was refused for.
            None if is_refused => way.strategy(&bearings, || Arc::new(MemoryTokens::default())),
            None => access::strategy_of(context, &way, &bearings, access.revision),
        };
        Ok(Self {
            tenant,
            region: connection.region.clone(),
            way,
            strategy,
            account: access.account,
            invoke,
            is_attended: true,
        })
    }

    /// Over a kept access, when nobody asked for it: a refused password is not tried again.
    ///
    /// # Errors
    /// [`Error::Starting`], [`Error::Store`].
    pub(in crate::app) async fn unattended(
        context: &Context,
        tenant: TenantId,
        connection: &Connection,
        access: &Access,
        way: Way,
    ) -> Result<Self> {
        let trial = Self::of_kept(context, tenant, connection, access, way, None).await?;
        let strategy =
            access::remembering(context, tenant, &trial.way, trial.strategy, Occasion::Use)
                .ok_or(Error::Starting)?;
        Ok(Self {
            strategy,
            is_attended: false,
            ..trial
        })
    }

    /// Emulators that let any external ID pass look at tokens, or at no role at all.
    const fn is_by_token(&self) -> bool {
        matches!(
            self.way,
            Way::Role(Role {
                demand: Demand::Token,
                ..
            })
        )
    }

    /// Runs it. `on_step` is told each step as it ends.
    ///
    /// # Errors
    /// [`Error::LockedOut`] if the password rests, [`Error::Store`].
    pub(in crate::app) async fn run(
        &self,
        context: &Context,
        on_step: impl FnMut(&Step) + Send + Sync,
    ) -> Result<Report> {
        let attempt = match &self.way {
            Way::User(user) if self.is_attended => {
                Some(Attempt::begin(context, self.tenant, user).await?)
            }
            Way::User(_) | Way::Role(_) | Way::Key(_) => None,
        };
        let subject = Subject {
            aws: &context.aws.isolated(),
            region: &self.region,
            strategy: &*self.strategy,
            account: self.account,
            invoke: self.invoke.as_deref(),
            allow_unenforced: context.settings.aws.allows_unenforced_external_id
                && !self.is_by_token(),
            limits: Limits::default(),
        };
        // On the heap: futures that hold it stay small.
        let run: BoxFuture<'_, Report> = Box::pin(report::run(&subject, on_step));
        let report = run.await;
        if let Some(attempt) = attempt {
            attempt.end(context, password_taken(&report)).await?;
        }
        Ok(report)
    }
}

/// What a role comes to that another tenant holds, for one that has not proven that it is its own.
async fn withheld(
    context: &Context,
    tenant: TenantId,
    way: &Way,
    bearings: &Bearings<'_>,
) -> Result<Option<Arc<dyn Strategy>>> {
    // One that demands a token proves itself or fails.
    let Way::Role(Role {
        role_arn,
        demand: Demand::ExternalId {
            value,
            is_generated,
        },
    }) = way
    else {
        return Ok(None);
    };
    let AwsConfig {
        principal_arn,
        allows_unenforced_external_id,
        ..
    } = &context.settings.aws;
    // The test itself fails then without the proof.
    if *is_generated && !allows_unenforced_external_id {
        return Ok(None);
    }
    let key = context.hash_key().ok_or(Error::Starting)?;
    let mut tx = context.store.read(tenant).await?;
    if claims::is_free(&mut tx, &access::role_hash(key, role_arn)).await? {
        return Ok(None);
    }
    Ok(Some(Arc::new(Withheld {
        role: access::assume_role(role_arn, value, bearings),
        is_provable: *is_generated,
        principal_arn: principal_arn.clone().unwrap_or_default(),
    })))
}

/// Whether AWS took the password; none if it never came to that.
fn password_taken(report: &Report) -> Option<bool> {
    match &report.failure {
        Some(AwsFailure::PasswordRefused(_)) => Some(false),
        _ => (status(report, Name::Credentials) == Some(Status::Passed)).then_some(true),
    }
}

/// How a step ended.
pub(in crate::app) fn status(report: &Report, name: Name) -> Option<Status> {
    let step = report.steps.iter().find(|step| step.name == name);
    step.map(|step| step.status)
}

/// Whether the role refused everything but its external ID.
pub(in crate::app) fn is_enforced(report: &Report) -> bool {
    status(report, Name::ExternalId) == Some(Status::Passed)
}
