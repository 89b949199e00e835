//! Choosing from the catalogue.

use super::{Capability, Model};

/// What a caller looks for; what is not set admits everything. Letters' case does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// By this provider.
    pub provider: Option<String>,
    /// That takes or gives this, such as `IMAGE`.
    pub modality: Option<String>,
    /// That can be asked for this.
    pub capability: Option<Capability>,
    /// In which each of these words occurs, in name, provider or ids.
    pub q: Option<String>,
}

impl Filter {
    /// Whether `model` is looked for.
    pub fn admits(&self, model: &Model) -> bool {
        self.admits_provider(model)
            && self.admits_modality(model)
            && self
                .capability
                .is_none_or(|capability| model.capabilities.contains(&capability))
            && self.admits_words(model)
    }

    fn admits_provider(&self, model: &Model) -> bool {
        let provider = self.provider.as_deref();
        provider.is_none_or(|provider| alike(provider, &model.provider))
    }

    fn admits_modality(&self, model: &Model) -> bool {
        let Some(modality) = &self.modality else {
            return true;
        };
        let modalities = &model.modalities;
        let mut all = modalities.input.iter().chain(&modalities.output);
        all.any(|is| alike(is, modality))
    }

    fn admits_words(&self, model: &Model) -> bool {
        let Some(q) = &self.q else { return true };
        let ids = model.ways.iter().map(|way| way.id.as_str());
        let texts: Vec<String> = [&model.name, &model.provider, &model.model_id]
            .into_iter()
            .map(String::as_str)
            .chain(model.base_model_id.as_deref())
            .chain(ids)
            .map(str::to_lowercase)
            .collect();
        q.to_lowercase()
            .split_whitespace()
            .all(|word| texts.iter().any(|text| text.contains(word)))
    }
}

fn alike(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}
