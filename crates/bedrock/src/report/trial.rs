//! Asking one model for as little as possible.
//!
//! No API of AWS's tells which of its APIs a model supports. So a model that may converse is asked to, and one that
//! takes no conversation, or not this one, is asked once more in its family's own form.

use std::time::Duration;

use bytes::Bytes;
use credential_provider::{Aws, Error, Lease, Result};
use domain::Region;

use super::bodies;
use crate::{
    catalogue::{Capability, Catalogue, Model, Via},
    diagnosis::{Code, Context, diagnose},
    transport::{self, Operation, Request},
};

/// A model that is tried out.
pub(super) struct Trial {
    /// What is sent as its id.
    id: String,
    form: Form,
    /// What is tried if the model does not take that form.
    otherwise: Option<Form>,
    /// The inference profile by which it can be called, if one is known.
    pub profile: Option<String>,
    /// Whether there is any hope that its answers come in a stream.
    pub may_stream: bool,
}

/// With what a model is called.
pub(super) struct Call<'a> {
    pub aws: &'a Aws,
    pub lease: &'a Lease,
    pub region: &'a Region,
    /// The longest that any part of it may take.
    pub limit: Duration,
}

/// How an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Whole,
    Streamed,
}

/// A form in which a model can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Converse,
    /// The model's own body.
    Own(&'static str),
}

impl Trial {
    /// A trial of the model that customers call `id`. Where that is a model's own id, the best way to it is taken.
    pub(super) fn of(id: &str, catalogue: Option<&Catalogue>) -> Self {
        let named = catalogue.and_then(|catalogue| catalogue.find(id));
        let sent = match named {
            Some((model, None)) => model.invoke_id.as_deref().unwrap_or(id),
            _ => id,
        };
        let model = named.map(|(model, _)| model);
        // The ARN of a model that has no on-demand throughput is no way to it, but tells which one is meant.
        let model = model.or_else(|| {
            let (_, bare) = id.split_once(":foundation-model/")?;
            Some(catalogue?.find(bare)?.0)
        });
        let can = |any: &[Capability]| match model {
            Some(model) => model.capabilities.iter().any(|is| any.contains(is)),
            None => true,
        };
        let base = model.and_then(|model| model.base_model_id.as_deref());
        let own = bodies::own(base.unwrap_or(id)).map(Form::Own);
        let (form, otherwise) = match own {
            Some(own) if !can(&[Capability::Converse, Capability::Unknown]) => (own, None),
            own => (Form::Converse, own),
        };
        Self {
            id: sent.to_owned(),
            form,
            otherwise,
            profile: model.and_then(profile),
            may_stream: can(&[Capability::Stream, Capability::Unknown]),
        }
    }

    /// Asks it, and once more in another form if it does not take this one, which it is then not asked in again. AWS's id
    /// of the request.
    pub(super) async fn ask(&mut self, call: &Call<'_>, manner: Manner) -> Result<Option<String>> {
        let answer = self.form.ask(call, &self.id, manner).await;
        let other = match &answer {
            Err(error) if is_about_the_form(error) => self.otherwise.take(),
            _ => None,
        };
        let Some(other) = other else { return answer };
        self.form = other;
        other.ask(call, &self.id, manner).await
    }
}

impl Form {
    async fn ask(self, call: &Call<'_>, id: &str, manner: Manner) -> Result<Option<String>> {
        let (operation, body) = match (self, manner) {
            (Self::Converse, Manner::Whole) => (Operation::Converse, bodies::CONVERSE),
            (Self::Converse, Manner::Streamed) => (Operation::ConverseStream, bodies::CONVERSE),
            (Self::Own(body), Manner::Whole) => (Operation::InvokeModel, body),
            (Self::Own(body), Manner::Streamed) => (Operation::InvokeModelWithResponseStream, body),
        };
        let request = Request {
            operation,
            model_id: id,
            body: &Bytes::from_static(body.as_bytes()),
            headers: None,
            begin_within: call.limit,
        };
        let answer = transport::send(call.aws, call.lease, call.region, request).await?;
        let request_id = answer.request_id().map(str::to_owned);
        match manner {
            Manner::Whole => drop(answer.bytes(call.limit).await?),
            Manner::Streamed => {
                let nothing = answer.nonsense();
                let mut events = answer.frames();
                events.next(call.limit).await?.ok_or(nothing)?;
                // To the end, which is near: a model may fail after it has begun.
                while events.next(call.limit).await?.is_some() {}
            }
        }
        Ok(request_id)
    }
}

/// The inference profile by which a model is best called, if there is one.
fn profile(model: &Model) -> Option<String> {
    let mut ways = model.ways.iter();
    let way = ways.find(|way| way.via == Via::InferenceProfile)?;
    Some(way.id.clone())
}

/// Whether another form may be taken where this one was not.
fn is_about_the_form(error: &Error) -> bool {
    let code = diagnose(error, Context::default()).code;
    matches!(code, Code::ConverseUnsupported | Code::ModelRequestInvalid)
}
