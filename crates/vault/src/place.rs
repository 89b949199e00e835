//! Where sealed bytes live.

use uuid::Uuid;

/// The one column of one row that a secret is sealed into. Moved anywhere else, it does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose row it is; [`Uuid::nil`] for the platform's own secrets.
    pub tenant: Uuid,
    /// The table's name.
    pub table: &'a str,
    /// The row's id, without the tenant.
    pub row: Uuid,
    /// The column's name, or the kind of secret where one column holds several kinds.
    pub column: &'a str,
}
