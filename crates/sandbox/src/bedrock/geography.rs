//! Geographies: where a system-defined inference profile may be called from, and where it may send a request.
//! Which prefix a region has cannot be told from its name, and one profile has other destinations from another region.

use crate::bedrock::arn;

/// What a system-defined inference profile spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Geography {
    /// The United States, callable from Canada too.
    Us,
    /// Europe.
    Eu,
    /// Asia and the Pacific.
    Apac,
    /// Japan.
    Jp,
    /// Australia.
    Au,
    /// GovCloud (US).
    UsGov,
    /// Every commercial region.
    Global,
}

impl Geography {
    /// What the profile's id begins with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Apac => "apac",
            Self::Jp => "jp",
            Self::Au => "au",
            Self::UsGov => "us-gov",
            Self::Global => "global",
        }
    }

    /// What the profile's name begins with.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Us => "US",
            Self::Eu => "EU",
            Self::Apac => "APAC",
            Self::Jp => "JP",
            Self::Au => "AU",
            Self::UsGov => "US-GOV",
            Self::Global => "Global",
        }
    }

    /// The regions it may send to when it is called from `source`, where it may be called at all. The global profiles'
    /// second destination has no region.
    pub(crate) fn destinations(self, source: &str) -> Option<Vec<String>> {
        let fixed: &[&str] = match (self, source) {
            (Self::Us, "us-east-1" | "us-east-2" | "us-west-2") => {
                &["us-east-1", "us-east-2", "us-west-2"]
            }
            (Self::Us, "us-west-1") => &["us-east-1", "us-east-2", "us-west-1", "us-west-2"],
            (Self::Us, "ca-central-1") => &["ca-central-1", "us-east-1", "us-east-2", "us-west-2"],
            (Self::Eu, "eu-central-1" | "eu-north-1" | "eu-west-1" | "eu-west-3") => {
                &["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"]
            }
            (Self::Eu, "eu-south-1") => &[
                "eu-central-1",
                "eu-north-1",
                "eu-south-1",
                "eu-west-1",
                "eu-west-3",
            ],
            (Self::Eu, "eu-south-2") => &[
                "eu-central-1",
                "eu-north-1",
                "eu-south-2",
                "eu-west-1",
                "eu-west-3",
            ],
            (
                Self::Apac,
                "ap-northeast-1" | "ap-northeast-3" | "ap-south-1" | "ap-southeast-1"
                | "ap-southeast-2",
            ) => &[
                "ap-northeast-1",
                "ap-northeast-3",
                "ap-south-1",
                "ap-southeast-1",
                "ap-southeast-2",
            ],
            (Self::Jp, "ap-northeast-1" | "ap-northeast-3") => {
                &["ap-northeast-1", "ap-northeast-3"]
            }
            (Self::Au, "ap-southeast-2" | "ap-southeast-4") => {
                &["ap-southeast-2", "ap-southeast-4"]
            }
            (Self::UsGov, "us-gov-east-1" | "us-gov-west-1") => &["us-gov-east-1", "us-gov-west-1"],
            (Self::Global, source) if GLOBAL_SOURCES.contains(&source) => {
                return Some(vec![source.to_owned(), String::new()]);
            }
            _ => return None,
        };
        Some(fixed.iter().map(|&region| region.to_owned()).collect())
    }

    /// The ARNs of the model in every destination.
    pub(crate) fn model_arns(self, source: &str, model: &str) -> Option<Vec<String>> {
        let destinations = self.destinations(source)?;
        let arn = |region: &String| arn::foundation_model(source, region, model);
        Some(destinations.iter().map(arn).collect())
    }
}

/// Where global profiles may be called from.
const GLOBAL_SOURCES: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-central-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-4",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_profile_has_other_destinations_from_another_region() {
        let from = |region| Geography::Us.destinations(region).unwrap();
        assert_ne!(from("us-east-1"), from("ca-central-1"));
        assert_eq!(Geography::Us.destinations("eu-west-1"), None);
    }

    #[test]
    fn a_global_profile_names_the_source_and_no_region() {
        let arns = Geography::Global.model_arns("eu-west-1", "a.b").unwrap();
        assert_eq!(
            arns,
            [
                "arn:aws:bedrock:eu-west-1::foundation-model/a.b",
                "arn:aws:bedrock:::foundation-model/a.b"
            ]
        );
    }

    #[test]
    fn no_profile_has_more_than_five_models() {
        for region in GLOBAL_SOURCES {
            for geography in [Geography::Us, Geography::Eu, Geography::Apac] {
                assert!(
                    geography
                        .destinations(region)
                        .is_none_or(|to| to.len() <= 5)
                );
            }
        }
    }
}
