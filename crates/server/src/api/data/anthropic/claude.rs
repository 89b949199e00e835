//! Which registered models speak Messages.

use std::sync::Arc;

use store::models::Facts;

use crate::{
    Context,
    api::problem::{Code, Problem},
    app::conversations::{Converser, Route},
};

/// The model that a caller names, if it is a Claude model.
pub(super) async fn find(
    context: &Context,
    converser: &Converser,
    name: &str,
) -> Result<Arc<Route>, Problem> {
    let route = converser.find(context, name).await?;
    if is_claude(&route.model.facts) {
        return Ok(route);
    }
    let alias = &route.model.alias;
    Err(Problem::new(Code::ValidationFailed).detail(format!(
        "model: {alias} is no Claude model, and no other speaks Messages. Ask it by /openai/v1/chat/completions or by \
         /v1/models/{alias}/converse."
    )))
}

/// Whether a model is Anthropic's, as far as anybody tells: what an ARN hides, AWS will say.
pub(super) fn is_claude(facts: &Facts) -> bool {
    match &facts.provider {
        Some(provider) => provider.eq_ignore_ascii_case("anthropic"),
        None => {
            let id = facts.telling_id();
            id.starts_with("arn:") || id.contains("anthropic.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_told_by_its_maker_or_else_by_its_id() {
        let profile = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1";
        for (provider, id, is) in [
            (Some("Anthropic"), "eu.anthropic.claude-sonnet-4-6", true),
            (Some("Anthropic"), profile, true),
            (Some("Amazon"), profile, false),
            (None, profile, true),
            (None, "global.anthropic.claude-next", true),
            (None, "amazon.nova-lite-v1:0", false),
        ] {
            let facts = Facts {
                model_id: id.to_owned(),
                base_model_id: None,
                invoke_id: id.to_owned(),
                name: None,
                provider: provider.map(str::to_owned),
                capabilities: Vec::new(),
                input_modalities: Vec::new(),
                output_modalities: Vec::new(),
            };
            assert_eq!(is_claude(&facts), is, "{provider:?} {id}");
        }
    }
}
