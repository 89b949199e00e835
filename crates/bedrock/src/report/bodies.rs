//! The smallest thing that can be asked of a model, in every form that is needed: a word, and an answer of 16 tokens
//! where its length can be said. Some models refuse to say less, and those that think may spend it all on that.
//!
//! Forms of families that converse are missing: conversations reach those.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html>

/// A conversation, the same for all models that have it.
pub(super) const CONVERSE: &str = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":16}}"#;

/// The body that a family of models has of its own.
struct Family {
    /// What the ids of its models contain, wherever they begin.
    id: &'static str,
    body: &'static str,
}

const fn family(id: &'static str, body: &'static str) -> Family {
    Family { id, body }
}

/// The first that fits decides.
#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    family("ai21.j2", r#"{"prompt":"Hi","maxTokens":16}"#),
    family("amazon.nova-2-multimodal-embeddings", r#"{"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"GENERIC_INDEX","embeddingDimension":256,"text":{"truncationMode":"END","value":"Hi"}}}"#),
    family("amazon.nova-canvas", AMAZON_IMAGE),
    family("amazon.rerank", r#"{"query":"Hi","documents":["Hi"],"top_n":1}"#),
    family("amazon.titan-embed", r#"{"inputText":"Hi"}"#),
    family("amazon.titan-image", AMAZON_IMAGE),
    family("amazon.titan", r#"{"inputText":"Hi","textGenerationConfig":{"maxTokenCount":16}}"#),
    family("anthropic.claude", r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":16,"messages":[{"role":"user","content":"Hi"}]}"#),
    family("cohere.command-r", r#"{"message":"Hi","max_tokens":16}"#),
    family("cohere.command", r#"{"prompt":"Hi","max_tokens":16}"#),
    family("cohere.embed", r#"{"texts":["Hi"],"input_type":"search_query"}"#),
    family("cohere.rerank", r#"{"query":"Hi","documents":["Hi"],"top_n":1,"api_version":2}"#),
    family("stability.", r#"{"prompt":"A dot"}"#),
    family("twelvelabs.marengo-embed-2", r#"{"inputType":"text","inputText":"Hi"}"#),
    family("twelvelabs.marengo-embed", r#"{"inputType":"text","text":{"inputText":"Hi"}}"#),
    family(":imported-model/", r#"{"prompt":"Hi","max_gen_len":16}"#),
];

const AMAZON_IMAGE: &str = r#"{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"A dot"},"imageGenerationConfig":{"numberOfImages":1,"width":512,"height":512}}"#;

/// The body that the model's family has of its own.
pub(super) fn own(id: &str) -> Option<&'static str> {
    let mut families = FAMILIES.iter();
    let family = families.find(|family| id.contains(family.id))?;
    Some(family.body)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_body_is_json() {
        let bodies = FAMILIES.iter().map(|family| family.body);
        for body in bodies.chain([CONVERSE]) {
            let read: Result<Value, _> = serde_json::from_str(body);
            assert!(read.is_ok_and(|body| body.is_object()), "{body}");
        }
    }

    #[test]
    fn no_family_is_hidden_by_an_earlier_one() {
        for family in FAMILIES {
            assert_eq!(own(family.id), Some(family.body), "{}", family.id);
        }
    }

    #[test]
    fn a_family_is_known_however_the_model_is_called() {
        for id in [
            "anthropic.claude-mythos-5",
            "eu.anthropic.claude-mythos-5",
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-mythos-5",
        ] {
            assert!(own(id).is_some_and(|body| body.contains("anthropic_version")));
        }
        assert_eq!(own("meta.llama3-8b-instruct-v1:0"), None);
    }
}
