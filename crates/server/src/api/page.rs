//! Lists: `limit` and `cursor` in, items and the next cursor out.

use axum::extract::FromRequestParts;
use domain::{Cursor, Limit, Page};
use http::request::Parts;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{problem::Problem, query::Query};
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

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Problem> {
        let Ok(mut query) = Query::from_request_parts(parts, context).await;
        let page = query.page();
        query.finish()?;
        Ok(page)
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
    pub(super) fn from_page<S, C: ToString>(page: Page<S, C>) -> Self
    where
        T: From<S>,
    {
        Self {
            next_cursor: page.next.map(|cursor| cursor.to_string()),
            items: page.items.into_iter().map(T::from).collect(),
        }
    }
}
