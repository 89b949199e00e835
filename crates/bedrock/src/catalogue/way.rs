//! One way to invoke a model.

use serde::Serialize;

/// One way to invoke a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// What is sent as model id.
    pub id: String,
    /// By what.
    pub via: Via,
    /// What its owner called it, where it has an owner.
    pub name: Option<String>,
    /// Its ARN, for policies.
    pub arn: Option<String>,
    /// How far the data may travel.
    pub residency: Residency,
    /// The regions that may answer. Empty if that is any.
    pub destinations: Vec<String>,
}

/// By what a model is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// By its own id.
    OnDemand,
    /// By an imported model's ARN.
    Import,
    /// By a custom model's on-demand deployment.
    Deployment,
    /// By an inference profile.
    InferenceProfile,
    /// By throughput that was bought.
    ProvisionedThroughput,
}

/// How far the data of a call may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Residency {
    /// It stays in the region.
    Region,
    /// It may go to the regions that are named, and no other.
    Geography,
    /// It may go to any region.
    Global,
}

impl Way {
    /// A way that leaves nothing of `region`.
    pub(super) fn within(region: &str, via: Via, id: &str, arn: &str) -> Self {
        Self {
            id: id.to_owned(),
            via,
            name: None,
            arn: Some(arn.to_owned()),
            residency: Residency::Region,
            destinations: vec![region.to_owned()],
        }
    }

    /// The same under the name that its owner gave it.
    pub(super) fn named(self, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..self
        }
    }

    /// What `text` must be to mean this way.
    pub(super) fn is_called(&self, text: &str) -> bool {
        self.id == text || self.arn.as_deref() == Some(text)
    }
}

/// Puts the way to be taken first: what is paid for by use before what was bought, then data that travels least, then the
/// fewest regions. A way that was told twice is one.
pub(super) fn sorted(mut ways: Vec<Way>) -> Vec<Way> {
    ways.sort_by(|a, b| {
        let rank = |way: &Way| {
            (
                way.via == Via::ProvisionedThroughput,
                way.residency,
                way.via,
                way.destinations.len(),
            )
        };
        rank(a).cmp(&rank(b)).then_with(|| a.id.cmp(&b.id))
    });
    ways.dedup_by(|next, way| next.id == way.id);
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_travels_least_comes_first() {
        let ways = vec![
            way("pt", Via::ProvisionedThroughput, Residency::Region, 1),
            way("global", Via::InferenceProfile, Residency::Global, 0),
            way("apac", Via::InferenceProfile, Residency::Geography, 7),
            way("jp", Via::InferenceProfile, Residency::Geography, 2),
            way("bare", Via::OnDemand, Residency::Region, 1),
            way("jp", Via::InferenceProfile, Residency::Geography, 2),
        ];
        let ways = sorted(ways);
        let order: Vec<&str> = ways.iter().map(|way| way.id.as_str()).collect();
        assert_eq!(order, ["bare", "jp", "apac", "global", "pt"]);
    }

    fn way(id: &str, via: Via, residency: Residency, destinations: usize) -> Way {
        Way {
            id: id.to_owned(),
            via,
            name: None,
            arn: None,
            residency,
            destinations: vec!["x".to_owned(); destinations],
        }
    }
}
