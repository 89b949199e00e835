//! What a refusal that stays is at doors whose clients go by the status alone.

use bedrock::diagnosis;

use crate::api::problem::{Code, Problem};

/// Why a model or its connection cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is no such model, or none any more.
    Gone,
    /// It cannot do what it was asked for.
    Unfit,
    /// The tenant's account may not use it.
    Denied,
}

impl Standing {
    /// What a problem says of a model or its connection, if it is about those.
    pub(super) fn of(problem: &Problem) -> Option<Self> {
        use diagnosis::Code::{
            ConverseUnsupported, ModelEndOfLife, ModelLegacy, ModelNotFound, OnDemandUnsupported,
            OperationUnsupported, StreamingUnsupported,
        };
        if !matches!(
            problem.code(),
            Code::ConnectionUnusable | Code::ModelUnusable
        ) {
            return None;
        }
        let mut codes = diagnosis::Code::ALL.iter();
        let found = codes.find(|code| problem.has_reason(code.as_str()));
        Some(match found {
            Some(ModelEndOfLife | ModelLegacy | ModelNotFound) => Self::Gone,
            Some(
                ConverseUnsupported | OnDemandUnsupported | OperationUnsupported
                | StreamingUnsupported,
            ) => Self::Unfit,
            None if problem.has_reason("model_unavailable") => Self::Gone,
            _ => Self::Denied,
        })
    }
}
