#![doc = include_str!("../README.md")]

mod console;
mod kit;
mod permissions;
mod place;
mod policy;
mod trust;

pub use console::Step;
pub use kit::Kit;
pub use place::{Oidc, Place, Way};
pub use policy::Policy;
