//! A role that another tenant holds: to this one it is a role that does not trust us.

use credential_provider::{
    Aws, AwsError, Error, Lease, Proof, Result, Strategy, Unfit, iam_role::AssumeRole,
};
use domain::{Method, Region};
use futures_util::future::BoxFuture;

/// Asks AWS for a role that nobody made, so that the refusal is AWS's own, in its words, with its request id and after
/// its time: what the right external ID would have opened, or whether the role demands one at all, is not told.
pub(crate) struct Withheld {
    /// The role.
    pub(crate) role: AssumeRole,
    /// Whether the role can prove to be this tenant's after all, by demanding the external ID that we made for it.
    pub(crate) is_provable: bool,
    /// As whom AWS knows us.
    pub(crate) principal_arn: String,
}

impl Withheld {
    async fn ask(&self, aws: &Aws, region: &Region) -> Result<Lease> {
        if self.is_provable && matches!(self.role.prove(aws, region).await?, Proof::Enforced(_)) {
            return self.role.lease(aws, region).await;
        }
        let nobodys = AssumeRole {
            role_arn: self.role.role_arn.nobodys(aws.entropy()),
            ..self.role.clone()
        };
        let (asked, meant) = (nobodys.role_arn.as_str(), self.role.role_arn.as_str());
        Err(match nobodys.lease(aws, region).await {
            Err(Error::Rejected(refusal)) => Error::Rejected(AwsError {
                message: refusal.message.replace(asked, meant),
                ..refusal
            }),
            Err(error) => error,
            // An emulator that checks nothing.
            Ok(lease) => Error::Rejected(self.refusal(lease.request_ids().first())),
        })
    }

    /// What AWS says.
    fn refusal(&self, request_id: Option<&String>) -> AwsError {
        let (principal, role) = (&self.principal_arn, &self.role.role_arn);
        AwsError::new(
            "AssumeRole",
            403,
            "AccessDenied",
            &format!(
                "User: {principal} is not authorized to perform: sts:AssumeRole on resource: {role}"
            ),
            request_id.map(String::as_str),
        )
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
        Box::pin(self.ask(aws, region))
    }

    fn prove<'a>(&'a self, aws: &'a Aws, region: &'a Region) -> BoxFuture<'a, Result<Proof>> {
        self.role.prove(aws, region)
    }
}
