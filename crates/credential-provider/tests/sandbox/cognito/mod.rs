//! A user of a user pool.

mod challenges;
mod identities;
mod passwords;
pub(crate) mod place;
mod refreshing;
mod refusals;
