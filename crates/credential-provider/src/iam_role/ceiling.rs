//! What a session may do at most, however much the role may: an inline session policy, which can only take away.

use domain::Region;
use serde_json::json;

/// What the service does in a customer's account, and nothing else. Code that calls another action fails a test.
pub const ACTIONS: [&str; 19] = [
    "bedrock:ListFoundationModels",
    "bedrock:GetFoundationModel",
    "bedrock:ListInferenceProfiles",
    "bedrock:GetInferenceProfile",
    "bedrock:ListCustomModels",
    "bedrock:GetCustomModel",
    "bedrock:ListCustomModelDeployments",
    "bedrock:GetCustomModelDeployment",
    "bedrock:ListImportedModels",
    "bedrock:GetImportedModel",
    "bedrock:ListProvisionedModelThroughputs",
    "bedrock:GetProvisionedModelThroughput",
    "bedrock:GetFoundationModelAvailability",
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "bedrock:CountTokens",
    "bedrock:ApplyGuardrail",
    "bedrock:ListAsyncInvokes",
    "sts:GetCallerIdentity",
];

/// The session policy of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling(String);

impl Ceiling {
    /// The most that STS takes, in characters.
    pub const LONGEST: usize = 2_048;

    /// The ceiling for calls in `region`. `more` are actions for emulators that authorise others than AWS does; it is
    /// empty against AWS.
    pub fn of(region: &Region, more: &[String]) -> Self {
        let actions: Vec<&str> = ACTIONS
            .into_iter()
            .chain(more.iter().map(String::as_str))
            .collect();
        let via = format!("bedrock.{region}.{}", region.partition().dns_suffix());
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Action": actions, "Resource": "*" },
                // Subscriptions only as Bedrock makes them at a model's first call …
                {
                    "Effect": "Allow",
                    "Action": ["aws-marketplace:Subscribe", "aws-marketplace:ViewSubscriptions"],
                    "Resource": "*",
                    "Condition": { "StringEquals": { "aws:CalledViaLast": "bedrock.amazonaws.com" } },
                },
                // … and keys only as Bedrock uses them.
                {
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": "*",
                    "Condition": { "StringEquals": { "kms:ViaService": via } },
                },
            ],
        });
        Self(policy.to_string())
    }

    /// The policy as JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use domain::Partition;
    use serde_json::Value;

    use super::*;

    /// A region of each partition, and the longest that is taken for one.
    fn regions() -> impl Iterator<Item = Region> {
        let longest = format!("us-gov-{}-1", "e".repeat(23));
        let regions = Partition::ALL.map(|partition| partition.default_region().to_owned());
        let regions = regions.into_iter().chain([longest]);
        regions.map(|region| region.parse().unwrap())
    }

    #[test]
    fn the_ceiling_is_a_policy_that_sts_takes_everywhere() {
        for region in regions() {
            let ceiling = Ceiling::of(&region, &[]);
            assert!(ceiling.as_str().len() <= Ceiling::LONGEST, "{region}");
            let policy: Value = serde_json::from_str(ceiling.as_str()).unwrap();
            let [calls, marketplace, keys] = policy["Statement"].as_array().unwrap().as_slice()
            else {
                panic!("three statements");
            };
            assert_eq!(calls["Action"], json!(ACTIONS));
            assert_eq!(
                marketplace["Condition"],
                json!({ "StringEquals": { "aws:CalledViaLast": "bedrock.amazonaws.com" } })
            );
            let suffix = region.partition().dns_suffix();
            assert_eq!(
                keys["Condition"]["StringEquals"]["kms:ViaService"],
                format!("bedrock.{region}.{suffix}")
            );
        }
    }

    #[test]
    fn an_emulator_may_need_more() {
        let ceiling = Ceiling::of(
            &"us-east-1".parse().unwrap(),
            &["bedrock:Converse*".to_owned()],
        );
        assert!(ceiling.as_str().contains(r#""bedrock:Converse*""#));
    }
}
