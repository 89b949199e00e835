//! The service's own AWS identity, from where AWS's tools look for one: environment, profile, container, instance. Roles
//! are taken on with it, and nothing else is done with it.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use tokio::sync::OnceCell;

/// Looked for when it is first needed: a command that never calls AWS asks nobody.
#[derive(Debug, Default)]
pub(crate) struct DefaultChain(OnceCell<SharedCredentialsProvider>);

impl DefaultChain {
    async fn found(&self) -> Result<&SharedCredentialsProvider, CredentialsError> {
        self.0
            .get_or_try_init(async || {
                let client = Builder::new()
                    .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                    .build_https();
                aws_config::defaults(BehaviorVersion::v2026_01_12())
                    .http_client(client)
                    // Roles are asked for where their partition says; nobody needs to be asked for a region.
                    .region(Region::from_static("us-east-1"))
                    .load()
                    .await
                    .credentials_provider()
                    .ok_or_else(|| CredentialsError::not_loaded("there is no AWS identity"))
            })
            .await
    }
}

impl ProvideCredentials for DefaultChain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { self.found().await?.provide_credentials().await })
    }
}
