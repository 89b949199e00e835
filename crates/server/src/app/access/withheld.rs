//! A role that another tenant holds: to this one it is a role that does not trust us.

use credential_provider::{
    Aws, AwsError, Error, Lease, Proof, Result, Strategy, Unfit,
    iam_role::{AssumeRole, ExternalId},
};
use domain::{Method, Region};
use futures_util::future::BoxFuture;

/// Asks AWS with an external ID that nobody has, so that the refusal is AWS's own, in its words, with its request id and
/// after its time: what the right external ID would have opened is not told.
pub(crate) struct Withheld {
    role: AssumeRole,
    principal_arn: String,
}

impl Withheld {
    /// The role, withheld.
    pub(crate) const fn new(role: AssumeRole, principal_arn: String) -> Self {
        Self {
            role,
            principal_arn,
        }
    }

    /// What AWS says, for roles that let anybody in.
    fn refusal(&self) -> Error {
        let (principal, role) = (&self.principal_arn, &self.role.role_arn);
        Error::Rejected(AwsError::new(
            "AssumeRole",
            403,
            "AccessDenied",
            &format!(
                "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role}"
            ),
            None,
        ))
    }
}

impl Strategy for Withheld {
    fn method(&self) -> Method {
        self.role.method()
    }

    fn check(&self, aws: &Aws, region: &Region) -> Result<(), Unfit> {
        self.role.check(aws, region)
    }

    fn lease<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Lease>> {
        Box::pin(async move {
            let stranger = AssumeRole {
                external_id: ExternalId::generate(aws.entropy()),
                ..self.role.clone()
            };
            match stranger.lease(aws, region).await {
                Ok(_) => Err(self.refusal()),
                Err(error) => Err(error),
            }
        })
    }

    fn prove<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        self.role.prove(aws, region)
    }
}
