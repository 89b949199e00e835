//! Whether what is to be saved was tested, and what that showed.

use std::sync::Arc;

use bedrock::report::{Name, Report, Status};

use crate::Context;
use crate::app::{
    Error, Result,
    draft::Draft,
    trial::{self, Trial},
};
use credential_provider::cognito::{Kept, MemoryTokens, TokenStore};

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

impl Verification {
    /// Tests a draft, if it is to be tested. Returns what was found, and what a sign-in left.
    ///
    /// # Errors
    /// [`Error::TestFailed`], [`Error::WarningsNotAccepted`], [`Error::LockedOut`], [`Error::Invalid`] for what cannot
    /// work and would be saved untested; [`Error::Store`].
    pub(super) async fn of(
        &self,
        context: &Context,
        draft: &Draft,
    ) -> Result<Option<(Arc<Report>, Kept)>> {
        if self.verify == Verify::Skip {
            draft.require_fit(context)?;
            return Ok(None);
        }
        context
            .runs
            .entered
            .take(draft.tenant)
            .map_err(Error::TooManyTests)?;
        let tokens: Arc<MemoryTokens> = trial::tokens();
        let trial = Trial::of_draft(context, draft, tokens.clone(), None).await?;
        let trial = Trial {
            account: draft.over.as_ref().and_then(|(_, access)| access.account),
            ..trial
        };
        let report = Arc::new(trial.run(context, |_| {}).await?);
        self.require_passed(&report)?;
        let kept = tokens.load().await.unwrap_or_default();
        Ok(Some((report, kept)))
    }

    fn require_passed(&self, report: &Arc<Report>) -> Result<()> {
        if !report.ok {
            return Err(Error::TestFailed(Arc::clone(report)));
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
