//! What Bedrock's models do differently, by their ids.

/// A model, by the id that AWS has for it: with or without a profile's prefix, or as an ARN that has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Model<'a>(&'a str);

/// How a model is told how much to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thinking {
    /// Claude 3.7 to 4.5: by a number of tokens.
    Budget,
    /// Claude 4.6 and later: by `outputConfig.effort`.
    Adaptive,
    /// Nova 2: by `reasoningConfig`.
    Nova,
    /// gpt-oss: by `reasoning_effort`.
    Effort,
    /// Not at all.
    No,
}

/// Models other than Claude that take `outputConfig.textFormat` and strict tools, as AWS's user guide lists them.
const STRUCTURED: [&str; 12] = [
    "deepseek.v3",
    "google.gemma-3",
    "minimax.minimax",
    "mistral.magistral",
    "mistral.ministral",
    "mistral.mistral-large-3",
    "mistral.voxtral",
    "moonshot.kimi",
    "moonshotai.kimi",
    "nvidia.nemotron",
    "openai.gpt-oss",
    "qwen.qwen3",
];

/// Models that do not answer without having thought.
const ALWAYS_THINKING: [&str; 4] = [
    "deepseek.r1",
    "minimax.minimax-m2",
    "moonshot.kimi-k2-thinking",
    "openai.gpt-oss",
];

/// Models that decide for themselves whether they call.
const UNFORCED: [&str; 3] = ["ai21.jamba", "cohere.command", "meta.llama"];

impl<'a> Model<'a> {
    pub(crate) const fn new(id: &'a str) -> Self {
        Self(id)
    }

    /// What follows `beginning` in its id.
    pub(crate) fn after(self, beginning: &str) -> Option<&'a str> {
        self.0.split_once(beginning).map(|(_, rest)| rest)
    }

    /// Whether it is of those.
    pub(crate) fn is(self, beginning: &str) -> bool {
        self.0.contains(beginning)
    }

    pub(crate) fn thinking(self) -> Thinking {
        match self.claude() {
            Some((4, 6..) | (5.., _)) => Thinking::Adaptive,
            Some((3, 7..) | (4, _)) => Thinking::Budget,
            Some(_) => Thinking::No,
            None if self.is("amazon.nova-2") => Thinking::Nova,
            None if self.is("openai.gpt-oss") => Thinking::Effort,
            None => Thinking::No,
        }
    }

    /// Whether it thinks, whatever it is told.
    pub(crate) fn always_thinks(self) -> bool {
        ALWAYS_THINKING.iter().any(|beginning| self.is(beginning))
    }

    /// Whether AWS holds its answers and calls to a schema.
    pub(crate) fn is_structured(self) -> bool {
        match self.claude() {
            Some(version) => version >= (4, 5),
            None => STRUCTURED.iter().any(|beginning| self.is(beginning)),
        }
    }

    /// Whether it can be told that it has to call.
    pub(crate) fn calls_on_demand(self) -> bool {
        !UNFORCED.iter().any(|beginning| self.is(beginning))
    }

    /// Whether it can be told which tool to call.
    pub(crate) fn calls_by_name(self) -> bool {
        match self.claude() {
            Some(version) => version >= (3, 0),
            None => self.is("amazon.nova"),
        }
    }

    /// Whether it can be told to make one call at a time.
    pub(crate) fn calls_one_at_a_time(self) -> bool {
        self.claude().is_some_and(|version| version >= (4, 5))
    }

    /// Whether it takes points up to which it may keep what it read.
    pub(crate) fn caches(self) -> bool {
        match self.claude() {
            Some(version) => version >= (3, 5) && !self.is("claude-3-5-sonnet-20240620"),
            None => self.is("amazon.nova"),
        }
    }

    /// Claude's version: the first small numbers of its name, wherever they stand.
    fn claude(self) -> Option<(u32, u32)> {
        let name = self.after("anthropic.claude")?;
        let mut numbers = name
            .split('-')
            .map(|part| part.parse().ok().filter(|number| *number < 100))
            .skip_while(Option::is_none);
        let major = numbers.next().flatten().unwrap_or(0);
        Some((major, numbers.next().flatten().unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claude_is_known_by_its_version_wherever_that_stands() {
        for (id, thinking, is_structured) in [
            ("anthropic.claude-v2:1", Thinking::No, false),
            (
                "anthropic.claude-3-5-haiku-20241022-v1:0",
                Thinking::No,
                false,
            ),
            (
                "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
                Thinking::Budget,
                false,
            ),
            (
                "us.anthropic.claude-sonnet-4-20250514-v1:0",
                Thinking::Budget,
                false,
            ),
            (
                "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
                Thinking::Budget,
                true,
            ),
            (
                "global.anthropic.claude-opus-4-6-v1",
                Thinking::Adaptive,
                true,
            ),
            ("anthropic.claude-sonnet-5", Thinking::Adaptive, true),
            ("amazon.nova-lite-v1:0", Thinking::No, false),
            ("us.amazon.nova-2-lite-v1:0", Thinking::Nova, false),
            ("openai.gpt-oss-120b-1:0", Thinking::Effort, true),
            ("meta.llama3-3-70b-instruct-v1:0", Thinking::No, false),
        ] {
            let model = Model::new(id);
            assert_eq!(model.thinking(), thinking, "{id}");
            assert_eq!(model.is_structured(), is_structured, "{id}");
        }
    }

    #[test]
    fn claude_keeps_what_it_read_since_its_second_3_5() {
        for (id, caches) in [
            ("anthropic.claude-3-haiku-20240307-v1:0", false),
            ("anthropic.claude-3-5-sonnet-20240620-v1:0", false),
            ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", true),
            ("us.anthropic.claude-opus-4-1-20250805-v1:0", true),
            ("amazon.nova-lite-v1:0", true),
            ("meta.llama3-3-70b-instruct-v1:0", false),
        ] {
            assert_eq!(Model::new(id).caches(), caches, "{id}");
        }
    }
}
