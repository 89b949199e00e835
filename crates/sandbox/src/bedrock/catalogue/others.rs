//! The models of everybody else: with and without system prompts, tools and streams.

use super::{US, US_EAST_1, US_WEST_2, WIDE};
use crate::bedrock::{
    geography::Geography::{Apac, Eu, Global, Us},
    model::{Body, Chat, Model, Thinking, Tools},
};

pub(super) const MODELS: &[Model] = &[
    llama("meta.llama3-8b-instruct-v1:0", "Llama 3 8B Instruct")
        .chat(chat(true, Tools::No, 2_048))
        .on_demand(&["us-east-1", "us-west-2", "eu-west-2", "ap-south-1"]),
    llama("meta.llama3-1-8b-instruct-v1:0", "Llama 3.1 8B Inst")
        .on_demand(US_WEST_2)
        .profiles(&[Us])
        .provisioned(US_WEST_2)
        .customizable(&["FINE_TUNING"]),
    llama("meta.llama3-3-70b-instruct-v1:0", "Llama 3.3 70B Inst")
        .on_demand(&["us-east-2"])
        .profiles(&[Us])
        .customizable(&["FINE_TUNING"]),
    llama("meta.llama4-maverick-17b-instruct-v1:0", "Llama 4 Maverick")
        .reads(&["TEXT", "IMAGE"])
        .profiles(&[Us]),
    mistral("mistral.mistral-7b-instruct-v0:2", "Mistral 7B Instruct")
        .chat(chat(false, Tools::No, 8_192))
        .on_demand(WIDE),
    mistral("mistral.mistral-large-2402-v1:0", "Mistral Large 24.02").on_demand(&[
        "us-east-1",
        "us-west-2",
        "eu-west-3",
        "eu-west-1",
    ]),
    mistral("mistral.pixtral-large-2502-v1:0", "Pixtral Large 25.02")
        .reads(&["TEXT", "IMAGE"])
        .profiles(&[Us, Eu]),
    Model::other(
        "cohere.embed-english-v3",
        "Embed English",
        "Cohere",
        Body::CohereEmbedding,
    )
    .writes(&["EMBEDDING"])
    .on_demand(WIDE),
    Model::other(
        "cohere.embed-multilingual-v3",
        "Embed Multilingual",
        "Cohere",
        Body::CohereEmbedding,
    )
    .writes(&["EMBEDDING"])
    .on_demand(WIDE),
    Model::other(
        "cohere.embed-v4:0",
        "Embed v4",
        "Cohere",
        Body::CohereEmbedding,
    )
    .reads(&["TEXT", "IMAGE"])
    .writes(&["EMBEDDING"])
    .on_demand(&["us-east-1", "eu-west-1", "ap-northeast-1"])
    .profiles(&[Us, Eu, Global]),
    Model::text("cohere.command-r-plus-v1:0", "Command R+", "Cohere")
        .chat(chat(true, Tools::Streamed, 4_096))
        .body(Body::Unplayed)
        .on_demand(US),
    Model::other(
        "cohere.rerank-v3-5:0",
        "Rerank 3.5",
        "Cohere",
        Body::Unplayed,
    )
    .on_demand(&["us-east-1", "us-west-2", "eu-central-1"]),
    Model::text("ai21.jamba-1-5-large-v1:0", "Jamba 1.5 Large", "AI21 Labs")
        .chat(chat(true, Tools::Whole, 4_096))
        .on_demand(US_EAST_1),
    Model::other(
        "stability.stable-image-core-v1:1",
        "Stable Image Core",
        "Stability AI",
        Body::StabilityImage,
    )
    .writes(&["IMAGE"])
    .on_demand(US_WEST_2),
    Model::other(
        "stability.sd3-5-large-v1:0",
        "SD 3.5 Large",
        "Stability AI",
        Body::StabilityImage,
    )
    .reads(&["TEXT", "IMAGE"])
    .writes(&["IMAGE"])
    .on_demand(US_WEST_2),
    Model::text("deepseek.r1-v1:0", "DeepSeek-R1", "DeepSeek")
        .chat(Chat {
            thinking: Thinking::Always,
            ..chat(true, Tools::No, 32_768)
        })
        .profiles(&[Us]),
    Model::text("openai.gpt-oss-120b-1:0", "gpt-oss-120b", "OpenAI")
        .chat(Chat {
            thinking: Thinking::Always,
            structured: true,
            ..chat(true, Tools::Streamed, 16_384)
        })
        .on_demand(&[
            "us-east-1",
            "us-west-2",
            "eu-west-1",
            "eu-central-1",
            "ap-northeast-1",
        ]),
    Model::text("qwen.qwen3-32b-v1:0", "Qwen3 32B", "Qwen")
        .chat(Chat {
            structured: true,
            ..chat(true, Tools::Streamed, 8_192)
        })
        .on_demand(&["us-east-1", "us-west-2", "eu-west-1", "ap-south-1"]),
    Model::text("writer.palmyra-x5-v1:0", "Palmyra X5", "Writer").profiles(&[Us]),
    Model::other(
        "twelvelabs.pegasus-1-2-v1:0",
        "Pegasus v1.2",
        "TwelveLabs",
        Body::Unplayed,
    )
    .reads(&["TEXT", "VIDEO"])
    .profiles(&[Us, Eu, Apac, Global]),
    Model::other(
        "twelvelabs.marengo-embed-2-7-v1:0",
        "Marengo Embed v2.7",
        "TwelveLabs",
        Body::Unplayed,
    )
    .reads(&["TEXT", "IMAGE", "SPEECH", "AUDIO", "VIDEO"])
    .writes(&["EMBEDDING"])
    .on_demand(US_EAST_1),
    Model::other("luma.ray-v2:0", "Ray v2", "Luma AI", Body::Unplayed)
        .writes(&["VIDEO"])
        .on_demand(US_WEST_2),
];

const fn llama(id: &'static str, name: &'static str) -> Model {
    Model::text(id, name, "Meta")
        .chat(chat(true, Tools::Whole, 8_192))
        .body(Body::Llama)
}

const fn mistral(id: &'static str, name: &'static str) -> Model {
    Model::text(id, name, "Mistral AI")
        .chat(chat(true, Tools::Streamed, 8_192))
        .body(Body::Mistral)
}

const fn chat(system: bool, tools: Tools, max_tokens: usize) -> Chat {
    Chat {
        system,
        tools,
        thinking: Thinking::No,
        caches: false,
        continues: false,
        structured: false,
        samples_by_both: true,
        max_tokens,
    }
}
