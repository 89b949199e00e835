//! The user pool where the service signs in, and the identity pool that gives AWS credentials for it.
//!
//! Both ids begin with a region, which becomes part of host names: it is parsed as a [`Region`], and what stands behind it
//! is digits and letters only. A pool elsewhere than the customer said is refused before anything is sent.

use std::{fmt, str::FromStr};

use domain::{Invalid, Region};

/// A user pool: `<region>_<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPoolId {
    region: Region,
    name: String,
}

/// An identity pool: `<region>:<UUID>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityPoolId {
    region: Region,
    uuid: String,
}

/// The two pools of an access, and where they are said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pools {
    /// The user pool.
    pub user_pool: UserPoolId,
    /// The identity pool.
    pub identity_pool: IdentityPoolId,
    /// Their region, where it is not the connection's.
    pub region: Option<Region>,
}

/// Which pool is elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// The user pool.
    #[error(
        "the user pool is in another region than the connection; if that is intended, name its region as pool_region"
    )]
    UserPool,
    /// The identity pool.
    #[error(
        "the identity pool is in another region than the connection; if that is intended, name its region as pool_region"
    )]
    IdentityPool,
    /// The region named for the pools: credentials made in one partition are worth nothing in another.
    #[error("the pools' region is in another partition of AWS than the connection's region")]
    PoolRegion,
}

/// The longest id that Cognito knows.
const LONGEST: usize = 55;

impl Pools {
    /// Looks whether they are where they should be, for a connection in `region`: there, or in the region named for them.
    ///
    /// # Errors
    /// What is anywhere else.
    pub fn check(&self, region: &Region) -> Result<(), Misplaced> {
        let place = self.region.as_ref().unwrap_or(region);
        if place.partition() != region.partition() {
            return Err(Misplaced::PoolRegion);
        }
        if self.user_pool.region != *place {
            return Err(Misplaced::UserPool);
        }
        if self.identity_pool.region != *place {
            return Err(Misplaced::IdentityPool);
        }
        Ok(())
    }

    /// The user pool as the identity pool knows it: a login provider.
    pub(super) fn login_provider(&self) -> String {
        let region = self.user_pool.region();
        let suffix = region.partition().dns_suffix();
        format!("cognito-idp.{region}.{suffix}/{}", self.user_pool)
    }
}

impl UserPoolId {
    /// Where it is.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// What stands behind the region. Proofs of a password are made with it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for UserPoolId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const INVALID: Invalid = Invalid("must be the user pool's ID, such as eu-west-1_AbCdEf123");
        let (region, name) = halves(text, '_').ok_or(INVALID)?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(INVALID);
        }
        Ok(Self {
            region,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for UserPoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.region, self.name)
    }
}

impl IdentityPoolId {
    /// Where it is.
    pub const fn region(&self) -> &Region {
        &self.region
    }
}

impl FromStr for IdentityPoolId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const INVALID: Invalid = Invalid(
            "must be the identity pool's ID, such as eu-west-1:12345678-90ab-cdef-1234-567890abcdef",
        );
        let (region, uuid) = halves(text, ':').ok_or(INVALID)?;
        let groups = uuid.split('-').map(str::len);
        if !groups.eq([8, 4, 4, 4, 12]) || !uuid.bytes().all(is_uuid_character) {
            return Err(INVALID);
        }
        Ok(Self {
            region,
            uuid: uuid.to_owned(),
        })
    }
}

impl fmt::Display for IdentityPoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.region, self.uuid)
    }
}

/// The region before `separator` and the rest behind it.
fn halves(text: &str, separator: char) -> Option<(Region, &str)> {
    let text = text.trim();
    let (region, rest) = text
        .split_once(separator)
        .filter(|_| text.len() <= LONGEST)?;
    Some((region.parse().ok()?, rest))
}

