//! ARNs of what Bedrock has.

use domain::{AccountId, Region};

/// The name of the region's partition in ARNs.
pub(crate) fn partition(region: &str) -> &'static str {
    region
        .parse::<Region>()
        .map_or("aws", |region| region.partition().as_str())
}

/// The ARN of a foundation model in a region, which may be none; `near` is a region of the same partition.
pub(crate) fn foundation_model(near: &str, region: &str, model: &str) -> String {
    format!(
        "arn:{}:bedrock:{region}::foundation-model/{model}",
        partition(near)
    )
}

/// The ARN of something that an account owns, such as `imported-model/a1b2c3d4e5f6`.
pub(crate) fn owned(region: &str, account: AccountId, resource: &str) -> String {
    format!(
        "arn:{}:bedrock:{region}:{account}:{resource}",
        partition(region)
    )
}
