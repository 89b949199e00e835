//! Where the platform published the template, and links that open it with everything filled in.

use std::str::FromStr;

use domain::{Invalid, Partition, Region};

use crate::{
    cognito,
    place::{Place, Standing, Way},
};

/// The https URL of an object in S3, which is all that CloudFormation's links take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateUrl {
    text: String,
    partition: Partition,
}

/// What browsers and proxies carry without asking.
const LONGEST: usize = 6_000;
/// What CloudFormation takes as the value of a parameter.
const LONGEST_VALUE: usize = 4_096;

impl FromStr for TemplateUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        partition(text).map(|partition| Self { text: text.to_owned(), partition }).ok_or(Invalid(
            "must be the https URL of an object in S3, like https://acme.s3.us-east-1.amazonaws.com/bedrock.json",
        ))
    }
}

/// The partition of an object in S3; none if it is no such URL.
fn partition(text: &str) -> Option<Partition> {
    let (host, path) = text.strip_prefix("https://")?.split_once('/')?;
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"?#@\"'<>\\".contains(&byte));
    let suffixes = [
        Partition::Aws,
        Partition::China,
        Partition::EuropeanSovereign,
    ]
    .map(Partition::dns_suffix);
    let name = suffixes
        .into_iter()
        .find_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.'))?;
    let words: Vec<&str> = name.split('.').collect();
    let is_s3 = words
        .iter()
        .any(|word| *word == "s3" || word.starts_with("s3-"));
    let mut regions = words
        .iter()
        .filter_map(|word| word.trim_start_matches("s3-").parse::<Region>().ok());
    (is_plain && is_s3 && !path.is_empty()).then(|| {
        regions
            .next_back()
            .map_or(Partition::Aws, |region| region.partition())
    })
}

impl TemplateUrl {
    /// A link that opens the template filled in. None for another partition, which cannot read it, for a region more, of
    /// which the template knows nothing, and where something would be longer than browsers or CloudFormation take.
    pub(super) fn quick_create(&self, place: &Place<'_>) -> Option<String> {
        if place.standing != Standing::New {
            return None;
        }
        let partition = place.region.partition();
        let console = console(partition).filter(|_| partition == self.partition)?;
        let mut link = format!(
            "https://{console}/cloudformation/home?region={region}#/stacks/create/review?templateURL={template}&stackName={name}",
            region = place.region,
            template = encoded(&self.text),
            name = place.stack(),
        );
        for (parameter, value) in parameters(place) {
            if value.len() > LONGEST_VALUE {
                return None;
            }
            link.push_str(&format!("&param_{parameter}={}", encoded(&value)));
        }
        (link.len() <= LONGEST).then_some(link)
    }
}

/// Where people find the console of a partition.
fn console(partition: Partition) -> Option<&'static str> {
    match partition {
        Partition::Aws => Some("console.aws.amazon.com"),
        Partition::China => Some("console.amazonaws.cn"),
        Partition::GovCloud => Some("console.amazonaws-us-gov.com"),
        Partition::EuropeanSovereign => Some("console.amazonaws-eusc.eu"),
        Partition::Iso | Partition::IsoB | Partition::IsoE | Partition::IsoF => None,
    }
}

/// The parameters of the published template.
pub(super) fn parameters(place: &Place<'_>) -> Vec<(&'static str, String)> {
    let mut parameters = vec![("Name", place.identity()), ("PolicyName", place.policy())];
    let arns: Vec<&str> = place.arns().into_iter().collect();
    if !arns.is_empty() {
        parameters.push(("InvokeResources", arns.join(",")));
    }
    parameters.extend(match place.way {
        Way::AssumeRole {
            principal_arn,
            external_id,
        } => vec![
            ("Method", "assume_role".to_owned()),
            ("PrincipalArn", principal_arn.to_owned()),
            ("ExternalId", external_id.to_owned()),
        ],
        Way::Oidc(oidc) => vec![
            ("Method", "oidc".to_owned()),
            ("OidcProvider", oidc.provider().to_owned()),
            ("OidcAudience", oidc.audience.to_owned()),
            ("OidcSubject", oidc.subject.to_owned()),
        ],
        Way::ApiKey => vec![("Method", "api_key".to_owned())],
        Way::Cognito { .. } => {
            vec![
                ("Method", "cognito".to_owned()),
                ("CognitoIdentity", cognito::identity(place.region)),
            ]
        }
    });
    parameters
}

/// The text as a value in a URL.
fn encoded(text: &str) -> String {
    let as_it_is = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if as_it_is(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_objects_in_s3_are_taken_and_their_partition_is_known() {
        for (url, partition) in [
            (
                "https://acme.s3.us-east-1.amazonaws.com/bedrock.json",
                Partition::Aws,
            ),
            (
                "https://s3.eu-west-1.amazonaws.com/acme/bedrock.json",
                Partition::Aws,
            ),
            ("https://acme.s3.amazonaws.com/bedrock.json", Partition::Aws),
            (
                "https://s3-us-west-2.amazonaws.com/acme/bedrock.json",
                Partition::Aws,
            ),
            (
                "https://acme.s3.us-gov-west-1.amazonaws.com/bedrock.json",
                Partition::GovCloud,
            ),
            (
                "https://acme.s3.cn-north-1.amazonaws.com.cn/bedrock.json",
                Partition::China,
            ),
        ] {
            assert_eq!(
                url.parse::<TemplateUrl>().unwrap().partition,
                partition,
                "{url}"
            );
        }
        for bad in [
            "",
            "http://acme.s3.us-east-1.amazonaws.com/bedrock.json",
            "https://acme.s3.us-east-1.amazonaws.com",
            "https://acme.s3.us-east-1.amazonaws.com/",
            "https://acme.example/s3.amazonaws.com/bedrock.json",
            "https://s3.amazonaws.com.evil.example/bedrock.json",
            "https://ec2.us-east-1.amazonaws.com/bedrock.json",
            "https://acme.s3.us-east-1.amazonaws.com/a b",
            "https://acme.s3.us-east-1.amazonaws.com/a?x=1",
        ] {
            assert!(bad.parse::<TemplateUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_value_stays_a_value() {
        assert_eq!(encoded("a&b=c#d e/f:é"), "a%26b%3Dc%23d%20e%2Ff%3A%C3%A9");
    }
}
