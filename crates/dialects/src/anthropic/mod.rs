//! Anthropic's Messages, over InvokeModel.
//!
//! For Claude, InvokeModel's body is Anthropic's own, so that a request is touched at its top level alone, as [`MEMBERS`]
//! says, and everything below goes through unread: content, tools, thinking, cache control, citations, and what nobody has
//! heard of yet. What is no business of this door, Bedrock judges. Deliberately absent: any knowledge of what one model
//! takes and another does not.

mod betas;
mod count;
mod document;
mod error;
mod events;
mod models;
mod request;
mod table;

pub use self::{
    betas::{BETAS, Beta, Betas},
    count::{Count, counted},
    document::document,
    error::{ErrorKind, error},
    events::{Events, Nonsense, PING, Usage, error_event, used},
    models::{List, Model, Paging, page},
    request::Request,
    table::{Fate, MEMBERS, Member},
};

/// Why a request cannot be honoured: begins with what is wrong in it, as Anthropic's own refusals do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

impl Refusal {
    fn at(name: &str, what: &str) -> Self {
        Self(format!("{name}: {what}"))
    }
}
