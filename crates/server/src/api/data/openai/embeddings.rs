//! Embeddings: one request becomes as many of InvokeModel as the model needs, some of them at a time.

use axum::{
    body::Bytes,
    extract::{Extension, State},
    response::Response,
};
use bedrock::transport::Operation;
use credential_provider::Error as AwsFailure;
use dialects::openai::{Embeddings, Refusal};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::form::Refused;
use crate::{
    Context,
    api::data::{
        payload::Payload,
        whole::{LONGEST, whole},
        written::written,
    },
    app::{
        self,
        conversations::{Asked, Call, Converser, Parts, tokens},
    },
    http::RequestId,
};

/// How many texts are with AWS at a time, of models that take one each.
const AT_A_TIME: usize = 8;
const MIB: usize = 1024 * 1024;

/// Create embeddings
///
/// OpenAI's embeddings, of Titan Text Embeddings and Cohere Embed. What becomes of each parameter stands in
/// `crates/dialects/OPENAI.md`. However often the model is asked for it, a request counts once.
#[utoipa::path(post, path = "/openai/v1/embeddings",
    operation_id = "openai_create_embeddings", tag = "openai", security(("bearer" = []), ("session" = [])),
    request_body(content = Object, content_type = "application/json",
        description = "As in OpenAI's API reference; `model` is a registered model's alias, its id, or what AWS calls it."),
    responses((status = 200, description = "The embeddings.", body = Object),
        (status = "default", description = "OpenAI's error.", body = Object)))]
pub(super) async fn embed(
    State(context): State<Context>,
    converser: Converser,
    Extension(request_id): Extension<RequestId>,
    payload: Payload,
) -> Result<Response, Refused> {
    let embeddings = Embeddings::read(&payload.bytes)?;
    let route = converser.find(&context, embeddings.model()).await?;
    let model = route.model.id.to_string();
    let batches = embeddings.translate(route.model.facts.telling_id())?;
    let mut parts = Parts::new(&converser);
    let answers = batches.bodies().map(async |body| {
        let asked = Asked {
            // By its id, each time: meanwhile it may be reached in another way, by another credential, or be called otherwise.
            route: converser.find(&context, &model).await?,
            operation: Operation::InvokeModel,
            body: converser.share(&context).hold(body.into())?,
            headers: &payload.headers,
        };
        ask(&context, converser.part(), asked).await
    });
    let mut vectors = batches.vectors();
    let mut share = converser.share(&context);
    let mut answers = stream::iter(answers).buffered(AT_A_TIME);
    while let Some(mut answered) = parts.wait(answers.try_next()).await? {
        parts.note(&answered.call);
        let taken = vectors.take(&answered.body, answered.tokens);
        taken.map_err(|_| answered.call.fail(&answered.nonsense))?;
        // Better after the first than after all have been paid for; but as text no two are of quite the same length.
        if vectors.length() > LONGEST || vectors.expected_length() > LONGEST + LONGEST / 8 {
            return Err(Refusal::too_many_inputs(LONGEST / MIB).into());
        }
        share.grow_to(vectors.length()).map_err(app::Error::from)?;
    }
    let body = share
        .hold(vectors.answer().into())
        .map_err(app::Error::from)?;
    Ok(written(&context, &converser, request_id, &body))
}

/// One of the answers.
struct Answered {
    body: Bytes,
    /// Tokens read, as AWS counted them.
    tokens: u64,
    call: Call,
    /// What it is if it is no embedding.
    nonsense: AwsFailure,
}

async fn ask(context: &Context, converser: Converser, asked: Asked<'_>) -> app::Result<Answered> {
    let (answer, mut call) = app::conversations::ask(context, converser, asked).await?;
    let (counted, nonsense) = (tokens::of_headers(&answer), answer.nonsense());
    let body = whole(answer, &mut call, |_| counted).await?;
    Ok(Answered {
        body,
        tokens: counted.input,
        call,
        nonsense,
    })
}
