//! Amazon's models: Nova in every modality, and Titan.

use time::macros::datetime;

use super::{US, US_EAST_1, WIDE};
use crate::bedrock::{
    geography::Geography::{Apac, Eu, Global, Us, UsGov},
    model::{Body, Chat, Model, Thinking, Tools},
};

pub(super) const MODELS: &[Model] = &[
    nova("amazon.nova-micro-v1:0", "Nova Micro")
        .reads(&["TEXT"])
        .on_demand(&["us-east-1", "eu-west-2", "ap-southeast-2"])
        .profiles(&[Us, Eu, Apac])
        .customizable(&["FINE_TUNING", "DISTILLATION"]),
    nova("amazon.nova-lite-v1:0", "Nova Lite")
        .on_demand(&["us-east-1", "eu-west-2", "ap-southeast-2", "us-gov-west-1"])
        .profiles(&[Us, Eu, Apac, UsGov])
        .customizable(&["FINE_TUNING", "DISTILLATION"]),
    nova("amazon.nova-lite-v1:0:300k", "Nova Lite").provisioned(US_EAST_1),
    nova("amazon.nova-pro-v1:0", "Nova Pro")
        .on_demand(&["us-east-1", "eu-west-2", "ap-southeast-2"])
        .profiles(&[Us, Eu, Apac])
        .customizable(&["FINE_TUNING"]),
    nova("amazon.nova-premier-v1:0", "Nova Premier").profiles(&[Us]),
    nova("amazon.nova-2-lite-v1:0", "Nova 2 Lite")
        .chat(chat(Thinking::Asked, 64_000))
        .profiles(&[Us, Eu, Global]),
    Model::other(
        "amazon.nova-canvas-v1:0",
        "Nova Canvas",
        "Amazon",
        Body::AmazonImage,
    )
    .reads(&["TEXT", "IMAGE"])
    .writes(&["IMAGE"])
    .on_demand(&["us-east-1", "eu-west-1", "ap-northeast-1"]),
    Model::other(
        "amazon.nova-reel-v1:1",
        "Nova Reel",
        "Amazon",
        Body::Unplayed,
    )
    .reads(&["TEXT", "IMAGE"])
    .writes(&["VIDEO"])
    .on_demand(US_EAST_1),
    Model::other(
        "amazon.nova-sonic-v1:0",
        "Nova Sonic",
        "Amazon",
        Body::Unplayed,
    )
    .reads(&["SPEECH"])
    .writes(&["SPEECH", "TEXT"])
    .on_demand(&["us-east-1", "eu-north-1", "ap-northeast-1"]),
    Model::other(
        "amazon.nova-2-multimodal-embeddings-v1:0",
        "Nova Embeddings",
        "Amazon",
        Body::Unplayed,
    )
    .reads(&["TEXT", "IMAGE", "AUDIO", "VIDEO"])
    .writes(&["EMBEDDING"])
    .on_demand(US_EAST_1),
    Model::other(
        "amazon.titan-embed-text-v1",
        "Titan Embeddings G1",
        "Amazon",
        Body::TitanEmbedding,
    )
    .writes(&["EMBEDDING"])
    .on_demand(US)
    .provisioned(US)
    .legacy(
        datetime!(2026-05-01 00:00 UTC),
        datetime!(2028-11-01 00:00 UTC),
    ),
    Model::other(
        "amazon.titan-embed-text-v2:0",
        "Titan Embeddings V2",
        "Amazon",
        Body::TitanEmbedding,
    )
    .writes(&["EMBEDDING"])
    .on_demand(WIDE),
    Model::other(
        "amazon.titan-image-generator-v2:0",
        "Titan Image V2",
        "Amazon",
        Body::AmazonImage,
    )
    .reads(&["TEXT", "IMAGE"])
    .writes(&["IMAGE"])
    .on_demand(US)
    .provisioned(US)
    .customizable(&["FINE_TUNING"]),
    Model::other("amazon.rerank-v1:0", "Rerank 1.0", "Amazon", Body::Unplayed).on_demand(&[
        "us-west-2",
        "ca-central-1",
        "eu-central-1",
        "ap-northeast-1",
    ]),
];

const fn nova(id: &'static str, name: &'static str) -> Model {
    Model::text(id, name, "Amazon")
        .reads(&["TEXT", "IMAGE", "VIDEO"])
        .chat(chat(Thinking::No, 10_000))
        .body(Body::Nova)
}

const fn chat(thinking: Thinking, max_tokens: usize) -> Chat {
    Chat {
        system: true,
        tools: Tools::Named,
        thinking,
        caches: true,
        continues: false,
        structured: false,
        samples_by_both: true,
        max_tokens,
    }
}
