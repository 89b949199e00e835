//! Models, as Anthropic lists them: in pages between two ids.

use std::borrow::Cow;

use serde::Serialize;

use super::Refusal;

/// A model that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Model {
    r#type: &'static str,
    id: String,
    display_name: String,
    created_at: String,
    lifecycle: &'static str,
}

impl Model {
    /// A model by the name that it is asked by, since a time in RFC 3339, and whether its end is announced.
    pub fn new(id: String, display_name: String, created_at: String, is_legacy: bool) -> Self {
        Self {
            r#type: "model",
            id,
            display_name,
            created_at,
            lifecycle: if is_legacy { "deprecated" } else { "active" },
        }
    }
}

/// Which part of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Paging {
    limit: usize,
    place: Place,
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Start,
    After(String),
    Before(String),
}

impl Paging {
    /// Reads the parameters of a query; others than its own are nothing to it.
    ///
    /// # Errors
    /// Which of them is wrong.
    pub fn read<'a>(
        parameters: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    ) -> Result<Self, Refusal> {
        let mut paging = Self {
            limit: 20,
            place: Place::Start,
        };
        for (name, value) in parameters {
            let place = match &*name {
                "limit" => {
                    let limit = value.parse().ok();
                    paging.limit = limit
                        .filter(|limit| (1..=1_000).contains(limit))
                        .ok_or_else(|| Refusal::at("limit", "must be a number from 1 to 1000"))?;
                    continue;
                }
                "after_id" => Place::After(value.into_owned()),
                "before_id" => Place::Before(value.into_owned()),
                _ => continue,
            };
            if paging.place != Place::Start {
                return Err(Refusal::at(
                    &name,
                    "after_id and before_id exclude each other",
                ));
            }
            paging.place = place;
        }
        Ok(paging)
    }
}

/// A page of the list.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct List {
    data: Vec<Model>,
    first_id: Option<String>,
    last_id: Option<String>,
    has_more: bool,
}

/// The page of `models` that is asked for.
///
/// # Errors
/// That the id that it begins or ends at names none of them.
pub fn page(models: &[Model], paging: &Paging) -> Result<List, Refusal> {
    let find = |name, id: &str| {
        let found = models.iter().position(|model| model.id == id);
        found.ok_or_else(|| Refusal::at(name, "names no model of the list"))
    };
    let limit = paging.limit;
    let (page, has_more) = match &paging.place {
        Place::Start => first(models, limit),
        Place::After(id) => first(&models[find("after_id", id)? + 1..], limit),
        Place::Before(id) => {
            let before = &models[..find("before_id", id)?];
            let begin = before.len().saturating_sub(limit);
            (&before[begin..], begin > 0)
        }
    };
    let id = |model: Option<&Model>| model.map(|model| model.id.clone());
    Ok(List {
        first_id: id(page.first()),
        last_id: id(page.last()),
        data: page.to_vec(),
        has_more,
    })
}

fn first(models: &[Model], limit: usize) -> (&[Model], bool) {
    let page = &models[..limit.min(models.len())];
    (page, page.len() < models.len())
}
