//! A role in the customer's account, taken on for an hour at a time.
//!
//! By `assume_role` the service comes with its own AWS identity and the access's external ID; by `web_identity` with a
//! token of its own issuer and no AWS identity at all. Every session is narrowed by [`Ceiling`], whatever the role may do.
//! No external ID is ever sent with a token: that call has no such thing.

mod assume_role;
mod ceiling;
mod external_id;
mod own_identity;
mod role_arn;
mod session;
mod session_name;
mod web_identity;

pub use assume_role::AssumeRole;
pub use ceiling::{ACTIONS, Ceiling};
pub use external_id::ExternalId;
pub use own_identity::own_arn;
pub use role_arn::RoleArn;
pub use session_name::SessionName;
pub use web_identity::{Subject, TokenSigner, WebIdentity};
