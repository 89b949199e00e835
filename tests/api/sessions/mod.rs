//! `/v1/session`: the console's sign-in.

mod cookie;
mod ends;
mod origin;
mod world;
