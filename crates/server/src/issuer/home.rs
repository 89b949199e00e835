//! Where the issuers are: below the service's public URL, if AWS can find them there.

use domain::TenantId;
use url::{Host, Url};

const UNREACHABLE: &str = "This service is no OpenID Connect provider: its operator sets BI_PUBLIC_URL to an https URL without a port, at which AWS reaches it.";

/// The longest URL that IAM takes for a provider:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>.
const LONGEST: usize = 255;

/// What all issuers' URLs begin with.
pub(super) struct Home(String);

impl Home {
    /// Below `public_url`, or why not. An emulator of AWS looks for issuers wherever it is told; AWS itself takes https
    /// alone, and neither port nor query.
    pub(super) fn below(public_url: &Url, is_emulated: bool) -> Result<Self, &'static str> {
        let is_public = matches!(public_url.host(), Some(Host::Domain(name)) if name.contains('.'));
        let is_found = public_url.scheme() == "https" && public_url.port().is_none() && is_public;
        let home = Self(format!(
            "{}/oidc",
            public_url.as_str().trim_end_matches('/')
        ));
        let is_short = home.issuer(TenantId::PLATFORM).len() <= LONGEST;
        if (is_found || is_emulated) && is_short {
            Ok(home)
        } else {
            Err(UNREACHABLE)
        }
    }

    pub(super) fn issuer(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}", self.0)
    }

    pub(super) fn keys_url(&self) -> String {
        format!("{}/jwks", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(url: &str, is_emulated: bool) -> Option<String> {
        let home = Home::below(&Url::parse(url).unwrap(), is_emulated).ok()?;
        Some(home.keys_url())
    }

    #[test]
    fn an_issuer_is_where_aws_can_find_it() {
        for (url, keys) in [
            ("https://bi.example", "https://bi.example/oidc/jwks"),
            ("https://bi.example:443/", "https://bi.example/oidc/jwks"),
            ("https://a.example/bi/", "https://a.example/bi/oidc/jwks"),
        ] {
            assert_eq!(below(url, false).as_deref(), Some(keys), "{url}");
        }
        let long = format!("https://bi.example/{}", "a".repeat(200));
        for url in [
            "http://bi.example",
            "https://bi.example:8443",
            "https://192.0.2.1",
            "https://[2001:db8::1]",
            "https://localhost",
            &long,
        ] {
            assert_eq!(below(url, false), None, "{url}");
        }
    }

    #[test]
    fn an_emulator_finds_it_anywhere() {
        let url = "http://127.0.0.1:8080";
        let keys = "http://127.0.0.1:8080/oidc/jwks";
        assert_eq!(below(url, true).as_deref(), Some(keys));
    }
}
