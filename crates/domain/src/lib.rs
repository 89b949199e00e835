#![doc = include_str!("../README.md")]

mod account;
mod alias;
mod clock;
mod entropy;
mod ids;
mod invalid;
mod method;
mod name;
mod page;
mod partition;
mod region;
mod role;
mod scope;
mod tenant;

pub use account::AccountId;
pub use alias::Alias;
pub use clock::{Clock, ManualClock, SystemClock};
pub use entropy::{Entropy, EntropyRng};
pub use ids::{AccessId, ConnectionId, EventId, KeyId, ModelId, SessionId, SigningKeyId, TenantId};
pub use invalid::Invalid;
pub use method::{Federation, Method};
pub use name::Name;
pub use page::{Cursor, Limit, Page};
pub use partition::Partition;
pub use region::Region;
pub use role::{KeyRole, Role};
pub use scope::{Actor, Denied, OperatorReach, Permission, Scope};
pub use tenant::{TenantRef, TenantState};
