//! What an answer used, as AWS says in it. Best effort: an answer that does not say is an answer all the same.

use bedrock::transport::{Answer, Event};
use bytes::Bytes;
use serde::Deserialize;

use crate::app::usage::Tokens;

/// `usage` of Converse, whole and in the stream's last event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Converse {
    usage: ConverseUsage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct ConverseUsage {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: u64,
    cache_write_input_tokens: u64,
}

/// The last chunk of InvokeModelWithResponseStream carries counts for every family of models.
#[derive(Deserialize)]
struct Chunk {
    #[serde(rename = "amazon-bedrock-invocationMetrics")]
    metrics: Metrics,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Metrics {
    input_token_count: u64,
    output_token_count: u64,
    cache_read_input_token_count: u64,
    cache_write_input_token_count: u64,
}

/// The payload of a chunk is in base64.
#[derive(Deserialize)]
struct Wrapped<'a> {
    bytes: &'a str,
}

/// Of a whole answer of Converse.
pub(crate) fn of_converse(body: &[u8]) -> Tokens {
    serde_json::from_slice::<Converse>(body)
        .map(|answer| answer.usage.into())
        .unwrap_or_default()
}

/// Of a whole answer of InvokeModel: its headers count for every family of models.
pub(crate) fn of_headers(answer: &Answer) -> Tokens {
    let count = |name: &str| {
        let header = answer.headers().get(name);
        let text = header.and_then(|value| value.to_str().ok());
        text.and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    Tokens {
        input: count("x-amzn-bedrock-input-token-count"),
        output: count("x-amzn-bedrock-output-token-count"),
        cache_read: count("x-amzn-bedrock-cache-read-input-token-count"),
        cache_write: count("x-amzn-bedrock-cache-write-input-token-count"),
    }
}

/// What an event of a stream tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// What was used until then.
    Used(Tokens),
    /// That the model failed, in its own words.
    Failed,
}

/// Of an event of a stream; none unless it is one that tells.
pub(crate) fn of_event(event: &Event) -> Option<Told> {
    match event.kind() {
        "metadata" => Some(Told::Used(of_converse(&event.payload()))),
        "chunk" => of_chunk(&event.payload()),
        _ => None,
    }
}

fn of_chunk(payload: &Bytes) -> Option<Told> {
    use base64::{Engine, engine::general_purpose::STANDARD};

    /// `"amazon-bedrock-invocationMetrics"` at whichever of the three offsets in base64, without its ends.
    const MARKS: [&str; 3] = [
        "YW1hem9uLWJlZHJvY2staW52b2NhdGlvbk1ldHJpY3",
        "FtYXpvbi1iZWRyb2NrLWludm9jYXRpb25NZXRyaWNz",
        "hbWF6b24tYmVkcm9jay1pbnZvY2F0aW9uTWV0cmljc",
    ];
    /// `{"type":"error"`, with which Claude gives up.
    const ERROR: &str = "eyJ0eXBlIjoiZXJyb3Ii";
    let wrapped: Wrapped<'_> = serde_json::from_slice(payload).ok()?;
    if wrapped.bytes.starts_with(ERROR) {
        return Some(Told::Failed);
    }
    // Few chunks count anything; the others are not decoded.
    MARKS
        .iter()
        .any(|mark| wrapped.bytes.contains(mark))
        .then_some(())?;
    let chunk = STANDARD.decode(wrapped.bytes).ok()?;
    let chunk: Chunk = serde_json::from_slice(&chunk).ok()?;
    Some(Told::Used(chunk.metrics.into()))
}

impl From<ConverseUsage> for Tokens {
    fn from(usage: ConverseUsage) -> Self {
        Self {
            input: usage.input_tokens,
            output: usage.output_tokens,
            cache_read: usage.cache_read_input_tokens,
            cache_write: usage.cache_write_input_tokens,
        }
    }
}

impl From<Metrics> for Tokens {
    fn from(metrics: Metrics) -> Self {
        Self {
            input: metrics.input_token_count,
            output: metrics.output_token_count,
            cache_read: metrics.cache_read_input_token_count,
            cache_write: metrics.cache_write_input_token_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conversation_says_what_it_used_and_unknown_members_are_no_obstacle() {
        let body = json!({
            "output": { "message": { "role": "assistant", "content": [{ "new": [1] }] } },
            "usage": { "inputTokens": 3, "outputTokens": 4, "totalTokens": 7, "cacheReadInputTokens": 5 },
        });
        assert_eq!(
            of_converse(body.to_string().as_bytes()),
            Tokens {
                input: 3,
                output: 4,
                cache_read: 5,
                cache_write: 0
            }
        );
        assert_eq!(of_converse(b"nonsense"), Tokens::default());
    }

    #[test]
    fn the_last_chunk_counts_wherever_its_words_begin() {
        for filler in ["", "a", "ab", "abc", "abcd"] {
            let chunk = json!({
                "a": filler,
                "amazon-bedrock-invocationMetrics": { "inputTokenCount": 6, "outputTokenCount": 7 },
            });
            let payload = json!({ "bytes": STANDARD.encode(chunk.to_string()), "p": "abc" });
            let told = of_chunk(&Bytes::from(payload.to_string()));
            let used = Tokens {
                input: 6,
                output: 7,
                ..Tokens::default()
            };
            assert_eq!(told, Some(Told::Used(used)), "{filler}");
        }
        let other = json!({ "bytes": STANDARD.encode("{\"completion\":\"Hello\"}") });
        assert_eq!(of_chunk(&Bytes::from(other.to_string())), None);
    }

    #[test]
    fn a_model_that_gives_up_in_its_own_words_has_failed() {
        let error =
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
        let payload = json!({ "bytes": STANDARD.encode(error) });
        assert_eq!(
            of_chunk(&Bytes::from(payload.to_string())),
            Some(Told::Failed)
        );
    }
}
