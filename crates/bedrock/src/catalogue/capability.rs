//! What a model can be asked for.
//!
//! AWS has no API that tells which of its APIs a model supports. What a model takes and gives decides, except where the
//! table below knows better; what neither knows is `unknown`, and only a call tells.

use std::str::FromStr;

use domain::Invalid;
use serde::{Serialize, Serializer};

use self::Capability::{Converse, Embed, Invoke, Stream, Unknown};

/// What a model can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Conversations, by Converse.
    Converse,
    /// Answers in a stream, by ConverseStream or InvokeModelWithResponseStream.
    Stream,
    /// Embeddings, by InvokeModel.
    Embed,
    /// A body of the model's own, by InvokeModel alone: images, rankings.
    Invoke,
    /// Nobody knows before it is tried.
    Unknown,
}

impl Capability {
    const ALL: [Self; 5] = [Converse, Stream, Embed, Invoke, Unknown];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Converse => "converse",
            Stream => "stream",
            Embed => "embed",
            Invoke => "invoke",
            Unknown => "unknown",
        }
    }
}

impl FromStr for Capability {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|capability| capability.as_str() == text)
            .ok_or(Invalid(
                "must be converse, stream, embed, invoke or unknown",
            ))
    }
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What all models with ids that start so can be asked for, whatever they take and give.
struct Rule {
    starts: &'static str,
    can: &'static [Capability],
}

const fn rule(starts: &'static str, can: &'static [Capability]) -> Rule {
    Rule { starts, can }
}

/// The first that fits decides. From the user guide's pages on Converse's supported features and on API compatibility.
const RULES: &[Rule] = &[
    // Only InvokeModelWithBidirectionalStream, which this service does not have.
    rule("amazon.nova-sonic", &[]),
    rule("amazon.nova-2-sonic", &[]),
    // Only StartAsyncInvoke, which this service does not have: videos go to a bucket.
    rule("amazon.nova-reel", &[]),
    rule("luma.ray", &[]),
    // Text in and text out, but no conversation.
    rule("amazon.rerank", &[Invoke]),
    rule("cohere.rerank", &[Invoke]),
    rule("twelvelabs.pegasus", &[Invoke, Stream]),
    // Converse takes a single turn, no chat.
    rule("ai21.j2", &[Invoke]),
    rule("cohere.command-text", &[Invoke]),
    rule("cohere.command-light-text", &[Invoke]),
    // Said to have Anthropic's Messages API only.
    rule("anthropic.claude-mythos", &[Unknown]),
    // Known without the list of foundation models, which a policy may not allow.
    rule("anthropic.claude", &[Converse, Stream]),
];

/// What a model can be asked for; nothing if no API of this service reaches it.
pub(super) fn capabilities(
    model_id: &str,
    input: &[String],
    output: &[String],
    streams: bool,
) -> Vec<Capability> {
    if let Some(rule) = RULES.iter().find(|rule| model_id.starts_with(rule.starts)) {
        return rule.can.to_vec();
    }
    let has = |modalities: &[String], modality| modalities.iter().any(|is| is == modality);
    let mut can = if has(output, "EMBEDDING") {
        vec![Embed]
    } else if has(input, "TEXT") && has(output, "TEXT") {
        vec![Converse]
    } else if has(output, "IMAGE") {
        vec![Invoke]
    } else {
        vec![Unknown]
    };
    if streams && can != [Embed] {
        can.push(Stream);
    }
    can
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_takes_and_gives_decides() {
        for (input, output, streams, can) in [
            (
                &["TEXT", "IMAGE"][..],
                &["TEXT"][..],
                true,
                &[Converse, Stream][..],
            ),
            (&["TEXT"], &["TEXT"], false, &[Converse]),
            (&["TEXT", "SPEECH"], &["TEXT"], true, &[Converse, Stream]),
            (&["TEXT", "IMAGE"], &["EMBEDDING"], false, &[Embed]),
            (&["TEXT", "IMAGE"], &["IMAGE"], false, &[Invoke]),
            (&["SPEECH"], &["SPEECH"], false, &[Unknown]),
            (&[], &[], false, &[Unknown]),
        ] {
            assert_eq!(of("some.model-v1:0", input, output, streams), can);
        }
    }

    #[test]
    fn the_table_knows_better() {
        let text = &["TEXT"][..];
        for (id, can) in [
            ("amazon.nova-2-sonic-v1:0", &[][..]),
            ("amazon.nova-reel-v1:1", &[]),
            ("cohere.rerank-v3-5:0", &[Invoke]),
            ("cohere.command-text-v14", &[Invoke]),
            ("cohere.command-r-v1:0", &[Converse, Stream]),
            ("anthropic.claude-mythos-5", &[Unknown]),
            ("anthropic.claude-sonnet-4-6", &[Converse, Stream]),
        ] {
            assert_eq!(of(id, text, text, true), can, "{id}");
        }
    }

    #[test]
    fn claude_is_known_without_a_list() {
        assert_eq!(
            of("anthropic.claude-sonnet-4-6", &[], &[], false),
            [Converse, Stream]
        );
        assert_eq!(of("meta.llama4", &[], &[], false), [Unknown]);
    }

    fn of(id: &str, input: &[&str], output: &[&str], streams: bool) -> Vec<Capability> {
        let owned = |list: &[&str]| list.iter().map(|is| (*is).to_owned()).collect::<Vec<_>>();
        capabilities(id, &owned(input), &owned(output), streams)
    }
}
