//! The tables as a page for people: `ANTHROPIC.md`.

use std::fmt::Write;

use super::{BETAS, Fate, MEMBERS};

const INTRODUCTION: &str = "# What becomes of a request to `/anthropic/v1/messages`

Made from `src/anthropic/` by `cargo run -p dialects --example anthropic > crates/dialects/ANTHROPIC.md`; a test fails while
this page says something else than the code.

The body goes to Bedrock's InvokeModel, whose body for Claude is Anthropic's own: what is below the top level goes through
unread, and so does every member that is not in this table. What Bedrock or the model does not take, it refuses by name.
`count_tokens` sends the same to CountTokens. What Bedrock lacks is told after the documentation of AWS and Anthropic.

| member | is | |
|---|---|---|
";

const ABOUT_BETAS: &str = "
## Betas

What the header `anthropic-beta` names becomes `anthropic_beta` in the body, but for betas of Anthropic's own service, which
Bedrock would refuse without saying which one it means. What they let a client ask for is refused by name when it is asked
for.

| left out | is about |
|---|---|
";

const ABOUT_ANSWERS: &str = "
## Answers

Whole answers and events are Bedrock's own bytes. The last event holds `amazon-bedrock-invocationMetrics` besides, which
clients pass over.
";

/// The page.
pub fn document() -> String {
    let mut page = INTRODUCTION.to_owned();
    for member in MEMBERS {
        let fate = match member.fate {
            Fate::Carried => "carried".to_owned(),
            Fate::Read => "read".to_owned(),
            Fate::Ignored => "ignored".to_owned(),
            Fate::Refused { but_for: "null" } => "**refused**".to_owned(),
            Fate::Refused { but_for } => format!("**refused**, but for `{but_for}`"),
        };
        // Writing into a string does not fail.
        let _ = writeln!(page, "| `{}` | {fate} | {} |", member.name, member.why);
    }
    page.push_str(ABOUT_BETAS);
    for beta in BETAS {
        let _ = writeln!(page, "| `{}…` | {} |", beta.prefix, beta.about);
    }
    page.push_str(ABOUT_ANSWERS);
    page
}
