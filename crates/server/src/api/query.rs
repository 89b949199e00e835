//! What stands behind the question mark: each parameter once, and none that the operation does not know.

use std::{collections::BTreeMap, convert::Infallible, str::FromStr};

use axum::extract::FromRequestParts;
use domain::Invalid;
use http::request::Parts;

use super::{input::Fields, page::PageQuery, problem::Problem};
use crate::Context;

/// The parameters of a request, taken out one by one; what is left at the end is refused.
pub(super) struct Query {
    given: BTreeMap<String, String>,
    known: Vec<&'static str>,
    noted: Fields,
}

impl FromRequestParts<Context> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Context) -> Result<Self, Infallible> {
        let mut query = Self {
            given: BTreeMap::new(),
            known: Vec::new(),
            noted: Fields::default(),
        };
        let text = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let pointer = pointer(&name);
            let before = query.given.insert(name.into_owned(), value.into_owned());
            if before.is_some() {
                query.noted.note(&pointer, "is there twice");
            }
        }
        Ok(query)
    }
}

impl Query {
    /// A parameter as it is.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.given.remove(name)
    }

    /// A parameter, read.
    pub(super) fn parse<T: FromStr<Err = Invalid>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        self.noted.parse(&pointer(name), &text)
    }

    /// A parameter that is `true` or `false`; false if it is absent.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        match self.text(name).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.noted.note(&pointer(name), "must be true or false");
                false
            }
        }
    }

    /// Which part of a list.
    pub(super) fn page(&mut self) -> PageQuery {
        PageQuery {
            limit: self.parse("limit").unwrap_or_default(),
            after: self.parse("cursor"),
        }
    }

    /// Refuses what was wrong, and what is left.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        if !self.given.is_empty() {
            let known = self.known.join(", ");
            self.noted.note(
                "/query",
                &format!("has a parameter that is not known here; known are: {known}"),
            );
        }
        self.noted.finish()
    }
}

/// Names of parameters are the caller's: only those that are plain words are repeated.
fn pointer(name: &str) -> String {
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_plain {
        format!("/query/{name}")
    } else {
        "/query".to_owned()
    }
}
