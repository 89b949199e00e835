//! What may be sent as model id although no list has it.

use domain::{AccountId, Invalid, Region};

use super::arn::Arn;

/// An id or ARN of AWS's form, for a model that can be called from one region. Whether there is one, AWS tells when it is
/// called. Ids have a dot before a letter (`amazon.nova-lite-v1:0`), and only small letters: no key of AWS's is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvokeId(String);

/// AWS's own limit.
const LONGEST: usize = 2_048;

const NO_ID: Invalid = Invalid(
    "must be the id of a model or an inference profile, such as amazon.nova-lite-v1:0, or the ARN of something that can be invoked",
);

impl InvokeId {
    /// Reads an id or ARN that is to be called from `region`.
    ///
    /// # Errors
    /// That it has not the form, or is of another place.
    pub fn parse(text: &str, region: &Region) -> Result<Self, Invalid> {
        if text.len() > LONGEST {
            return Err(NO_ID);
        }
        if text.starts_with("arn:") {
            check(Arn::parse(text).ok_or(NO_ID)?, region)?;
        } else if !is_id(text) {
            return Err(NO_ID);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id or ARN as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the base model that it names by an ARN.
    pub fn base_model_id(&self) -> Option<&str> {
        let arn = Arn::parse(&self.0).filter(Arn::is_foundation_model);
        arn.map(|arn| arn.id)
    }
}

fn check(arn: Arn<'_>, region: &Region) -> Result<(), Invalid> {
    if arn.service != "bedrock" {
        return Err(NO_ID);
    }
    if arn.partition != region.partition().as_str() {
        return Err(Invalid(
            "is of another partition of AWS than the connection's region",
        ));
    }
    let is_everywhere = arn.is_foundation_model() && arn.region.is_empty();
    if arn.region != region.as_str() && !is_everywhere {
        return Err(Invalid(
            "is of another region than the connection: connect that region, and register it over that connection",
        ));
    }
    let is_owned = arn.account.parse::<AccountId>().is_ok();
    match arn.kind {
        "foundation-model" if arn.account.is_empty() && is_id(arn.id) => Ok(()),
        "custom-model" if is_owned => Err(Invalid(
            "names a custom model, which is not invoked by its own ARN: enter that of its deployment or its provisioned throughput",
        )),
        "inference-profile"
        | "application-inference-profile"
        | "provisioned-model"
        | "custom-model-deployment"
        | "imported-model"
            if is_owned && is_name(arn.id) =>
        {
            Ok(())
        }
        _ => Err(NO_ID),
    }
}

/// Whether it is `provider.model`, with a geography before it or not.
fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fits =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(byte);
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(fits)
        && bytes
            .windows(2)
            .any(|pair| pair[0] == b'.' && pair[1].is_ascii_lowercase())
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<InvokeId, Invalid> {
        InvokeId::parse(text, &"eu-west-1".parse().unwrap())
    }

    #[test]
    fn ids_and_arns_of_the_region_are_taken() {
        for good in [
            "amazon.nova-lite-v1:0",
            "anthropic.claude-v2:1:18k",
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "moonshotai.kimi-k2.5",
            "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
            "arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0",
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0",
            "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
            "arn:aws:bedrock:eu-west-1:123456789012:custom-model-deployment/a1b2c3d4e5f6",
            "arn:aws:bedrock:eu-west-1:123456789012:imported-model/a1b2c3d4e5f6",
            "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/a1b2c3d4e5f6",
        ] {
            assert_eq!(parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_has_not_the_form_is_refused() {
        for bad in [
            "",
            "sonnet",
            "4.5",
            "mod_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b",
            " amazon.nova-lite-v1:0",
            "amazon.nova-lite-v1:0\n",
            "amazon.nova/../converse",
            "amazon.nova?x",
            "amazon.növa",
            "Amazon.Nova",
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
            "arn:aws:iam::123456789012:role/Bedrock",
            "arn:aws:bedrock:eu-west-1::foundation-model/",
            "arn:aws:bedrock:eu-west-1:123456789012:foundation-model/amazon.nova-lite-v1:0",
            "arn:aws:bedrock:eu-west-1:12:inference-profile/eu.amazon.nova-lite-v1:0",
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/a/../b",
            "arn:aws:bedrock:eu-west-1:123456789012:prompt-router/a1b2c3d4e5f6",
            "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/mine",
            &format!("amazon.{}", "a".repeat(LONGEST)),
        ] {
            assert_eq!(parse(bad), Err(NO_ID), "{bad}");
        }
    }

    #[test]
    fn what_is_of_another_place_or_needs_another_arn_is_told() {
        for (bad, word) in [
            (
                "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
                "region",
            ),
            (
                "arn:aws:bedrock::123456789012:imported-model/a1b2c3d4e5f6",
                "region",
            ),
            (
                "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-lite-v1:0",
                "partition",
            ),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:custom-model/amazon.nova-lite-v1:0/a1b2c3d4e5f6",
                "deployment",
            ),
        ] {
            let refused = parse(bad).unwrap_err();
            assert!(refused.0.contains(word), "{bad}: {refused}");
        }
    }

    #[test]
    fn an_arn_tells_its_base_model() {
        let base = |text| parse(text).unwrap().base_model_id().map(str::to_owned);
        assert_eq!(
            base("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0").as_deref(),
            Some("amazon.nova-lite-v1:0")
        );
        assert_eq!(base("amazon.nova-lite-v1:0"), None);
    }
}
