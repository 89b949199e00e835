//! The console's sign-in: an API key exchanged for a cookie that script cannot read.

use axum::{
    Json,
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    api::{
        address::client_address,
        caller::{credential, request_id, require_same_origin},
        input::Mutation,
        problem::{Code, Problem, Problems},
    },
    app,
    auth::{Credential, session_cookie, token::Token},
    config::Secret,
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(sign_in, sign_out))
}

/// What to sign in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// An API key of a tenant.
    #[schema(value_type = String, example = "bi_0198f0f0e8a47c1e9d3b5a7c9e1f2a4b_…")]
    api_key: Secret,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// When the cookie ends.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// Sign in to the console
///
/// Sets a cookie that is `HttpOnly` and `SameSite=Strict` for 12 hours, or as long as the key. Operator keys are refused:
/// a browser is no place for them. The answer cannot be replayed, so `Idempotency-Key` has no effect here.
#[utoipa::path(post, path = "/v1/session", tag = "session", request_body = SignIn, security(()),
    responses((status = 201, description = "Made.", body = Session), Problems))]
async fn sign_in(State(context): State<Context>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    refuse_other_site(&parts, &context)?;
    // A cookie from before is no second credential here: this one takes its place.
    if parts.headers.contains_key(header::AUTHORIZATION) {
        return Err(Problem::new(Code::SeveralCredentials).detail("Send the key in the body only."));
    }
    let address = client_address(&parts, &context);
    let id = request_id(&parts);
    let input = Mutation::<SignIn>::from_request(Request::from_parts(parts, body), &context)
        .await?
        .input;
    let token = Token::from_api_key(input.api_key.expose().trim()).ok_or_else(|| {
        Problem::new(Code::Unauthenticated).at(
            "/api_key",
            "is not an API key of this service: check that it was copied whole",
        )
    })?;
    let started = app::sessions::start(&context, &token, address, id)
        .await
        .map_err(|error| at_the_key(error.into()))?;
    let max_age = (started.expires_at - context.now()).whole_seconds().max(0);
    let cookie = cookie(&context, &started.cookie, max_age);
    let body = Json(Session {
        expires_at: started.expires_at,
    });
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], body).into_response())
}

/// Sign out of the console
///
/// Ends the session on every replica within a second and removes the cookie, also of a tenant that is suspended. Without
/// a session there is nothing to end, and that is no error.
#[utoipa::path(delete, path = "/v1/session", tag = "session", security((), ("session" = [])),
    responses((status = 204, description = "Done; there is nothing to tell."), Problems))]
async fn sign_out(State(context): State<Context>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    if let Some(Credential::Session(token)) = credential(&parts, &context)? {
        require_same_origin(&parts, &context)?;
        app::sessions::end(
            &context,
            &token,
            client_address(&parts, &context),
            request_id(&parts),
        )
        .await?;
    }
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, cookie(&context, "", 0))],
    )
        .into_response())
}

/// The credential of this request is a member of its body.
fn at_the_key(problem: Problem) -> Problem {
    match problem.code() {
        Code::Unauthenticated | Code::CredentialExpired => {
            problem.at("/api_key", "is not valid, or no longer")
        }
        _ => problem,
    }
}

/// Another site must not sign a visitor in under a key of its own.
fn refuse_other_site(parts: &Parts, context: &Context) -> Result<(), Problem> {
    if parts.headers.contains_key(header::ORIGIN) {
        require_same_origin(parts, context)
    } else {
        Ok(())
    }
}

fn cookie(context: &Context, value: &str, max_age: i64) -> HeaderValue {
    let public_url = &context.settings.public_url;
    let name = session_cookie(public_url);
    let secure = if public_url.scheme() == "https" {
        "; Secure"
    } else {
        ""
    };
    let text =
        format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}");
    // All of its parts are ASCII words of ours.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}
