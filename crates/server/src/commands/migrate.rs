//! Brings the database to this version, as its owner.

use std::process::ExitCode;

use store::{RuntimeRole, Store, schema};
use url::Url;
use zeroize::Zeroizing;

use super::{Result, output};
use crate::config::{Config, Secret};

pub(crate) async fn run(config: &Config) -> Result<ExitCode> {
    let owner = config
        .migrate_database_url
        .as_ref()
        .ok_or("BI_MIGRATE_DATABASE_URL is not set: it names the database as its owner")?;
    let runtime = config
        .database_url
        .as_ref()
        .ok_or("DATABASE_URL is not set: it names the role that is to serve, and its password")?;
    let role = runtime_role(runtime.expose()).ok_or("DATABASE_URL names no role")?;
    let name = role.name.clone();
    let migrated = store::migrate(owner.expose(), &role).await?;
    output::line(format!("{} migrations applied", migrated.applied));
    output::line(if migrated.role_made {
        format!("made the role {name}, which may serve and owns nothing")
    } else {
        format!("the role {name} has what it needs to serve")
    });
    serves(runtime).await.map_err(|error| {
        format!(
            "the database cannot be served with DATABASE_URL: {}",
            output::chain(&error)
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A wrong password or a role of too much power is told here, where somebody looks, rather than when the service starts.
async fn serves(runtime: &Secret) -> store::Result<()> {
    let store = Store::open(runtime.expose(), 1)?;
    schema::check(&mut store.platform().await?).await
}

/// The role in a URL, before the host or in the query.
fn runtime_role(url: &str) -> Option<RuntimeRole> {
    let url = Url::parse(url).ok()?;
    let in_query = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let decoded = |text: &str| {
        url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    let name = in_query("user")
        .or_else(|| decoded(url.username()))
        .filter(|name| !name.is_empty())?;
    let password = in_query("password").or_else(|| decoded(url.password()?));
    Some(RuntimeRole {
        name,
        password: password.map(Zeroizing::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> Option<(String, Option<String>)> {
        runtime_role(url).map(|role| {
            (
                role.name,
                role.password.map(|password| password.to_string()),
            )
        })
    }

    #[test]
    fn the_role_is_read_from_either_place() {
        let role = |name: &str, password: Option<&str>| {
            Some((name.to_owned(), password.map(str::to_owned)))
        };
        assert_eq!(
            parts("postgres://app:p%40ss+1@db/x"),
            role("app", Some("p@ss+1"))
        );
        assert_eq!(
            parts("postgres:///x?host=/run&user=app&password=s"),
            role("app", Some("s"))
        );
        assert_eq!(parts("postgres://app@db/x"), role("app", None));
        assert_eq!(parts("postgres://db/x"), None);
        assert_eq!(parts("nonsense"), None);
    }
}
