//! The server: one port for all services, as many worlds as there are sandboxes.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use bytes::Bytes;
use domain::{Clock, Entropy};
use http::{HeaderValue, Request, Response, header::HOST};
use http_body_util::{BodyExt, Limited};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Call, Harm, Refusal, Seed, Service, World,
    answer::{Answer, Wire},
    bedrock, cognito, console,
    route::{UNKNOWN, parameters, route},
    sigv4, sts,
};

/// What a sandbox is made of.
pub struct Settings {
    /// Where it listens; port 0 is any free one.
    pub listen: SocketAddr,
    /// What exists in it. Keep a clone to change it while it runs.
    pub world: World,
    /// What time it is there: for expiry, signatures and lockouts.
    pub clock: Arc<dyn Clock>,
    /// Where its keys, tokens and salts come from.
    pub entropy: Arc<dyn Entropy>,
}

impl Settings {
    /// On any free port of this machine, with random bytes that are the same every time.
    pub fn local(world: World, clock: Arc<dyn Clock>) -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            world,
            clock,
            entropy: Arc::new(Seed::new(0)),
        }
    }
}

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    address: SocketAddr,
    world: World,
    stop: DropGuard,
    served: JoinHandle<()>,
}

/// The largest body that is read: Bedrock's largest is 25 MB, which CountTokens has in base64 once more.
const BODY: usize = 48 * 1024 * 1024;

impl Sandbox {
    /// Starts one.
    ///
    /// # Errors
    /// If it cannot listen there.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let world = settings.world.clone();
        let served = tokio::spawn(accept(listener, Arc::new(settings), stop.clone()));
        Ok(Self {
            address,
            world,
            stop: stop.drop_guard(),
            served,
        })
    }

    /// Where it is: an endpoint URL for any client of AWS.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What exists in it.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Stops it: connections are closed and the port is free when this returns.
    pub async fn stop(self) {
        drop(self.stop);
        // A task that panicked has stopped as well.
        let _ = self.served.await;
    }
}

/// Takes connections until `stop`; what is under way then is broken off.
async fn accept(listener: TcpListener, settings: Arc<Settings>, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            // A connection that broke before it was taken is the client's affair.
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(serve(stream, Arc::clone(&settings)));
            }
        }
    }
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, settings: Arc<Settings>) {
    // Without it small events would wait for each other.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let settings = Arc::clone(&settings);
        async move { handle(&settings, request).await }
    });
    let server = auto::Builder::new(TokioExecutor::new());
    // A connection that ends badly is told to the client by its end.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// Answers a request. The error breaks the connection off without an answer.
async fn handle(
    settings: &Settings,
    request: Request<Incoming>,
) -> Result<Response<Wire>, io::Error> {
    let call = read(settings, request).await?;
    let world = &settings.world;
    if let Some(response) = console::answer(world, &call) {
        return Ok(response);
    }
    world.note(&call);
    let harm = world.harm(&call);
    match &harm {
        Some(Harm::Slow(delay)) => tokio::time::sleep(*delay).await,
        Some(Harm::Hang) => std::future::pending().await,
        Some(Harm::Reset) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(Harm::Refuse(refusal)) => {
            return Ok(Answer::refused(&call, refusal).into_response(&call));
        }
        Some(Harm::Nonsense(body)) => {
            let answer = Answer::whole("text/html", Bytes::from_static(body.as_bytes()));
            return Ok(answer.into_response(&call));
        }
        Some(Harm::CutAfter(_) | Harm::EndAfter(_) | Harm::FailAfter(..)) | None => {}
    }
    let answer = match answer(world, &call).await {
        Ok(answer) => answer,
        Err(refusal) => Answer::refused(&call, &refusal),
    };
    let answer = match harm {
        Some(Harm::CutAfter(count)) => answer.cut_after(count),
        Some(Harm::EndAfter(count)) => answer.end_after(count),
        Some(Harm::FailAfter(count, refusal)) => answer.fail_after(count, &refusal),
        _ => answer,
    };
    Ok(answer.into_response(&call))
}

async fn answer(world: &World, call: &Call) -> Result<Answer, Refusal> {
    if call.operation == UNKNOWN {
        return Err(unknown(call));
    }
    match call.service {
        Service::Sts => sts::answer(world, call).await,
        Service::CognitoUserPools | Service::CognitoIdentity => cognito::answer(world, call),
        Service::Bedrock | Service::BedrockRuntime => {
            let caller = match call.bearer() {
                Some(token) => bedrock::bearer(world, call, token)?,
                None => sigv4::verify(world, call)?,
            };
            bedrock::answer(world, call, &caller)
        }
    }
}

fn unknown(call: &Call) -> Refusal {
    let action = call.parameter("Action").unwrap_or_default();
    match call.service {
        Service::Sts => {
            let version = call.parameter("Version").unwrap_or_default();
            let message = format!("Could not find operation {action} for version {version}");
            Refusal::new(400, "InvalidAction", message)
        }
        Service::CognitoUserPools | Service::CognitoIdentity => {
            Refusal::new(400, "UnknownOperationException", "")
        }
        Service::Bedrock | Service::BedrockRuntime => Refusal::unknown_operation(),
    }
}

async fn read(settings: &Settings, request: Request<Incoming>) -> Result<Call, io::Error> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY)
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    let mut headers = parts.headers;
    // HTTP/2 has the host elsewhere.
    if let Some(authority) = parts
        .uri
        .authority()
        .filter(|_| !headers.contains_key(HOST))
        && let Ok(host) = HeaderValue::try_from(authority.as_str())
    {
        headers.insert(HOST, host);
    }
    let path = parts.uri.path().to_owned();
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    let is_form = headers.get(http::header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    let form: &[u8] = if is_form { &body } else { &[] };
    let parameters = parameters(raw_query.as_bytes())
        .chain(parameters(form))
        .collect();
    let target = route(&parts.method, &path, &headers, &parameters);
    let mut id = [0; 16];
    settings.entropy.fill(&mut id);
    Ok(Call {
        service: target.service,
        operation: target.operation,
        region: target.region,
        now: settings.clock.now(),
        entropy: Arc::clone(&settings.entropy),
        request_id: uuid::Builder::from_random_bytes(id).into_uuid().to_string(),
        method: parts.method,
        path,
        segments: target.segments,
        parameters,
        raw_query,
        headers,
        body,
    })
}
