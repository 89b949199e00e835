//! A way to a database that can be cut for one replica while others keep theirs.

use std::{path::Path, sync::Arc};

use store::testing::Database;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    sync::watch,
};
use url::Url;

const SOCKET: &str = ".s.PGSQL.5432";

pub(crate) struct Proxy {
    /// The database by way of the proxy.
    pub(crate) database: Arc<Database>,
    open: watch::Sender<bool>,
    silenced: watch::Sender<()>,
    _folder: TempDir,
}

impl Proxy {
    pub(crate) fn before(database: &Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let (open, watched) = watch::channel(true);
        let (silenced, silence) = watch::channel(());
        let behind = Path::new(&host(&database.url)).join(SOCKET);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let behind = UnixStream::connect(&behind).await.unwrap();
                tokio::spawn(forward(stream, behind, watched.clone(), silence.clone()));
            }
        });
        let by_proxy = |url: &str| {
            let mut url = Url::parse(url).unwrap();
            let pairs: Vec<_> = url.query_pairs().into_owned().collect();
            url.query_pairs_mut()
                .clear()
                .extend_pairs(pairs.iter().map(|(name, value)| {
                    let ours = folder.path().to_str().unwrap();
                    (name, if name == "host" { ours } else { value })
                }));
            url.to_string()
        };
        Self {
            database: Arc::new(Database {
                owner_url: by_proxy(&database.owner_url),
                url: by_proxy(&database.url),
            }),
            open,
            silenced,
            _folder: folder,
        }
    }

    /// Cuts every connection, and each new one.
    pub(crate) fn cut(&self) {
        self.open.send_replace(false);
    }

    /// Forwards nothing any more on the connections there are, and keeps them open; new ones are fine.
    pub(crate) fn silence(&self) {
        self.silenced.send_replace(());
    }

    pub(crate) fn mend(&self) {
        self.open.send_replace(true);
    }
}

async fn forward(
    mut one: UnixStream,
    mut other: UnixStream,
    mut open: watch::Receiver<bool>,
    mut silence: watch::Receiver<()>,
) {
    silence.mark_unchanged();
    tokio::select! {
        _ = open.wait_for(|open| !open) => {}
        () = until_silenced(&mut one, &mut other, &mut silence) => {}
    }
}

async fn until_silenced(
    one: &mut UnixStream,
    other: &mut UnixStream,
    silence: &mut watch::Receiver<()>,
) {
    tokio::select! {
        _ = copy_bidirectional(one, other) => return,
        _ = silence.changed() => {}
    }
    std::future::pending::<()>().await;
}

fn host(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let host = url.query_pairs().find(|(name, _)| name == "host");
    host.unwrap().1.into_owned()
}
