//! A conversation over the transport, as the service has it.

use std::time::Duration;

use bedrock::transport::{Answer, Operation, Request, Transport};
use bytes::Bytes;
use credential_provider::{Error, Lease, Result, Strategy};
use domain::AccessId;
use sandbox::{Fault, Harm, Refusal};

use crate::stage::{LITE, Stage, access};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const HELLO: &str = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#;

pub(crate) struct Talk {
    pub(crate) stage: Stage,
    pub(crate) transport: Transport,
    pub(crate) lease: Lease,
    /// How long an answer may take to begin.
    pub(crate) patience: Duration,
}

impl Talk {
    /// With the role as it should be.
    pub(crate) async fn new() -> Self {
        let stage = Stage::new().await;
        let lease = stage.role().lease(&stage.aws, &stage.region).await.unwrap();
        Self {
            transport: Transport::new(stage.aws.clone()),
            stage,
            lease,
            patience: PATIENCE,
        }
    }

    pub(crate) async fn ask(&self, operation: Operation) -> Result<Answer> {
        self.ask_for(access(), operation).await
    }

    pub(crate) async fn ask_for(&self, access: AccessId, operation: Operation) -> Result<Answer> {
        self.send(&self.lease, access, operation, LITE).await
    }

    pub(crate) async fn send(
        &self,
        lease: &Lease,
        access: AccessId,
        operation: Operation,
        model_id: &str,
    ) -> Result<Answer> {
        let request = Request {
            operation,
            model_id,
            body: &Bytes::from_static(HELLO.as_bytes()),
            headers: None,
            begin_within: self.patience,
        };
        let region = &self.stage.region;
        self.transport.send(access, lease, region, request).await
    }

    /// Why a conversation cannot be had.
    pub(crate) async fn refusal(&self) -> Error {
        self.ask(Operation::Converse).await.err().unwrap()
    }

    /// Lets an operation go wrong so many times.
    pub(crate) fn harm(&self, operation: &'static str, times: usize, harm: Harm) {
        let fault = Fault::always(harm).on(operation).times(times);
        self.stage.world().fault(fault);
    }

    /// How often a conversation was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.stage.world().count("Converse")
    }
}

pub(crate) fn throttling() -> Harm {
    let message = "Too many requests, please wait before trying again.";
    Harm::Refuse(Refusal::new(429, "ThrottlingException", message))
}

/// The kinds of a stream's events until it ends, and how it ends.
pub(crate) async fn kinds(answer: Answer) -> (Vec<String>, Result<()>) {
    let mut frames = answer.frames();
    let mut kinds = Vec::new();
    loop {
        match frames.next(PATIENCE).await {
            Ok(Some(event)) => kinds.push(event.kind().to_owned()),
            Ok(None) => return (kinds, Ok(())),
            Err(error) => return (kinds, Err(error)),
        }
    }
}
