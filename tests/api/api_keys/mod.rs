//! `/v1/api-keys`.

mod making;
mod on_behalf;
mod revoking;
