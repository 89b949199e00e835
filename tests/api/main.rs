//! The API as its callers use it.

mod tenants;
