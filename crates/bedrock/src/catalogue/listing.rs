//! What the lists say of something that was invoked before.

use super::{Catalogue, List, Model, arn::Arn};

/// What the lists say of an id or ARN that is sent to invoke something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing<'a> {
    /// It is a way to this entry, which may have ended all the same.
    Listed(&'a Model),
    /// It is a way to nothing.
    Absent,
    /// The list that would have it has gaps.
    Unknown,
}

impl Catalogue {
    /// What the lists say of an id or ARN that is sent to invoke something.
    pub fn listing(&self, invoke_id: &str) -> Listing<'_> {
        let is_way = |model: &&Model| model.ways.iter().any(|way| way.is_called(invoke_id));
        match self.models.iter().find(is_way) {
            Some(model) => Listing::Listed(model),
            None if self.gaps.iter().any(|gap| would_have(gap.list, invoke_id)) => Listing::Unknown,
            None => Listing::Absent,
        }
    }
}

/// Whether a list is one that could have that id or ARN.
fn would_have(list: List, invoke_id: &str) -> bool {
    let profiles = [List::SystemProfiles, List::ApplicationProfiles];
    let lists = match Arn::parse(invoke_id).map(|arn| arn.kind) {
        Some("foundation-model") => &[List::FoundationModels][..],
        Some("inference-profile" | "application-inference-profile") => &profiles,
        Some("provisioned-model") => &[List::ProvisionedThroughputs],
        Some("custom-model-deployment") => &[List::CustomModelDeployments],
        Some("imported-model") => &[List::ImportedModels],
        Some(_) => &List::ALL,
        None if names_geography(invoke_id) => &profiles,
        None => &[List::FoundationModels],
    };
    lists.contains(&list)
}

/// Whether an id names a geography before provider and model, as those of inference profiles do.
fn names_geography(id: &str) -> bool {
    let pairs = id.as_bytes().windows(2);
    let dots = pairs.filter(|pair| pair[0] == b'.' && pair[1].is_ascii_lowercase());
    dots.count() > 1
}

#[cfg(test)]
mod tests {
    use credential_provider::Error;
    use time::OffsetDateTime;

    use super::*;
    use crate::catalogue::Gap;

    /// The lists that are missed when that id is looked up.
    fn missed(invoke_id: &str) -> Vec<List> {
        let misses = |list: &List| {
            let operation = list.operation();
            let gap = Gap {
                list: *list,
                error: Error::Unreachable { operation },
            };
            let catalogue = Catalogue {
                models: Vec::new(),
                gaps: vec![gap],
                fetched_at: OffsetDateTime::UNIX_EPOCH,
            };
            catalogue.listing(invoke_id) == Listing::Unknown
        };
        List::ALL.into_iter().filter(misses).collect()
    }

    #[test]
    fn only_the_list_that_would_have_it_is_missed() {
        let profiles = [List::SystemProfiles, List::ApplicationProfiles];
        let arn = |rest: &str| format!("arn:aws:bedrock:eu-west-1:{rest}");
        for (id, lists) in [
            ("amazon.nova-lite-v1:0", &[List::FoundationModels][..]),
            ("moonshotai.kimi-k2.5", &[List::FoundationModels]),
            ("eu.amazon.nova-lite-v1:0", &profiles),
            (
                &arn(":foundation-model/amazon.nova-lite-v1:0"),
                &[List::FoundationModels],
            ),
            (&arn("123456789012:inference-profile/eu.a.b"), &profiles),
            (
                &arn("123456789012:application-inference-profile/a1"),
                &profiles,
            ),
            (
                &arn("123456789012:imported-model/a1"),
                &[List::ImportedModels],
            ),
            (
                &arn("123456789012:custom-model-deployment/a1"),
                &[List::CustomModelDeployments],
            ),
            (
                &arn("123456789012:provisioned-model/a1"),
                &[List::ProvisionedThroughputs],
            ),
            (&arn("123456789012:something-new/a1"), &List::ALL),
        ] {
            assert_eq!(missed(id), lists, "{id}");
        }
    }
}
