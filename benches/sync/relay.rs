//! The relay of a measure: the real one, in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use almanac_benches::devices::start_relay;
use anyhow::{Context, Result, bail};
use rusqlite::Connection;

/// A running relay; ends with this value.
#[derive(Debug)]
pub(crate) struct RelayProcess {
    process: Child,
    /// It runs for as long as this is open.
    _open: ChildStdin,
    folder: PathBuf,
    pub(crate) addr: SocketAddr,
    pub(crate) invite: String,
}

/// What a relay keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Bytes of its folder after a checkpoint.
    pub(crate) disk: u64,
    /// Bytes of the envelopes that were pushed.
    pub(crate) pushed: u64,
    pub(crate) envelopes: u64,
}

impl RelayProcess {
    /// Starts one on an empty folder.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("relay")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let open = process.stdin.take().context("the relay can be told")?;
        let output = process.stdout.take().context("the relay can speak")?;
        let mut lines = BufReader::new(output).lines();
        let mut next = |name: &str| -> Result<String> {
            let line = lines.next().context("the relay did not start")??;
            match line.split_once(' ') {
                Some((said, value)) if said == name => Ok(value.to_owned()),
                _ => bail!("the relay said “{line}”"),
            }
        };
        let (addr, invite) = (next("addr")?.parse()?, next("invite")?);
        Ok(Self {
            process,
            _open: open,
            folder: folder.to_owned(),
            addr,
            invite,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it keeps now, with nothing left in its write-ahead log.
    pub(crate) fn kept(&self) -> Result<Kept> {
        let database = Connection::open(almanac_relay::database_path(&self.folder))?;
        database.busy_timeout(std::time::Duration::from_secs(10))?;
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        drop(database);
        let inventory = almanac_relay::inspect(&self.folder)?;
        let used: i64 = inventory.accounts.iter().map(|one| one.used_bytes).sum();
        let envelopes = inventory.streams.iter().map(|one| one.envelopes.len());
        Ok(Kept {
            disk: bytes_below(&self.folder)?,
            pushed: u64::try_from(used)?,
            envelopes: envelopes.sum::<usize>() as u64,
        })
    }
}

impl Drop for RelayProcess {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody left to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Is the relay, until standard input closes.
#[expect(clippy::print_stdout, reason = "this is how its parent hears of it")]
pub(crate) async fn be(folder: &Path) -> Result<()> {
    let relay = start_relay(folder).await?;
    let invite = relay.owner_invite().context("a new relay has an invite")?;
    println!("addr {}\ninvite {invite}", relay.addr());
    std::io::stdout().flush()?;
    let wait = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(wait).await??;
    relay.shutdown().await;
    Ok(())
}

/// Bytes of all files below a folder.
pub(crate) fn bytes_below(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.metadata()?;
        bytes += if kind.is_dir() {
            bytes_below(&entry.path())?
        } else {
            kind.len()
        };
    }
    Ok(bytes)
}
