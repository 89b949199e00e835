//! Configuration: one table of variables, read once, everything wrong reported at once.

mod variables;

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use serde::{Deserialize, Deserializer};
use url::Url;
use zeroize::Zeroizing;

pub use variables::{VARIABLES, Variable};

use crate::service::Stopping;

/// The environment variables of the process, read once at the edge.
pub type Environment = BTreeMap<String, String>;

/// A value that no log, error or `Debug` shows.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The value in the clear: for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct JwtIssuer {
    /// The issuer, exactly as the tokens spell it.
    pub issuer: String,
    /// The audience that a token must be for.
    pub audience: String,
}

/// The customers' identity provider.
#[derive(Debug, Clone)]
pub struct CustomerJwt {
    /// Issuer and audience.
    pub issuer: JwtIssuer,
    /// The claim that holds the tenant's `ref`.
    pub tenant_claim: String,
    /// The claim that holds the role.
    pub role_claim: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// All that can be configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where health and metrics for operators listen.
    pub ops_listen: SocketAddr,
    /// Under which address people reach the service, if not the one it listens on.
    pub public_url: Option<Url>,
    /// Where `serve --local` keeps its database and master key; none for the platform's usual place.
    pub data_dir: Option<PathBuf>,
    /// The database, as the runtime role.
    pub database_url: Option<Secret>,
    /// The database, as its owner.
    pub migrate_database_url: Option<Secret>,
    /// The database past a pooler.
    pub direct_database_url: Option<Secret>,
    /// The most connections to the database.
    pub database_connections: u32,
    /// Where Postgres's programs are.
    pub postgres_bin: Option<PathBuf>,
    /// The key ring.
    pub master_key: Option<Secret>,
    /// The customers' identity provider.
    pub jwt: Option<CustomerJwt>,
    /// The platform's own identity provider.
    pub operator_jwt: Option<JwtIssuer>,
    /// Origins of the platform's frontend.
    pub cors_origins: Vec<String>,
    /// How many proxies in front of the service add to `x-forwarded-for`.
    pub trusted_proxies: u8,
    /// How long audit events are kept.
    pub audit_retention: Duration,
    /// How the service stops.
    pub stopping: Stopping,
    /// How log lines look.
    pub log_format: LogFormat,
    /// What is logged.
    pub log_filter: String,
}

/// One thing that is wrong with the configuration. Never holds a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct Fault {
    /// The variable.
    pub variable: String,
    /// What is wrong with it.
    pub problem: String,
}

/// All that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is wrong:\n{}", .0.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Everything that is wrong, by the variable's name.
    pub fn read(environment: &Environment) -> Result<Self, Faults> {
        let mut reader = Reader {
            environment,
            faults: Vec::new(),
        };
        reader.refuse_unknown();
        let config = Self {
            listen: reader.parsed(
                "BI_LISTEN",
                "must be an address and a port, like 127.0.0.1:8080",
            ),
            ops_listen: reader.parsed(
                "BI_OPS_LISTEN",
                "must be an address and a port, like 127.0.0.1:9090",
            ),
            public_url: reader.public_url(),
            data_dir: reader.text("BI_DATA_DIR").map(PathBuf::from),
            database_url: reader.secret("DATABASE_URL"),
            migrate_database_url: reader.secret("BI_MIGRATE_DATABASE_URL"),
            direct_database_url: reader.secret("BI_DIRECT_DATABASE_URL"),
            database_connections: reader.in_range("BI_DATABASE_CONNECTIONS", 2, 500),
            postgres_bin: reader.text("BI_POSTGRES_BIN").map(PathBuf::from),
            master_key: reader.secret("BI_MASTER_KEY"),
            jwt: reader.customer_jwt(),
            operator_jwt: reader.issuer("BI_OPERATOR_JWT_ISSUER", "BI_OPERATOR_JWT_AUDIENCE"),
            cors_origins: reader.origins("BI_CORS_ORIGINS"),
            trusted_proxies: reader.in_range("BI_TRUSTED_PROXIES", 0, 10),
            audit_retention: days(reader.in_range("BI_AUDIT_RETENTION_DAYS", 1, 36_500)),
            stopping: Stopping {
                delay: Duration::from_secs(reader.in_range("BI_SHUTDOWN_DELAY_SECONDS", 0, 300)),
                grace: Duration::from_secs(reader.in_range("BI_SHUTDOWN_GRACE_SECONDS", 0, 3_600)),
            },
            log_format: reader.log_format(),
            log_filter: reader.with_default("RUST_LOG"),
        };
        if let (Some(customers), Some(operators)) = (&config.jwt, &config.operator_jwt)
            && customers.issuer.issuer == operators.issuer
        {
            reader.fault("BI_OPERATOR_JWT_ISSUER", "must not be the customers' issuer: whoever signs their tokens could make operators");
        }
        if reader.faults.is_empty() {
            Ok(config)
        } else {
            Err(Faults(reader.faults))
        }
    }
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

