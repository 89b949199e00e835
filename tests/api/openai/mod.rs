pub(crate) mod world;

mod embeddings;
mod models;
mod refusals;
mod streamed;
mod whole;
