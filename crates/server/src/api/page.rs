//! Lists: `limit` and `cursor` in, items and the next cursor out.

use axum::extract::FromRequestParts;
use domain::{Cursor, Limit, Page};
use http::request::Parts;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{input::Fields, problem::Problem};
use crate::Context;

/// Which part of a list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PageQuery {
    pub(super) limit: Limit,
    pub(super) after: Option<Cursor>,
}

/// How `PageQuery` looks in the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters; `PageQuery` reads them")]
pub(super) struct PageParams {
    /// How many items at most, 50 by default.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^c1-[0-9a-f]{32}$")]
    cursor: Option<String>,
}

impl FromRequestParts<Context> for PageQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Context) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let (mut limit, mut cursor) = (None, None);
        for (name, value) in
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        {
            let (slot, pointer) = match &*name {
                "limit" => (&mut limit, "/query/limit"),
                "cursor" => (&mut cursor, "/query/cursor"),
                _ => {
                    fields.note(
                        "/query",
                        "has a parameter that this list does not know: limit and cursor are",
                    );
                    continue;
                }
            };
            if slot.replace(value.into_owned()).is_some() {
                fields.note(pointer, "is there twice");
            }
        }
        let limit = fields
            .parse_optional("/query/limit", limit.as_deref())
            .unwrap_or_default();
        let after = fields.parse_optional("/query/cursor", cursor.as_deref());
        fields.finish()?;
        Ok(Self { limit, after })
    }
}

/// Part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    /// The items of this page.
    items: Vec<T>,
    /// Pass it as `cursor` for the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl<T> List<T> {
    pub(super) fn from_page<S>(page: Page<S>) -> Self
    where
        T: From<S>,
    {
        Self {
            next_cursor: page.next.map(|cursor| cursor.to_string()),
            items: page.items.into_iter().map(T::from).collect(),
        }
    }
}
