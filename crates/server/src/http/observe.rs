//! One id, one log line and one count per request; and problems written out, now that the id is known.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{self, Poll},
    time::Duration,
};

use axum::{extract::Request, response::Response};
use domain::Scope;
use futures_util::future::BoxFuture;
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH},
};
use tokio::time::Instant;
use tower::{Layer, Service, layer::layer_fn};

use super::{panic, timing, unread::Unread};
use crate::{
    Context,
    api::{
        door::Door,
        problem::{Code, Problem, Told},
    },
    app::conversations::{Admission, Timing},
    metrics::Route,
    random::RequestIds,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const DEMO: HeaderName = HeaderName::from_static("bi-demo");

/// The request's id: the caller's own if it is a plain word, else ours.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// Who called, noted for the log line when it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallerNote(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    scope: Option<Scope>,
    /// Of a conversation, which tells where its time went.
    admission: Option<Arc<Admission>>,
}

impl CallerNote {
    pub(crate) fn set(&self, scope: &Scope) {
        self.noted().scope = Some(scope.clone());
    }

    /// Notes that the caller was let in to converse.
    pub(crate) fn admitted(&self, admission: Arc<Admission>) {
        self.noted().admission = Some(admission);
    }

    /// Of a caller who was let in to converse.
    pub(crate) fn admission(&self) -> Option<Arc<Admission>> {
        self.noted().admission.clone()
    }

    fn take(&self) -> Noted {
        std::mem::take(&mut *self.noted())
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wraps every request.
pub(crate) fn layer<S>(
    context: &Context,
) -> impl Layer<S, Service = Observing<S>> + Clone + use<S> {
    let context = context.clone();
    layer_fn(move |inner| Observing {
        context: context.clone(),
        inner,
    })
}

/// A service that is observed.
#[derive(Clone)]
pub(crate) struct Observing<S> {
    context: Context,
    inner: S,
}

impl<S> Service<Request> for Observing<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let seen = Seen::new(&self.context, &mut request);
        let answer = panic::caught(self.inner.call(request));
        let context = self.context.clone();
        Box::pin(async move { Ok(seen.answer(&context, answer.await).await) })
    }
}

/// A request, as it came.
struct Seen {
    started: Instant,
    id: Arc<str>,
    door: Door,
    route: Route,
    caller: CallerNote,
    unread: Option<Unread>,
}

impl Seen {
    fn new(context: &Context, request: &mut Request) -> Self {
        let started = Instant::now();
        let id = request_id(request, &context.request_ids);
        let caller = CallerNote::default();
        let door = Door::of(request.uri().path());
        door.enter(request.headers_mut());
        let route = Route::of(request);
        let extensions = request.extensions_mut();
        extensions.insert(RequestId(Arc::clone(&id)));
        extensions.insert(caller.clone());
        Self {
            started,
            id,
            door,
            route,
            caller,
            unread: extensions.remove::<Unread>(),
        }
    }

    /// Completes the answer, and tells of it.
    async fn answer(self, context: &Context, mut response: Response) -> Response {
        let Self {
            started,
            id,
            door,
            route,
            caller,
            unread,
        } = self;
        let told = response.extensions_mut().remove::<Told>();
        let problem = response.extensions_mut().remove::<Problem>();
        if let Some(problem) = &problem {
            let headers = std::mem::take(response.headers_mut());
            response = door.refusal(problem, &id);
            keep_headers(&mut response, headers);
        }
        let problem = problem.or(told.map(|Told(problem)| problem));
        if let Some(problem) = &problem {
            // Who was too slow is not waited for again.
            let is_slow = problem.code() == Code::BodyTimeout;
            if let Some(unread) = unread
                && (is_slow || !Box::pin(unread.skip()).await)
            {
                // The connection cannot be used again, and the client should know.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            context.metrics.problem(problem.code().as_str());
            if problem.code() == Code::DatabaseUnavailable {
                context.pulse.doubt();
            }
        }
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, value);
        }
        door.leave(headers, &id);
        let Noted { scope, admission } = caller.take();
        let timing = admission.as_ref().and_then(|admission| admission.timing());
        if admission.is_some() {
            timing::tell(headers, timing.as_ref());
        }
        if context.settings.demo {
            let demo = HeaderValue::from_static("nothing behind this is real AWS");
            headers.insert(DEMO, demo);
        }
        let observed = Observed {
            id: &id,
            route,
            status: response.status(),
            took: started.elapsed(),
            caller: scope,
            problem,
            timing,
        };
        observed.log();
        let Observed { route, took, .. } = observed;
        context
            .metrics
            .request(route, response.status().as_u16(), took);
        response
    }
}

