//! API keys, from the command line: the only place that makes operators' keys.

use std::process::ExitCode;

use domain::{Cursor, Limit, Page, TenantId};
use store::api_keys::ApiKey;

use super::{
    Result,
    open::{Opened, refused},
    output,
};
use crate::{
    app::{self, Caller, Once, api_keys::NewKey},
    cli::{ApiKeyAction, Database, Owner},
    config::{Config, Environment},
};

pub(crate) async fn run(
    config: &Config,
    database: Database,
    environment: &Environment,
    action: ApiKeyAction,
) -> Result<ExitCode> {
    let opened = Opened::for_command(config, database, environment).await?;
    let done = act(&opened, action).await;
    opened.close().await?;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(opened: &Opened, action: ApiKeyAction) -> Result<()> {
    let context = &opened.context;
    match action {
        ApiKeyAction::Create {
            owner,
            role,
            name,
            expires_in_days,
        } => {
            let expires_at =
                expires_in_days.map(|days| context.now() + time::Duration::days(days.into()));
            let tenant = tenant(opened, &owner).await?;
            let caller = Caller::command_line(tenant);
            let made = match tenant {
                Some(_) => {
                    let key = NewKey {
                        name,
                        role,
                        expires_at,
                    };
                    app::api_keys::create(context, &caller, key, Once::unkeyed()).await
                }
                None => app::api_keys::create_operator(context, &caller, &name, expires_at).await,
            };
            let (_, api_key) = made.map_err(refused)?;
            output::line(&*api_key);
        }
        ApiKeyAction::List(owner) => {
            let tenant = tenant(opened, &owner).await?;
            let mut after = None;
            loop {
                let page = list(opened, tenant, after).await?;
                page.items.iter().for_each(print);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        ApiKeyAction::Revoke { owner, id } => {
            let tenant = tenant(opened, &owner).await?;
            let caller = Caller::command_line(tenant);
            let revoked = match tenant {
                Some(_) => app::api_keys::revoke(context, &caller, id, Once::unkeyed()).await,
                None => app::api_keys::revoke_operator(context, &caller, id).await,
            };
            revoked.map_err(refused)?;
            output::line(format!("{id} revoked"));
        }
    }
    Ok(())
}

/// The tenant named; none for the operators.
async fn tenant(opened: &Opened, owner: &Owner) -> Result<Option<TenantId>> {
    match &owner.tenant {
        Some(named) => opened.tenant(named).await.map(Some),
        None => Ok(None),
    }
}

async fn list(
    opened: &Opened,
    tenant: Option<TenantId>,
    after: Option<Cursor>,
) -> Result<Page<ApiKey>> {
    let (context, caller) = (&opened.context, Caller::command_line(tenant));
    let page = match tenant {
        Some(_) => app::api_keys::list(context, &caller, after, Limit::default()).await,
        None => app::api_keys::list_operators(context, &caller, after, Limit::default()).await,
    };
    page.map_err(refused)
}

fn print(key: &ApiKey) {
    output::line(format!(
        "{}  {}  …{}  {}",
        key.id,
        key.role.as_str(),
        key.hint,
        key.name
    ));
}
