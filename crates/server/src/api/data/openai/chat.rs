//! Chat completions: a request becomes Converse's, and the answer OpenAI's again.

use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Response},
};
use bedrock::transport::Operation;
use dialects::openai::{Chat, Chunks, Head, completion};
use http::header;

use super::{form::Refused, streamed::server_sent};
use crate::{
    Context,
    api::data::{
        payload::Payload, stream::Events, watched::watched, whole::whole, written::written,
    },
    app::{
        self,
        conversations::{Converser, tokens},
    },
    http::RequestId,
};

/// Create a chat completion
///
/// OpenAI's chat completions, for every registered model that converses. What becomes of each parameter stands in
/// `crates/dialects/OPENAI.md`; what cannot be carried over is refused by name.
#[utoipa::path(post, path = "/openai/v1/chat/completions",
    operation_id = "openai_create_chat_completion", tag = "openai", security(("bearer" = []), ("session" = [])),
    request_body(content = Object, content_type = "application/json",
        description = "As in OpenAI's API reference; `model` is a registered model's alias, its id, or what AWS calls it."),
    responses((status = 200, description = "The completion, or its chunks if `stream` is true.",
        content((Object = "application/json"), (String = "text/event-stream"))),
        (status = "default", description = "OpenAI's error.", body = Object)))]
pub(super) async fn complete(
    State(context): State<Context>,
    converser: Converser,
    Extension(request_id): Extension<RequestId>,
    mut payload: Payload,
) -> Result<Response, Refused> {
    let chat = Chat::read(&payload.bytes)?;
    let model = chat.model().to_owned();
    let route = converser.find(&context, &model).await?;
    let translated = chat.translate(route.model.facts.telling_id())?;
    payload.replace(translated.body.into())?;
    let form = translated.form;
    let head = Head {
        id: format!("chatcmpl-{}", request_id.0),
        created: context.now().unix_timestamp(),
        model,
    };
    Ok(if form.streams {
        let whose = converser.whose();
        let asking = payload.ask(context.clone(), converser, route, Operation::ConverseStream);
        let events = Events::begin(context, request_id, whose, Box::pin(asking)).await?;
        let body = watched(events.watch(), server_sent(events, Chunks::new(head, form)));
        ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
    } else {
        let asking = payload.ask(context.clone(), converser, route, Operation::Converse);
        let (answer, mut call) = asking.await?;
        let nonsense = answer.nonsense();
        let answer = whole(answer, &mut call, |body| tokens::of_converse(body)).await?;
        let body = completion(&answer, &head, &form);
        let body = body.map_err(|_| call.fail(&nonsense))?;
        let body = call.share().hold(body.into()).map_err(app::Error::from)?;
        written(&context, call.converser(), request_id, &body)
    })
}
