//! The command line of the relay: serve, make an invite, show what is stored.
//!
//! Standard output holds what was asked for; everything else goes to standard error. Exit codes:
//! 0 done, 1 failed, 2 wrong arguments or settings, 3 the database is damaged, 4 it was written by
//! a newer program, 5 the disk is full.

#![expect(
    clippy::print_stdout,
    reason = "the command line answers on standard output"
)]

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use almanac_relay::{DatabaseError, Options, Relay, StartError};
use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// The relay of Almanac: it stores sealed calendars and cannot read them.
#[derive(Debug, Parser)]
#[command(name = "almanac-relay", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the relay until it is told to stop.
    Serve {
        #[command(flatten)]
        folder: Folder,
        /// Address to listen on; port 0 takes any free one.
        #[arg(long, default_value = "127.0.0.1:8440", env = "ALMANAC_RELAY_LISTEN")]
        listen: SocketAddr,
        /// Address under which clients reach the relay; may be given several times.
        #[arg(long = "origin", value_name = "URL")]
        origins: Vec<String>,
    },
    /// Invites: each allows one account.
    Invite {
        #[command(subcommand)]
        command: InviteCommand,
    },
    /// Show everything that the relay stores.
    Inspect {
        #[command(flatten)]
        folder: Folder,
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum InviteCommand {
    /// Make an invite and print its code. Works while the relay runs.
    Create {
        #[command(flatten)]
        folder: Folder,
    },
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// Folder of the relay's database.
    #[arg(long, env = "ALMANAC_RELAY_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

impl Folder {
    /// The folder given, or the one where this system keeps the data of programs.
    fn path(self) -> PathBuf {
        self.data_dir.unwrap_or_else(|| {
            directories::ProjectDirs::from("", "", "almanac-relay").map_or_else(
                || PathBuf::from("."),
                |folders| folders.data_dir().to_owned(),
            )
        })
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("ALMANAC_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .init();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("almanac-relay: {error:#}");
            exit_code(&error)
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve {
            folder,
            listen,
            origins,
        } => {
            let options = Options {
                data_dir: folder.path(),
                listen,
                origins,
            };
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .context("the runtime does not start")?
                .block_on(serve(options))
        }
        Command::Invite {
            command: InviteCommand::Create { folder },
        } => {
            println!("{}", almanac_relay::create_invite(&folder.path())?);
            Ok(())
        }
        Command::Inspect { folder, json } => {
            let inventory = almanac_relay::inspect(&folder.path())?;
            if json {
                println!("{}", serde_json::to_string_pretty(&inventory)?);
            } else {
                print!("{inventory}");
            }
            Ok(())
        }
    }
}

async fn serve(options: Options) -> anyhow::Result<()> {
    let stop = asked_to_stop().context("signals cannot be heard")?;
    let mut relay = Relay::start(options).await?;
    if let Some(code) = relay.owner_invite() {
        say(&format!(
            "This invite allows one account. owner invite: {code}"
        ))?;
    }
    say(&format!("listening on http://{}", relay.addr()))?;
    let outcome = tokio::select! {
        () = stop => Ok(()),
        error = relay.broken() => Err(error.into()),
    };
    relay.shutdown().await;
    outcome
}

/// Ends when the system or a person asks the program to stop. Heard from this call on.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends when a person asks the program to stop.
#[cfg(not(unix))]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

/// Prints a line at once: whoever started the relay may be waiting for it.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .context("standard output is closed")
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    let database = error.downcast_ref::<DatabaseError>().or_else(|| {
        match error.downcast_ref::<StartError>() {
            Some(StartError::Database { source, .. }) => Some(source),
            _ => None,
        }
    });
    let code = match (database, error.downcast_ref::<StartError>()) {
        (Some(DatabaseError::Corrupt), _) => 3,
        (Some(DatabaseError::TooNew { .. }), _) => 4,
        (Some(DatabaseError::Full), _) => 5,
        (Some(DatabaseError::ReadOnly | DatabaseError::Failing), _) => 6,
        (_, Some(StartError::NotLoopback(_) | StartError::Folder { .. })) => 2,
        _ => 1,
    };
    ExitCode::from(code)
}