fn is_uuid_character(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "12345678-90ab-cdef-1234-567890abcdef";

    fn region(text: &str) -> Region {
        text.parse().unwrap()
    }

    fn pools(place: &str, pool_region: Option<&str>) -> Pools {
        Pools {
            user_pool: format!("{place}_AbC123").parse().unwrap(),
            identity_pool: format!("{place}:{UUID}").parse().unwrap(),
            region: pool_region.map(region),
        }
    }

    #[test]
    fn ids_know_their_region_and_read_back() {
        let user_pool: UserPoolId = " us-gov-west-1_AbC123\n".parse().unwrap();
        assert_eq!(user_pool.region(), &region("us-gov-west-1"));
        assert_eq!(user_pool.name(), "AbC123");
        assert_eq!(user_pool.to_string(), "us-gov-west-1_AbC123");
        let identity_pool: IdentityPoolId = format!("eu-west-1:{UUID}").parse().unwrap();
        assert_eq!(identity_pool.region(), &region("eu-west-1"));
        assert_eq!(identity_pool.to_string(), format!("eu-west-1:{UUID}"));
    }

    #[test]
    fn what_would_change_a_host_name_is_no_pool() {
        for bad in [
            "",
            "AbC123",
            "eu-west-1",
            "eu-west-1_",
            "_AbC123",
            "eu-west-1_A_B",
            "eu-west-1_A-B",
            "eu-west-1_A/B",
            "eu-west-1_Ä",
            "eu-west-1_Ａ",
            "eu-west-1_A\u{0}",
            "eu-west-1_A\r\nhost: evil.example",
            "evil.example/_AbC123",
            "evil.example#_AbC123",
            "eu-west-1.evil.example_AbC123",
            "eu-west-1@evil.example_AbC123",
            "EU-WEST-1_AbC123",
            "eu-west-1:AbC123",
            &format!("eu-west-1_{}", "A".repeat(46)),
        ] {
            assert!(bad.parse::<UserPoolId>().is_err(), "{bad:?}");
        }
        for bad in [
            String::new(),
            UUID.to_owned(),
            format!(":{UUID}"),
            format!("evil.example:{UUID}"),
            format!("eu-west-1.evil.example:{UUID}"),
            format!("eu-west-1_{UUID}"),
            format!("eu-west-1:{UUID}0"),
            format!("eu-west-1:{}", UUID.to_uppercase()),
            format!("eu-west-1:{}", UUID.replace('-', "")),
            format!("eu-west-1:{}", UUID.replace("90ab", "90/b")),
            format!("eu-west-1:{UUID}:{UUID}"),
        ] {
            assert!(bad.parse::<IdentityPoolId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn pools_are_where_the_customer_said() {
        let check = |place, pool_region, at| pools(place, pool_region).check(&region(at));
        assert_eq!(check("eu-west-1", None, "eu-west-1"), Ok(()));
        assert_eq!(check("us-east-1", Some("us-east-1"), "eu-west-1"), Ok(()));
        for (place, pool_region, misplaced) in [
            ("us-east-1", None, Misplaced::UserPool),
            ("eu-west-1", Some("us-east-1"), Misplaced::UserPool),
            ("cn-north-1", Some("cn-north-1"), Misplaced::PoolRegion),
        ] {
            assert_eq!(check(place, pool_region, "eu-west-1"), Err(misplaced));
        }
        let apart = Pools {
            identity_pool: format!("us-east-1:{UUID}").parse().unwrap(),
            ..pools("eu-west-1", None)
        };
        assert_eq!(
            apart.check(&region("eu-west-1")),
            Err(Misplaced::IdentityPool)
        );
    }

    #[test]
    fn the_login_provider_is_the_partitions() {
        for (place, provider) in [
            (
                "eu-west-1",
                "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123",
            ),
            (
                "cn-north-1",
                "cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC123",
            ),
        ] {
            assert_eq!(pools(place, None).login_provider(), provider);
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_value() {
        let refusal = "eu-west-1_sesam/".parse::<UserPoolId>().unwrap_err();
        assert!(!refusal.to_string().contains("sesam"));
    }
}
