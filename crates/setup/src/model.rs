//! A model that was chosen, so that nothing else can be invoked.

use domain::{Invalid, Region};

/// What must be allowed for one model to be invoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub(crate) arns: Vec<String>,
}

impl Model {
    /// What is invoked by its own ARN.
    pub fn by_arn(arn: &str) -> Self {
        Self {
            arns: vec![arn.to_owned()],
        }
    }

    /// A foundation model through an inference profile that spreads calls over `destinations`. None of them: over any.
    /// AWS asks for the profile, and for the model here and wherever a call may end.
    pub fn through_profile(
        region: &Region,
        profile_arn: &str,
        model_id: &str,
        destinations: &[String],
    ) -> Self {
        let there: Vec<&str> = match destinations {
            // Also the ARN without a region that stands for all of them.
            [] => vec!["*"],
            named => named
                .iter()
                .map(String::as_str)
                .chain([region.as_str()])
                .collect(),
        };
        let models = there
            .into_iter()
            .map(|there| foundation_model(region, there, model_id));
        Self {
            arns: [profile_arn.to_owned()].into_iter().chain(models).collect(),
        }
    }

    /// What an id or ARN tells that AWS's lists were not asked about: where a profile sends calls, it does not, nor does a
    /// model's own tell which profiles it may be invoked through alone.
    ///
    /// # Errors
    /// That it does not tell enough.
    pub fn named(region: &Region, text: &str) -> Result<Self, Invalid> {
        if !text.starts_with("arn:") {
            let model_id = without_geography(text);
            return Ok(if model_id == text {
                Self::through_any_profile(region, model_id)
            } else {
                Self::through_profile(region, &profile(region, text), model_id, &[])
            });
        }
        if let Some((_, model_id)) = text.rsplit_once(":foundation-model/") {
            return Ok(Self::through_any_profile(region, model_id));
        }
        match text.split_once(":inference-profile/") {
            Some((_, profile)) => Ok(Self::through_profile(
                region,
                text,
                without_geography(profile),
                &[],
            )),
            None if text.contains(":application-inference-profile/") => Err(Invalid(
                "is a profile of the account's own: what it reaches is known once the connection is saved",
            )),
            None => Ok(Self::by_arn(text)),
        }
    }

    /// A foundation model by its own id, or through whichever profile of AWS's it answers.
    fn through_any_profile(region: &Region, model_id: &str) -> Self {
        let profiles = profile(region, &format!("*.{model_id}"));
        Self::through_profile(region, &profiles, model_id, &[])
    }
}

/// A profile of AWS's, which has the number of the account that uses it.
fn profile(region: &Region, id: &str) -> String {
    format!(
        "arn:{}:bedrock:{region}:*:inference-profile/{id}",
        region.partition().as_str()
    )
}

fn foundation_model(region: &Region, there: &str, model_id: &str) -> String {
    format!(
        "arn:{}:bedrock:{there}::foundation-model/{model_id}",
        region.partition().as_str()
    )
}

/// The model's id in that of an inference profile, which has a geography before it: `eu.amazon.nova-lite-v1:0`.
fn without_geography(id: &str) -> &str {
    let begins_a_word = |rest: &str| rest.starts_with(|first: char| first.is_ascii_lowercase());
    match id.split_once('.') {
        Some((_, model)) if model.split('.').skip(1).any(begins_a_word) => model,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Result<Vec<String>, Invalid> {
        Model::named(&"eu-west-1".parse().unwrap(), text).map(|model| model.arns)
    }

    #[test]
    fn a_base_model_is_allowed_by_whatever_profile_it_may_need() {
        let allowed = [
            "arn:aws:bedrock:eu-west-1:*:inference-profile/*.moonshotai.kimi-k2.5",
            "arn:aws:bedrock:*::foundation-model/moonshotai.kimi-k2.5",
        ];
        assert_eq!(named("moonshotai.kimi-k2.5").unwrap(), allowed);
        let arn = "arn:aws:bedrock:eu-west-1::foundation-model/moonshotai.kimi-k2.5";
        assert_eq!(named(arn).unwrap(), allowed);
    }

    #[test]
    fn a_profile_needs_its_model_wherever_it_sends_calls() {
        let profile =
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0";
        let model =
            |region| format!("arn:aws:bedrock:{region}::foundation-model/amazon.nova-lite-v1:0");
        assert_eq!(named(profile).unwrap(), [profile.to_owned(), model("*")]);
        let of_any_account = profile.replace("123456789012", "*");
        let anywhere = [of_any_account, model("*")];
        assert_eq!(named("eu.amazon.nova-lite-v1:0").unwrap(), anywhere);

        let destinations = ["eu-north-1".to_owned(), "eu-west-3".to_owned()];
        let region = "eu-west-1".parse().unwrap();
        let known =
            Model::through_profile(&region, profile, "amazon.nova-lite-v1:0", &destinations);
        assert_eq!(
            known.arns,
            [
                profile.to_owned(),
                model("eu-north-1"),
                model("eu-west-3"),
                model("eu-west-1")
            ]
        );
    }

    #[test]
    fn what_the_account_made_is_allowed_by_its_arn_unless_that_hides_a_model() {
        let imported = "arn:aws:bedrock:eu-west-1:123456789012:imported-model/a1b2c3d4e5f6";
        assert_eq!(named(imported).unwrap(), [imported]);
        let own =
            "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3d4e5f6";
        assert!(named(own).is_err());
    }
}
