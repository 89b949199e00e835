//! What nobody should send: refused with a pointer, never repeated, never a fault of ours.

mod bodies;
mod doors;
mod fields;
mod heads;
mod world;
