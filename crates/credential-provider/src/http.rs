//! The HTTP client below every SDK client.

use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    shared::IntoShared,
};
use url::Url;

/// Connections that are kept and used again.
pub(crate) fn pool() -> SharedHttpClient {
    build(Builder::new())
}

/// Connections that serve one request each. Who shares this shares the root certificates (a hundred kilobytes, and half
/// a millisecond to parse) and the TLS sessions that make a handshake short, but never a connection.
pub(crate) fn unpooled() -> SharedHttpClient {
    build(Builder::new().pool_max_idle_per_host(0))
}

/// The client that SDK clients are given. It forwards `http_connector` and nothing else: the stock client's other hook
/// would parse all root certificates again whenever an SDK client is made.
pub(crate) fn client(pool: SharedHttpClient, emulator: Option<Url>) -> SharedHttpClient {
    Client { pool, emulator }.into_shared()
}

#[derive(Debug)]
struct Client {
    pool: SharedHttpClient,
    emulator: Option<Url>,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.pool.http_connector(settings, components);
        match &self.emulator {
            None => connector,
            Some(emulator) => SharedHttpConnector::new(Redirect {
                connector,
                emulator: emulator.clone(),
            }),
        }
    }
}

fn build(builder: Builder) -> SharedHttpClient {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    builder.tls_provider(tls).build_https()
}

/// Carries a request that was made and signed for AWS to an emulator.
#[derive(Debug)]
struct Redirect {
    connector: SharedHttpConnector,
    emulator: Url,
}

impl HttpConnector for Redirect {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        match redirect(&mut request, &self.emulator) {
            Ok(()) => self.connector.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        }
    }
}

fn redirect(request: &mut HttpRequest, emulator: &Url) -> Result<(), &'static str> {
    let url = Url::parse(request.uri()).map_err(|_| "the SDK made no URL")?;
    let host = url.host_str().ok_or("the SDK named no host")?.to_owned();
    // Text, not a URL's setters: they would encode anew what is encoded and signed.
    let rest = request
        .uri()
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()))
        .unwrap_or_else(|| "/".to_owned());
    let base = emulator.as_str().trim_end_matches('/');
    request.headers_mut().insert("host", host);
    request
        .set_uri(format!("{base}{rest}"))
        .map_err(|_| "the emulator's URL cannot carry it")
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use aws_smithy_types::body::SdkBody;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::connector;

    #[tokio::test]
    async fn outside_the_pool_each_request_has_a_connection_of_its_own() {
        let (url, accepted) = serve().await;
        let client = unpooled();
        for requests in 1..=3 {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_uri(url.clone()).unwrap();
            let answer = connector::of(&client).call(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), 200);
            assert_eq!(accepted.load(SeqCst), requests);
        }
    }

    /// A server that says yes, and counts how often it was connected to.
    async fn serve() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                counter.fetch_add(1, SeqCst);
                tokio::spawn(answer(connection));
            }
        });
        (url, accepted)
    }

    async fn answer(mut connection: TcpStream) {
        let mut request = [0; 4_096];
        // A request without a body arrives in one piece on the loopback.
        while matches!(connection.read(&mut request).await, Ok(1..)) {
            let yes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            connection.write_all(yes).await.unwrap();
        }
    }

    #[test]
    fn an_emulator_gets_what_was_made_for_aws() {
        let mut request = HttpRequest::new(SdkBody::empty());
        request
            .set_uri("https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn%3Aaws%3Ax%2Fy/converse?a=%2F")
            .unwrap();

        redirect(&mut request, &Url::parse("http://127.0.0.1:4566").unwrap()).unwrap();

        assert_eq!(
            request.uri(),
            "http://127.0.0.1:4566/model/arn%3Aaws%3Ax%2Fy/converse?a=%2F"
        );
        assert_eq!(
            request.headers().get("host"),
            Some("bedrock-runtime.eu-west-1.amazonaws.com")
        );
    }
}
