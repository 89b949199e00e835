//! What a model id means: which model answers, and which resources the caller must be allowed to use for it.
//!
//! What the id is made of is settled first, then the caller's policies are asked, and only then whether the thing
//! exists: a stranger does not learn what is there.

use domain::AccountId;
use time::OffsetDateTime;

use super::{
    arn, catalogue,
    geography::Geography,
    holdings::Holdings,
    model::{Body, Chat, Model, Thinking, Tools},
    standing::{Standing, end_of_life, invalid_identifier, no_on_demand, not_found},
};
use crate::Refusal;

/// The longest id that AWS takes.
const MAX_LENGTH: usize = 2_048;

/// What an id means.
pub(crate) struct Target {
    /// The ARNs of everything that the caller must be allowed to use.
    pub(crate) resources: Vec<String>,
    /// The inference profile that leads there.
    pub(crate) profile: Option<String>,
    /// The model, or why there is none.
    pub(crate) found: Result<Found, Refusal>,
}

/// A model that an id led to.
pub(crate) struct Found {
    /// The model that answers.
    pub(crate) model: &'static Model,
    /// How it stands.
    pub(crate) standing: Standing,
    /// Whether Converse is for it.
    pub(crate) converses: bool,
}

/// How an imported model behaves.
const IMPORTED: Model = Model::text("imported", "Imported model", "Imported")
    .chat(Chat {
        system: true,
        tools: Tools::No,
        thinking: Thinking::No,
        caches: false,
        continues: false,
        structured: false,
        samples_by_both: true,
        max_tokens: 8_192,
    })
    .body(Body::Llama);

/// Where an id is looked up.
pub(crate) struct Place<'a> {
    /// The caller's account.
    pub(crate) account: AccountId,
    /// What it has.
    pub(crate) holdings: &'a Holdings,
    /// The region that was asked.
    pub(crate) region: &'a str,
    /// When.
    pub(crate) now: OffsetDateTime,
}

