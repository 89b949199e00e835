//! The least that a proxy of Bedrock can do, with the usual parts: look a key up, sign with the SDK's signer, pass on what
//! comes back. It checks nothing, counts nothing and knows nobody.

use std::{collections::HashMap, sync::Arc, time::SystemTime};

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
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::json;

use crate::{process::report, server::serve};

/// The key that it knows.
pub(crate) const KEY: &str =
    "bi_0198c0c0c0c07000800000000000000a_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct Proxy {
    keys: HashMap<String, Credentials>,
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

pub(crate) async fn run(upstream: &str) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let credentials = Credentials::new(
        "ASIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        Some("t".repeat(600)),
        None,
        "a lease",
    );
    let proxy = Arc::new(Proxy {
        keys: HashMap::from([(format!("Bearer {KEY}"), credentials)]),
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
    async fn pass_on(&self, request: Request<Incoming>) -> Response<Incoming> {
        let (head, body) = request.into_parts();
        let key = head.headers[AUTHORIZATION].to_str().unwrap();
        let credentials = &self.keys[key];
        let uri: Uri = format!("{}{}", self.upstream, head.uri.path())
            .parse()
            .unwrap();
        let body = body.collect().await.unwrap().to_bytes();
        let headers = signature(&uri, &body, credentials);
        let mut signed = Request::post(uri).body(Full::new(body)).unwrap();
        signed.headers_mut().extend(headers);
        let json = HeaderValue::from_static("application/json");
        signed.headers_mut().insert(CONTENT_TYPE, json);
        let answer = self.client.request(signed).await.unwrap();
        let (head, body) = answer.into_parts();
        let mut answer = Response::new(body);
        let content_type = head.headers[CONTENT_TYPE].clone();
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
        answer
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
