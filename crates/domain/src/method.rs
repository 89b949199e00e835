//! The ways into an AWS account.

use std::str::FromStr;

use crate::Invalid;

/// How a tenant lets the service into its AWS account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// The service takes on an IAM role of the customer's.
    IamRole,
    /// A Bedrock API key.
    ApiKey,
    /// A user of a Cognito user pool, through an identity pool.
    Cognito,
}

impl Method {
    /// All of them, the recommended one first.
    pub const ALL: [Self; 3] = [Self::IamRole, Self::ApiKey, Self::Cognito];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IamRole => "iam_role",
            Self::ApiKey => "api_key",
            Self::Cognito => "cognito",
        }
    }
}

impl FromStr for Method {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or(Invalid("must be iam_role, api_key or cognito"))
    }
}

/// How the service proves to AWS who it is when it takes on a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Federation {
    /// By its own AWS identity and an external ID.
    AssumeRole,
    /// As an OIDC issuer of its own.
    Oidc,
}

impl Federation {
    /// Both, the default first.
    pub const ALL: [Self; 2] = [Self::AssumeRole, Self::Oidc];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AssumeRole => "assume_role",
            Self::Oidc => "oidc",
        }
    }
}

impl FromStr for Federation {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|federation| federation.as_str() == text)
            .ok_or(Invalid("must be assume_role or oidc"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for method in Method::ALL {
            assert_eq!(method.as_str().parse(), Ok(method));
        }
        for federation in Federation::ALL {
            assert_eq!(federation.as_str().parse(), Ok(federation));
        }
        assert!("IAM_ROLE".parse::<Method>().is_err());
        assert!("".parse::<Federation>().is_err());
    }
}
