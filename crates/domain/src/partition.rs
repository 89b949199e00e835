//! AWS's partitions: separate worlds with their own accounts, ARNs and host names.

/// A partition of AWS. No role, key or model of one can be used in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Partition {
    /// The commercial regions.
    Aws,
    /// China, where Bedrock does not exist.
    China,
    /// GovCloud (US).
    GovCloud,
    /// The European Sovereign Cloud.
    EuropeanSovereign,
    /// US Secret and Top Secret, and their allies'.
    Iso,
    /// The second of the isolated partitions.
    IsoB,
    /// The third of the isolated partitions.
    IsoE,
    /// The fourth of the isolated partitions.
    IsoF,
}

impl Partition {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::China,
        Self::GovCloud,
        Self::EuropeanSovereign,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
    ];

    /// The name in ARNs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::EuropeanSovereign => "aws-eusc",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
        }
    }

    /// What the host names of its services end with.
    pub const fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::GovCloud => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
            Self::EuropeanSovereign => "amazonaws.eu",
            Self::Iso => "c2s.ic.gov",
            Self::IsoB => "sc2s.sgov.gov",
            Self::IsoE => "cloud.adc-e.uk",
            Self::IsoF => "csp.hci.ic.gov",
        }
    }

    /// A region that every account of the partition has: STS is asked there, since credentials made there are good in
    /// every region, and those that a region nobody enabled would make are refused.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>
    pub const fn default_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::China => "cn-north-1",
            Self::GovCloud => "us-gov-west-1",
            Self::EuropeanSovereign => "eusc-de-east-1",
            Self::Iso => "us-iso-east-1",
            Self::IsoB => "us-isob-east-1",
            Self::IsoE => "eu-isoe-west-1",
            Self::IsoF => "us-isof-south-1",
        }
    }

    /// The partition of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|partition| partition.as_str() == name)
    }

    /// The partition whose regions are named like this, if any: words of a region's name before its number.
    pub(crate) fn of_region(words: &[&str]) -> Option<Self> {
        Some(match words {
            ["cn", _] => Self::China,
            ["us", "gov", _] => Self::GovCloud,
            ["eusc", "de", _] => Self::EuropeanSovereign,
            ["us", "iso", _] => Self::Iso,
            ["us", "isob", _] => Self::IsoB,
            ["eu", "isoe", _] => Self::IsoE,
            ["us", "isof", _] => Self::IsoF,
            [
                "us" | "eu" | "ap" | "sa" | "ca" | "me" | "af" | "il" | "mx",
                _,
            ] => Self::Aws,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Region;

    #[test]
    fn every_default_region_is_of_its_own_partition() {
        for partition in Partition::ALL {
            let region: Region = partition.default_region().parse().unwrap();
            assert_eq!(region.partition(), partition);
            assert_eq!(Partition::named(partition.as_str()), Some(partition));
        }
    }
}
