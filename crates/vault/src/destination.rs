//! Whom a secret is meant for, so that changing whom it would be sent to makes it unreadable.
//!
//! The caller passes exactly the fields that void the secret when they are edited, and never a region: the same secret
//! serves a second region. A database writer who swaps the user pool of a stored password gets nothing.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::frame;

const DOMAIN: &[u8] = b"bi-vault/1/destination";

/// A digest of the method and the fields that void a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Destination(Option<[u8; 32]>);

impl Destination {
    /// The destination of a secret sent by `method`, given the names and values of the fields that void it, in any order.
    ///
    /// A field that is absent differs from one that is empty. The list counts as a bag: a name given twice is a caller's
    /// mistake, and a destination of its own, equal to no list with that name once.
    #[must_use]
    pub fn of(method: &str, fields: &[(&str, &str)]) -> Self {
        let mut fields = fields.to_vec();
        fields.sort_unstable();
        let fields = fields
            .iter()
            .flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);

        let mut digest = Sha256::new();
        frame::write(
            [DOMAIN, method.as_bytes()].into_iter().chain(fields),
            |piece| {
                digest.update(piece);
            },
        );
        Self(Some(digest.finalize().into()))
    }

    /// For the platform's own secrets, which are sent nowhere.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// As the associated data writes it. Nothing is the empty string, which no digest is.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |digest| digest)
    }
}

impl fmt::Debug for Destination {
    /// Without the digest: short fields could be guessed from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Destination").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: [(&str, &str); 2] = [("user_pool_id", "eu-west-1_abc"), ("username", "ann")];

    #[test]
    fn the_order_of_fields_does_not_matter() {
        let [pool, user] = POOL;
        assert_eq!(
            Destination::of("cognito", &[pool, user]),
            Destination::of("cognito", &[user, pool])
        );
    }

    #[test]
    fn everything_else_matters() {
        let [pool, user] = POOL;
        let others = [
            Destination::none(),
            Destination::of("", &[]),
            Destination::of("cognito", &[]),
            Destination::of("api_key", &POOL),
            Destination::of("cognito", &[pool]),
            Destination::of("cognito", &[pool, user, user]),
            Destination::of("cognito", &[pool, user, ("app_client_id", "")]),
            Destination::of("cognito", &[pool, ("username", "anna")]),
            Destination::of(
                "cognito",
                &[("user_pool_id", "ann"), ("username", "eu-west-1_abc")],
            ),
            Destination::of(
                "cognito",
                &[("user_pool_id", ""), ("eu-west-1_abc", ""), user],
            ),
            Destination::of(
                "cognitouser_pool_id",
                &[("eu-west-1_abc", "username"), ("ann", "")],
            ),
        ];
        for other in others {
            assert!(other != Destination::of("cognito", &POOL));
        }
    }

    #[test]
    fn none_is_no_list_of_fields() {
        assert!(Destination::none() != Destination::of("", &[]));
        assert!(Destination::none().as_bytes().is_empty());
        assert_eq!(Destination::of("", &[]).as_bytes().len(), 32);
    }
}
