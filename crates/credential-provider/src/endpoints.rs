//! Where AWS is. By itself where the SDK's rules say, from partition and region alone; the operator may name another
//! place, and a tenant never can.

use std::collections::HashMap;

use domain::{Invalid, Partition};
use url::Url;

use crate::Service;

/// Another place for AWS, named by the operator of this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A host of AWS's own, such as a VPC endpoint's. Requests are made, signed and sent for it.
    Aws(Url),
    /// An emulator. Requests are made and signed as for AWS, and carried there with AWS's host name in the header
    /// `host`, as if DNS led there: so it sees service and region even where no signature names them.
    Emulator(Url),
}

impl Endpoint {
    /// Reads an operator's URL and tells whose it is.
    ///
    /// # Errors
    /// [`Invalid`] unless it is an http or https URL without user, query or fragment.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let url = Url::parse(text).map_err(|_| Invalid("must be a URL"))?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.path() == "/";
        let Some(host) = url.host_str().filter(|_| plain) else {
            return Err(Invalid("must be a URL of scheme, host and port alone"));
        };
        match url.scheme() {
            "https" if is_aws(host) => Ok(Self::Aws(url)),
            "http" | "https" => Ok(Self::Emulator(url)),
            _ => Err(Invalid("must be an http or https URL")),
        }
    }

    /// Whether what answers there is AWS itself.
    pub const fn is_aws(&self) -> bool {
        matches!(self, Self::Aws(_))
    }
}

/// The operator's endpoints: none, one for all services, or one for some.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    every: Option<Endpoint>,
    some: HashMap<Service, Endpoint>,
}

impl Endpoints {
    /// One for all services.
    pub fn every(endpoint: Endpoint) -> Self {
        Self {
            every: Some(endpoint),
            some: HashMap::new(),
        }
    }

    /// One for `service`, whatever the others have.
    #[must_use]
    pub fn with(mut self, service: Service, endpoint: Endpoint) -> Self {
        self.some.insert(service, endpoint);
        self
    }

    /// The one for `service`.
    pub fn of(&self, service: Service) -> Option<&Endpoint> {
        self.some.get(&service).or(self.every.as_ref())
    }
}

fn is_aws(host: &str) -> bool {
    let below = |suffix: &str| {
        host.strip_suffix(suffix)
            .is_some_and(|rest| rest.ends_with('.'))
    };
    Partition::ALL
        .into_iter()
        .any(|partition| below(partition.dns_suffix()))
        || below("api.aws")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_is_told_from_an_emulator() {
        for aws in [
            "https://vpce-1.sts.us-east-1.vpce.amazonaws.com",
            "https://sts.cn-north-1.amazonaws.com.cn",
        ] {
            assert!(Endpoint::parse(aws).unwrap().is_aws(), "{aws}");
        }
        for other in [
            "http://127.0.0.1:4566",
            "http://sts.us-east-1.amazonaws.com",
            "https://amazonaws.com.evil.example",
            "https://evilamazonaws.com",
            "https://localhost.localstack.cloud:4566/",
        ] {
            assert!(!Endpoint::parse(other).unwrap().is_aws(), "{other}");
        }
    }

    #[test]
    fn what_is_no_plain_url_is_refused() {
        for bad in [
            "",
            "127.0.0.1:4566",
            "ftp://127.0.0.1",
            "http://user@127.0.0.1",
            "http://127.0.0.1/path",
            "http://127.0.0.1/?a",
            "unix:/run/x",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_service_of_its_own_comes_first() {
        let one = Endpoint::parse("http://127.0.0.1:1").unwrap();
        let two = Endpoint::parse("http://127.0.0.1:2").unwrap();
        let endpoints = Endpoints::every(one.clone()).with(Service::Sts, two.clone());
        assert_eq!(endpoints.of(Service::Sts), Some(&two));
        assert_eq!(endpoints.of(Service::Bedrock), Some(&one));
        assert_eq!(Endpoints::default().of(Service::Bedrock), None);
    }
}
