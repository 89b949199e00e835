//! The private Postgres of `serve --local` and the master key beside it.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use local_postgres::{Cluster, Options, Url};
use store::{RuntimeRole, Store, master_keys};
use vault::KeyRing;

use super::{LOCAL_ROLE, Result};
use crate::{
    config::{Config, Environment, Secret},
    random::random,
};

/// More than the service's own pool and the commands beside it need.
const MAX_CONNECTIONS: u16 = 100;

/// Where a private Postgres is, and how to reach it as the runtime role.
pub(super) struct Local {
    /// As the runtime role.
    pub(super) url: Secret,
    /// Where everything is kept.
    pub(super) folder: PathBuf,
    /// The server, if this process started it.
    cluster: Option<Cluster>,
}

impl Local {
    /// Starts the private Postgres of the data folder, migrated.
    pub(super) async fn start(config: &Config, environment: &Environment) -> Result<Self> {
        let folder = data_folder(config, environment)?;
        let options = options(config, environment)?;
        let postgres = folder.join("postgres");
        let cluster = blocking(move || Cluster::start(&postgres, &options)).await??;
        let url = prepare(&cluster.url("postgres")).await?;
        Ok(Self {
            url,
            folder,
            cluster: Some(cluster),
        })
    }

    /// Reaches the private Postgres of the data folder: the one that a running `serve --local` has, or starts it.
    pub(super) async fn reach(config: &Config, environment: &Environment) -> Result<Self> {
        let folder = data_folder(config, environment)?;
        match Url::of_running(&folder.join("postgres"), "postgres") {
            Some(url) => Ok(Self {
                url: as_runtime(&url),
                folder,
                cluster: None,
            }),
            None => Self::start(config, environment).await,
        }
    }

    /// A Postgres for this run only.
    #[cfg(feature = "demo")]
    pub(super) async fn throwaway(config: &Config, environment: &Environment) -> Result<Self> {
        let options = options(config, environment)?;
        let folder = std::env::temp_dir();
        let parent = folder.clone();
        let cluster = blocking(move || Cluster::throwaway(&parent, &options)).await??;
        let url = prepare(&cluster.url("postgres")).await?;
        Ok(Self {
            url,
            folder,
            cluster: Some(cluster),
        })
    }

    /// The master keys in the data folder. They are made at the first start; later a missing file is an error, never a
    /// reason for a new key, which could open nothing.
    pub(super) async fn master_key(&self) -> Result<Secret> {
        let path = self.folder.join("master.key");
        match fs::read_to_string(&path) {
            Ok(text) => return Ok(Secret::new(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("cannot read {}: {error}", path.display()).into()),
        }
        let store = Store::open(self.url.expose(), 1)?;
        let mut tx = store.platform().await?;
        if master_keys::any(&mut tx).await? {
            return Err(format!(
                "{} is missing, and this database holds secrets that only its keys open: restore the file",
                path.display()
            )
            .into());
        }
        let text = KeyRing::generate(&mut random());
        write_private(&path, text.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        tracing::info!(file = %path.display(), "made a master key: keep a copy of it with your backups");
        Ok(Secret::new(text.as_str()))
    }

    /// Stops the server, if this process started it.
    pub(super) async fn stop(self) -> Result<()> {
        match self.cluster {
            Some(cluster) => Ok(blocking(move || cluster.stop()).await??),
            None => Ok(()),
        }
    }
}

/// Migrates, and returns how to connect as the runtime role.
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

fn options(config: &Config, environment: &Environment) -> Result<Options> {
    let binaries = data_folder(config, environment)?.join("postgres-binaries");
    Ok(Options {
        bin: config.postgres_bin.clone(),
        path: environment.get("PATH").map(OsString::from),
        // A release image runs what it was built with, or what is named to it.
        cache: cfg!(feature = "demo").then_some(binaries),
        max_connections: MAX_CONNECTIONS,
    })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    Ok(tokio::task::spawn_blocking(work).await?)
}

/// Whole or not at all, and for nobody else to read.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let scratch = path.with_extension("key.new");
    // A leftover of a start that was killed.
    match fs::remove_file(&scratch) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&scratch)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&scratch, path)?;
    fs::File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}
