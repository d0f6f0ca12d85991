//! A running relay, from start to shutdown.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use almanac_protocol::session::relay::{Origins, Terms};
use axum::Router;
use axum::serve::ListenerExt;
use rusqlite::Connection;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::chunks::Chunks;
use crate::clock;
use crate::database::{self, DatabaseError, Opened, identity, invite};
use crate::fanout::Fanout;
use crate::http;
use crate::mailbox::{Mailbox, Threads};
use crate::pairing::Pairings;
use crate::socket::Shared;

/// How long connections may take to end when the relay goes down.
const SHUTDOWN_MAX: Duration = Duration::from_secs(10);
/// How often routing codes are looked at.
const PAIRING_CHECK: Duration = Duration::from_secs(5);

/// How to run a relay.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the database; made if it does not exist.
    pub data_dir: PathBuf,
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Origins under which clients reach the relay; none means any address of this machine.
    pub origins: Vec<String>,
}

/// Why a relay does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address can be reached from other machines.
    #[error(
        "{0} can be reached from other machines, and this relay cannot encrypt its connections \
         yet. Listen on a loopback address such as 127.0.0.1:8440"
    )]
    NotLoopback(SocketAddr),
    /// Another relay uses the folder.
    #[error("another relay runs on the data folder {0}")]
    Locked(PathBuf),
    /// The folder cannot be used.
    #[error("the data folder {path} cannot be used")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database cannot be used.
    #[error("{path} cannot be used")]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DatabaseError,
    },
}

/// A running relay. Dropping it ends it without a goodbye; [`Relay::shutdown`] says one.
#[derive(Debug)]
pub struct Relay {
    addr: SocketAddr,
    owner_invite: Option<String>,
    leaving: watch::Sender<bool>,
    closed: mpsc::Receiver<()>,
    broken: mpsc::UnboundedReceiver<DatabaseError>,
    server: JoinHandle<()>,
    threads: Threads,
    _lock: File,
}

impl Relay {
    /// Starts a relay inside the current runtime.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        if !options.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(options.listen));
        }
        let lock = lock_folder(&options.data_dir)?;
        let path = database_path(&options.data_dir);
        let in_database = |source| StartError::Database {
            path: path.clone(),
            source,
        };
        let (connection, opened) = database::open(&path).map_err(in_database)?;
        let owner_invite = match opened {
            Opened::Created => Some(
                invite::create(&connection)
                    .map_err(in_database)?
                    .to_string(),
            ),
            Opened::Found => None,
        };
        let in_listening = |source| StartError::Listen {
            address: options.listen,
            source,
        };
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(in_listening)?;
        let addr = listener.local_addr().map_err(in_listening)?;
        let (leaving, is_leaving) = watch::channel(false);
        let (broken, is_broken) = mpsc::unbounded_channel();
        let (open, closed) = mpsc::channel(1);
        let (shared, threads) = share(
            connection,
            &path,
            origins(options.origins),
            is_leaving.clone(),
            open,
            broken,
        )
        .map_err(in_database)?;
        let chunks = Chunks::open(&path, shared.mailbox.tickets.clone()).map_err(in_database)?;
        let shared = Arc::new(shared);
        tokio::spawn(expire_pairings(Arc::downgrade(&shared)));
        let routes = http::router(shared, Arc::new(chunks));
        let server = tokio::spawn(serve(listener, routes, is_leaving));
        tracing::info!(relay.addr = %addr, "relay.listening");
        Ok(Self {
            addr,
            owner_invite,
            leaving,
            closed,
            broken: is_broken,
            server,
            threads,
            _lock: lock,
        })
    }

    /// The address it listens on.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The invite for the first account, if this start created the database.
    #[must_use]
    pub fn owner_invite(&self) -> Option<&str> {
        self.owner_invite.as_deref()
    }

    /// Waits until the relay cannot go on, and says why. It has to be shut down then.
    pub async fn broken(&mut self) -> DatabaseError {
        match self.broken.recv().await {
            Some(error) => error,
            None => std::future::pending().await,
        }
    }

    /// Says goodbye to every connection, finishes what was left in the mailbox, closes the
    /// database.
    pub async fn shutdown(mut self) {
        // Nobody but this relay's own tasks listens; when they are gone there is nothing to end.
        let _ = self.leaving.send(true);
        if tokio::time::timeout(SHUTDOWN_MAX, self.closed.recv())
            .await
            .is_err()
        {
            tracing::warn!("relay.connections_left");
        }
        self.server.abort();
        let _ = (&mut self.server).await;
        let threads = self.threads;
        if tokio::task::spawn_blocking(move || threads.join())
            .await
            .is_err()
        {
            tracing::error!("relay.join_failed");
        }
        tracing::info!("relay.stopped");
    }
}

/// Makes an invite in the database of a data folder, whether or not a relay runs on it.
pub fn create_invite(data_dir: &Path) -> Result<String, DatabaseError> {
    let connection = database::open_existing(&database_path(data_dir))?;
    Ok(invite::create(&connection)?.to_string())
}

/// The database of a data folder.
#[must_use]
pub fn database_path(data_dir: &Path) -> PathBuf {
    data_dir.join("relay.db")
}

fn lock_folder(data_dir: &Path) -> Result<File, StartError> {
    let in_folder = |source| StartError::Folder {
        path: data_dir.to_owned(),
        source,
    };
    create_folder(data_dir).map_err(in_folder)?;
    let lock = File::create(data_dir.join("relay.lock")).map_err(in_folder)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StartError::Locked(data_dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(in_folder(source)),
    }
}

/// Nobody but the relay's own user has business in a folder that it makes.
fn create_folder(data_dir: &Path) -> std::io::Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(data_dir)
}

fn origins(listed: Vec<String>) -> Origins {
    if listed.is_empty() {
        Origins::Loopback
    } else {
        Origins::Listed(listed)
    }
}

fn share(
    connection: Connection,
    path: &Path,
    origins: Origins,
    leaving: watch::Receiver<bool>,
    open: mpsc::Sender<()>,
    broken: mpsc::UnboundedSender<DatabaseError>,
) -> Result<(Shared, Threads), DatabaseError> {
    let identity = identity::read(&connection)?;
    let fanout = Arc::new(Fanout::default());
    let (mailbox, threads) =
        Mailbox::start(connection, path, identity.epoch, fanout.clone(), broken)?;
    let terms = Arc::new(Terms {
        origins,
        relay_key: identity.relay_key,
    });
    let pairings = Pairings::default();
    Ok((
        Shared {
            terms,
            mailbox,
            fanout,
            pairings,
            leaving,
            open,
        },
        threads,
    ))
}

/// Accepts connections until the relay goes down.
async fn serve(listener: TcpListener, routes: Router, mut leaving: watch::Receiver<bool>) {
    // A single edit must not wait for a fuller packet.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "socket.nodelay_failed");
        }
    });
    let down = async move {
        // An error says that the relay itself is gone, which is the same.
        let _ = leaving.wait_for(|leaving| *leaving).await;
    };
    let served = axum::serve(listener, routes)
        .with_graceful_shutdown(down)
        .await;
    if let Err(error) = served {
        tracing::error!(error = %error, "relay.accept_failed");
    }
}

async fn expire_pairings(shared: std::sync::Weak<Shared>) {
    let mut ticks = tokio::time::interval(PAIRING_CHECK);
    loop {
        ticks.tick().await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        shared.pairings.expire(clock::elapsed());
    }
}
