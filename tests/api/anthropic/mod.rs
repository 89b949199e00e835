pub(crate) mod world;

mod counting;
mod credentials;
mod models;
mod refusals;
mod streamed;
mod whole;