/// What layers further in have set (CORS, `allow`, cookies) stays; what describes the body is the problem's.
fn keep_headers(response: &mut Response, headers: http::HeaderMap) {
    let mut name = None;
    for (next, value) in headers {
        name = next.or(name);
        if let Some(name) = &name
            && !response.headers().contains_key(name)
            && name != CONTENT_LENGTH
        {
            response.headers_mut().append(name.clone(), value);
        }
    }
}

fn request_id(request: &Request, ours: &RequestIds) -> Arc<str> {
    let theirs = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let is_plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    match theirs.filter(is_plain) {
        // Someone put a key into the wrong header: it must not end up in the log.
        Some(id) if !id.starts_with(crate::auth::token::PREFIX) => id.into(),
        _ => ours.next().into(),
    }
}

/// What is told of a request that was answered.
struct Observed<'a> {
    id: &'a str,
    route: Route,
    status: StatusCode,
    took: Duration,
    caller: Option<Scope>,
    problem: Option<Problem>,
    timing: Option<Timing>,
}

impl Observed<'_> {
    fn log(&self) {
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let tenant = self.caller.as_ref().and_then(|scope| match scope {
            Scope::Tenant { tenant, .. } => Some(*tenant),
            Scope::Platform { on, .. } => *on,
        });
        let problem = self.problem.as_ref();
        // A level is part of the place in the code that logs.
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(
                    request_id = self.id,
                    method = self.route.method,
                    route = self.route.path(),
                    status = self.status.as_u16(),
                    ms = ms(self.took),
                    // Of a conversation: our own share until the answer began, and AWS's.
                    own_ms = self.timing.map(|timing| ms(timing.own())),
                    upstream_ms = self.timing.map(|timing| ms(timing.upstream)),
                    tenant = tenant.map(tracing::field::display),
                    actor = self.caller.as_ref().map(|scope| scope.actor().id()),
                    code = problem.map(|problem| problem.code().as_str()),
                    cause = problem.and_then(Problem::cause_chain),
                    "request"
                )
            };
        }
        // A probe that hears "not ready" is no fault.
        if self.status.is_server_error() && problem.is_some() {
            tell!(error);
        } else {
            tell!(info);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use axum::body::Body;
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_line_of_a_conversation_tells_our_share_from_awss() {
        let mut file = tempfile::tempfile().unwrap();
        let lines = file.try_clone().unwrap();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(move || lines.try_clone().unwrap())
            .finish();
        let observed = Observed {
            id: "req_1",
            route: Route::of(&Request::new(Body::empty())),
            status: StatusCode::OK,
            took: Duration::from_millis(400),
            caller: None,
            problem: None,
            timing: Some(Timing {
                upload: Duration::from_millis(20),
                lease: Duration::from_millis(30),
                upstream: Duration::from_millis(300),
                total: Duration::from_millis(352),
            }),
        };
        tracing::subscriber::with_default(subscriber, || observed.log());
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        let line: Value = serde_json::from_str(&text).unwrap();
        let told = ["own_ms", "upstream_ms", "ms"].map(|name| line[name].as_f64());
        assert_eq!(told, [Some(2.0), Some(300.0), Some(400.0)], "{text}");
    }
}
