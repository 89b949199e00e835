#![doc = include_str!("../README.md")]

mod answer;
pub mod bedrock;
mod call;
pub mod cognito;
mod console;
pub mod demo;
mod faults;
mod percent;
pub mod policy;
mod principal;
mod refusal;
mod route;
mod seed;
mod server;
mod sigv4;
pub mod sts;
mod world;

pub use call::{Call, Service};
pub use faults::{Fault, Harm};
pub use principal::{AccessKey, Principal};
pub use refusal::Refusal;
pub use seed::Seed;
pub use server::{Sandbox, Settings};
pub use world::{Account, Seen, State, World};
