//! A request, sent once.

use credential_provider::{Aws, Error, Identity, Lease};
use domain::Region;
use time::OffsetDateTime;

use super::{
    Answer, Request,
    connections::{Bears, Connections, Failure},
    refusal::Refusal,
    request,
};

/// What is asked, by whom, and over which connections.
pub(super) struct Call<'a> {
    pub(super) aws: &'a Aws,
    pub(super) connections: &'a Connections,
    pub(super) lease: &'a Lease,
    pub(super) region: &'a Region,
    pub(super) request: &'a Request<'a>,
}

/// Why there is no answer.
pub(super) enum Failed {
    /// AWS refused.
    Refused(Refusal),
    /// Nothing was sent, or nothing was done about it.
    Unsent(Error),
    /// It cannot be sent, or was and then the connection broke.
    Lost(Error),
}

impl Call<'_> {
    /// Whether it matters what time it is.
    pub(super) fn is_signed(&self) -> bool {
        matches!(self.lease.identity(), Identity::Credentials(_))
    }

    /// Asks, signed at that time, and comes back when the answer begins.
    pub(super) async fn attempt(&self, at: OffsetDateTime) -> Result<Answer, Failed> {
        let operation = self.request.operation.name();
        let unreachable = || Error::Unreachable { operation };
        let signed = request::signed(self.aws, self.lease, self.region, self.request, at)
            .map_err(Failed::Lost)?;
        let place = request::place(self.aws, &signed).ok_or_else(|| Failed::Lost(unreachable()))?;
        let bears = match self.request.operation.streams() {
            true => Bears::Events,
            false => Bears::Whole,
        };
        let response = self.connections.send(&place, signed, bears).await;
        let response = response.map_err(|failure| match failure {
            Failure::Unsent => Failed::Unsent(unreachable()),
            Failure::Broken => Failed::Lost(unreachable()),
        })?;
        let answer = Answer::new(operation, response);
        if answer.is_refusal() {
            Err(Failed::Refused(Box::pin(answer.refusal()).await))
        } else {
            Ok(answer)
        }
    }
}

impl Failed {
    /// When AWS refused it for good, by AWS's own clock: what has no code is not AWS's.
    pub(super) fn date_of_rejection(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Refused(refusal) => match &refusal.error {
                Error::Rejected(aws) if !aws.code.is_empty() => refusal.date,
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether sending it again may help, and does no harm.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_passing(),
            Self::Unsent(_) => true,
            Self::Lost(_) => false,
        }
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Refused(Refusal { error, .. }) | Self::Unsent(error) | Self::Lost(error) => error,
        }
    }
}
