//! Who calls: one credential, told from what it looks like, turned into a [`Scope`](domain::Scope).

mod callers;
mod credential;
mod jwks;
mod jwt;
mod last_use;
mod throttle;
pub mod token;

pub use callers::{Callers, Refused, SignedIn};
pub use credential::{Ambiguous, Credential, SECURE_SESSION_COOKIE, SESSION_COOKIE, presented};
pub use jwt::OidcVerifier;
