//! IAM policies for customers to paste.

use serde_json::{Value, json};

const VERSION: &str = "2012-10-17";

/// What the customer's identity must be allowed, and why each: `(sid, actions)`.
const PERMISSIONS: [(&str, &[&str]); 3] = [
    (
        "BedrockFoundationModelAccess",
        &[
            "bedrock:ListFoundationModels",
            "bedrock:GetFoundationModel",
            "bedrock:InvokeModel",
            "bedrock:InvokeModelWithResponseStream",
        ],
    ),
    (
        "BedrockCustomModelAccess",
        &["bedrock:ListCustomModels", "bedrock:GetCustomModel"],
    ),
    ("IdentityVerification", &["sts:GetCallerIdentity"]),
];

/// A role that only our principal may take on, and only with this external ID.
pub(super) fn trust_by_external_id(principal_arn: &str, external_id: &str) -> Value {
    policy([json!({
        "Sid": "AssumeWithExternalId",
        "Effect": "Allow",
        "Principal": { "AWS": principal_arn },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": external_id } },
    })])
}

/// The role of an identity pool's signed-in users.
pub(super) fn trust_by_identity_pool(identity_pool_id: &str) -> Value {
    policy([json!({
        "Sid": "SignedInUsersOfThePool",
        "Effect": "Allow",
        "Principal": { "Federated": "cognito-identity.amazonaws.com" },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": { "cognito-identity.amazonaws.com:aud": identity_pool_id },
            "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
        },
    })])
}

/// What lets the service see inference profiles, through which alone many of today's models answer.
pub(super) fn inference_profiles() -> Value {
    policy([statement(
        "BedrockInferenceProfileAccess",
        &[
            "bedrock:ListInferenceProfiles",
            "bedrock:GetInferenceProfile",
        ],
    )])
}

/// What a role or a user pool's role needs.
pub(super) fn permissions() -> Value {
    policy(statements())
}

/// What the user behind a Bedrock API key needs: the same, and the right to use a key at all.
pub(super) fn permissions_of_a_key() -> Value {
    let bearer = statement("BedrockApiKeyAccess", &["bedrock:CallWithBearerToken"]);
    policy(statements().into_iter().chain([bearer]))
}

fn statements() -> Vec<Value> {
    PERMISSIONS
        .iter()
        .map(|(sid, actions)| statement(sid, actions))
        .collect()
}

fn statement(sid: &str, actions: &[&str]) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" })
}

fn policy(statements: impl IntoIterator<Item = Value>) -> Value {
    json!({ "Version": VERSION, "Statement": statements.into_iter().collect::<Vec<_>>() })
}
