//! A test of what is entered: nothing is saved.

use std::sync::Arc;

use credential_provider::cognito::MemoryTokens;
use domain::Permission;

use super::{Run, Trial, append_tried, runs};
use crate::{
    Context,
    app::{Caller, Entry, Error, Result, draft::Draft},
};

/// Tests what is entered.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::ConnectFirst`], [`Error::MethodUnavailable`],
/// [`Error::StartNewConnection`], [`Error::NotFound`], [`Error::TooManyTests`], [`Error::Store`].
pub async fn test_entry(
    context: &Context,
    caller: &Caller,
    entry: Entry,
    invoke: Option<String>,
) -> Result<Run> {
    let tenant = caller.scope.require(Permission::ManageConnections)?;
    let draft = Draft::complete(context, tenant, entry).await?;
    context
        .runs
        .entered
        .take(tenant)
        .map_err(Error::TooManyTests)?;
    let tokens = Arc::new(MemoryTokens::default());
    let trial = Trial::of_draft(context, &draft, tokens, invoke).await?;
    let (context, caller) = (context.clone(), caller.clone());
    Ok(runs::start(|noting| async move {
        let report = trial.run(&context, |step| noting.step(step)).await?;
        let mut tx = context.store.write(tenant).await?;
        append_tried(&context, &mut tx, &caller, &draft, &report).await?;
        context.commit(tx, &[]).await?;
        Ok(report)
    }))
}
