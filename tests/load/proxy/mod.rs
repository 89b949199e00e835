//! The practical limit: the least that a proxy of Bedrock for many tenants does, made of the usual parts. It finds what a
//! key stands for by the key's hash, opens what is sealed of it, looks up the lease of the role that it names, translates
//! what is not in Bedrock's form, signs with the SDK's signer, and passes on what comes back. It checks nothing, counts
//! nothing, logs nothing and knows nobody.
//!
//! Below [`BARE`] it does not even that: it finds a key by itself, and signs.

mod keys;
mod translate;

use std::{sync::Arc, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Request, Response, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::json;

use self::{keys::Keys, translate::Dialect};
use crate::{process::report, server::serve};

pub(crate) use self::keys::KEY;

/// What a path begins with behind which nothing is opened or translated.
pub(crate) const BARE: &str = "/bare";

struct Proxy {
    keys: Keys,
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

pub(crate) async fn run(upstream: &str) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let proxy = Arc::new(Proxy {
        keys: Keys::new(),
        upstream: upstream.to_owned(),
        client: Client::builder(TokioExecutor::new()).build(connector),
    });
    let url = serve(move |request| {
        let proxy = Arc::clone(&proxy);
        async move { proxy.pass_on(request).await }
    })
    .await;
    report(&json!({ "url": url }));
}

impl Proxy {
    async fn pass_on(
        &self,
        request: Request<Incoming>,
    ) -> Response<impl Body<Data = Bytes, Error = translate::Broken> + use<>> {
        let (head, body) = request.into_parts();
        let key = head.headers[AUTHORIZATION].to_str().unwrap();
        let path = head.uri.path();
        let (credentials, path) = match path.strip_prefix(BARE) {
            Some(path) => (self.keys.known(key), path),
            None => (self.keys.opened(key), path),
        };
        let dialect = Dialect::of(path);
        let asked = dialect.ask(path, body.collect().await.unwrap().to_bytes());
        let uri: Uri = format!("{}{}", self.upstream, asked.path).parse().unwrap();
        let headers = signature(&uri, &asked.body, credentials);
        let mut signed = Request::post(uri).body(Full::new(asked.body)).unwrap();
        signed.headers_mut().extend(headers);
        let json = HeaderValue::from_static("application/json");
        signed.headers_mut().insert(CONTENT_TYPE, json);
        let answer = self.client.request(signed).await.unwrap();
        dialect.answer(asked.streams, answer).await
    }
}

fn signature(uri: &Uri, body: &[u8], credentials: &Credentials) -> Vec<(HeaderName, HeaderValue)> {
    let identity = Identity::from(credentials.clone());
    #[expect(clippy::disallowed_methods, reason = "there is no clock to take")]
    let now = SystemTime::now();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("bedrock")
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .unwrap();
    let headers = [("content-type", "application/json")].into_iter();
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new("POST", uri.to_string(), headers, body).unwrap();
    let signed = sign(request, &parameters.into()).unwrap();
    let headers = signed.output().headers();
    headers
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
}
