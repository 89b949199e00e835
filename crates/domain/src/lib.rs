#![doc = include_str!("../README.md")]

mod clock;
mod ids;
mod invalid;
mod name;
mod page;
mod role;
mod scope;
mod tenant;

pub use clock::{Clock, ManualClock, SystemClock};
pub use ids::{AccessId, ConnectionId, EventId, KeyId, ModelId, SessionId, TenantId};
pub use invalid::Invalid;
pub use name::Name;
pub use page::{Cursor, Limit, Page};
pub use role::{KeyRole, Role};
pub use scope::{Actor, Denied, OperatorReach, Permission, Scope};
pub use tenant::{TenantRef, TenantState};
