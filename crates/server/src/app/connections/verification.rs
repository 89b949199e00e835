//! Whether what is to be saved was tested, and what that showed.

use std::sync::Arc;

use bedrock::report::{Name, Report, Status};
use credential_provider::cognito::{Kept, MemoryTokens, TokenStore};
use domain::Region;

use crate::{
    Context,
    app::{
        Caller, Error, Result,
        draft::Draft,
        trials::{self, Trial},
    },
};

/// Whether to test before saving.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verify {
    /// Save what passed a test.
    #[default]
    Require,
    /// Save untested.
    Skip,
}

/// How a save is to be tested.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// Whether.
    pub verify: Verify,
    /// Warnings that the caller knows of, by the code that the report gives.
    pub accept_warnings: Vec<String>,
}

/// A test that passed.
pub(super) struct Tested {
    /// What it found.
    pub(super) report: Arc<Report>,
    /// What its sign-in left.
    pub(super) kept: Kept,
}

impl Verification {
    /// Tests a draft, if it is to be tested, in its own region and in `others`. What did not pass is audited, since
    /// nothing else will tell of it.
    ///
    /// # Errors
    /// [`Error::TestFailed`], [`Error::WarningsNotAccepted`], [`Error::TooManyTests`], [`Error::LockedOut`];
    /// [`Error::Invalid`] and [`Error::Unusable`] for what cannot work and would be saved untested; [`Error::Store`].
    pub(super) async fn of(
        &self,
        context: &Context,
        caller: &Caller,
        draft: &Draft,
        others: &[Region],
    ) -> Result<Option<Tested>> {
        let mut drafts = vec![draft.clone()];
        for region in others {
            drafts.push(draft.in_region(region)?);
        }
        if self.verify == Verify::Skip {
            for draft in &drafts {
                draft.require_fit(context)?;
            }
            return Ok(None);
        }
        context
            .runs
            .entered
            .take(draft.tenant)
            .map_err(Error::TooManyTests)?;
        // One sign-in does for all regions.
        let tokens = Arc::new(MemoryTokens::default());
        let mut reports = Vec::with_capacity(drafts.len());
        for draft in &drafts {
            let report = run(context, draft, &tokens).await?;
            if let Err(error) = self.require_passed(draft, &report) {
                note(context, caller, draft, &report).await?;
                return Err(error);
            }
            reports.push(report);
        }
        Ok(Some(Tested {
            report: reports.swap_remove(0),
            kept: tokens.load().await.unwrap_or_default(),
        }))
    }

    fn require_passed(&self, draft: &Draft, report: &Arc<Report>) -> Result<()> {
        if !report.ok {
            return Err(Error::TestFailed(draft.region.clone(), Arc::clone(report)));
        }
        // Other warnings are of what is nice to have; this one is of who else can use the role.
        let warned = report
            .steps
            .iter()
            .filter(|step| step.name == Name::ExternalId && step.status == Status::Warning)
            .filter_map(|step| step.diagnosis.as_ref());
        for diagnosis in warned {
            let code = diagnosis.code.as_str();
            if !self.accept_warnings.iter().any(|accepted| accepted == code) {
                return Err(Error::WarningsNotAccepted(Arc::clone(report)));
            }
        }
        Ok(())
    }
}

/// In a task of its own: a caller who goes away leaves no sign-in half way.
async fn run(context: &Context, draft: &Draft, tokens: &Arc<MemoryTokens>) -> Result<Arc<Report>> {
    let tokens: Arc<dyn TokenStore> = Arc::clone(tokens) as _;
    let trial = Trial::of_draft(context, draft, tokens, None).await?;
    let context = context.clone();
    let mut run = trials::start(|_| async move { trial.run(&context, |_| {}).await });
    run.report().await
}

async fn note(context: &Context, caller: &Caller, draft: &Draft, report: &Report) -> Result<()> {
    let mut tx = context.store.write(draft.tenant).await?;
    trials::append_tried(context, &mut tx, caller, draft, report).await?;
    Ok(context.commit(tx, &[]).await?)
}
