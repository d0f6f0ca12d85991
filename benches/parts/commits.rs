//! What no implementation can beat on this machine at this moment: the commits and hops that an
//! edit needs, with nothing else between them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::Connection;

/// Bytes of an edit on the wire, about.
const EDIT_BYTES: usize = 740;

/// Three databases and an echo.
#[derive(Debug)]
pub struct Commits {
    databases: Vec<Connection>,
    echo: TcpStream,
}

impl Commits {
    /// Databases below `folder`, which must lie on the disk that is measured.
    pub fn new(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let databases = (0..3)
            .map(|n| open(&folder.join(format!("{n}.db"))))
            .collect::<Result<_>>()?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let echo = TcpStream::connect(listener.local_addr()?)?;
        let (mut near, _) = listener.accept()?;
        echo.set_nodelay(true)?;
        near.set_nodelay(true)?;
        std::thread::spawn(move || {
            let mut bytes = [0; EDIT_BYTES];
            while near.read_exact(&mut bytes).is_ok() && near.write_all(&bytes).is_ok() {}
        });
        Ok(Self { databases, echo })
    }

    /// One turn.
    pub fn measure(&mut self) -> Result<Duration> {
        let mut bytes = [7; EDIT_BYTES];
        let start = Instant::now();
        for database in &self.databases {
            database.execute("INSERT INTO item (bytes) VALUES (?1)", [bytes.as_slice()])?;
        }
        self.echo.write_all(&bytes)?;
        self.echo.read_exact(&mut bytes)?;
        Ok(start.elapsed())
    }
}

fn open(path: &Path) -> Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE item (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
    )?;
    Ok(database)
}
