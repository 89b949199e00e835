//! Typed ids: a prefix that says what it names, then a UUIDv7 in hexadecimal, so that ids sort by time of creation.

use std::{fmt, str::FromStr};

use rand_core::Rng;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Invalid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            #[doc = concat!("What every such id starts with: `", $prefix, "`.")]
            pub const PREFIX: &'static str = $prefix;

            /// A new id, made at `now`.
            pub fn new(now: OffsetDateTime, rng: &mut impl Rng) -> Self {
                Self(uuid_v7(now, rng))
            }

            /// The least id that could be made at `at`.
            pub fn first_at(at: OffsetDateTime) -> Self {
                Self(at_millis(at, &[0; 10]))
            }

            /// The id without its prefix, as the database keeps it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", Self::PREFIX, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                parse(Self::PREFIX, text).map(Self).ok_or(Invalid(concat!(
                    "must be an id that starts with ",
                    $prefix
                )))
            }
        }
    };
}

id!(
    /// A customer of the platform.
    TenantId, "ten_"
);
id!(
    /// One way into one AWS account.
    AccessId, "acc_"
);
id!(
    /// An AWS access used for one integration in one region.
    ConnectionId, "con_"
);
id!(
    /// A registered model.
    ModelId, "mod_"
);
id!(
    /// An API key of this service.
    KeyId, "key_"
);
id!(
    /// A console session.
    SessionId, "ses_"
);
id!(
    /// An audit event.
    EventId, "evt_"
);
id!(
    /// A key with which the service signs as an OIDC issuer.
    SigningKeyId, "sig_"
);

impl TenantId {
    /// The platform's own space: operator keys and what operators do. No parser produces it.
    pub const PLATFORM: Self = Self(Uuid::nil());
}

fn uuid_v7(now: OffsetDateTime, rng: &mut impl Rng) -> Uuid {
    let mut random = [0; 10];
    rng.fill_bytes(&mut random);
    at_millis(now, &random)
}

fn at_millis(now: OffsetDateTime, random: &[u8; 10]) -> Uuid {
    // Before 1970 there are no ids: a broken clock yields the smallest instead of a panic.
    let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()
}

fn parse(prefix: &str, text: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?;
    // One spelling only: the same id must not answer under several names.
    let canonical = digits.len() == 32
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let uuid = canonical.then(|| Uuid::try_parse(digits).ok())??;
    (!uuid.is_nil()).then_some(uuid)
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn id(seconds: i64) -> TenantId {
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        TenantId::new(at, &mut StdRng::seed_from_u64(7))
    }

    #[test]
    fn an_id_reads_back_and_sorts_by_time() {
        let (early, late) = (id(1_700_000_000), id(1_800_000_000));
        assert_eq!(early.to_string().parse(), Ok(early));
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.uuid().get_version_num(), 7);
        let at = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        assert!(early < TenantId::first_at(at) && TenantId::first_at(at) <= late);
    }

    #[test]
    fn there_is_one_spelling_only() {
        let good = id(1_700_000_000).to_string();
        let upper = format!("ten_{}", &good[4..].to_uppercase());
        let dashed = format!("ten_{}", id(1_700_000_000).uuid());
        let other_kind = good.replace("ten_", "key_");
        let nil = "ten_00000000000000000000000000000000";
        for bad in [
            &upper,
            &dashed,
            &other_kind,
            &good[4..],
            &good[..35],
            nil,
            "",
            "ten_",
            "ten_é",
        ] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
    }
}
