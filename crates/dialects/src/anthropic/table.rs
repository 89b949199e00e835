//! What becomes of each member of a request. The table decides, and it is the documentation.

/// A member of a request.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What becomes of it.
    pub fate: Fate,
    /// What it comes to, or why it is not carried.
    pub why: &'static str,
}

/// What becomes of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes to Bedrock as it is.
    Carried,
    /// It is acted upon, and has no place in Bedrock's body.
    Read,
    /// It is left out, which changes no answer.
    Ignored,
    /// The request is refused, unless it is null or this, which ask for nothing.
    Refused {
        /// The JSON that asks for nothing.
        but_for: &'static str,
    },
}

const REFUSED: Fate = Fate::Refused { but_for: "null" };

/// All members with a fate of their own. Any other is [`Fate::Carried`].
pub const MEMBERS: &[Member] = &[
    row(
        "model",
        Fate::Read,
        "the registered model: its alias, its id, or what AWS calls it",
    ),
    row("stream", Fate::Read, "which operation Bedrock is asked for"),
    row(
        "messages",
        Fate::Carried,
        "text, images, documents, tool calls and results, thinking, citations, search results",
    ),
    row("max_tokens", Fate::Carried, ""),
    row("system", Fate::Carried, ""),
    row("temperature", Fate::Carried, ""),
    row("top_p", Fate::Carried, ""),
    row("top_k", Fate::Carried, ""),
    row("stop_sequences", Fate::Carried, ""),
    row(
        "tools",
        Fate::Carried,
        "yours, and those that Anthropic defines and you run; of those that Anthropic runs (web search, web fetch, code execution), Bedrock refuses by name what it lacks",
    ),
    row("tool_choice", Fate::Carried, ""),
    row("thinking", Fate::Carried, ""),
    row(
        "output_config",
        Fate::Carried,
        "effort and JSON schemas, where the model takes them",
    ),
    row(
        "context_management",
        Fate::Carried,
        "where the model takes it",
    ),
    row(
        "anthropic_version",
        Fate::Ignored,
        "Bedrock knows one, `bedrock-2023-05-31`, which is always sent",
    ),
    row(
        "metadata",
        Fate::Ignored,
        "tells Anthropic's own service who the end user is; no model sees it",
    ),
    row(
        "service_tier",
        Fate::Ignored,
        "both of its values mean Bedrock's standard tier at least; the header `x-amzn-bedrock-service-tier` asks for another",
    ),
    row(
        "anthropic_beta",
        REFUSED,
        "betas are named in the header `anthropic-beta`",
    ),
    row(
        "container",
        REFUSED,
        "Bedrock has no containers and no skills",
    ),
    row(
        "mcp_servers",
        Fate::Refused { but_for: "[]" },
        "Bedrock connects to no MCP servers",
    ),
    row(
        "inference_geo",
        REFUSED,
        "the model's connection and inference profile say where it runs",
    ),
    row(
        "speed",
        Fate::Refused {
            but_for: "\"standard\"",
        },
        "Bedrock has no fast mode",
    ),
];

const fn row(name: &'static str, fate: Fate, why: &'static str) -> Member {
    Member { name, fate, why }
}

/// The row of a member, if it has one.
pub(super) fn member(name: &str) -> Option<&'static Member> {
    MEMBERS.iter().find(|member| member.name == name)
}
