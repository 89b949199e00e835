//! OpenAI's Chat Completions and Embeddings, over Converse and InvokeModel.
//!
//! What becomes of each parameter is decided by one table, which is also the documentation: `OPENAI.md`.

mod answer;
mod chat;
mod chunks;
mod converse;
mod document;
mod embeddings;
mod model;
mod models;
mod parameters;
mod refusal;
mod usage;

use serde::Deserialize;

use self::parameters::Parameter;

pub use self::{
    answer::{Head, Nonsense, completion},
    chat::{Chat, Form, Translated},
    chunks::{Chunks, DONE},
    document::document,
    embeddings::{Batches, Embeddings, Vectors},
    models::{ModelList, ModelObject},
    refusal::{ErrorBody, Refusal},
};

/// Reads a body whose parameters are those of a table.
fn read<'a, T: Deserialize<'a>>(body: &'a [u8], table: &'static [Parameter]) -> Result<T, Refusal> {
    let body = std::str::from_utf8(body).map_err(|_| Refusal::not_an_object())?;
    parameters::check(body, table)?;
    serde_json::from_str(body).or_else(|_| {
        // Once more, to tell where.
        let mut json = serde_json::Deserializer::from_str(body);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Refusal::unreadable(error.path(), error.inner()))
    })
}
