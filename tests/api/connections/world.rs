//! Two tenants, an AWS, and a service between them.

use harness::{Aws, Client, Options, Service};

/// A service with an AWS, and the admins of two tenants.
pub(crate) struct World {
    pub(crate) aws: Aws,
    _service: Service,
    pub(crate) admin: Client,
    pub(crate) other: Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        let options = Options::default();
        let aws = Aws::start(options.clock.clone()).await;
        let service = Service::with(aws.serve(options)).await;
        service.tenant("one").await;
        service.tenant("two").await;
        Self {
            admin: service.caller("one", "admin").await,
            other: service.caller("two", "admin").await,
            aws,
            _service: service,
        }
    }
}
