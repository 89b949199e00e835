//! Who calls: API keys, and what is no credential. Tokens of identity providers are in `jwt`, cookies in `sessions`.

mod credentials;
mod throttle;
