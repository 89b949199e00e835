//! Configuration: one table of variables, read once, everything wrong reported at once.

mod aws;
mod reader;
mod setup;
mod variables;

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer};
use url::Url;
use zeroize::Zeroizing;

pub use aws::AwsConfig;
pub use setup::SetupConfig;
pub use variables::{VARIABLES, Variable};

use self::reader::Reader;
use crate::{
    app::{conversations::Limit, sweep::SweepSettings},
    service::Stopping,
};

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
    /// How AWS is reached, and what is asked of customers' accounts.
    pub aws: AwsConfig,
    /// What a tenant may use at a time …
    pub tenant_limit: Limit,
    /// … and each of its callers.
    pub caller_limit: Limit,
    /// How connections are looked at without anybody asking; none for never.
    pub sweep: Option<SweepSettings>,
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
            database_url: reader.database_url("DATABASE_URL"),
            migrate_database_url: reader.database_url("BI_MIGRATE_DATABASE_URL"),
            direct_database_url: reader.database_url("BI_DIRECT_DATABASE_URL"),
            database_connections: reader.in_range("BI_DATABASE_CONNECTIONS", 2, 500),
            postgres_bin: reader.text("BI_POSTGRES_BIN").map(PathBuf::from),
            master_key: reader.secret("BI_MASTER_KEY"),
            jwt: reader.customer_jwt(),
            operator_jwt: reader.issuer("BI_OPERATOR_JWT_ISSUER", "BI_OPERATOR_JWT_AUDIENCE"),
            cors_origins: reader.origins("BI_CORS_ORIGINS"),
            trusted_proxies: reader.in_range("BI_TRUSTED_PROXIES", 0, 10),
            tenant_limit: reader.limit("TENANT"),
            caller_limit: reader.limit("CALLER"),
            aws: reader.aws(),
            sweep: reader.sweep(),
            audit_retention: days(reader.in_range("BI_AUDIT_RETENTION_DAYS", 1, 36_500)),
            stopping: Stopping {
                delay: Duration::from_secs(reader.in_range("BI_SHUTDOWN_DELAY_SECONDS", 0, 300)),
                grace: Duration::from_secs(reader.in_range("BI_SHUTDOWN_GRACE_SECONDS", 0, 3_600)),
            },
            log_format: reader.log_format(),
            log_filter: reader.log_filter(),
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

#[cfg(test)]
mod tests {
    use credential_provider::Service;

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
            ("RUST_LOG", "a=b=c"),
            ("DATABASE_URL", "mysql://a:b@c/d"),
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
            "DATABASE_URL",
            "BI_DATABASE_CONNECTIONS",
            "BI_MASTER_KEY_FILE",
            "BI_JWT_AUDIENCE",
            "BI_OPERATOR_JWT_ISSUER",
            "BI_CORS_ORIGINS",
            "BI_LOG_FORMAT",
            "RUST_LOG",
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
    fn only_aws_itself_or_a_declared_emulator_is_an_endpoint() {
        let emulator = ("BI_AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
        let vpc = (
            "AWS_ENDPOINT_URL_STS",
            "https://vpce-1.sts.us-east-1.vpce.amazonaws.com",
        );
        let dev = ("BI_DEV_AWS_ENDPOINTS", "true");
        assert_eq!(faults(&[emulator]), ["BI_AWS_ENDPOINT_URL"]);
        assert_eq!(
            faults(&[("AWS_ENDPOINT_URL_BEDROCK", "http://localhost:1"), vpc]),
            ["AWS_ENDPOINT_URL_BEDROCK"]
        );
        assert_eq!(
            faults(&[("BI_DEV_SESSION_ACTIONS", "bedrock:Converse*")]),
            ["BI_DEV_SESSION_ACTIONS"]
        );
        assert_eq!(
            faults(&[dev, ("BI_DEV_SESSION_ACTIONS", "bedrock:Converse*,s3:*")]),
            ["BI_DEV_SESSION_ACTIONS"]
        );
        let config = Config::read(&environment(&[emulator, vpc, dev])).unwrap();
        let of = |service| config.aws.endpoints.of(service).unwrap().is_aws();
        assert!(of(Service::Sts) && !of(Service::Bedrock));
    }

    #[test]
    fn the_principal_is_an_identity_of_iam() {
        for bad in [
            "bedrock",
            "arn:aws:iam::1:role/x",
            "arn:aws:sts::111122223333:assumed-role/x/y",
            "arn:aws:iam::111122223333:group/x",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:role/x y",
            "arn:aws:iam::111122223333:user/x:y",
        ] {
            assert_eq!(faults(&[("BI_PRINCIPAL_ARN", bad)]), ["BI_PRINCIPAL_ARN"]);
        }
        for good in [
            "arn:aws-us-gov:iam::111122223333:role/path/x",
            "arn:aws:iam::111122223333:user/path/x",
            "arn:aws:iam::111122223333:root",
        ] {
            let config = Config::read(&environment(&[("BI_PRINCIPAL_ARN", good)])).unwrap();
            assert_eq!(config.aws.principal_arn.as_deref(), Some(good));
        }
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
