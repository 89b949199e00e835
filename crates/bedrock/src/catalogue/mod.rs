//! What can be invoked with an access in a region, and by which id.
//!
//! Lists of AWS's say what exists; here they are merged into what can be invoked. A list that fails leaves a [`Gap`] and
//! the rest stays: nothing of it is believed to be empty. Absent: Marketplace endpoints and prompt routers, which the
//! session ceiling does not reach, and whether an account may really use a model, which is a call per model
//! ([`Availability`]).

mod arn;
mod availability;
mod capability;
mod filter;
mod invoke_id;
mod key;
mod lifecycle;
mod list;
mod listing;
mod lists;
mod merge;
mod model;
mod reason;
mod survey;
#[cfg(test)]
mod tests;
mod way;

use std::time::Duration;

use credential_provider::{Aws, Lease, Result};
use domain::Region;
use time::OffsetDateTime;

pub(crate) use self::survey::Survey;
pub use self::{
    availability::Availability,
    capability::Capability,
    filter::Filter,
    invoke_id::InvokeId,
    key::ModelKey,
    lifecycle::Lifecycle,
    list::{Gap, List},
    listing::Listing,
    model::{Kind, Modalities, Model, State},
    reason::Reason,
    way::{Residency, Via, Way},
};

/// What can be invoked with an access in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// The models, those of one provider together, then by name.
    pub models: Vec<Model>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// When AWS was asked.
    pub fetched_at: OffsetDateTime,
}

/// The longest that one list may take, pages and all.
const LIMIT: Duration = Duration::from_secs(30);

impl Catalogue {
    /// Asks AWS for its lists, all at once, and merges them.
    ///
    /// # Errors
    /// Why foundation models could not be listed, if nothing else could be either.
    pub async fn fetch(aws: &Aws, lease: &Lease, region: &Region) -> Result<Self> {
        Survey::make(aws, lease, region, LIMIT).await.catalogue()
    }

    /// The entry of this key.
    pub fn by_key(&self, key: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.key.as_str() == key)
    }

    /// The entry that an AWS id or ARN means, and the way that it names: none if it is the model's own id, with which the
    /// best way is meant.
    pub fn find(&self, id: &str) -> Option<(&Model, Option<&Way>)> {
        let own = self.models.iter().find(|model| model.model_id == id);
        own.map(|model| (model, None)).or_else(|| {
            self.models.iter().find_map(|model| {
                let way = model.ways.iter().find(|way| way.is_called(id))?;
                Some((model, Some(way)))
            })
        })
    }

    /// The entries that `filter` admits, in order.
    pub fn filter<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = &'a Model> {
        self.models.iter().filter(|model| filter.admits(model))
    }

    /// Why a list has gaps, if it has.
    pub fn gap(&self, list: List) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.list == list)
    }
}
