//! Whether an account may use one model: a call per model, so for one that is registered or looked at, never for a list.

use aws_sdk_bedrock::operation::get_foundation_model_availability::GetFoundationModelAvailabilityOutput;
use credential_provider::{Aws, Lease, Result, from_sdk};
use domain::Region;
use serde::Serialize;

use super::{Reason, State};
use crate::clients;

/// Whether an account may use a base model, as AWS tells before it is tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Availability {
    /// Whether.
    pub state: State,
    /// Why not, or what is still to happen.
    pub reason: Option<Reason>,
    /// What AWS says of an agreement that failed.
    pub message: Option<String>,
}

const OPERATION: &str = "GetFoundationModelAvailability";

impl Availability {
    /// Asks AWS whether the account may use the base model `model_id`.
    ///
    /// # Errors
    /// Why AWS did not tell. That says nothing about the model.
    pub async fn fetch(aws: &Aws, lease: &Lease, region: &Region, model_id: &str) -> Result<Self> {
        let client = clients::bedrock(aws, lease, region);
        let request = client
            .get_foundation_model_availability()
            .model_id(model_id);
        match request.send().await {
            Ok(answer) => Ok(Self::of(&answer)),
            Err(error) => Err(from_sdk(OPERATION, aws.call_limit(), &error)),
        }
    }

    fn of(answer: &GetFoundationModelAvailabilityOutput) -> Self {
        if answer.region_availability.as_str() == "NOT_AVAILABLE" {
            return Self::because(State::Unavailable, Reason::NotInRegion);
        }
        if answer.authorization_status.as_str() == "NOT_AUTHORIZED" {
            return Self::because(State::NotAuthorized, Reason::NotAuthorized);
        }
        let agreement = answer.agreement_availability.as_ref();
        let message = agreement.and_then(|agreement| agreement.error_message.clone());
        match agreement.map(|agreement| agreement.status.as_str()) {
            Some("ERROR") => Self {
                message,
                ..Self::because(State::NotAuthorized, Reason::AgreementFailed)
            },
            Some("PENDING") => Self::because(State::Available, Reason::AgreementPending),
            // Models are open to all accounts until the first call, which makes the agreement.
            Some("NOT_AVAILABLE") => Self::because(State::Available, Reason::AgreementByFirstCall),
            _ if answer.entitlement_availability.as_str() == "NOT_AVAILABLE" => {
                Self::because(State::NotAuthorized, Reason::NotEntitled)
            }
            _ => Self {
                state: State::Available,
                reason: None,
                message: None,
            },
        }
    }

    const fn because(state: State, reason: Reason) -> Self {
        Self {
            state,
            reason: Some(reason),
            message: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_bedrock::types::{
        AgreementAvailability, AgreementStatus, AuthorizationStatus, EntitlementAvailability,
        RegionAvailability,
    };

    use super::*;

    #[test]
    fn each_no_of_aws_has_its_reason() {
        use AuthorizationStatus::{Authorized, NotAuthorized};
        let yes = ("AVAILABLE", Authorized, "AVAILABLE", "AVAILABLE");
        for (agreement, authorization, entitlement, region, state, reason) in [
            (yes.0, Authorized, yes.2, yes.3, State::Available, None),
            (
                yes.0,
                Authorized,
                yes.2,
                "NOT_AVAILABLE",
                State::Unavailable,
                Some(Reason::NotInRegion),
            ),
            (
                yes.0,
                NotAuthorized,
                yes.2,
                yes.3,
                State::NotAuthorized,
                Some(Reason::NotAuthorized),
            ),
            (
                yes.0,
                Authorized,
                "NOT_AVAILABLE",
                yes.3,
                State::NotAuthorized,
                Some(Reason::NotEntitled),
            ),
            (
                "PENDING",
                Authorized,
                "NOT_AVAILABLE",
                yes.3,
                State::Available,
                Some(Reason::AgreementPending),
            ),
            (
                "NOT_AVAILABLE",
                Authorized,
                "NOT_AVAILABLE",
                yes.3,
                State::Available,
                Some(Reason::AgreementByFirstCall),
            ),
            (
                "ERROR",
                Authorized,
                yes.2,
                yes.3,
                State::NotAuthorized,
                Some(Reason::AgreementFailed),
            ),
            ("NEWS", Authorized, "NEWS", "NEWS", State::Available, None),
        ] {
            let answer = GetFoundationModelAvailabilityOutput::builder()
                .model_id("m")
                .agreement_availability(
                    AgreementAvailability::builder()
                        .status(AgreementStatus::from(agreement))
                        .build()
                        .unwrap(),
                )
                .authorization_status(authorization)
                .entitlement_availability(EntitlementAvailability::from(entitlement))
                .region_availability(RegionAvailability::from(region))
                .build()
                .unwrap();
            let availability = Availability::of(&answer);
            assert_eq!(
                (availability.state, availability.reason),
                (state, reason),
                "{agreement}"
            );
        }
    }
}
