//! How a model stands in an account: what AWS answers when it is invoked, in AWS's own words, and what
//! GetFoundationModelAvailability says of it. Tests set it, as customers and AWS do by granting, forgetting and ending.

use serde_json::{Value, json};

use crate::Refusal;

/// How a model stands in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// It can be used.
    #[default]
    Granted,
    /// Access to it was never granted.
    NoAccess,
    /// Anthropic's form on the first use was not filled in.
    UseCaseFormMissing,
    /// AWS Marketplace may not be asked by this identity for the subscription.
    MarketplaceDenied,
    /// The subscription is being made.
    AgreementPending,
    /// The account is blocked by AWS.
    AccountBlocked,
    /// Its life has ended, before the catalogue says so.
    EndOfLife,
    /// It is legacy, and the account did not use it lately.
    LegacyUnused,
    /// Too many requests.
    Throttled,
    /// Too many tokens.
    TokensThrottled,
    /// The account's quota is used up.
    QuotaExceeded,
    /// It is being loaded, as imported models are after a rest.
    NotReady,
    /// It takes too long.
    TimesOut,
    /// It fails.
    Fails,
    /// Bedrock fails.
    InternalError,
    /// Bedrock is away.
    Unavailable,
    /// Bedrock is overloaded: status 529, with a body that the SDKs take no code from.
    Overloaded,
}

/// What Bedrock says to an id it does not know.
pub(crate) fn invalid_identifier() -> Refusal {
    Refusal::validation("The provided model identifier is invalid.")
}

/// What Bedrock says to a bare id that works through an inference profile only. The apostrophe is AWS's.
pub(crate) fn no_on_demand(id: &str) -> Refusal {
    Refusal::validation(format!(
        "Invocation of model ID {id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN \
         of an inference profile that contains this model."
    ))
}

/// What Bedrock says to a model whose life has ended.
pub(crate) fn end_of_life() -> Refusal {
    Refusal::new(
        404,
        "ResourceNotFoundException",
        "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
    )
}

/// What Bedrock says to something that does not exist.
pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
    Refusal::new(404, "ResourceNotFoundException", message)
}

impl Standing {
    /// Whether the model may be invoked, else what AWS says.
    pub(crate) fn check(self) -> Result<(), Refusal> {
        let (status, code, message) = match self {
            Self::Granted => return Ok(()),
            Self::NoAccess => (
                403,
                "AccessDeniedException",
                "You don't have access to the model with the specified model ID.",
            ),
            Self::UseCaseFormMissing => (
                404,
                "ResourceNotFoundException",
                "Model use case details have not been submitted for this account. Fill out the Anthropic use case \
                 details form before using the model. If you have already filled out the form, try again in 15 minutes.",
            ),
            Self::MarketplaceDenied => (
                403,
                "AccessDeniedException",
                "Model access is denied due to IAM user or service role is not authorized to perform the required AWS \
                 Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to \
                 this model. Refer to the Amazon Bedrock documentation for further details. Your AWS Marketplace \
                 subscription for this model cannot be completed at this time. If you recently fixed this issue, try \
                 again after 5 minutes.",
            ),
            Self::AgreementPending => (
                403,
                "MPAgreementBeingCreated",
                "The model agreement is being created. Try again later.",
            ),
            Self::AccountBlocked => (400, "ValidationException", "Operation not allowed"),
            Self::EndOfLife => return Err(end_of_life()),
            Self::LegacyUnused => (
                404,
                "ResourceNotFoundException",
                "Access denied. This Model is marked by provider as Legacy and you have not been actively using the \
                 model in the last 15 days. Please upgrade to an active model on Amazon Bedrock",
            ),
            Self::Throttled => (
                429,
                "ThrottlingException",
                "Too many requests, please wait before trying again.",
            ),
            Self::TokensThrottled => (
                429,
                "ThrottlingException",
                "Too many tokens, please wait before trying again.",
            ),
            Self::QuotaExceeded => (
                400,
                "ServiceQuotaExceededException",
                "Your request exceeds the service quota for your account. You can view your quotas at \
                 https://docs.aws.amazon.com/servicequotas/latest/userguide/gs-request-quota.html",
            ),
            Self::NotReady => (
                429,
                "ModelNotReadyException",
                "Model is not ready for inference. Wait and try your request again. Refer to \
                 https://docs.aws.amazon.com/bedrock/latest/userguide/invoke-imported-model.html#handle-model-not-ready-exception.",
            ),
            Self::TimesOut => (
                408,
                "ModelTimeoutException",
                "Model has timed out in processing the request. Try your request again.",
            ),
            Self::Fails => (
                424,
                "ModelErrorException",
                "The system encountered an unexpected error during processing. Try your request again.",
            ),
            Self::InternalError => (
                500,
                "InternalServerException",
                "The system encountered an unexpected error during processing. Try your request again.",
            ),
            Self::Unavailable => (
                503,
                "ServiceUnavailableException",
                "Bedrock is unable to process your request.",
            ),
            Self::Overloaded => (529, OVERLOADED, "Overloaded"),
        };
        Err(Refusal::new(status, code, message))
    }

    /// What GetFoundationModelAvailability says.
    pub(crate) fn availability(self, model: &str, in_region: bool, subscribed: bool) -> Value {
        let agreement = match self {
            Self::AgreementPending => "PENDING",
            Self::UseCaseFormMissing | Self::MarketplaceDenied if subscribed => "NOT_AVAILABLE",
            Self::NoAccess if subscribed => "NOT_AVAILABLE",
            _ => "AVAILABLE",
        };
        let authorized = !matches!(
            self,
            Self::NoAccess | Self::AccountBlocked | Self::LegacyUnused
        );
        let available = |is| if is { "AVAILABLE" } else { "NOT_AVAILABLE" };
        json!({
            "modelId": model,
            "agreementAvailability": { "status": agreement },
            "authorizationStatus": if authorized { "AUTHORIZED" } else { "NOT_AUTHORIZED" },
            "entitlementAvailability": available(authorized && agreement == "AVAILABLE"),
            "regionAvailability": available(in_region),
        })
    }
}

/// The code of the refusal that is written in its own form.
pub(crate) const OVERLOADED: &str = "overloaded_error";
