//! The private Postgres of `serve --local` and the master key beside it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use local_postgres::{Cluster, Options, Url};
use store::{RuntimeRole, Store, master_keys};
use tokio::time::Instant;

use super::{LOCAL_ROLE, Result, master_key, watched::Watched};
use crate::config::{Config, Environment, Secret};

/// The folder of the cluster in the data folder, and its database.
const POSTGRES: &str = "postgres";
const DATABASE: &str = "postgres";
/// What one who serves needs beside the pool: the feed's connections, a migration, and the commands beside it.
const BESIDE_THE_POOL: u32 = 20;
/// Commands have pools of their own: there is room for them beside a service with a small one too.
const FEWEST_CONNECTIONS: u32 = 100;
/// How long to wait for another process of ours that starts, stops or does one command's work.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// Where a private Postgres is, and how to reach it as the runtime role.
pub(super) struct Local {
    /// As the runtime role.
    pub(super) url: Secret,
    /// Where everything is kept.
    folder: PathBuf,
    /// The server, if this process started it.
    cluster: Option<Watched>,
}

impl Local {
    /// Starts the private Postgres of the data folder, migrated.
    pub(super) async fn start(config: &Config, environment: &Environment) -> Result<Self> {
        let folder = data_folder(config, environment)?;
        let options = options(config, environment, &folder)?;
        let cluster = hold(&folder, &options).await?;
        let url = prepare(&cluster.url(DATABASE)).await?;
        Ok(Self {
            url,
            folder,
            cluster: Some(Watched::new(cluster)),
        })
    }

    /// Reaches the private Postgres of the data folder: the one that a running `serve --local` has, or starts it.
    pub(super) async fn reach(config: &Config, environment: &Environment) -> Result<Self> {
        let reached = Self::found(config, environment).await?;
        if let Some(cluster) = &reached.cluster {
            prepare(&cluster.url(DATABASE)).await?;
        }
        Ok(reached)
    }

    /// As [`reach`](Self::reach), to look only: nothing is migrated, and where nothing is yet, nothing is made.
    pub(super) async fn look(config: &Config, environment: &Environment) -> Result<Self> {
        let folder = data_folder(config, environment)?;
        if !folder.join(POSTGRES).join("cluster").exists() {
            return Err(format!(
                "there is nothing in {} yet: `serve --local` makes it",
                folder.display()
            )
            .into());
        }
        Self::found(config, environment).await
    }

    async fn found(config: &Config, environment: &Environment) -> Result<Self> {
        let folder = data_folder(config, environment)?;
        let options = options(config, environment, &folder)?;
        let (url, cluster) = match hold(&folder, &options).await {
            Ok(cluster) => (cluster.url(DATABASE), Some(cluster)),
            Err(error) => match Url::of_running(&folder.join(POSTGRES), DATABASE) {
                Some(url) => (url, None),
                None => return Err(error),
            },
        };
        Ok(Self {
            url: as_runtime(&url),
            folder,
            cluster: cluster.map(Watched::new),
        })
    }

    /// A Postgres for this run only.
    #[cfg(feature = "demo")]
    pub(super) async fn throwaway(config: &Config, environment: &Environment) -> Result<Self> {
        let folder = std::env::temp_dir();
        // It keeps no database, so that it needs no home.
        let cache = match &config.data_dir {
            Some(data) => data.clone(),
            None => local_postgres::cache_in(&folder),
        };
        let options = options(config, environment, &cache)?;
        let parent = folder.clone();
        let cluster = blocking(move || Cluster::throwaway(&parent, &options)).await??;
        let url = prepare(&cluster.url(DATABASE)).await?;
        Ok(Self {
            url,
            folder,
            cluster: Some(Watched::new(cluster)),
        })
    }

    /// Lets commands beside this process use its Postgres. Not before everything that they need is there.
    pub(super) fn share(&self) -> Result<()> {
        match &self.cluster {
            Some(cluster) => Ok(cluster.share()?),
            None => Ok(()),
        }
    }

    /// The master keys in the data folder, if they are there.
    pub(super) fn kept_master_key(&self) -> Result<Option<Secret>> {
        master_key::read(&self.folder)
    }

    /// The master keys in the data folder. They are made at the first start; later a missing file is an error, never a
    /// reason for a new key, which could open nothing.
    pub(super) async fn master_key(&self) -> Result<Secret> {
        if let Some(kept) = self.kept_master_key()? {
            return Ok(kept);
        }
        // Only who holds the folder may: nobody else makes another one at the same time.
        if self.cluster.is_none() {
            return Err(format!(
                "{} is missing, and the service that runs has its keys from elsewhere: \
                 set BI_MASTER_KEY as it does, or restore the file",
                master_key::path(&self.folder).display()
            )
            .into());
        }
        let store = Store::open(self.url.expose(), 1)?;
        let mut tx = store.platform().await?;
        if master_keys::any(&mut tx).await? {
            return Err(format!(
                "{} is missing, and this database holds secrets that only its keys open: restore the file",
                master_key::path(&self.folder).display()
            )
            .into());
        }
        master_key::make(&self.folder)
    }

    /// Stops the server, if this process started it.
    pub(super) async fn stop(self) -> Result<()> {
        match self.cluster {
            Some(cluster) => cluster.stop().await,
            None => Ok(()),
        }
    }
}

/// Takes hold of the folder, once a command that has it is done. A service that has it is not waited for.
async fn hold(folder: &Path, options: &Options) -> Result<Cluster> {
    let postgres = folder.join(POSTGRES);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (folder, options) = (postgres.clone(), options.clone());
        match blocking(move || Cluster::start(&folder, &options)).await? {
            Err(local_postgres::Error::InUse { .. })
                if Instant::now() < deadline && Url::of_running(&postgres, DATABASE).is_none() =>
            {
                tokio::time::sleep(POLL).await;
            }
            done => return Ok(done?),
        }
    }
}

/// Migrates, and returns how to connect as the runtime role. It has the owner's password: who can read one can read the
/// other, in the same file.
async fn prepare(owner: &Url) -> Result<Secret> {
    let role = RuntimeRole {
        name: LOCAL_ROLE.to_owned(),
        password: Some(owner.password()),
    };
    store::migrate(&owner.expose(), &role).await?;
    Ok(as_runtime(owner))
}

fn as_runtime(owner: &Url) -> Secret {
    Secret::new(owner.as_role(LOCAL_ROLE).expose().as_str())
}

fn data_folder(config: &Config, environment: &Environment) -> Result<PathBuf> {
    if let Some(folder) = &config.data_dir {
        return Ok(folder.clone());
    }
    let set = |name: &str| {
        environment
            .get(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    // Root's home is closed to the user that Postgres runs as.
    let folder = if local_postgres::is_root() {
        Some(PathBuf::from("/var/lib"))
    } else {
        set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")))
    };
    let folder = folder.ok_or("set BI_DATA_DIR: there is no home folder to keep a database in")?;
    Ok(folder.join("bedrock-integrations"))
}

fn options(config: &Config, environment: &Environment, cache: &Path) -> Result<Options> {
    let connections = config.database_connections.saturating_add(BESIDE_THE_POOL);
    Ok(Options {
        bin: config.postgres_bin.clone(),
        path: environment.get("PATH").map(OsString::from),
        // A release image runs what it was built with, or what is named to it.
        cache: cfg!(feature = "demo").then(|| cache.join("postgres-binaries")),
        max_connections: connections.max(FEWEST_CONNECTIONS).try_into()?,
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    Ok(tokio::task::spawn_blocking(work).await?)
}
