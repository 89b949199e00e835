pub(crate) mod world;

mod ends;
mod limits;
mod refusals;
mod sdk;
mod streamed;
mod usage;
mod whole;
mod wire;