struct Reader<'a> {
    environment: &'a Environment,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    /// A misspelt variable must not silently leave a default in force.
    fn refuse_unknown(&mut self) {
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

    fn fault(&mut self, variable: &str, problem: impl Into<String>) {
        self.faults.push(Fault {
            variable: variable.to_owned(),
            problem: problem.into(),
        });
    }

    /// The value, an empty one counting as absent: that is how compose files spell "not set".
    fn text(&self, name: &str) -> Option<String> {
        self.environment
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    fn with_default(&self, name: &str) -> String {
        let default = VARIABLES
            .iter()
            .find(|v| v.name == name)
            .and_then(|v| v.default)
            .unwrap_or_default();
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    fn parsed<T: FromStr + Fallback>(&mut self, name: &str, problem: &str) -> T {
        self.with_default(name).parse().unwrap_or_else(|_| {
            self.fault(name, problem);
            T::fallback()
        })
    }

    fn in_range<T: TryFrom<u64> + Fallback>(&mut self, name: &str, least: u64, most: u64) -> T {
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

    fn secret(&mut self, name: &str) -> Option<Secret> {
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

    fn public_url(&mut self) -> Option<Url> {
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

    fn customer_jwt(&mut self) -> Option<CustomerJwt> {
        let issuer = self.issuer("BI_JWT_ISSUER", "BI_JWT_AUDIENCE")?;
        Some(CustomerJwt {
            issuer,
            tenant_claim: self.with_default("BI_JWT_TENANT_CLAIM"),
            role_claim: self.with_default("BI_JWT_ROLE_CLAIM"),
        })
    }

    fn issuer(&mut self, issuer: &str, audience: &str) -> Option<JwtIssuer> {
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

    fn origins(&mut self, name: &str) -> Vec<String> {
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

    fn log_format(&mut self) -> LogFormat {
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

/// Whether what comes from this URL can be believed: TLS, or the machine itself.
pub(crate) fn is_trusted_transport(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(url::Host::Ipv6(address))) => address.is_loopback(),
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// What stands in for a value that was refused, until all faults are reported.
trait Fallback {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
        let faults = Config::read(&environment(pairs)).unwrap_err().0;
        faults.into_iter().map(|fault| fault.variable).collect()
    }

    #[test]
    fn nothing_set_is_a_configuration() {
        let config = Config::read(&Environment::new()).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(config.database_url.is_none() && config.cors_origins.is_empty());
    }

    #[test]
    fn everything_wrong_is_reported_at_once_by_name() {
        let wrong = faults(&[
            ("BI_LISTEN", "everywhere"),
            ("BI_PUBLIC_URL", "ftp://x"),
            ("BI_DATABASE_CONNECTIONS", "1"),
            ("BI_LOG_FORMAT", "xml"),
            ("BI_LISTN", "127.0.0.1:1"),
            ("BI_MASTER_KEY_FILE", "/nonexistent/key"),
            ("BI_CORS_ORIGINS", "https://a.example, *"),
            ("BI_JWT_ISSUER", "https://id.example"),
            ("BI_OPERATOR_JWT_AUDIENCE", "ops"),
        ]);
        let expected = [
            "BI_LISTN",
            "BI_LISTEN",
            "BI_PUBLIC_URL",
            "BI_DATABASE_CONNECTIONS",
            "BI_MASTER_KEY_FILE",
            "BI_JWT_AUDIENCE",
            "BI_OPERATOR_JWT_ISSUER",
            "BI_CORS_ORIGINS",
            "BI_LOG_FORMAT",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn no_fault_and_no_debug_shows_a_secret() {
        let secret = "postgres://app:hunter2@db/x";
        let config = Config::read(&environment(&[("DATABASE_URL", secret)])).unwrap();
        assert_eq!(config.database_url.as_ref().unwrap().expose(), secret);
        assert!(!format!("{config:?}").contains("hunter2"));
        let both = environment(&[
            ("DATABASE_URL", secret),
            ("DATABASE_URL_FILE", "/tmp/x"),
            ("BI_LISTEN", "hunter2"),
        ]);
        let faults = Config::read(&both).unwrap_err();
        assert!(!format!("{faults}{faults:?}").contains("hunter2"));
    }

    #[test]
    fn operators_never_come_from_the_customers_issuer() {
        let wrong = faults(&[
            ("BI_JWT_ISSUER", "https://id.example"),
            ("BI_JWT_AUDIENCE", "a"),
            ("BI_OPERATOR_JWT_ISSUER", "https://id.example"),
            ("BI_OPERATOR_JWT_AUDIENCE", "b"),
        ]);
        assert_eq!(wrong, ["BI_OPERATOR_JWT_ISSUER"]);
    }

    #[test]
    fn issuers_need_tls_unless_they_are_this_machine() {
        for (issuer, trusted) in [
            ("https://id.example/realm", true),
            ("http://127.0.0.1:9000", true),
            ("http://localhost:9000", true),
            ("http://[::1]:9000", true),
            ("http://id.example", false),
            ("http://127.0.0.1.example", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(
                is_trusted_transport(&Url::parse(issuer).unwrap()),
                trusted,
                "{issuer}"
            );
        }
    }
}
