//! Whose clients a request comes from, by its path: each door hears and answers in words that they understand.

use axum::response::Response;
use http::HeaderMap;

use super::{
    data::{anthropic, bedrock, openai},
    problem::Problem,
};

/// A door of the service, and all that is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Our own.
    Own,
    /// AWS's SDKs.
    Bedrock,
    /// Anthropic's clients.
    Anthropic,
    /// OpenAI's clients.
    OpenAi,
}

impl Door {
    /// The door that a path leads to.
    pub(crate) fn of(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("bedrock") => Self::Bedrock,
            Some("anthropic") => Self::Anthropic,
            Some("openai") => Self::OpenAi,
            _ => Self::Own,
        }
    }

    /// Reads what its clients say as everybody says it.
    pub(crate) fn enter(self, headers: &mut HeaderMap) {
        if self == Self::Anthropic {
            anthropic::form::name_api_keys(headers);
        }
    }

    /// What its clients are told instead of an answer.
    pub(crate) fn refusal(self, problem: &Problem, request_id: &str) -> Response {
        match self {
            Self::Own => problem.answer(request_id),
            Self::Bedrock => bedrock::refusal(problem, request_id),
            Self::Anthropic => anthropic::form::refusal(problem, request_id),
            Self::OpenAi => openai::form::refusal(problem),
        }
    }

    /// Tells its clients what they look for in every answer.
    pub(crate) fn leave(self, headers: &mut HeaderMap, request_id: &str) {
        if self == Self::Anthropic {
            anthropic::form::tell_request_id(headers, request_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_told_by_the_first_word_of_the_path_alone() {
        for (path, door) in [
            ("/bedrock/model/x/converse", Door::Bedrock),
            ("/anthropic", Door::Anthropic),
            ("/openai/v1/nothing", Door::OpenAi),
            ("/openai-v1", Door::Own),
            ("/v1/integrations/bedrock", Door::Own),
            ("", Door::Own),
        ] {
            assert_eq!(Door::of(path), door, "{path}");
        }
    }
}
