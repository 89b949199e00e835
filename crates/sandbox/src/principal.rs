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

impl Principal {
    /// Lets it do `action` to `resource`, or refuses as most services do.
    ///
    /// # Errors
    /// AWS's AccessDeniedException, which names the caller, the action, the resource and the kind of policy.
    pub fn require(&self, action: &str, resource: &str, context: &Context) -> Result<(), Refusal> {
        self.allows(action, resource, context).map_err(|reason| {
            let message = format!(
                "User: {} is not authorized to perform: {action} on resource: {resource} {reason}",
                self.arn
            );
            Refusal::new(403, "AccessDeniedException", message)
        })
    }

    /// Whether its policies let it do `action` to `resource`; if not, AWS's words for why.
    ///
    /// # Errors
    /// Such as `because no identity-based policy allows the bedrock:InvokeModel action`.
    pub fn allows(&self, action: &str, resource: &str, context: &Context) -> Result<(), String> {
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
            return Err("with an explicit deny in an identity-based policy".to_owned());
        }
        if session == Some(Decision::Denied) {
            return Err("with an explicit deny in a session policy".to_owned());
        }
        if !attached.contains(&Decision::Allowed) {
            return Err(format!(
                "because no identity-based policy allows the {action} action"
            ));
        }
        if session == Some(Decision::Silent) {
            return Err(format!(
                "because no session policy allows the {action} action"
            ));
        }
        Ok(())
    }
}
