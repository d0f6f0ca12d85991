//! A relay in a folder of its own, and people who talk to it.

mod person;
mod socket;

use std::net::{Ipv4Addr, SocketAddr};

use almanac_relay::{Options, Relay, create_invite};
use tempfile::TempDir;

pub(crate) use self::person::{Calendar, Person};
pub(crate) use self::socket::{Socket, position_after, start};

/// A relay in a folder of its own.
pub(crate) struct World {
    pub(crate) relay: Relay,
    folder: TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            relay: start_in(&folder, vec![]).await,
            folder,
        }
    }

    pub(crate) async fn start_with_origin(origin: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            relay: start_in(&folder, vec![origin.to_owned()]).await,
            folder,
        }
    }

    /// The same folder under a new process, as after an upgrade.
    pub(crate) async fn restart(self) -> Self {
        self.relay.shutdown().await;
        Self {
            relay: start_in(&self.folder, vec![]).await,
            folder: self.folder,
        }
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.relay.addr())
    }

    pub(crate) fn invite(&self) -> String {
        create_invite(self.folder.path()).expect("an invite")
    }

    /// A connection that has said nothing yet.
    pub(crate) async fn connect(&self) -> Socket {
        Socket::connect(self.relay.addr()).await
    }

    /// A proven connection of someone the relay did not know before.
    pub(crate) async fn register(&self, person: &Person) -> Socket {
        let mut socket = self.connect().await;
        let welcome = socket
            .register(person, &self.origin(), &self.invite())
            .await;
        welcome.expect("a new account is welcome");
        socket
    }

    /// Another proven connection of someone the relay knows.
    pub(crate) async fn enter(&self, person: &Person) -> Socket {
        let mut socket = self.connect().await;
        socket
            .enter(person, &self.origin())
            .await
            .expect("a known device is welcome");
        socket
    }

    /// Someone with a calendar, and a proven connection.
    pub(crate) async fn owner(&self, seed: u8) -> (Person, Calendar, Socket) {
        let person = Person::new(seed);
        let mut socket = self.register(&person).await;
        let calendar = person.calendar(seed);
        socket
            .put_link(calendar.log(), None, &calendar.genesis)
            .await
            .expect("a genesis is taken");
        (person, calendar, socket)
    }
}

async fn start_in(folder: &TempDir, origins: Vec<String>) -> Relay {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let options = Options {
        data_dir: folder.path().to_owned(),
        listen,
        origins,
    };
    Relay::start(options).await.expect("the relay starts")
}
