pub(crate) mod limits;
pub(crate) mod world;

mod ends;
mod late;
mod refusals;
mod sdk;
mod streamed;
pub(crate) mod timing;
mod usage;
mod whole;
mod wire;
