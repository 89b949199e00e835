//! What a strategy yields: the right to call AWS as a tenant, for a while. Lives in memory only.

use std::{fmt, sync::Arc};

use aws_credential_types::{Credentials, Token};
use domain::AccountId;
use time::OffsetDateTime;

/// The right to call AWS as a tenant. Cheap to clone; `Debug` shows no secret.
#[derive(Clone)]
pub struct Lease(Arc<Inner>);

struct Inner {
    identity: Identity,
    expires_at: Option<OffsetDateTime>,
    account: Option<AccountId>,
    arn: Option<String>,
    request_ids: Vec<String>,
}

/// How a lease's calls are authorised.
#[derive(Clone)]
pub enum Identity {
    /// Signed (SigV4) with temporary credentials.
    Credentials(Credentials),
    /// With a Bedrock API key as bearer token.
    Bearer(Token),
}

impl Lease {
    /// A lease that ends at `expires_at`, or when AWS says so.
    pub fn new(identity: Identity, expires_at: Option<OffsetDateTime>) -> Self {
        Self(Arc::new(Inner {
            identity,
            expires_at,
            account: None,
            arn: None,
            request_ids: Vec::new(),
        }))
    }

    /// The same, with what AWS said on the way.
    #[must_use]
    pub fn reached(
        self,
        account: Option<AccountId>,
        arn: Option<String>,
        request_ids: Vec<String>,
    ) -> Self {
        Self(Arc::new(Inner {
            identity: self.0.identity.clone(),
            expires_at: self.0.expires_at,
            account,
            arn,
            request_ids,
        }))
    }

    /// How its calls are authorised.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// When it ends; `None` if nobody knows.
    pub fn expires_at(&self) -> Option<OffsetDateTime> {
        self.0.expires_at
    }

    /// The account it reaches, where making it showed that.
    pub fn account(&self) -> Option<AccountId> {
        self.0.account
    }

    /// The identity it acts as, where making it showed that.
    pub fn arn(&self) -> Option<&str> {
        self.0.arn.as_deref()
    }

    /// AWS's request ids of the calls that made it, for the audit log.
    pub fn request_ids(&self) -> &[String] {
        &self.0.request_ids
    }

    /// Whether the other is this very lease, and not just one like it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("identity", &self.0.identity)
            .field("expires_at", &self.0.expires_at)
            .field("account", &self.0.account)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Credentials(_) => "Credentials(…)",
            Self::Bearer(_) => "Bearer(…)",
        })
    }
}
