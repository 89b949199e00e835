//! Tokens of identity providers.

mod claims;
mod forged;
mod keys;
mod operators;
mod provider;
mod world;
