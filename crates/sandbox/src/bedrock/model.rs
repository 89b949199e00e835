//! A foundation model of the catalogue: what lists say of it, and what it can do when it is asked.

use time::OffsetDateTime;

use super::geography::Geography;

/// A foundation model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Model {
    /// AWS's id of it.
    pub(crate) id: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// Who made it.
    pub(crate) provider: &'static str,
    /// What it reads.
    pub(crate) input: &'static [&'static str],
    /// What it writes.
    pub(crate) output: &'static [&'static str],
    /// Whether its answers can be streamed.
    pub(crate) streams: bool,
    /// How it can be customised.
    pub(crate) customizations: &'static [&'static str],
    /// The regions where it can be invoked by its bare id.
    pub(crate) on_demand: &'static [&'static str],
    /// The regions where throughput can be bought for it.
    pub(crate) provisioned: &'static [&'static str],
    /// The system profiles through which it can be invoked.
    pub(crate) profiles: &'static [Geography],
    /// When it became legacy and when it ends, if it does.
    pub(crate) legacy: Option<Legacy>,
    /// How it converses, if it does.
    pub(crate) chat: Option<Chat>,
    /// The form of InvokeModel's body.
    pub(crate) body: Body,
}

/// The end of a model's life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Legacy {
    /// Since when it is legacy.
    pub(crate) since: OffsetDateTime,
    /// When it ends.
    pub(crate) ends: OffsetDateTime,
}

/// How a model converses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chat {
    /// Whether it takes a system prompt.
    pub(crate) system: bool,
    /// Whether it calls tools.
    pub(crate) tools: Tools,
    /// Whether it thinks aloud.
    pub(crate) thinking: Thinking,
    /// Whether it caches prompts.
    pub(crate) caches: bool,
    /// Whether it goes on from what the assistant is said to have begun.
    pub(crate) continues: bool,
    /// Whether it is held to a schema if it is asked to.
    pub(crate) structured: bool,
    /// Whether it takes a temperature and a top P together.
    pub(crate) samples_by_both: bool,
    /// The most tokens it gives.
    pub(crate) max_tokens: usize,
}

/// Whether a model calls tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tools {
    /// Never.
    No,
    /// In whole answers only.
    Whole,
    /// In streams too.
    Streamed,
    /// There too, and which one it has to call can be said.
    Named,
}

/// Whether a model thinks aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thinking {
    /// Never.
    No,
    /// If it is asked to.
    Asked,
    /// Always.
    Always,
}

/// The form of InvokeModel's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Anthropic's Messages.
    Anthropic,
    /// Nova's, which is nearly Converse's.
    Nova,
    /// A prompt and a generation, as Meta's.
    Llama,
    /// A prompt and outputs, as Mistral's.
    Mistral,
    /// Chat completions, as OpenAI's.
    ChatCompletions,
    /// Titan's embeddings.
    TitanEmbedding,
    /// Cohere's embeddings.
    CohereEmbedding,
    /// An image for a prompt, as Stability's.
    StabilityImage,
    /// An image for a task, as Nova Canvas's and Titan's.
    AmazonImage,
    /// None that the sandbox plays.
    Unplayed,
}

impl Model {
    /// A model that reads and writes text, streams, and converses.
    pub(crate) const fn text(id: &'static str, name: &'static str, provider: &'static str) -> Self {
        Self {
            id,
            name,
            provider,
            input: &["TEXT"],
            output: &["TEXT"],
            streams: true,
            customizations: &[],
            on_demand: &[],
            provisioned: &[],
            profiles: &[],
            legacy: None,
            chat: Some(Chat {
                system: true,
                tools: Tools::Streamed,
                thinking: Thinking::No,
                caches: false,
                continues: false,
                structured: false,
                samples_by_both: true,
                max_tokens: 8_192,
            }),
            body: Body::ChatCompletions,
        }
    }

    /// A model that does not converse and does not stream.
    pub(crate) const fn other(
        id: &'static str,
        name: &'static str,
        provider: &'static str,
        body: Body,
    ) -> Self {
        let mut model = Self::text(id, name, provider);
        model.streams = false;
        model.chat = None;
        model.body = body;
        model
    }

    pub(crate) const fn reads(mut self, input: &'static [&'static str]) -> Self {
        self.input = input;
        self
    }

    pub(crate) const fn writes(mut self, output: &'static [&'static str]) -> Self {
        self.output = output;
        self
    }

    pub(crate) const fn on_demand(mut self, regions: &'static [&'static str]) -> Self {
        self.on_demand = regions;
        self
    }

    pub(crate) const fn provisioned(mut self, regions: &'static [&'static str]) -> Self {
        self.provisioned = regions;
        self
    }

    pub(crate) const fn profiles(mut self, geographies: &'static [Geography]) -> Self {
        self.profiles = geographies;
        self
    }

    pub(crate) const fn customizable(mut self, how: &'static [&'static str]) -> Self {
        self.customizations = how;
        self
    }

    pub(crate) const fn legacy(mut self, since: OffsetDateTime, ends: OffsetDateTime) -> Self {
        self.legacy = Some(Legacy { since, ends });
        self
    }

    pub(crate) const fn chat(mut self, chat: Chat) -> Self {
        self.chat = Some(chat);
        self
    }

    pub(crate) const fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Whether the model can be invoked by its bare id there.
    pub(crate) fn is_on_demand(&self, region: &str) -> bool {
        self.on_demand.contains(&region)
    }

    /// By what it can be invoked from a region; by nothing, if the region does not have it.
    pub(crate) fn inference_types(&self, region: &str) -> Vec<&'static str> {
        let by_profile = self
            .profiles
            .iter()
            .any(|geography| geography.destinations(region).is_some());
        [
            ("ON_DEMAND", self.is_on_demand(region)),
            ("PROVISIONED", self.provisioned.contains(&region)),
            ("INFERENCE_PROFILE", by_profile),
        ]
        .into_iter()
        .filter_map(|(name, is)| is.then_some(name))
        .collect()
    }

    /// Whether a region has the model.
    pub(crate) fn is_in(&self, region: &str) -> bool {
        !self.inference_types(region).is_empty()
    }

    /// Whether its life has ended.
    pub(crate) fn has_ended(&self, now: OffsetDateTime) -> bool {
        self.legacy.is_some_and(|legacy| legacy.ends <= now)
    }

    /// Whether it is sold through AWS Marketplace, so that the first call subscribes. These makers have no product keys:
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html>
    pub(crate) fn is_subscribed(&self) -> bool {
        !matches!(
            self.provider,
            "Amazon" | "DeepSeek" | "Mistral AI" | "Meta" | "Qwen" | "OpenAI"
        )
    }
}
