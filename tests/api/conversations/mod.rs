mod world;

mod ends;
mod refusals;
mod streamed;
mod usage;
mod whole;
mod wire;
