#![doc = include_str!("../README.md")]

mod aws_cli;
mod cloudformation;
mod cognito;
mod console;
mod json;
mod kit;
mod model;
mod names;
mod permissions;
mod place;
mod policy;
mod shell;
mod terraform;
mod trust;

pub use cloudformation::{CloudFormation, TemplateUrl, published_template};
pub use console::{Block, Step};
pub use kit::{Kit, Provider};
pub use model::Model;
pub use names::{Name, Names};
pub use permissions::fit_one_policy;
pub use place::{Oidc, Place, Standing, Way};
pub use policy::Policy;
