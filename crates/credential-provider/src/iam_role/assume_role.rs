//! A role taken on by the service's own AWS identity, with an external ID.

use aws_sdk_sts::operation::RequestId;
use domain::{Method, Region};
use futures_util::future::BoxFuture;

use super::{
    Ceiling, ExternalId, RoleArn, SessionName,
    own_identity::{client, ours_or_theirs},
    session,
};
use crate::{Aws, Error, Lease, Proof, Result, Strategy, Unfit, from_sdk};

const OPERATION: &str = "AssumeRole";

/// A role that trusts our identity, if we come with its external ID.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The role.
    pub role_arn: RoleArn,
    /// What its trust policy demands.
    pub external_id: ExternalId,
    /// What CloudTrail will show.
    pub session_name: SessionName,
    /// Actions beyond the ceiling, for emulators.
    pub more_actions: Vec<String>,
}

impl AssumeRole {
    async fn assume(
        &self,
        aws: &Aws,
        region: &Region,
        external_id: Option<&ExternalId>,
    ) -> Result<Lease> {
        self.check(aws, region)?;
        let identity = aws.identity().ok_or(Error::NoIdentity)?;
        let answer = client(aws, identity, Aws::sts_region(region))
            .assume_role()
            .role_arn(self.role_arn.as_str())
            .role_session_name(self.session_name.as_str())
            .duration_seconds(session::SECONDS)
            .policy(Ceiling::of(region, &self.more_actions).as_str())
            .set_external_id(external_id.map(|id| id.as_str().to_owned()))
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

impl Strategy for AssumeRole {
    fn method(&self) -> Method {
        Method::IamRole
    }

    /// AssumeRole never crosses partitions, and the role's credentials are worth nothing in another one's regions.
    fn check(&self, aws: &Aws, region: &Region) -> Result<(), Unfit> {
        let role = self.role_arn.partition();
        let is_ours = aws
            .identity()
            .is_none_or(|identity| identity.partition == role);
        if is_ours && role == region.partition() {
            Ok(())
        } else {
            Err(Unfit::RoleOfAnotherPartition)
        }
    }

    fn lease<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        Box::pin(self.assume(aws, region, Some(&self.external_id)))
    }

    fn prove<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        Box::pin(async move {
            let random = ExternalId::generate(aws.entropy());
            let mut refused = Vec::new();
            for wrong in [None, Some(&random)] {
                match self.assume(aws, region, wrong).await {
                    Ok(_) => return Ok(Proof::NotEnforced),
                    Err(Error::Rejected(refusal)) if refusal.code == "AccessDenied" => {
                        refused.extend(refusal.request_id);
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(Proof::Enforced(refused))
        })
    }
}
