//! Reads single variables. What is wrong is noted, and something stands in for it until all faults are reported.

use std::{net::SocketAddr, path::Path, str::FromStr};

use tracing_subscriber::EnvFilter;
use url::Url;
use zeroize::Zeroizing;

use super::{
    CustomerJwt, Environment, Fault, JwtIssuer, Limit, LogFormat, Secret, SweepSettings, VARIABLES,
    is_trusted_transport,
};

/// Reads variables, and notes what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) environment: &'a Environment,
    pub(super) faults: Vec<Fault>,
}

impl Reader<'_> {
    /// A misspelt variable must not silently leave a default in force.
    pub(super) fn refuse_unknown(&mut self) {
        let known = |name: &str| {
            VARIABLES
                .iter()
                .any(|v| v.name == name || (v.secret && name.strip_suffix("_FILE") == Some(v.name)))
        };
        let unknown: Vec<_> = self
            .environment
            .keys()
            .filter(|name| name.starts_with("BI_") && !known(name))
            .cloned()
            .collect();
        for name in unknown {
            self.fault(&name, "is not a variable of this service");
        }
    }

    pub(super) fn fault(&mut self, variable: &str, problem: impl Into<String>) {
        self.faults.push(Fault {
            variable: variable.to_owned(),
            problem: problem.into(),
        });
    }

    /// The value, an empty one counting as absent: that is how compose files spell "not set".
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.environment
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    pub(super) fn with_default(&self, name: &str) -> String {
        let default = VARIABLES
            .iter()
            .find(|v| v.name == name)
            .and_then(|v| v.default)
            .unwrap_or_default();
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn parsed<T: FromStr + Fallback>(&mut self, name: &str, problem: &str) -> T {
        self.with_default(name).parse().unwrap_or_else(|_| {
            self.fault(name, problem);
            T::fallback()
        })
    }

    /// What one of `whom` may use at a time.
    pub(super) fn limit(&mut self, whom: &str) -> Limit {
        const MOST: u64 = 1_000_000_000;
        let mut count = |what: &str| self.in_range(&format!("BI_{whom}_{what}"), 0, MOST);
        Limit {
            requests_per_minute: count("REQUESTS_PER_MINUTE"),
            concurrent: count("CONCURRENT_REQUESTS"),
            tokens_per_minute: count("TOKENS_PER_MINUTE"),
        }
    }

    /// How connections are looked at without anybody asking.
    pub(super) fn sweep(&mut self) -> Option<SweepSettings> {
        const MONTH: u64 = 31 * 24 * 60;
        let minutes: u32 = self.in_range("BI_SWEEP_INTERVAL_MINUTES", 0, MONTH);
        let settings = SweepSettings {
            interval: time::Duration::minutes(minutes.into()),
            calls_per_minute: self.in_range("BI_SWEEP_CALLS_PER_MINUTE", 1, 100_000),
            longest_look: SweepSettings::LONGEST_LOOK,
        };
        (minutes > 0).then_some(settings)
    }

    pub(super) fn in_range<T: TryFrom<u64> + Fallback>(
        &mut self,
        name: &str,
        least: u64,
        most: u64,
    ) -> T {
        let number = self
            .with_default(name)
            .parse()
            .ok()
            .filter(|n| (least..=most).contains(n));
        number.and_then(|n| T::try_from(n).ok()).unwrap_or_else(|| {
            self.fault(
                name,
                format!("must be a whole number from {least} to {most}"),
            );
            T::fallback()
        })
    }

    pub(super) fn secret(&mut self, name: &str) -> Option<Secret> {
        let file_variable = format!("{name}_FILE");
        match (self.text(name), self.text(&file_variable)) {
            (Some(_), Some(_)) => {
                self.fault(name, format!("and {file_variable} are both set: keep one"));
                None
            }
            (Some(value), None) => Some(Secret::new(value)),
            (None, Some(path)) => match std::fs::read_to_string(Path::new(&path)) {
                Ok(value) if value.trim().is_empty() => {
                    self.fault(&file_variable, "names an empty file");
                    None
                }
                Ok(value) => Some(Secret(Zeroizing::new(value.trim().to_owned()))),
                Err(error) => {
                    self.fault(
                        &file_variable,
                        format!("names a file that cannot be read: {}", error.kind()),
                    );
                    None
                }
            },
            (None, None) => None,
        }
    }

    pub(super) fn database_url(&mut self, name: &str) -> Option<Secret> {
        let url = self.secret(name)?;
        let is_postgres = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.expose().starts_with(scheme));
        if !is_postgres {
            self.fault(name, "must be a URL that begins with postgres://");
        }
        Some(url)
    }

    pub(super) fn public_url(&mut self) -> Option<Url> {
        let text = self.text("BI_PUBLIC_URL")?;
        let url = Url::parse(&text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        });
        if url.is_none() {
            self.fault(
                "BI_PUBLIC_URL",
                "must be an http or https URL without query, like https://bedrock.example.com",
            );
        }
        url
    }

    pub(super) fn customer_jwt(&mut self) -> Option<CustomerJwt> {
        let issuer = self.issuer("BI_JWT_ISSUER", "BI_JWT_AUDIENCE")?;
        Some(CustomerJwt {
            issuer,
            tenant_claim: self.with_default("BI_JWT_TENANT_CLAIM"),
            role_claim: self.with_default("BI_JWT_ROLE_CLAIM"),
        })
    }

    pub(super) fn issuer(&mut self, issuer: &str, audience: &str) -> Option<JwtIssuer> {
        match (self.text(issuer), self.text(audience)) {
            (None, None) => None,
            (Some(_), None) => {
                self.fault(
                    audience,
                    format!(
                        "must be set with {issuer}: a token for another service must not work here"
                    ),
                );
                None
            }
            (None, Some(_)) => {
                self.fault(issuer, format!("must be set with {audience}"));
                None
            }
            (Some(text), Some(audience)) => {
                let trusted = Url::parse(&text).is_ok_and(|url| is_trusted_transport(&url));
                if !trusted {
                    self.fault(
                        issuer,
                        "must be an https URL (http only for a loopback address)",
                    );
                }
                Some(JwtIssuer {
                    issuer: text,
                    audience,
                })
            }
        }
    }

    pub(super) fn origins(&mut self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        let mut origins = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            // An origin as browsers send it: nothing behind the port, no wildcard.
            match Url::parse(part) {
                Ok(url) if url.origin().ascii_serialization() == part && part != "null" => {
                    origins.push(part.to_owned());
                }
                _ => self.fault(name, "must be origins separated by commas, like https://app.example.com: no path, no *"),
            }
        }
        origins
    }

    /// Whether a variable says `yes`, and not `no`.
    pub(super) fn flag(&mut self, name: &str, yes: &str, no: &str) -> bool {
        let text = self.with_default(name);
        if text != yes && text != no {
            self.fault(name, format!("must be {yes} or {no}"));
        }
        text == yes
    }

    pub(super) fn log_filter(&mut self) -> String {
        let filter = self.with_default("RUST_LOG");
        if EnvFilter::builder().parse(&filter).is_err() {
            self.fault(
                "RUST_LOG",
                "must be levels and targets, like info,server=debug",
            );
        }
        filter
    }

    pub(super) fn log_format(&mut self) -> LogFormat {
        match self.with_default("BI_LOG_FORMAT").as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => {
                self.fault("BI_LOG_FORMAT", "must be text or json");
                LogFormat::Text
            }
        }
    }
}

/// What stands in for a value that was refused, until all faults are reported.
pub(super) trait Fallback {
    fn fallback() -> Self;
}

impl Fallback for SocketAddr {
    fn fallback() -> Self {
        Self::from(([0, 0, 0, 0], 0))
    }
}

impl Fallback for u8 {
    fn fallback() -> Self {
        0
    }
}

impl Fallback for u32 {
    fn fallback() -> Self {
        0
    }
}

impl Fallback for u64 {
    fn fallback() -> Self {
        0
    }
}
