//! The name of a session: what customers read in their CloudTrail.

use std::fmt;

use domain::{AccessId, TenantId};

/// A session's name: whose and by which access. No names of people or companies: CloudTrail keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionName(String);

/// The longest that STS takes.
const LONGEST: usize = 64;
/// The end of an id tells it apart; its beginning is the time.
const TOLD: usize = 12;

impl SessionName {
    /// The name for an access.
    pub fn of(tenant: TenantId, access: AccessId) -> Self {
        let end = |id: String| id[id.len() - TOLD..].to_owned();
        let name = format!(
            "bedrock-integrations-{}-{}",
            end(tenant.to_string()),
            end(access.to_string())
        );
        debug_assert!(name.len() <= LONGEST);
        Self(name)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_sts_takes_and_tells_accesses_apart() {
        let tenant = TenantId::PLATFORM;
        let one: AccessId = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b".parse().unwrap();
        let two: AccessId = "acc_0198f0f0e8a47c1e9d3b5a7c9e1f2a4c".parse().unwrap();
        let name = SessionName::of(tenant, one);
        assert_ne!(name, SessionName::of(tenant, two));
        assert!((2..=LONGEST).contains(&name.as_str().len()));
        assert!(
            name.as_str()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        );
    }
}
