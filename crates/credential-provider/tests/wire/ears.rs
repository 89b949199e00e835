//! Connections that lead nowhere, and note what should have been sent, and where.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};

/// What was to be sent. Clones are one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ears(Arc<Mutex<Vec<String>>>);

impl Ears {
    /// The URLs that were to be reached since this was last asked.
    pub(crate) fn urls(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl HttpConnector for Ears {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.lock().unwrap().push(request.uri().to_owned());
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        HttpConnectorFuture::ready(Err(ConnectorError::io(broken.into())))
    }
}

impl HttpClient for Ears {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
