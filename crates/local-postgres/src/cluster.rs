//! A running server: started, connected to, stopped.

use std::path::{Path, PathBuf};

use crate::{
    Error, Options, Url,
    binaries::Binaries,
    child,
    error::chain,
    home::Home,
    initdb, orphan,
    password::Password,
    postmaster::Postmaster,
    settings::{self, Durability},
    socket,
    throwaway::Throwaway,
};

/// A private PostgreSQL server, ready for connections until it is stopped or dropped.
///
/// All calls block: call them from a thread that may.
#[derive(Debug)]
pub struct Cluster {
    server: Postmaster,
    socket: PathBuf,
    password: Password,
    binaries: Binaries,
    max_connections: u16,
    /// Let go of last.
    place: Place,
}

#[derive(Debug)]
enum Place {
    Kept(Home),
    Throwaway(Throwaway),
}

impl Cluster {
    /// Starts the server on the data in `folder`; makes them first if there are none.
    ///
    /// # Errors
    /// See [`Error`]. The folder is as it was, or holds a whole cluster.
    pub fn start(folder: &Path, options: &Options) -> Result<Self, Error> {
        Self::run(Place::Kept(Home::open(folder)?), options)
    }

    /// Starts a server on a new folder below `parent`, removed with it; fast, because it need not survive a crash.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn throwaway(parent: &Path, options: &Options) -> Result<Self, Error> {
        Self::run(Place::Throwaway(Throwaway::make(parent)?), options)
    }

    /// How to connect to `database` as the superuser. A new cluster has the database `postgres`.
    pub fn url(&self, database: &str) -> Url {
        Url::new(&self.socket, database, &self.password)
    }

    /// Lets others find it with [`Url::of_running`], as long as it runs. Until then it is its holder's alone.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub fn share(&self) -> Result<(), Error> {
        self.place.home().share()
    }

    /// The major version of the server.
    pub fn major(&self) -> u32 {
        self.binaries.major()
    }

    /// Whether the server has ended by itself: killed, most likely.
    pub fn has_ended(&self) -> bool {
        self.server.has_ended()
    }

    /// Starts a server that has ended by itself again, in the same place. What was committed is there.
    ///
    /// # Errors
    /// See [`Error`]. Right after a kill the dead server's own children may still be ending: try again.
    pub fn revive(&mut self) -> Result<(), Error> {
        if self.has_ended() {
            let shutdown = self.place.durability().shutdown();
            orphan::settle(&self.place.home().data(), shutdown)?;
            self.server = serve(
                &self.place,
                &self.binaries,
                self.max_connections,
                &self.socket,
            )?;
        }
        Ok(())
    }

    /// Stops the server: open transactions are rolled back, everything committed is on the disk.
    ///
    /// Dropping does the same, but cannot report an error.
    ///
    /// # Errors
    /// [`Error::TimedOut`] if the server is still there; the data are safe all the same.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn run(place: Place, options: &Options) -> Result<Self, Error> {
        let home = place.home();
        let durability = place.durability();
        orphan::settle(&home.data(), durability.shutdown())?;
        home.remove_scratch()?;
        let binaries = Binaries::find(options, home)?;
        if !home.cluster().exists() {
            initdb::create(home, &binaries.program("initdb"), durability)?;
        }
        let password = Password::read(&initdb::password_file(&home.cluster()))?;
        let socket = socket::make(home.folder(), home.account())?;
        let server = serve(&place, &binaries, options.max_connections, &socket)?;
        Ok(Self {
            server,
            socket,
            password,
            binaries,
            max_connections: options.max_connections,
            place,
        })
    }

    fn end(&mut self) -> Result<(), Error> {
        self.place.home().unshare();
        self.server.stop()?;
        socket::clear(self.place.home().folder())
    }
}

/// Runs the server, and returns when it accepts connections.
fn serve(
    place: &Place,
    binaries: &Binaries,
    max_connections: u16,
    socket: &Path,
) -> Result<Postmaster, Error> {
    let (home, durability) = (place.home(), place.durability());
    let mut command = child::command(
        &binaries.program("postgres"),
        home.account(),
        durability.shutdown(),
    );
    command.arg("-D").arg(home.data()).args(settings::arguments(
        durability,
        max_connections,
        socket,
    ));
    let server = Postmaster::spawn(command, durability.shutdown(), home.log())?;
    server.wait_until_ready(&home.data())?;
    tracing::info!(folder = %home.folder().display(), major = binaries.major(), "postgres is ready");
    Ok(server)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(error = chain(&error), "cannot stop postgres");
        }
    }
}

impl Place {
    fn home(&self) -> &Home {
        match self {
            Self::Kept(home) => home,
            Self::Throwaway(throwaway) => throwaway.home(),
        }
    }

    fn durability(&self) -> Durability {
        match self {
            Self::Kept(_) => Durability::Durable,
            Self::Throwaway(_) => Durability::Throwaway,
        }
    }
}
