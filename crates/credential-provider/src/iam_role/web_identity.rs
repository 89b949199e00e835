//! A role taken on with a token of our own OIDC issuer. It needs no AWS identity of ours, so it works across partitions.

use std::{fmt, sync::Arc};

use aws_sdk_sts::{Client, operation::RequestId};
use domain::{AccessId, Method, Region, TenantId};
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use super::{Ceiling, RoleArn, SessionName, session};
use crate::{Aws, Error, Lease, Proof, Result, Service, Strategy, Unfit, from_sdk, sdk_config};

const OPERATION: &str = "AssumeRoleWithWebIdentity";

/// Whom a token speaks for: the customer's trust policy demands it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The tenant, whose issuer signs.
    pub tenant: TenantId,
    /// The access.
    pub access: AccessId,
}

impl fmt::Display for Subject {
    /// As tokens and trust policies spell it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tenant, self.access)
    }
}

/// The issuer's signature.
pub trait TokenSigner: Send + Sync {
    /// A token of minutes for that subject.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if none can be signed now.
    fn sign(&self, subject: Subject) -> BoxFuture<'_, Result<Zeroizing<String>>>;
}

/// A role that trusts our issuer, for one subject.
#[derive(Clone)]
pub struct WebIdentity {
    /// The role.
    pub role_arn: RoleArn,
    /// Whom its trust policy names.
    pub subject: Subject,
    /// Who signs.
    pub tokens: Arc<dyn TokenSigner>,
    /// What CloudTrail will show.
    pub session_name: SessionName,
    /// Actions beyond the ceiling, for emulators.
    pub more_actions: Vec<String>,
}

impl WebIdentity {
    async fn assume(&self, aws: &Aws, region: &Region, subject: Subject) -> Result<Lease> {
        self.check(aws, region)?;
        let token = self.tokens.sign(subject).await?;
        // Unsigned: the token is the only thing that speaks.
        let config = sdk_config!(aws_sdk_sts, aws, Service::Sts, Aws::sts_region(region)).build();
        let answer = Client::from_conf(config)
            .assume_role_with_web_identity()
            .role_arn(self.role_arn.as_str())
            .role_session_name(self.session_name.as_str())
            .web_identity_token(token.as_str())
            .duration_seconds(session::SECONDS)
            .policy(Ceiling::of(region, &self.more_actions).as_str())
            .send()
            .await
            .map_err(|error| ours_or_theirs(from_sdk(OPERATION, aws.call_limit(), &error)))?;
        session::lease(
            OPERATION,
            answer.credentials(),
            answer.assumed_role_user(),
            answer.request_id(),
        )
    }
}

impl Strategy for WebIdentity {
    fn method(&self) -> Method {
        Method::IamRole
    }

    fn check(&self, _: &Aws, region: &Region) -> Result<(), Unfit> {
        if self.role_arn.partition() == region.partition() {
            Ok(())
        } else {
            Err(Unfit::RoleOfAnotherPartition)
        }
    }

    fn lease<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        Box::pin(self.assume(aws, region, self.subject))
    }

    /// Another subject of the same issuer must be refused: a trust policy that does not look at it lets every access in.
    fn prove<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        Box::pin(async move {
            let other = Subject {
                access: AccessId::new(aws.clock().now(), &mut aws.entropy().rng()),
                ..self.subject
            };
            match self.assume(aws, region, other).await {
                Ok(_) => Ok(Proof::NotEnforced),
                Err(Error::Rejected(refusal)) if refusal.code == "AccessDenied" => {
                    Ok(Proof::Enforced(refusal.request_id.into_iter().collect()))
                }
                Err(error) => Err(error),
            }
        })
    }
}

impl fmt::Debug for WebIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebIdentity")
            .field("role_arn", &self.role_arn)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// That AWS does not reach our issuer is an outage of ours, and no refusal of the customer's.
fn ours_or_theirs(error: Error) -> Error {
    match error {
        Error::Rejected(refusal)
            if refusal.code == "InvalidIdentityToken"
                && refusal
                    .message
                    .starts_with("Couldn't retrieve verification key") =>
        {
            Error::Faulty(refusal)
        }
        error => error,
    }
}
