//! The rules of AWS's models for what requests bring. Java's `\w` is ASCII.

use super::input::Rule;

/// `AuthFlow`.
pub(super) const AUTH_FLOW: Rule = Rule::OneOf(&[
    "USER_SRP_AUTH",
    "REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN",
    "CUSTOM_AUTH",
    "ADMIN_NO_SRP_AUTH",
    "USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "USER_AUTH",
]);

/// `ChallengeName`.
pub(super) const CHALLENGE_NAME: Rule = Rule::OneOf(&[
    "SMS_MFA",
    "EMAIL_OTP",
    "SOFTWARE_TOKEN_MFA",
    "SELECT_MFA_TYPE",
    "MFA_SETUP",
    "PASSWORD_VERIFIER",
    "CUSTOM_CHALLENGE",
    "SELECT_CHALLENGE",
    "DEVICE_SRP_AUTH",
    "DEVICE_PASSWORD_VERIFIER",
    "ADMIN_NO_SRP_AUTH",
    "NEW_PASSWORD_REQUIRED",
    "SMS_OTP",
    "PASSWORD",
    "WEB_AUTHN",
    "PASSWORD_SRP",
]);

/// `ClientId`.
pub(super) const CLIENT_ID: Rule = Rule::Text {
    shortest: 1,
    longest: 128,
    pattern: "[\\w+]+",
    matches: is_of_words,
    is_sensitive: true,
};

/// `ClientSecret`.
pub(super) const CLIENT_SECRET: Rule = Rule::Text {
    shortest: 24,
    longest: 64,
    pattern: "[\\w+]+",
    matches: is_of_words,
    is_sensitive: true,
};

/// `Session`.
pub(super) const SESSION: Rule = Rule::Text {
    shortest: 20,
    longest: 2048,
    pattern: "",
    matches: |_| true,
    is_sensitive: true,
};

/// `RefreshToken` and `Token`.
pub(super) const TOKEN: Rule = Rule::Text {
    shortest: 0,
    longest: usize::MAX,
    pattern: "[A-Za-z0-9-_=.]+",
    matches: |text| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_=.".contains(c))
    },
    is_sensitive: true,
};

/// `IdentityPoolId` and `IdentityId`.
pub(super) const IDENTITY_ID: Rule = Rule::Text {
    shortest: 1,
    longest: 55,
    pattern: "[\\w-]+:[0-9a-f-]+",
    matches: is_identity_id,
    is_sensitive: false,
};

/// `CustomRoleArn`.
pub(super) const ROLE_ARN: Rule = Rule::Text {
    shortest: 20,
    longest: 2048,
    pattern: "",
    matches: |_| true,
    is_sensitive: false,
};

fn is_of_words(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '+')
}

fn is_identity_id(text: &str) -> bool {
    let Some((region, id)) = text.split_once(':') else {
        return false;
    };
    let in_region = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let in_id = |c: char| matches!(c, '0'..='9' | 'a'..='f' | '-');
    !region.is_empty() && region.chars().all(in_region) && !id.is_empty() && id.chars().all(in_id)
}
