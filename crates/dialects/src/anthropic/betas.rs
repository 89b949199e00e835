//! The header `anthropic-beta`, which is a member of the body on Bedrock.

use std::fmt;

use serde::Serialize;

use super::Refusal;

/// Betas that are not carried.
#[derive(Debug)]
pub struct Beta {
    /// How their names begin; the rest is a date.
    pub prefix: &'static str,
    /// What they let a client ask for, which Bedrock does not have.
    pub about: &'static str,
}

/// Betas of Anthropic's own service. Bedrock refuses a request for any beta that it does not know, without saying which;
/// what these let a client ask for is refused by name when it is asked for. Any other beta is carried.
pub const BETAS: &[Beta] = &[
    beta("oauth-", "how the client signs in"),
    beta("claude-code-", "which client it is"),
    beta("token-counting-", "`count_tokens`, which is there"),
    beta("structured-outputs-", "`output_config`, which is there"),
    beta(
        "advanced-tool-use-",
        "what Bedrock has betas of its own for",
    ),
    beta("mcp-client-", "`mcp_servers`"),
    beta("mcp-servers-", "`mcp_servers`"),
    beta("skills-", "`container`"),
    beta("code-execution-", "a tool that Anthropic runs"),
    beta("web-fetch-", "a tool that Anthropic runs"),
    beta("web-search-", "a tool that Anthropic runs"),
    beta("advisor-tool-", "a tool that Anthropic runs"),
    beta("files-api-", "files that were sent to Anthropic before"),
    beta("fast-mode-", "`speed`"),
    beta("prompt-caching-scope-", "`scope` of `cache_control`"),
    beta("prompt-caching-", "`cache_control`, which is there"),
    beta(
        "extended-cache-ttl-",
        "`ttl` of `cache_control`, which is there",
    ),
];

const fn beta(prefix: &'static str, about: &'static str) -> Beta {
    Beta { prefix, about }
}

/// The betas that a client asks for and Bedrock is told of.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Betas(Vec<String>);

impl Betas {
    /// Reads the values of the header, of which there may be several.
    ///
    /// # Errors
    /// That one of them is no text.
    pub fn read<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Refusal> {
        let mut betas = Vec::new();
        for value in values {
            let value = str::from_utf8(value)
                .map_err(|_| Refusal::at("anthropic-beta", "Input should be a valid string"))?;
            let named = value.split(',').map(str::trim);
            let carried = named.filter(|name| {
                !name.is_empty() && !BETAS.iter().any(|beta| name.starts_with(beta.prefix))
            });
            betas.extend(carried.map(str::to_owned));
        }
        Ok(Self(betas))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Betas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}
