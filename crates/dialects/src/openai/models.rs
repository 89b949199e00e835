//! Registered models as OpenAI lists its own.

use serde::Serialize;

/// A model that can be asked.
#[derive(Debug, Clone, Serialize)]
pub struct ModelObject<'a> {
    /// What to name it by.
    pub id: &'a str,
    object: &'static str,
    /// When it was registered, in seconds since 1970.
    pub created: i64,
    /// Who makes it.
    pub owned_by: &'a str,
}

impl<'a> ModelObject<'a> {
    /// A model.
    pub const fn new(id: &'a str, created: i64, owned_by: &'a str) -> Self {
        Self {
            id,
            object: "model",
            created,
            owned_by,
        }
    }
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct ModelList<'a> {
    object: &'static str,
    data: Vec<ModelObject<'a>>,
}

impl<'a> FromIterator<ModelObject<'a>> for ModelList<'a> {
    fn from_iter<I: IntoIterator<Item = ModelObject<'a>>>(models: I) -> Self {
        Self {
            object: "list",
            data: models.into_iter().collect(),
        }
    }
}
