//! A user of a user pool.

mod challenges;
mod identities;
mod passwords;
mod place;
mod refreshing;
mod refusals;
