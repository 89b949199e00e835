//! Asking AWS for the lists, all at once, each by itself: one that fails takes no other along.

use std::time::Duration;

use aws_sdk_bedrock::{
    Client,
    types::{
        CustomModelDeploymentSummary, CustomModelSummary, FoundationModelSummary,
        ImportedModelSummary, InferenceProfileSummary, InferenceProfileType,
        ProvisionedModelSummary,
    },
};
use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use credential_provider::{AwsError, Error, Result, from_sdk};
use tokio::time::{Instant, timeout_at};

use super::list::{Gap, List, Listed};

/// AWS's lists, as it told them.
pub(super) struct Lists {
    pub foundation_models: Listed<FoundationModelSummary>,
    pub system_profiles: Listed<InferenceProfileSummary>,
    pub application_profiles: Listed<InferenceProfileSummary>,
    pub custom_models: Listed<CustomModelSummary>,
    pub deployments: Listed<CustomModelDeploymentSummary>,
    pub imported_models: Listed<ImportedModelSummary>,
    pub throughputs: Listed<ProvisionedModelSummary>,
}

/// Entries of a page: the most that AWS gives.
const PAGE: i32 = 1_000;
/// The most entries of one list that are believed, so that an answer without an end cannot fill the memory.
const MOST: usize = 20_000;
/// The longest that one list may take, pages and all.
const LIMIT: Duration = Duration::from_secs(30);

impl Lists {
    /// Asks for all lists at once; `limit` is that of one call.
    pub(super) async fn fetch(client: &Client, limit: Duration) -> Self {
        let profiles = |kind| {
            let request = client.list_inference_profiles().type_equals(kind);
            request.max_results(PAGE).into_paginator().items().send()
        };
        let system_profiles = profiles(InferenceProfileType::SystemDefined);
        let application_profiles = profiles(InferenceProfileType::Application);
        let custom_models = client.list_custom_models().max_results(PAGE);
        let deployments = client.list_custom_model_deployments().max_results(PAGE);
        let imported_models = client.list_imported_models().max_results(PAGE);
        let throughputs = client
            .list_provisioned_model_throughputs()
            .max_results(PAGE);
        let (
            foundation_models,
            system_profiles,
            application_profiles,
            custom_models,
            deployments,
            imported,
            bought,
        ) = tokio::join!(
            foundation_models(client, limit),
            collect(List::SystemProfiles, limit, system_profiles),
            collect(List::ApplicationProfiles, limit, application_profiles),
            collect(
                List::CustomModels,
                limit,
                custom_models.into_paginator().items().send()
            ),
            collect(
                List::CustomModelDeployments,
                limit,
                deployments.into_paginator().items().send()
            ),
            collect(
                List::ImportedModels,
                limit,
                imported_models.into_paginator().items().send()
            ),
            collect(
                List::ProvisionedThroughputs,
                limit,
                throughputs.into_paginator().items().send()
            ),
        );
        Self {
            foundation_models,
            system_profiles,
            application_profiles,
            custom_models,
            deployments,
            imported_models: imported,
            throughputs: bought,
        }
    }

    /// What is missing.
    ///
    /// # Errors
    /// Why foundation models could not be listed, if nothing else could be either.
    pub(super) fn gaps(&self) -> Result<Vec<Gap>> {
        let gaps: Vec<Gap> = List::ALL
            .into_iter()
            .filter_map(|list| {
                let error = self.error(list)?.clone();
                Some(Gap { list, error })
            })
            .collect();
        match &self.foundation_models.error {
            Some(error) if gaps.len() == List::ALL.len() => Err(error.clone()),
            _ => Ok(gaps),
        }
    }

    /// Why a list has gaps, if it has.
    pub(super) fn error(&self, list: List) -> Option<&Error> {
        match list {
            List::FoundationModels => self.foundation_models.error.as_ref(),
            List::SystemProfiles => self.system_profiles.error.as_ref(),
            List::ApplicationProfiles => self.application_profiles.error.as_ref(),
            List::CustomModels => self.custom_models.error.as_ref(),
            List::CustomModelDeployments => self.deployments.error.as_ref(),
            List::ImportedModels => self.imported_models.error.as_ref(),
            List::ProvisionedThroughputs => self.throughputs.error.as_ref(),
        }
    }
}

/// The one list without pages.
async fn foundation_models(client: &Client, limit: Duration) -> Listed<FoundationModelSummary> {
    match client.list_foundation_models().send().await {
        Ok(answer) => Listed::whole(answer.model_summaries.unwrap_or_default()),
        Err(error) => {
            let operation = List::FoundationModels.operation();
            Listed::broken(Vec::new(), from_sdk(operation, limit, &error))
        }
    }
}

async fn collect<T, E>(
    list: List,
    limit: Duration,
    mut entries: PaginationStream<Result<T, SdkError<E, HttpResponse>>>,
) -> Listed<T>
where
    E: ProvideErrorMetadata,
{
    let operation = list.operation();
    let end = Instant::now() + LIMIT;
    let mut items = Vec::new();
    loop {
        match timeout_at(end, entries.next()).await {
            Ok(None) => return Listed::whole(items),
            Ok(Some(Ok(_))) if items.len() == MOST => {
                return Listed::broken(items, endless(operation));
            }
            Ok(Some(Ok(item))) => items.push(item),
            Ok(Some(Err(error))) => {
                return Listed::broken(items, from_sdk(operation, limit, &error));
            }
            Err(_) => {
                let limit = LIMIT;
                return Listed::broken(items, Error::TimedOut { operation, limit });
            }
        }
    }
}

fn endless(operation: &'static str) -> Error {
    Error::Faulty(AwsError::new(
        operation,
        200,
        "",
        "the list has no end",
        None,
    ))
}
