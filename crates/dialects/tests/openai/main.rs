//! The OpenAI dialect: recorded cases in `test-data/openai`, and whatever else somebody might send.
//!
//! A folder holds what a client sends (`request.json`) to the model that AWS calls as `model.txt` says, and the body of
//! Converse that comes of it (`bedrock.json`); what Bedrock answers (`answer.json`, `events.jsonl`), and what the client
//! gets (`openai.json`, `chunks.jsonl`). Embeddings have lists of bodies (`bodies.jsonl`) and `answers.jsonl`.
//! `refusals.jsonl` holds what is refused, and by which name.
#![expect(
    clippy::unwrap_used,
    reason = "Clippy allows it in tests, but not in the functions that tests share"
)]

mod cases;
mod checker;
mod fuzz;

use dialects::openai::Head;

/// What every completion of the tests says of itself.
fn head(model: &str) -> Head {
    Head {
        id: "chatcmpl-1".to_owned(),
        created: 1_700_000_000,
        model: model.to_owned(),
    }
}
