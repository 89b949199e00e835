//! The walk through the steps.

use std::{future::Future, time::Duration};

use credential_provider::{Error, Lease, Proof, Result};
use domain::Method;
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Limits, Name, Report, Step, Subject,
    caller::{self, Caller},
    course::Course,
    flaw::Flaw,
    trial::{Call, Manner, Trial},
};
use crate::{
    catalogue::{List, Survey},
    diagnosis::{Code, Context, diagnose},
};

/// A test that is under way.
pub(super) struct Walk<'a, F> {
    subject: Subject<'a>,
    /// When all steps must have ended that invoke no model.
    end: Instant,
    /// Whether STS knew the credentials.
    is_identified: bool,
    course: Course<F>,
}

impl<'a, F: FnMut(&Step)> Walk<'a, F> {
    pub(super) fn new(subject: Subject<'a>, on_step: F) -> Self {
        Self {
            end: Instant::now() + subject.limits.steps,
            subject,
            is_identified: false,
            course: Course::new(on_step),
        }
    }

    pub(super) async fn finished(mut self) -> Report {
        // The steps tell where it stopped, and why.
        let _ = self.through().await;
        for name in self.course.ahead() {
            let why = self.needless(name).unwrap_or(Code::EarlierStepFailed);
            self.course.skip(name, why);
        }
        self.course.report
    }

    /// Step by step; none as soon as one has failed without which the next make no sense.
    async fn through(&mut self) -> Option<()> {
        self.fields()?;
        let lease = self.credentials().await?;
        self.external_id().await?;
        self.identity(&lease).await?;
        self.lists(&lease).await;
        self.invoke(&lease).await;
        Some(())
    }

    fn fields(&mut self) -> Option<()> {
        let Subject { aws, region, .. } = self.subject;
        let began = Instant::now();
        let checked = self.subject.strategy.check(aws, region);
        let checked = checked.map_err(Error::from).map_err(Flaw::from);
        self.end(Name::Fields, began.elapsed(), checked)
    }

    async fn credentials(&mut self) -> Option<Lease> {
        let Subject { aws, region, .. } = self.subject;
        let began = Instant::now();
        let lease = self.subject.strategy.lease(aws, region);
        let lease = self.in_time("the request for credentials", lease).await;
        let report = &mut self.course.report;
        match &lease {
            Ok(lease) => {
                report.expires_at = lease.expires_at();
                report.request_ids.extend_from_slice(lease.request_ids());
            }
            Err(error) => report.failure = Some(error.clone()),
        }
        self.end(
            Name::Credentials,
            began.elapsed(),
            lease.map_err(Flaw::from),
        )
    }

    /// Before this has passed, nothing of the account may be told.
    async fn external_id(&mut self) -> Option<()> {
        let name = Name::ExternalId;
        if let Some(why) = self.needless(name) {
            self.course.skip(name, why);
            return Some(());
        }
        let Subject { aws, region, .. } = self.subject;
        let began = Instant::now();
        let proof = self.subject.strategy.prove(aws, region);
        let proof = self.in_time("the proof of trust", proof).await;
        let took = began.elapsed();
        let proved = match proof {
            Ok(Proof::Enforced(refused)) => {
                self.course.report.request_ids.extend(refused);
                Ok(())
            }
            Ok(Proof::NotNeeded) => Ok(()),
            Ok(Proof::NotEnforced) if self.subject.allow_unenforced => {
                self.warn(name, took, &Flaw::Found(Code::ExternalIdNotEnforced));
                return Some(());
            }
            Ok(Proof::NotEnforced) => Err(Flaw::Found(Code::ExternalIdNotEnforced)),
            Err(error) => Err(Flaw::Unproved(error)),
        };
        self.end(name, took, proved)
    }

    async fn identity(&mut self, lease: &Lease) -> Option<()> {
        let name = Name::Identity;
        let began = Instant::now();
        let Subject { aws, region, .. } = self.subject;
        let caller = Caller::of(aws, lease, region);
        let caller = self.in_time(caller::OPERATION, caller).await;
        let caller = caller
            .map_err(Flaw::from)
            .and_then(|caller| self.as_before(caller));
        let caller = match (caller, self.needless(name)) {
            (Ok(caller), Some(why)) => {
                self.course.skip(name, why);
                caller
            }
            (caller, _) => {
                let caller = self.end(name, began.elapsed(), caller)?;
                self.is_identified = true;
                caller
            }
        };
        let report = &mut self.course.report;
        report.account_id = caller.account;
        report.identity_arn = caller.arn;
        report.request_ids.extend(caller.request_id);
        Some(())
    }

