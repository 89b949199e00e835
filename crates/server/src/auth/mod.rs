//! Who calls: one credential, told from what it looks like, turned into a [`Scope`](domain::Scope).

mod callers;
mod credential;
mod jwks;
mod jwt;
mod last_use;
mod recent;
mod throttle;
pub mod token;
mod tokens;

pub use callers::{Callers, Refused, SignedIn};
pub use credential::{Ambiguous, Credential, SESSION_COOKIE, presented, session_cookie};
pub use jwt::OidcVerifier;
