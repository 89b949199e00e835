//! Images: always the same one pixel.

use serde_json::{Value, json};

use super::{malformed, required};
use crate::Refusal;

/// A PNG of one transparent pixel, in base64.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/// The most images at once.
const IMAGES: u64 = 5;

/// Stability's image for a prompt.
pub(super) fn stability(body: &Value) -> Result<Value, Refusal> {
    required(body, "prompt")?;
    let seed = body["seed"].as_u64().unwrap_or_default();
    Ok(json!({ "seeds": [seed], "finish_reasons": [null], "images": [PIXEL] }))
}

/// Amazon's images for a task.
pub(super) fn amazon(body: &Value) -> Result<Value, Refusal> {
    let task = required(body, "taskType")?;
    if task == "TEXT_IMAGE" {
        required(&body["textToImageParams"], "text")?;
    }
    let number = &body["imageGenerationConfig"]["numberOfImages"];
    let number = if number.is_null() {
        Some(1)
    } else {
        number
            .as_u64()
            .filter(|number| (1..=IMAGES).contains(number))
    };
    let Some(number) = number else {
        return Err(malformed(
            "#/imageGenerationConfig/numberOfImages: value is not between 1 and 5",
        ));
    };
    let images: Vec<_> = (0..number).map(|_| PIXEL).collect();
    Ok(json!({ "images": images }))
}
