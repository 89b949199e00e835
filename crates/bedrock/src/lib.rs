#![doc = include_str!("../README.md")]

pub mod catalogue;
pub mod clients;
pub mod diagnosis;
pub mod report;
pub mod transport;
