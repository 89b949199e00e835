//! What lies around every request: connections, the log line, panics.

mod idle;
pub(crate) mod observe;
mod panic;
pub mod serve;
mod timing;
mod unread;

pub use observe::RequestId;
