//! A user of a pool, and the state that the user is in.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::lockout::Lockout;

/// A user.
#[derive(Clone)]
pub struct PoolUser {
    /// The name that the pool knows the user by, `USER_ID_FOR_SRP`: of pools that sign in by e-mail address, a UUID.
    pub username: String,
    /// The password.
    pub password: String,
    /// The subject of the user's tokens.
    pub sub: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the e-mail address works as a name when signing in.
    pub signs_in_by_email: bool,
    /// Whether an administrator left the user enabled.
    pub enabled: bool,
    /// How far the user got.
    pub status: Status,
    /// What is asked of the user after the password.
    pub challenge: Option<Challenge>,
    /// The roles of the user's groups, `cognito:roles` in the ID token.
    pub roles: Vec<String>,
    pub(super) lockout: Lockout,
    pub(super) signed_out_at: Option<OffsetDateTime>,
}

/// How far a user got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The user has a permanent password.
    Confirmed,
    /// The user signed up and never confirmed it. Told only to who knows the password.
    Unconfirmed,
    /// An administrator made the user, whose password is temporary: the challenge `NEW_PASSWORD_REQUIRED`.
    ForceChangePassword,
    /// The same, and too much time has passed. Told only to who knows the password.
    TemporaryPasswordExpired,
    /// An administrator has reset the password, so none is right. Told to everybody, unless the client hides users.
    ResetRequired,
}

/// What is asked of a user whose password was right. Nothing that is sent to the sandbox answers one: no code is ever delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// A code sent as a text message.
    SmsMfa,
    /// A code sent by e-mail.
    EmailOtp,
    /// A code from an authenticator application.
    SoftwareTokenMfa,
    /// A choice among these.
    SelectMfaType,
    /// Setting one of these up.
    MfaSetup,
    /// Whatever the pool's Lambda functions ask.
    Custom,
}

impl PoolUser {
    /// A confirmed user with a permanent password, who signs in by name.
    pub fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            sub: uuid_of(username),
            email: None,
            signs_in_by_email: false,
            enabled: true,
            status: Status::Confirmed,
            challenge: None,
            roles: Vec::new(),
            lockout: Lockout::default(),
            signed_out_at: None,
        }
    }

    /// The same of a pool whose users sign in by e-mail address: the pool knows the user by the subject.
    pub fn by_email(email: &str, password: &str) -> Self {
        Self {
            username: uuid_of(email),
            sub: uuid_of(email),
            email: Some(email.to_owned()),
            signs_in_by_email: true,
            ..Self::new("", password)
        }
    }

    /// The same in another state.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// The same, disabled by an administrator. Told only to who knows the password.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// The same, of whom more than a password is asked.
    #[must_use]
    pub fn challenged(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// The same with a role, from a group.
    #[must_use]
    pub fn role(mut self, arn: &str) -> Self {
        self.roles.push(arn.to_owned());
        self
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.username == name || (self.signs_in_by_email && self.email.as_deref() == Some(name))
    }
}

impl Challenge {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SmsMfa => "SMS_MFA",
            Self::EmailOtp => "EMAIL_OTP",
            Self::SoftwareTokenMfa => "SOFTWARE_TOKEN_MFA",
            Self::SelectMfaType => "SELECT_MFA_TYPE",
            Self::MfaSetup => "MFA_SETUP",
            Self::Custom => "CUSTOM_CHALLENGE",
        }
    }

    /// What comes with it, besides the user's name.
    pub(super) fn parameters(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::SmsMfa => &[
                ("CODE_DELIVERY_DELIVERY_MEDIUM", "SMS"),
                ("CODE_DELIVERY_DESTINATION", "+*******9934"),
            ],
            Self::EmailOtp => &[
                ("CODE_DELIVERY_DELIVERY_MEDIUM", "EMAIL"),
                ("CODE_DELIVERY_DESTINATION", "s***@e***"),
            ],
            Self::SoftwareTokenMfa => &[("FRIENDLY_DEVICE_NAME", "phone")],
            Self::SelectMfaType => &[("MFAS_CAN_CHOOSE", r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#)],
            Self::MfaSetup => &[("MFAS_CAN_SETUP", r#"["SOFTWARE_TOKEN_MFA"]"#)],
            Self::Custom => &[("question", "captcha")],
        }
    }
}

/// A UUID that is always the same for a name.
pub(super) fn uuid_of(name: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(name)[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}
