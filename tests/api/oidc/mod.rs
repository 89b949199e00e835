//! The service as an OpenID Connect issuer, and roles that trust it.

mod entries;
mod issuers;
mod roles;
mod setup;
mod strangers;
mod turns;
