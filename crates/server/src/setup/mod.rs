//! The setup kit: what a customer sets up on the AWS side, filled in. Pure: the same input gives the same text.

mod kit;
mod policies;
mod steps;

pub use kit::{Kit, Place};
pub use steps::Step;
