//! AWS accesses as use-cases see them: what was entered, what is kept, and how AWS is called with either.

mod attempt;
mod entered;
mod hashes;
mod port;
mod secrets;
mod sign_in;
mod stored;
mod tokens;
mod way;
mod withheld;

use domain::Method;
use store::accesses::Access;

pub use entered::{Change, Entered, EnteredRole, EnteredUser};
pub(crate) use port::StoredAccesses;
pub(super) use {
    attempt::Attempt,
    hashes::{external_id, role as role_hash},
    port::{is_password_refused, remembering, strategy_of},
    secrets::{adopt, keep},
    sign_in::SignIn,
    stored::{demand, open},
    way::{Bearings, Demand, Role, Way, assume_role},
    withheld::Withheld,
};

/// Whether a lease may be made. A role must have refused us without what it should demand; and once an account was reached,
/// whichever way, only a test that reaches it again opens what was edited since.
pub(crate) fn is_proven(access: &Access) -> bool {
    let nothing_to_prove = access.fields.method() != Method::IamRole && access.account.is_none();
    nothing_to_prove || access.proven_revision == Some(access.revision)
}
