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
use tokio::time::{Instant, timeout, timeout_at};

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
/// How long asking may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// One call.
    pub call: Duration,
    /// One list, pages and all.
    pub list: Duration,
}

impl Lists {
    /// Asks for all lists at once.
    pub(super) async fn fetch(client: &Client, limits: Limits) -> Self {
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
            foundation_models(client, limits),
            collect(List::SystemProfiles, limits, system_profiles),
            collect(List::ApplicationProfiles, limits, application_profiles),
            collect(
                List::CustomModels,
                limits,
                custom_models.into_paginator().items().send()
            ),
            collect(
                List::CustomModelDeployments,
                limits,
                deployments.into_paginator().items().send()
            ),
            collect(
                List::ImportedModels,
                limits,
                imported_models.into_paginator().items().send()
            ),
            collect(
                List::ProvisionedThroughputs,
                limits,
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
        self.end(list).0
    }

    /// How long a list took.
    pub(super) fn took(&self, list: List) -> Duration {
        self.end(list).1
    }

    fn end(&self, list: List) -> (Option<&Error>, Duration) {
        match list {
            List::FoundationModels => self.foundation_models.end(),
            List::SystemProfiles => self.system_profiles.end(),
            List::ApplicationProfiles => self.application_profiles.end(),
            List::CustomModels => self.custom_models.end(),
            List::CustomModelDeployments => self.deployments.end(),
            List::ImportedModels => self.imported_models.end(),
            List::ProvisionedThroughputs => self.throughputs.end(),
        }
    }
}

/// The one list without pages.
async fn foundation_models(client: &Client, limits: Limits) -> Listed<FoundationModelSummary> {
    let list = List::FoundationModels;
    let began = Instant::now();
    let answer = timeout(limits.list, client.list_foundation_models().send()).await;
    let (items, error) = match answer {
        Ok(Ok(answer)) => (answer.model_summaries.unwrap_or_default(), None),
        Ok(Err(error)) => (
            Vec::new(),
            Some(from_sdk(list.operation(), limits.call, &error)),
        ),
        Err(_) => (Vec::new(), Some(late(list, limits))),
    };
    Listed {
        items,
        error,
        took: began.elapsed(),
    }
}

async fn collect<T, E>(
    list: List,
    limits: Limits,
    mut entries: PaginationStream<Result<T, SdkError<E, HttpResponse>>>,
) -> Listed<T>
where
    E: ProvideErrorMetadata,
{
    let began = Instant::now();
    let mut items = Vec::new();
    let error = loop {
        match timeout_at(began + limits.list, entries.next()).await {
            Ok(None) => break None,
            Ok(Some(Ok(_))) if items.len() == MOST => break Some(endless(list)),
            Ok(Some(Ok(item))) => items.push(item),
            Ok(Some(Err(error))) => {
                break Some(from_sdk(list.operation(), limits.call, &error));
            }
            Err(_) => break Some(late(list, limits)),
        }
    };
    Listed {
        items,
        error,
        took: began.elapsed(),
    }
}

fn late(list: List, limits: Limits) -> Error {
    Error::TimedOut {
        operation: list.operation(),
        limit: limits.list,
    }
}

fn endless(list: List) -> Error {
    Error::Faulty(AwsError::new(
        list.operation(),
        200,
        "",
        "the list has no end",
        None,
    ))
}
