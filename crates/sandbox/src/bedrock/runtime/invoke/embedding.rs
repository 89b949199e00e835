//! Embeddings: vectors that a digest of the text determines, so that the same text always lies at the same place.

use serde_json::{Value, json};

use super::{malformed, required, texts};
use crate::{
    Refusal,
    bedrock::{
        model::Model,
        runtime::{digest, seal, tokens::count},
    },
};

/// The most texts at once.
const TEXTS: usize = 96;

/// What Cohere's texts are for.
const INPUT_TYPES: [&str; 5] = [
    "search_document",
    "search_query",
    "classification",
    "clustering",
    "image",
];

/// Titan's embedding of one text, and how many tokens that is.
pub(super) fn titan(model: &Model, body: &Value) -> Result<(Value, usize), Refusal> {
    let text = required(body, "inputText")?;
    let tokens = count(text);
    if model.id == "amazon.titan-embed-text-v1" {
        let vector = vector(model, text, 1_536);
        let answer = json!({ "embedding": vector, "inputTextTokenCount": tokens });
        return Ok((answer, tokens));
    }
    let dimensions = match body.get("dimensions").map(Value::as_u64) {
        None | Some(Some(1_024)) => 1_024,
        Some(Some(512)) => 512,
        Some(Some(256)) => 256,
        Some(_) => {
            let value = &body["dimensions"];
            return Err(malformed(&format!(
                "#/dimensions: {value} is not a valid enum value"
            )));
        }
    };
    let vector = vector(model, text, dimensions);
    let answer = json!({
        "embedding": vector,
        "embeddingsByType": { "float": vector },
        "inputTextTokenCount": tokens,
    });
    Ok((answer, tokens))
}

/// Cohere's embeddings of some texts, and how many tokens those are.
pub(super) fn cohere(model: &Model, body: &Value) -> Result<(Value, usize), Refusal> {
    let texts = texts(&body["texts"]);
    if texts.is_empty() {
        return Err(malformed("#: required key [texts] not found"));
    }
    if texts.len() > TEXTS {
        let found = texts.len();
        return Err(malformed(&format!(
            "#/texts: expected maximum item count: 96, found: {found}"
        )));
    }
    let input_type = required(body, "input_type")?;
    if !INPUT_TYPES.contains(&input_type) {
        return Err(malformed(&format!(
            "#/input_type: {input_type} is not a valid enum value"
        )));
    }
    let dimensions = match (model.id, body["output_dimension"].as_u64()) {
        ("cohere.embed-v4:0", Some(256)) => 256,
        ("cohere.embed-v4:0", Some(512)) => 512,
        ("cohere.embed-v4:0", Some(1_024)) => 1_024,
        ("cohere.embed-v4:0", _) => 1_536,
        _ => 1_024,
    };
    let vectors: Vec<_> = texts
        .iter()
        .map(|text| vector(model, text, dimensions))
        .collect();
    let joined = texts.join("\n");
    let mut answer = json!({ "id": seal(&["embedding", &joined]), "texts": texts });
    if body.get("embedding_types").is_some() {
        answer["response_type"] = json!("embeddings_by_type");
        answer["embeddings"] = json!({ "float": vectors });
    } else {
        answer["response_type"] = json!("embeddings_floats");
        answer["embeddings"] = json!(vectors);
    }
    let tokens = texts.iter().map(|text| count(text)).sum();
    Ok((answer, tokens))
}

/// A vector of length 1.
fn vector(model: &Model, text: &str, dimensions: usize) -> Vec<f64> {
    let mut vector: Vec<f64> = (0..dimensions.div_ceil(32))
        .flat_map(|part| digest(&[model.id, text, &part.to_string()]))
        .map(|byte| f64::from(byte) - 127.5)
        .collect();
    vector.truncate(dimensions);
    let length = vector.iter().map(|part| part * part).sum::<f64>().sqrt();
    vector.iter().map(|part| part / length).collect()
}
