//! The foundation models that the sandbox's Bedrock has: real ids, real differences between regions, and at least one
//! of every kind that a client must tell apart. It is a sample, not a copy of AWS's list.

mod amazon;
mod anthropic;
mod others;

use time::OffsetDateTime;

use super::{geography::Geography, model::Model};

/// The regions of the first row: nearly every model is here.
const US: &[&str] = &["us-east-1", "us-west-2"];
const US_EAST_1: &[&str] = &["us-east-1"];
const US_WEST_2: &[&str] = &["us-west-2"];
/// Where models of the first generations can be invoked by their bare ids.
const WIDE: &[&str] = &[
    "us-east-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
];

/// All models.
pub(crate) fn models() -> impl Iterator<Item = &'static Model> {
    [amazon::MODELS, anthropic::MODELS, others::MODELS]
        .into_iter()
        .flatten()
}

/// The models of a region that have not ended.
pub(crate) fn models_in(region: &str, now: OffsetDateTime) -> impl Iterator<Item = &'static Model> {
    models().filter(move |model| model.is_in(region) && !model.has_ended(now))
}

/// The model of this id.
pub(crate) fn model(id: &str) -> Option<&'static Model> {
    models().find(|model| model.id == id)
}

/// The model and geography that this id of a system profile names, wherever it may be called from.
pub(crate) fn system_profile(id: &str) -> Option<(&'static Model, Geography)> {
    let (prefix, id) = id.split_once('.')?;
    let model = model(id)?;
    let mut profiles = model.profiles.iter().copied();
    Some((model, profiles.find(|profile| profile.prefix() == prefix)?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_id_is_there_twice() {
        let ids: BTreeSet<_> = models().map(|model| model.id).collect();
        assert_eq!(ids.len(), models().count());
    }

    #[test]
    fn every_model_can_be_invoked_somehow_somewhere() {
        for model in models() {
            let anywhere = !model.on_demand.is_empty()
                || !model.profiles.is_empty()
                || !model.provisioned.is_empty();
            assert!(anywhere, "{}", model.id);
        }
    }

    #[test]
    fn the_catalogue_has_every_kind_that_a_client_must_tell_apart() {
        let types = |model: &Model| {
            ["us-east-1", "eu-central-1", "us-west-2"].map(|region| model.inference_types(region))
        };
        let all: Vec<_> = models().flat_map(types).collect();
        for kind in [
            vec!["ON_DEMAND"],
            vec!["PROVISIONED"],
            vec!["INFERENCE_PROFILE"],
            vec!["ON_DEMAND", "INFERENCE_PROFILE"],
        ] {
            assert!(all.contains(&kind), "{kind:?}");
        }
        let outputs: BTreeSet<_> = models().flat_map(|model| model.output).collect();
        for modality in ["TEXT", "IMAGE", "EMBEDDING", "VIDEO", "SPEECH"] {
            assert!(outputs.contains(&modality), "{modality}");
        }
        assert!(models().any(|model| model.legacy.is_some()));
        assert!(models().any(|model| model.input.contains(&"AUDIO")));
    }

    #[test]
    fn a_system_profile_is_known_by_its_prefix() {
        let (model, geography) =
            system_profile("eu.anthropic.claude-sonnet-4-5-20250929-v1:0").unwrap();
        assert_eq!(model.id, "anthropic.claude-sonnet-4-5-20250929-v1:0");
        assert_eq!(geography, Geography::Eu);
        assert!(system_profile("apac.anthropic.claude-sonnet-4-6").is_none());
        assert!(system_profile("anthropic.claude-sonnet-4-6").is_none());
    }
}
