//! Who signs: a user, an assumed role, a federated identity, and what its policies let it do.

use domain::AccountId;
use time::OffsetDateTime;

use crate::{
    Refusal,
    policy::{Asked, Context, Decision, Policy},
};

/// A key that requests are signed with.
#[derive(Clone)]
pub struct AccessKey {
    /// The secret.
    pub secret: String,
    /// The session token that must come along, for temporary credentials.
    pub session_token: Option<String>,
    /// When it ends.
    pub expires_at: Option<OffsetDateTime>,
}

/// Who a key belongs to.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// The ARN, as GetCallerIdentity tells it.
    pub arn: String,
    /// AWS's unique id of it.
    pub user_id: String,
    /// The ARN of the role that it took on; none for a user.
    pub role_arn: Option<String>,
    /// The policies attached to it. Those of a role are looked up anew whenever its session is used.
    pub policies: Vec<Policy>,
    /// The policy that its session was given, which can only take away.
    pub session_policy: Option<Policy>,
}

/// Why a principal may not do something, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lack {
    /// A policy of this kind forbids it.
    #[error("with an explicit deny in {0} policy")]
    Denied(&'static str),
    /// No policy of this kind allows this action.
    #[error("because no {0} policy allows the {1} action")]
    Missing(&'static str, String),
}

impl Principal {
    /// Lets it do `action` to `resource`, or refuses as most services do.
    ///
    /// # Errors
    /// AWS's AccessDeniedException, which names the caller, the action, the resource and the kind of policy.
    pub(crate) fn require(
        &self,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> Result<(), Refusal> {
        self.allows(action, resource, context).map_err(|lack| {
            let arn = &self.arn;
            let message = format!(
                "User: {arn} is not authorized to perform: {action} on resource: {resource} {lack}"
            );
            Refusal::new(403, "AccessDeniedException", message)
        })
    }

    /// Whether its policies let it do `action` to `resource`.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn allows(
        &self,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> Result<(), Lack> {
        let asked = Asked {
            action,
            resource,
            context,
        };
        let attached: Vec<_> = self
            .policies
            .iter()
            .map(|policy| policy.decide(&asked))
            .collect();
        let session = self
            .session_policy
            .as_ref()
            .map(|policy| policy.decide(&asked));
        if attached.contains(&Decision::Denied) {
            Err(Lack::Denied("an identity-based"))
        } else if session == Some(Decision::Denied) {
            Err(Lack::Denied("a session"))
        } else if !attached.contains(&Decision::Allowed) {
            Err(Lack::Missing("identity-based", action.to_owned()))
        } else if session == Some(Decision::Silent) {
            Err(Lack::Missing("session", action.to_owned()))
        } else {
            Ok(())
        }
    }
}
