//! Which model an id means, and how it is invoked from the connection's region.

use bedrock::catalogue::{self, Capability, Catalogue, InvokeId, Kind, Reason, Way};
use domain::Region;
use store::models::{Facts, State};

/// A model that was chosen to be registered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) facts: Facts,
    pub(super) state: State,
    /// What its alias can be made of.
    pub(super) label: String,
}

/// The model that `id` means: one of the list, in the way that the region needs or `id` names; else what was typed, which
/// nobody knows to work before it is tried.
///
/// # Errors
/// Why not, for the customer.
pub(super) fn choose(
    catalogue: Option<&Catalogue>,
    id: &str,
    region: &Region,
) -> Result<Chosen, String> {
    let find = |id: &str| catalogue.and_then(|catalogue| catalogue.find(id));
    if let Some((model, way)) = find(id) {
        return listed(id, model, way);
    }
    let typed = InvokeId::parse(id, region).map_err(|invalid| invalid.0.to_owned())?;
    match typed.base_model_id().and_then(find) {
        Some((model, way)) => listed(id, model, way),
        None => Ok(unlisted(&typed)),
    }
}

fn listed(id: &str, model: &catalogue::Model, way: Option<&Way>) -> Result<Chosen, String> {
    let Some(best) = &model.invoke_id else {
        let reason = model.state_reason.as_ref().map(Reason::to_string);
        return Err(reason.unwrap_or_else(|| "cannot be invoked".to_owned()));
    };
    let facts = Facts {
        model_id: id.to_owned(),
        base_model_id: model.base_model_id.clone(),
        invoke_id: way.map_or(best, |way| &way.id).clone(),
        name: Some(model.name.clone()),
        provider: Some(model.provider.clone()),
        capabilities: names(&model.capabilities),
        input_modalities: model.modalities.input.clone(),
        output_modalities: model.modalities.output.clone(),
    };
    let state = match model.state {
        catalogue::State::Legacy => State::Legacy,
        _ => State::Available,
    };
    let label = match model.kind {
        Kind::Base => &model.model_id,
        Kind::ApplicationProfile | Kind::Custom | Kind::Imported => &model.name,
    };
    Ok(Chosen {
        facts,
        state,
        label: label.clone(),
    })
}

fn unlisted(id: &InvokeId) -> Chosen {
    let id = id.as_str();
    let facts = Facts {
        model_id: id.to_owned(),
        base_model_id: None,
        invoke_id: id.to_owned(),
        name: None,
        provider: None,
        capabilities: names(&[Capability::Unknown]),
        input_modalities: Vec::new(),
        output_modalities: Vec::new(),
    };
    let label = id.rsplit('/').next().unwrap_or(id);
    Chosen {
        facts,
        state: State::Unverified,
        label: label.to_owned(),
    }
}

fn names(capabilities: &[Capability]) -> Vec<String> {
    let names = capabilities.iter().map(|capability| capability.as_str());
    names.map(str::to_owned).collect()
}
