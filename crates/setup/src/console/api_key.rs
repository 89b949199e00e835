//! A Bedrock API key.

use super::{Step, besides, create_policies, step};
use crate::place::Place;

pub(super) fn steps(place: &Place<'_>) -> Vec<Step> {
    let (region, name) = (place.region, place.managed_policy());
    vec![
        step(
            "Open API keys",
            format!(
                "In the Amazon Bedrock console switch to the region {region} and choose API keys."
            ),
            [],
        ),
        step(
            "Generate a key",
            format!(
                "On the tab Long-term API keys choose Generate long-term API keys and when the key is to expire: it works in every region. Or, for a trial, on the tab Short-term API keys choose Generate short-term API keys: such a key lasts 12 hours at most, may do what you may, and works in {region} alone."
            ),
            [],
        ),
        step(
            "Copy the key",
            "It is shown once. Keep the page open, or the key in a safe place.",
            [],
        ),
        create_policies(place),
        step(
            "Allow what is needed",
            format!(
                "For a long-term key: in the IAM console choose Users and the user that was made for the key, whose name begins with BedrockAPIKey. Choose Add permissions, Attach policies directly, and tick {name} and {}. You may then remove the policy AmazonBedrockLimitedAccess, which allows more.",
                besides(place)
            ),
            [],
        ),
        step(
            "Enter the key",
            "Enter it here and test the connection.",
            [],
        ),
    ]
}
