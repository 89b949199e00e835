//! What is the same about Cognito in every form of the kit.

use domain::Region;

/// How an app client lets the service sign in, and stay so.
pub(crate) const FLOWS: [&str; 2] = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
/// The user that is made.
pub(crate) const USERNAME: &str = "bedrock-integration";

/// What identity pools call themselves towards IAM.
///
/// <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html>
pub(crate) fn identity(region: &Region) -> String {
    match region.as_str() {
        "us-gov-west-1" => "cognito-identity-us-gov.amazonaws.com".to_owned(),
        other if other.starts_with("us-gov-") || other.starts_with("cn-") => {
            format!(
                "cognito-identity.{other}.{}",
                region.partition().dns_suffix()
            )
        }
        _ => "cognito-identity.amazonaws.com".to_owned(),
    }
}

/// What user pools of a region call themselves towards identity pools, before the pool's id.
pub(crate) fn provider(region: &Region) -> String {
    format!("cognito-idp.{region}.{}", region.partition().dns_suffix())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_pools_have_another_name_in_each_partition() {
        for (region, name) in [
            ("eu-west-1", "cognito-identity.amazonaws.com"),
            ("us-gov-west-1", "cognito-identity-us-gov.amazonaws.com"),
            (
                "us-gov-east-1",
                "cognito-identity.us-gov-east-1.amazonaws.com",
            ),
            ("cn-north-1", "cognito-identity.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(identity(&region.parse().unwrap()), name);
        }
    }
}
