//! `/v1/tenants`.

mod changes;
mod ends;
mod pages;
mod provisioning;
mod suspension;