    async fn lists(&mut self, lease: &Lease) {
        let Subject { aws, region, .. } = self.subject;
        let left = self.end.saturating_duration_since(Instant::now());
        let survey = Survey::make(aws, lease, region, left).await;
        let catalogue = survey.catalogue().ok();

        let count = catalogue.as_ref().map(|catalogue| catalogue.models.len());
        let count = count.unwrap_or_default();
        let listed = match survey.error(List::FoundationModels) {
            Some(error) => Err(Flaw::Error(error.clone())),
            None => {
                self.course.report.models = Some(count);
                if count == 0 {
                    Err(Flaw::Found(Code::NoModelsFound))
                } else {
                    Ok(())
                }
            }
        };
        self.course.report.catalogue = catalogue;
        self.end(
            Name::ListModels,
            survey.took(List::FoundationModels),
            listed,
        );

        for (name, lists) in [
            (Name::ListCustomModels, &[List::CustomModels][..]),
            (
                Name::ListInferenceProfiles,
                &[List::SystemProfiles, List::ApplicationProfiles],
            ),
        ] {
            let took = lists.iter().map(|list| survey.took(*list));
            let took = took.max().unwrap_or_default();
            match lists.iter().find_map(|list| survey.error(*list)) {
                Some(error) => self.warn(name, took, &Flaw::Error(error.clone())),
                None => self.course.pass(name, took),
            }
        }
    }

    async fn invoke(&mut self, lease: &Lease) {
        let Some(model) = self.subject.invoke else {
            return;
        };
        let mut trial = Trial::of(model, self.course.report.catalogue.as_ref());
        self.ask(Name::Invoke, Manner::Whole, &mut trial, lease)
            .await;
        if trial.may_stream {
            self.ask(Name::InvokeStream, Manner::Streamed, &mut trial, lease)
                .await;
        } else {
            self.course.skip(Name::InvokeStream, Code::NotApplicable);
        }
    }

    async fn ask(&mut self, name: Name, manner: Manner, trial: &mut Trial, lease: &Lease) {
        let Subject {
            aws,
            region,
            limits: Limits { invoke: limit, .. },
            ..
        } = self.subject;
        let began = Instant::now();
        let call = Call {
            aws,
            lease,
            region,
            limit,
        };
        let answer = trial.ask(&call, manner);
        let answer = timeout(limit, answer).await.unwrap_or_else(|_| {
            let operation = "the request to the model";
            Err(Error::TimedOut { operation, limit })
        });
        let context = Context {
            model: self.subject.invoke,
            profile: trial.profile.as_deref(),
            ..self.context()
        };
        match answer.map_err(|error| diagnose(&error, context)) {
            Err(diagnosis) if diagnosis.code == Code::StreamingUnsupported => {
                self.course.skip(name, Code::NotApplicable);
            }
            Err(diagnosis) => self.course.fail(name, began.elapsed(), diagnosis),
            Ok(request_id) => {
                self.course.report.request_ids.extend(request_id);
                self.course.pass(name, began.elapsed());
            }
        }
    }

    /// The caller, unless the account is another one than before.
    fn as_before(&self, caller: Caller) -> Result<Caller, Flaw> {
        match (self.subject.account, caller.account) {
            (Some(before), Some(now)) if before != now => Err(Flaw::Found(Code::AccountChanged)),
            _ => Ok(caller),
        }
    }

    /// Why a step is not to be taken, whatever the others show.
    fn needless(&self, name: Name) -> Option<Code> {
        let method = self.subject.strategy.method();
        match name {
            Name::ExternalId if method != Method::IamRole => Some(Code::NotApplicable),
            Name::Identity if method == Method::ApiKey => Some(Code::NotApplicable),
            Name::Invoke | Name::InvokeStream if self.subject.invoke.is_none() => {
                Some(Code::NotRequested)
            }
            _ => None,
        }
    }

    /// What a call comes to, if it does so before the time is up.
    async fn in_time<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let limit = self.subject.limits.steps;
        timeout_at(self.end, call)
            .await
            .unwrap_or(Err(Error::TimedOut { operation, limit }))
    }

    /// Ends a step that passes or fails.
    fn end<T>(&mut self, name: Name, took: Duration, result: Result<T, Flaw>) -> Option<T> {
        match result {
            Ok(value) => {
                self.course.pass(name, took);
                Some(value)
            }
            Err(flaw) => {
                self.course.fail(name, took, flaw.diagnosis(self.context()));
                None
            }
        }
    }

    fn warn(&mut self, name: Name, took: Duration, flaw: &Flaw) {
        self.course.warn(name, took, flaw.diagnosis(self.context()));
    }

    fn context(&self) -> Context<'a> {
        Context {
            region: Some(self.subject.region),
            identity_confirmed: self.is_identified,
            ..Context::default()
        }
    }
}
