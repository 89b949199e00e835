//! The table of variables: what the README shows, and the only names that are read.

/// A variable of the environment.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds when it is not set.
    pub default: Option<&'static str>,
    /// Whether it is a secret, which can also be given as a file by `<name>_FILE`.
    pub secret: bool,
    /// What it is for.
    pub help: &'static str,
}

const fn plain(name: &'static str, default: Option<&'static str>, help: &'static str) -> Variable {
    Variable {
        name,
        default,
        secret: false,
        help,
    }
}

const fn secret(name: &'static str, help: &'static str) -> Variable {
    Variable {
        name,
        default: None,
        secret: true,
        help,
    }
}

/// Every variable that this service reads.
pub const VARIABLES: &[Variable] = &[
    plain(
        "BI_LISTEN",
        Some("127.0.0.1:8080"),
        "Address and port of the API.",
    ),
    plain(
        "BI_OPS_LISTEN",
        Some("127.0.0.1:9090"),
        "Address and port of `/metrics` and health for operators; never expose it.",
    ),
    plain(
        "BI_PUBLIC_URL",
        None,
        "The URL under which people, and AWS as far as `/oidc`, reach the service, if it is not the address it listens on. With `https`, cookies are `Secure`; without a port besides, the service is an OIDC issuer, and this never changes again.",
    ),
    secret(
        "DATABASE_URL",
        "Postgres 15 or later, as the runtime role: one that owns nothing and is no superuser.",
    ),
    secret(
        "BI_MIGRATE_DATABASE_URL",
        "The same database as its owner; only `migrate` uses it.",
    ),
    secret(
        "BI_DIRECT_DATABASE_URL",
        "The same database past a pooler in transaction mode. Without it changes reach other replicas by the poll alone, within a second.",
    ),
    plain(
        "BI_DATABASE_CONNECTIONS",
        Some("10"),
        "The most connections to the database, 2 to 500.",
    ),
    secret(
        "BI_MASTER_KEY",
        "The master keys, one `<version>:<base64 of 32 bytes>` a line. All open what they sealed; Postgres keeps which one seals.",
    ),
    plain(
        "BI_DATA_DIR",
        None,
        "Where `serve --local` keeps its database and master key: by default `/var/lib/bedrock-integrations` for root, `$XDG_DATA_HOME/bedrock-integrations` or `~/.local/share/bedrock-integrations` for others.",
    ),
    plain(
        "BI_POSTGRES_BIN",
        None,
        "The folder of Postgres's programs for `demo` and `serve --local`, if they are not found by themselves.",
    ),
    plain(
        "BI_JWT_ISSUER",
        None,
        "The customers' identity provider: its `iss`, an https URL with OpenID discovery below it.",
    ),
    plain(
        "BI_JWT_AUDIENCE",
        None,
        "The `aud` that their tokens must be for.",
    ),
    plain(
        "BI_JWT_TENANT_CLAIM",
        Some("tenant"),
        "The claim that holds the tenant's `ref`.",
    ),
    plain(
        "BI_JWT_ROLE_CLAIM",
        Some("role"),
        "The claim that holds `viewer`, `member` or `admin`.",
    ),
    plain(
        "BI_OPERATOR_JWT_ISSUER",
        None,
        "The platform's own identity provider for operators; never the customers' one. Every token of it for the audience is an operator's.",
    ),
    plain(
        "BI_OPERATOR_JWT_AUDIENCE",
        None,
        "The `aud` that operators' tokens must be for: one that nothing else uses.",
    ),
    plain(
        "BI_CORS_ORIGINS",
        None,
        "Origins of the platform's frontend, separated by commas. Closed without it; cookies are never accepted across origins.",
    ),
    plain(
        "BI_TRUSTED_PROXIES",
        Some("0"),
        "How many proxies in front of the service append to `x-forwarded-for`; the address they saw is the one whose failed sign-ins are slowed.",
    ),
    plain(
        "BI_PRINCIPAL_ARN",
        None,
        "The ARN of the IAM role or user as which this service runs: customers' trust policies name it. Its credentials come from AWS's usual places (`AWS_*`, a profile, the container's or instance's role). Without it roles cannot be connected by external ID.",
    ),
    plain(
        "BI_ENTERED_EXTERNAL_ID",
        Some("on"),
        "`on` or `off`: whether customers may enter an external ID that their role demands already.",
    ),
    plain(
        "BI_ALLOW_UNENFORCED_EXTERNAL_ID",
        Some("false"),
        "`true` lets a role be saved that does not demand the external ID, after a warning. For emulators that check nothing.",
    ),
    plain(
        "BI_POLICY_NAME",
        Some("BedrockAccess"),
        "What setup kits call the permissions policy.",
    ),
    plain(
        "BI_ROLE_NAME",
        Some("BedrockIntegration"),
        "What the names of what setup kits make begin with: the role, or the user of a key, or the pools, and the stack. The end of the access's id follows.",
    ),
    plain(
        "BI_TEMPLATE_S3_URL",
        None,
        "Where the output of `template` is published, an object in S3 that customers can read: then setup kits have a link that opens it in CloudFormation, filled in.",
    ),
    plain(
        "BI_AWS_ENDPOINT_URL",
        None,
        "Where AWS is, if not at its usual place: an emulator, which also needs `BI_DEV_AWS_ENDPOINTS=true`. `AWS_ENDPOINT_URL` means the same.",
    ),
    plain(
        "BI_AWS_ENDPOINT_URL_STS",
        None,
        "The same for STS alone, such as a VPC endpoint. `AWS_ENDPOINT_URL_STS` and so on mean the same.",
    ),
    plain(
        "BI_AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
        None,
        "The same for Cognito user pools.",
    ),
    plain(
        "BI_AWS_ENDPOINT_URL_COGNITO_IDENTITY",
        None,
        "The same for Cognito identity pools.",
    ),
    plain(
        "BI_AWS_ENDPOINT_URL_BEDROCK",
        None,
        "The same for Bedrock's control plane.",
    ),
    plain(
        "BI_AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        None,
        "The same for Bedrock Runtime.",
    ),
    plain(
        "BI_DEV_AWS_ENDPOINTS",
        Some("false"),
        "`true` allows endpoints that are not AWS's: tenants' secrets are sent there. For development alone.",
    ),
    plain(
        "BI_DEV_SESSION_ACTIONS",
        None,
        "Bedrock actions beyond the session policy of every role, for emulators that authorise others than AWS does, like `bedrock:Converse*`.",
    ),
    plain(
        "BI_TENANT_REQUESTS_PER_MINUTE",
        Some("6000"),
        "How many conversations a tenant may begin in a minute, on each replica; 0 for any number. Beyond it 429 with `Retry-After`.",
    ),
    plain(
        "BI_TENANT_CONCURRENT_REQUESTS",
        Some("500"),
        "How many conversations a tenant may have at a time, on each replica; 0 for any number.",
    ),
    plain(
        "BI_TENANT_TOKENS_PER_MINUTE",
        Some("0"),
        "How many tokens a tenant's conversations may read and write in a minute, on each replica; 0 for any number. What was used counts against what comes next; of an answer that is given up, what was sent and came of it.",
    ),
    plain(
        "BI_CALLER_REQUESTS_PER_MINUTE",
        Some("0"),
        "The same as for a tenant, for each API key, session or user of one.",
    ),
    plain(
        "BI_CALLER_CONCURRENT_REQUESTS",
        Some("0"),
        "The same as for a tenant, for each API key, session or user of one.",
    ),
    plain(
        "BI_CALLER_TOKENS_PER_MINUTE",
        Some("0"),
        "The same as for a tenant, for each API key, session or user of one.",
    ),
    plain(
        "BI_SWEEP_INTERVAL_MINUTES",
        Some("360"),
        "How often each connection is tested without anybody asking (the part that is free), in minutes; 0 for never.",
    ),
    plain(
        "BI_SWEEP_CALLS_PER_MINUTE",
        Some("240"),
        "The most calls to AWS that these tests make in a minute, over all tenants and replicas; a connection takes 7 to 36.",
    ),
    plain(
        "BI_AUDIT_RETENTION_DAYS",
        Some("400"),
        "How long audit events are kept, in days.",
    ),
    plain(
        "BI_SHUTDOWN_DELAY_SECONDS",
        Some("0"),
        "How long the service says on `/readyz` that it stops, and still takes requests, in seconds: as long as a load balancer needs to notice.",
    ),
    plain(
        "BI_SHUTDOWN_GRACE_SECONDS",
        Some("25"),
        "How long a shutdown waits for requests under way, in seconds.",
    ),
    plain("BI_LOG_FORMAT", Some("text"), "`text` or `json`."),
    plain(
        "RUST_LOG",
        Some("info"),
        "What is logged, as in `info,server=debug`. Libraries are never logged below `info`: some print headers.",
    ),
];
