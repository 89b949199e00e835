//! The report while it is being made: each step is told as it ends.

use std::time::Duration;

use super::{Name, Report, Status, Step};
use crate::diagnosis::{Code, Context, Diagnosis};

/// A report in the making.
pub(super) struct Course<F> {
    /// What is known so far; nothing of it is hidden any more.
    pub report: Report,
    on_step: F,
}

impl<F: FnMut(&Step)> Course<F> {
    pub(super) fn new(on_step: F) -> Self {
        Self {
            report: Report {
                ok: true,
                steps: Vec::with_capacity(Name::ALL.len()),
                account_id: None,
                identity_arn: None,
                models: None,
                catalogue: None,
                failure: None,
                request_ids: Vec::new(),
                expires_at: None,
            },
            on_step,
        }
    }

    /// The steps that are still to come.
    pub(super) fn ahead(&self) -> impl Iterator<Item = Name> + use<F> {
        Name::ALL.into_iter().skip(self.report.steps.len())
    }

    pub(super) fn pass(&mut self, name: Name, took: Duration) {
        self.tell(name, Status::Passed, took, None);
    }

    pub(super) fn warn(&mut self, name: Name, took: Duration, diagnosis: Diagnosis) {
        self.tell(name, Status::Warning, took, Some(diagnosis));
    }

    pub(super) fn fail(&mut self, name: Name, took: Duration, diagnosis: Diagnosis) {
        self.report.ok = false;
        self.tell(name, Status::Failed, took, Some(diagnosis));
    }

    pub(super) fn skip(&mut self, name: Name, why: Code) {
        let diagnosis = Diagnosis::of(why, Context::default());
        self.tell(name, Status::Skipped, Duration::ZERO, Some(diagnosis));
    }

    fn tell(&mut self, name: Name, status: Status, took: Duration, diagnosis: Option<Diagnosis>) {
        let refusal = diagnosis.as_ref().and_then(|it| it.aws.as_ref());
        let request_id = refusal.and_then(|aws| aws.request_id.clone());
        self.report.request_ids.extend(request_id);
        let step = Step {
            name,
            status,
            latency_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            diagnosis,
        };
        (self.on_step)(&step);
        self.report.steps.push(step);
    }
}
