//! The ARN of a customer's role.

use std::{fmt, str::FromStr};

use domain::{AccountId, Entropy, Invalid, Partition};

use super::ExternalId;

/// `arn:<partition>:iam::<account>:role/<path><name>`, printable ASCII.
///
/// Sources: the STS API (RoleArn, 20 to 2048 characters), IAM's limits on paths and names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleArn {
    text: String,
    partition: Partition,
    account: AccountId,
}

const LONGEST: usize = 2_048;
const LONGEST_PATH: usize = 512;
const LONGEST_NAME: usize = 64;

impl RoleArn {
    /// The ARN as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition the role is in.
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// The account the role is in.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// A role of the same account that nobody made: its name is 160 random bits.
    #[must_use]
    pub fn nobodys(&self, entropy: &dyn Entropy) -> Self {
        let Self {
            partition, account, ..
        } = *self;
        let name = ExternalId::generate(entropy);
        Self {
            text: format!("arn:{}:iam::{account}:role/{name}", partition.as_str()),
            partition,
            account,
        }
    }
}

impl FromStr for RoleArn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const INVALID: Invalid = Invalid(
            "must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/BedrockIntegration",
        );
        let text = text.trim();
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts[..] else {
            return Err(INVALID);
        };
        let (Some(partition), Ok(account)) = (Partition::named(partition), account.parse()) else {
            return Err(INVALID);
        };
        let Some(rest) = resource.strip_prefix("role/") else {
            return Err(INVALID);
        };
        let (path, name) = rest.rsplit_once('/').unwrap_or(("", rest));
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        if text.len() > LONGEST
            // Two slashes around the path are of IAM's limit too.
            || path.len() + 2 > LONGEST_PATH
            || !path.bytes().all(|byte| byte.is_ascii_graphic())
            || !(1..=LONGEST_NAME).contains(&name.len())
            || !name.bytes().all(is_name)
        {
            return Err(INVALID);
        }
        Ok(Self {
            text: text.to_owned(),
            partition,
            account,
        })
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roles_arn_tells_partition_and_account() {
        for (text, partition) in [
            ("arn:aws:iam::123456789012:role/Bedrock", Partition::Aws),
            (
                " arn:aws-us-gov:iam::123456789012:role/team/a/Bedrock_1+=,.@-\n",
                Partition::GovCloud,
            ),
        ] {
            let arn: RoleArn = text.parse().unwrap();
            assert_eq!(arn.as_str(), text.trim());
            assert_eq!(arn.partition(), partition);
            assert_eq!(arn.account(), "123456789012".parse().unwrap());
        }
    }

    #[test]
    fn anything_else_is_refused_and_not_repeated() {
        for bad in [
            "",
            "ABSKsesam",
            "arn:aws:iam::123456789012:user/sesam",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::12345678901:role/sesam",
            "arn:amazon:iam::123456789012:role/sesam",
            "arn:aws:iam:eu-west-1:123456789012:role/sesam",
            "arn:aws:sts::123456789012:assumed-role/sesam/x",
            "arn:aws:iam::123456789012:role/ses am",
            "arn:aws:iam::123456789012:role/sesäm",
            "arn:aws:iam::123456789012:role/sesam\u{0}",
            "arn:aws:iam::123456789012:role/a\nb/sesam",
            "arn:aws:iam::１２３４５６７８９０１２:role/sesam",
            &format!("arn:aws:iam::123456789012:role/{}", "a".repeat(65)),
            &format!("arn:aws:iam::123456789012:role/{}/a", "a".repeat(512)),
        ] {
            let refusal = bad.parse::<RoleArn>().unwrap_err();
            assert!(!refusal.to_string().contains("sesam"), "{bad:?}");
        }
    }
}
