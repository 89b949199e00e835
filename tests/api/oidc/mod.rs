//! The service as an OpenID Connect issuer.

mod issuers;
mod turns;
