//! Anthropic's models: the newer ones can be invoked through inference profiles only, and ids lost their `-v1:0`.

use time::macros::datetime;

use super::{US, WIDE};
use crate::bedrock::{
    geography::Geography::{Apac, Au, Eu, Global, Jp, Us, UsGov},
    model::{Body, Chat, Model, Thinking, Tools},
};

pub(super) const MODELS: &[Model] = &[
    claude(
        "anthropic.claude-3-haiku-20240307-v1:0",
        "Claude 3 Haiku",
        THREE,
    )
    .on_demand(WIDE)
    .profiles(&[Us, Eu, Apac])
    .legacy(
        datetime!(2026-03-10 00:00 UTC),
        datetime!(2028-09-10 00:00 UTC),
    ),
    claude(
        "anthropic.claude-3-haiku-20240307-v1:0:48k",
        "Claude 3 Haiku",
        THREE,
    )
    .provisioned(US),
    claude(
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "Claude 3.5 Sonnet",
        THREE,
    )
    .on_demand(WIDE)
    .profiles(&[Us, Eu, Apac])
    .legacy(
        datetime!(2025-08-25 00:00 UTC),
        datetime!(2026-03-01 00:00 UTC),
    ),
    claude(
        "anthropic.claude-3-5-haiku-20241022-v1:0",
        "Claude 3.5 Haiku",
        THREE_AND_A_HALF,
    )
    .on_demand(&["us-west-2"])
    .profiles(&[Us]),
    claude(
        "anthropic.claude-3-7-sonnet-20250219-v1:0",
        "Claude 3.7 Sonnet",
        FOUR,
    )
    .profiles(&[Us, Eu, Apac, UsGov])
    .legacy(
        datetime!(2025-10-28 00:00 UTC),
        datetime!(2028-04-28 00:00 UTC),
    ),
    claude(
        "anthropic.claude-sonnet-4-20250514-v1:0",
        "Claude Sonnet 4",
        FOUR,
    )
    .profiles(&[Us, Eu, Apac, Global]),
    claude(
        "anthropic.claude-opus-4-1-20250805-v1:0",
        "Claude Opus 4.1",
        FOUR_POINT_ONE,
    )
    .profiles(&[Us]),
    claude(
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "Claude Sonnet 4.5",
        FOUR_AND_A_HALF,
    )
    .profiles(&[Us, Eu, Jp, Au, UsGov, Global]),
    claude(
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "Claude Haiku 4.5",
        FOUR_AND_A_HALF,
    )
    .profiles(&[Us, Eu, Jp, Au, Global]),
    claude(
        "anthropic.claude-opus-4-5-20251101-v1:0",
        "Claude Opus 4.5",
        FOUR_AND_A_HALF,
    )
    .profiles(&[Us, Eu, Global]),
    claude("anthropic.claude-opus-4-6-v1", "Claude Opus 4.6", NEWEST).profiles(&[Us, Eu, Global]),
    claude("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6", NEWEST)
        .profiles(&[Us, Eu, Jp, Au, Global]),
];

/// The generations differ in what they take.
const THREE: Chat = Chat {
    system: true,
    tools: Tools::Named,
    thinking: Thinking::No,
    caches: false,
    continues: true,
    structured: false,
    samples_by_both: true,
    max_tokens: 4_096,
};
const THREE_AND_A_HALF: Chat = Chat {
    caches: true,
    max_tokens: 8_192,
    ..THREE
};
const FOUR: Chat = Chat {
    thinking: Thinking::Asked,
    caches: true,
    max_tokens: 64_000,
    ..THREE
};
const FOUR_POINT_ONE: Chat = Chat {
    samples_by_both: false,
    max_tokens: 32_000,
    ..FOUR
};
const FOUR_AND_A_HALF: Chat = Chat {
    structured: true,
    max_tokens: 64_000,
    ..FOUR_POINT_ONE
};
const NEWEST: Chat = Chat {
    continues: false,
    ..FOUR_AND_A_HALF
};

const fn claude(id: &'static str, name: &'static str, chat: Chat) -> Model {
    Model::text(id, name, "Anthropic")
        .reads(&["TEXT", "IMAGE"])
        .chat(chat)
        .body(Body::Anthropic)
}
