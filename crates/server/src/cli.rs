//! The command line.

#[cfg(feature = "demo")]
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
#[cfg(feature = "demo")]
use credential_provider::iam_role::ExternalId;
use domain::{ConnectionId, KeyId, Name, Role, SigningKeyId, TenantRef};

use crate::{commands, config::Environment};

/// Connect tenants' own AWS accounts to Amazon Bedrock.
#[derive(Debug, Parser)]
#[command(name = "bedrock-integrations", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve(Database),
    /// Try it without a database or an AWS account: a private Postgres, a tenant and keys.
    #[cfg(feature = "demo")]
    Demo {
        /// End after the walk; exit status 0 only if every step held.
        #[arg(long)]
        once: bool,
    },
    /// Serve an AWS to develop against: STS, Cognito and Bedrock with a customer's account in it.
    #[cfg(feature = "demo")]
    Sandbox {
        /// Where it listens.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4566")]
        listen: SocketAddr,
        /// What the customer's role demands: the external ID that the service made for a connection.
        #[arg(long, value_name = "ID", default_value = sandbox::demo::EXTERNAL_ID)]
        external_id: ExternalId,
    },
    /// Bring the database to this version, as its owner, and make the role that serves.
    Migrate,
    /// Manage tenants.
    Tenant {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        action: TenantAction,
    },
    /// Manage API keys.
    ApiKey {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        action: ApiKeyAction,
    },
    /// Manage master keys, and the keys that sign for the OIDC issuer.
    Keys {
        #[command(flatten)]
        database: Database,
        #[command(subcommand)]
        action: KeysAction,
    },
    /// Look for what is wrong with the set-up, or with a tenant's connection.
    Doctor {
        #[command(flatten)]
        database: Database,
        /// Test this connection, and say what to send to the customer.
        #[arg(long, value_name = "ID")]
        connection: Option<ConnectionId>,
        /// The connection's tenant, by id or ref; without this it is looked for.
        #[arg(long, requires = "connection")]
        tenant: Option<String>,
        /// Print what the test found as JSON.
        #[arg(long, requires = "connection")]
        json: bool,
    },
    /// Ask a running service whether it is ready; for container health checks.
    Healthcheck,
    /// Print the description of the API.
    Openapi,
    /// Print the CloudFormation template to publish in S3 for BI_TEMPLATE_S3_URL.
    Template,
}

/// Which database to use.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Database {
    /// Use the private Postgres in BI_DATA_DIR instead of DATABASE_URL.
    #[arg(long, global = true)]
    pub(crate) local: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantAction {
    /// Provision a tenant, or rename the one of that ref.
    Create {
        /// The platform's own id for it.
        #[arg(long = "ref", value_name = "REF")]
        tenant_ref: TenantRef,
        /// A name for people.
        #[arg(long)]
        name: Name,
    },
    /// List tenants.
    List,
    /// Refuse every call of a tenant; nothing is deleted.
    Suspend {
        /// Its id or ref.
        tenant: String,
    },
    /// Allow its calls again.
    Resume {
        /// Its id or ref.
        tenant: String,
    },
    /// Delete a tenant and all it has but its audit events.
    Delete {
        /// Its id or ref.
        tenant: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyAction {
    /// Make a key. It is printed once.
    Create {
        #[command(flatten)]
        owner: Owner,
        /// viewer, member or admin; not with --operator.
        #[arg(long, default_value = "admin", conflicts_with = "operator")]
        role: Role,
        /// A name for people.
        #[arg(long, default_value = "command line")]
        name: Name,
        /// After how many days it is refused; never without this.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        expires_in_days: Option<u16>,
    },
    /// List keys.
    List(Owner),
    /// Revoke a key.
    Revoke {
        #[command(flatten)]
        owner: Owner,
        /// The key's id.
        id: KeyId,
    },
}

/// Whose keys.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Owner {
    /// The tenant's id or ref.
    #[arg(long)]
    pub(crate) tenant: Option<String>,
    /// The platform's operators.
    #[arg(long)]
    pub(crate) operator: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysAction {
    /// Seal with another version from now on, and re-wrap what older ones wrapped. Goes on where it stopped.
    Rotate {
        /// The version, which must be among the keys given.
        #[arg(long)]
        to: vault::Version,
    },
    /// Delete a signing key that cannot be opened and never will be: `doctor` names it. The service makes another one.
    Discard {
        /// The signing key's id.
        id: SigningKeyId,
    },
}

/// Runs a command.
pub async fn run(cli: Cli, environment: &Environment) -> ExitCode {
    match dispatch(cli.command, environment).await {
        Ok(code) => code,
        Err(error) => {
            commands::output::error(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command, environment: &Environment) -> commands::Result<ExitCode> {
    if let Command::Openapi = command {
        return commands::openapi::run();
    }
    let config = crate::config::Config::read(environment)?;
    match command {
        Command::Serve(database) => commands::serve::run(&config, database, environment).await,
        #[cfg(feature = "demo")]
        Command::Demo { once } => commands::demo::run(&config, once, environment).await,
        #[cfg(feature = "demo")]
        Command::Sandbox {
            listen,
            external_id,
        } => commands::sandbox::run(&config, listen, &external_id, environment).await,
        Command::Migrate => commands::migrate::run(&config).await,
        Command::Tenant { database, action } => {
            commands::tenant::run(&config, database, environment, action).await
        }
        Command::ApiKey { database, action } => {
            commands::api_key::run(&config, database, environment, action).await
        }
        Command::Keys { database, action } => {
            commands::keys::run(&config, database, environment, action).await
        }
        Command::Doctor {
            database,
            connection: Some(connection),
            tenant,
            json,
        } => {
            let asked = commands::doctor::connection::Asked {
                connection,
                tenant,
                json,
            };
            commands::doctor::connection::run(&config, database, environment, asked).await
        }
        Command::Doctor { database, .. } => {
            commands::doctor::run(&config, database, environment).await
        }
        Command::Healthcheck => commands::healthcheck::run(&config).await,
        Command::Openapi => commands::openapi::run(),
        Command::Template => {
            commands::template::run(&config);
            Ok(ExitCode::SUCCESS)
        }
    }
}