impl Place<'_> {
    /// What an id means here.
    pub(crate) fn find(&self, id: &str) -> Result<Target, Refusal> {
        if !is_well_formed(id) {
            return Err(malformed(id));
        }
        if !id.starts_with("arn:") {
            return Ok(match catalogue::system_profile(id) {
                Some((model, geography)) => self.system_profile(id, model, geography),
                None => self.foundation_model(id, id),
            });
        }
        let parts: Vec<&str> = id.splitn(6, ':').collect();
        let [_, partition, "bedrock", region, owner, resource] = parts[..] else {
            return Err(invalid_identifier());
        };
        let Some((kind, name)) = resource.split_once('/') else {
            return Err(invalid_identifier());
        };
        let is_here = partition == arn::partition(self.region) && region == self.region;
        if !is_here {
            return Ok(missing(id, invalid_identifier()));
        }
        if kind == "foundation-model" && owner.is_empty() {
            return Ok(self.foundation_model(name, id));
        }
        if owner.parse() != Ok(self.account) {
            return Ok(missing(id, invalid_identifier()));
        }
        Ok(match kind {
            "inference-profile" => match catalogue::system_profile(name) {
                Some((model, geography)) => self.system_profile(name, model, geography),
                None => missing(id, invalid_identifier()),
            },
            "application-inference-profile" => self.application_profile(id, name),
            "custom-model-deployment" => self.deployment(id, name),
            "provisioned-model" => self.provisioned(id, name),
            "imported-model" => self.imported(id, name),
            "custom-model" => missing(id, no_on_demand(id)),
            _ => missing(id, invalid_identifier()),
        })
    }

    fn foundation_model(&self, id: &str, asked: &str) -> Target {
        let found = match catalogue::model(id).filter(|model| model.is_in(self.region)) {
            None => Err(invalid_identifier()),
            Some(model) if model.has_ended(self.now) => Err(end_of_life()),
            Some(model) if !model.is_on_demand(self.region) => Err(no_on_demand(asked)),
            Some(model) => Ok(self.found(model, &[asked, id])),
        };
        Target {
            resources: vec![arn::foundation_model(self.region, self.region, id)],
            profile: None,
            found,
        }
    }

    fn system_profile(&self, id: &str, model: &'static Model, geography: Geography) -> Target {
        let profile = arn::owned(
            self.region,
            self.account,
            &format!("inference-profile/{id}"),
        );
        let Some(destinations) = geography.model_arns(self.region, model.id) else {
            return missing(&profile, invalid_identifier());
        };
        let found = if model.has_ended(self.now) {
            Err(end_of_life())
        } else {
            Ok(self.found(model, &[&profile, id, model.id]))
        };
        Target {
            resources: with_source(self.region, model.id, &profile, destinations),
            profile: Some(profile),
            found,
        }
    }

    fn application_profile(&self, id: &str, name: &str) -> Target {
        let mut profiles = self.holdings.profiles.iter();
        let Some(profile) =
            profiles.find(|profile| profile.id == name && profile.region == self.region)
        else {
            return missing(
                id,
                not_found("The provided inference profile was not found."),
            );
        };
        let mut target = match catalogue::system_profile(&profile.source) {
            Some((model, geography)) => self.system_profile(&profile.source, model, geography),
            None => self.foundation_model(&profile.source, &profile.source),
        };
        // The profile it was made from is not asked for, only the models behind it.
        target
            .resources
            .retain(|arn| !arn.contains(":inference-profile/"));
        target.resources.insert(0, id.to_owned());
        target.profile = Some(id.to_owned());
        target.found = target
            .found
            .map(|found| self.found(found.model, &[id, found.model.id]));
        target
    }

    fn deployment(&self, id: &str, name: &str) -> Target {
        let mut deployments = self.holdings.deployments.iter();
        let found = deployments
            .find(|it| it.id == name && it.region == self.region && it.status == "Active")
            .and_then(|it| self.custom_base(&it.custom_model))
            .map(|model| self.found(model, &[id]));
        only(id, found)
    }

    fn provisioned(&self, id: &str, name: &str) -> Target {
        let mut provisioned = self.holdings.provisioned.iter();
        let found = provisioned
            .find(|it| it.id == name && it.region == self.region && it.status != "Failed")
            .and_then(|it| catalogue::model(&it.model).or_else(|| self.custom_base(&it.model)))
            .map(|model| self.found(model, &[id]));
        only(id, found)
    }

    fn imported(&self, id: &str, name: &str) -> Target {
        let mut imported = self.holdings.imported_models.iter();
        let found = imported
            .find(|it| it.id == name && it.region == self.region)
            .map(|it| Found {
                converses: it.architecture != "qwen2_5_vl",
                ..self.found(&IMPORTED, &[id])
            });
        only(id, found)
    }

    /// The foundation model that a custom model was made from.
    fn custom_base(&self, custom_model: &str) -> Option<&'static Model> {
        let mut custom = self.holdings.custom_models.iter();
        let it = custom.find(|it| it.id == custom_model && it.region == self.region)?;
        catalogue::model(&it.base)
    }

    fn found(&self, model: &'static Model, names: &[&str]) -> Found {
        Found {
            model,
            standing: self.holdings.standing(names),
            converses: model.chat.is_some(),
        }
    }
}

/// The profile, the model where it was called, and the model wherever the profile may send the request.
fn with_source(region: &str, model: &str, profile: &str, destinations: Vec<String>) -> Vec<String> {
    let source = arn::foundation_model(region, region, model);
    let mut resources = vec![profile.to_owned(), source];
    for destination in destinations {
        if !resources.contains(&destination) {
            resources.push(destination);
        }
    }
    resources
}

/// Something that the account owns, which is all that the caller must be allowed to use.
fn only(arn: &str, found: Option<Found>) -> Target {
    Target {
        resources: vec![arn.to_owned()],
        profile: None,
        found: found.ok_or_else(|| {
            not_found("The resource you requested does not exist. Check the ARN and try again.")
        }),
    }
}

fn missing(arn: &str, refusal: Refusal) -> Target {
    Target {
        resources: vec![arn.to_owned()],
        profile: None,
        found: Err(refusal),
    }
}

fn is_well_formed(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(fits)
}

/// What AWS says to an id that breaks its pattern, which is longer than what stands here.
fn malformed(id: &str) -> Refusal {
    Refusal::validation(format!(
        "1 validation error detected: Value '{id}' at 'modelId' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: (arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{{1,20}}:.*)|([a-z0-9-]{{1,63}}[.]{{1}}[a-z0-9-]\
         {{1,63}}([.:]?[a-z0-9-]{{1,63}}))|(([0-9a-zA-Z][_-]?)+)"
    ))
}
