//! HTTP itself.

mod methods;
mod problems;
mod request_id;
mod version_two;
