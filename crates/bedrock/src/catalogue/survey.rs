//! What asking for the lists brought, list by list: the catalogue and the test report are two views of it.

use std::time::Duration;

use credential_provider::{Aws, Error, Lease, Result};
use domain::Region;
use time::OffsetDateTime;

use super::{
    Catalogue, List,
    lists::{Limits, Lists},
    merge::merge,
};
use crate::clients;

/// AWS's lists, each with how it ended.
pub(crate) struct Survey {
    lists: Lists,
    region: Region,
    made_at: OffsetDateTime,
}

impl Survey {
    /// Asks AWS for its lists, all at once; none may take longer than `limit`.
    pub(crate) async fn make(aws: &Aws, lease: &Lease, region: &Region, limit: Duration) -> Self {
        let made_at = aws.clock().now();
        let client = clients::bedrock(aws, lease, region);
        let limits = Limits {
            call: aws.call_limit(),
            list: limit,
        };
        Self {
            lists: Lists::fetch(&client, limits).await,
            region: region.clone(),
            made_at,
        }
    }

    /// Why a list has gaps, if it has.
    pub(crate) fn error(&self, list: List) -> Option<&Error> {
        self.lists.error(list)
    }

    /// How long a list took.
    pub(crate) fn took(&self, list: List) -> Duration {
        self.lists.took(list)
    }

    /// What the lists make together.
    ///
    /// # Errors
    /// Why foundation models could not be listed, if nothing else could be either.
    pub(crate) fn catalogue(&self) -> Result<Catalogue> {
        Ok(Catalogue {
            gaps: self.lists.gaps()?,
            models: merge(&self.lists, &self.region, self.made_at),
            fetched_at: self.made_at,
        })
    }
}
