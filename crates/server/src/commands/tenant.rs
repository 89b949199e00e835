//! Tenants, from the command line.

use std::process::ExitCode;

use domain::{Limit, TenantState};
use store::tenants::Tenant;

use super::{
    Result,
    open::{Opened, refused},
    output,
};
use crate::{
    app::{self, Caller, Once},
    cli::{Database, TenantAction},
    config::{Config, Environment},
};

pub(crate) async fn run(
    config: &Config,
    database: Database,
    environment: &Environment,
    action: TenantAction,
) -> Result<ExitCode> {
    let opened = Opened::for_command(config, database, environment).await?;
    let done = act(&opened, action).await;
    opened.close().await?;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(opened: &Opened, action: TenantAction) -> Result<()> {
    let (context, caller) = (&opened.context, Caller::command_line(None));
    match action {
        TenantAction::Create { tenant_ref, name } => {
            let (_, tenant) =
                app::tenants::put(context, &caller, tenant_ref, name, Once::unkeyed())
                    .await
                    .map_err(refused)?;
            print(&tenant);
        }
        TenantAction::List => {
            let mut after = None;
            loop {
                let page = app::tenants::list(context, &caller, after, Limit::default())
                    .await
                    .map_err(refused)?;
                page.items.iter().for_each(print);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        TenantAction::Suspend { tenant } => set(opened, &tenant, TenantState::Suspended).await?,
        TenantAction::Resume { tenant } => set(opened, &tenant, TenantState::Active).await?,
        TenantAction::Delete { tenant } => {
            let id = opened.tenant(&tenant).await?;
            app::tenants::delete(context, &caller, id, Once::unkeyed())
                .await
                .map_err(refused)?;
            output::line(format!("{id} deleted"));
        }
    }
    Ok(())
}

async fn set(opened: &Opened, tenant: &str, state: TenantState) -> Result<()> {
    let id = opened.tenant(tenant).await?;
    let caller = Caller::command_line(None);
    let tenant = app::tenants::change(
        &opened.context,
        &caller,
        id,
        None,
        Some(state),
        Once::unkeyed(),
    )
    .await
    .map_err(refused)?;
    print(&tenant);
    Ok(())
}

fn print(tenant: &Tenant) {
    output::line(format!(
        "{}  {}  {}  {}",
        tenant.id,
        tenant.state.as_str(),
        tenant.tenant_ref,
        tenant.name
    ));
}
