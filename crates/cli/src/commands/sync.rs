//! `almanac relay`, `sync`.

use std::io;

use almanac_client::{Error, ErrorCode, Mode, Result, SyncState, SyncStatus};
use serde::Serialize;

use crate::arguments::{Options, RelayCommand};
use crate::commands::recovery::CodeArgument;
use crate::output::{Output, push_line};
use crate::profile;

/// The relay that is used from now on.
#[derive(Serialize)]
struct Used {
    relay: String,
}

pub(super) async fn relay(options: &Options, command: RelayCommand, output: &Output) -> Result<()> {
    let RelayCommand::Use { url, invite } = command;
    let client = profile::open(options)?;
    // What an operator hands over may be one text: address, #, invite.
    let (address, pasted) = match url.split_once('#') {
        Some((address, pasted)) => (address, Some(pasted)),
        None => (url.as_str(), None),
    };
    let invite = invite.as_deref().or(pasted).unwrap_or_default();
    client.use_relay(address, invite).await?;
    let relay = client.status()?.relay.unwrap_or(url);
    output.give(&Used { relay }, |used| {
        format!(
            "This account now uses {}. Send what is here with `almanac sync`.",
            used.relay
        )
    })
}

pub(super) async fn sync(
    options: &Options,
    watch: bool,
    code: CodeArgument,
    output: &Output,
) -> Result<()> {
    let client = profile::open(options)?;
    if let Some(code) = code.code {
        client.show_code(&code);
    }
    if !watch {
        return output.give(&client.sync(Mode::Once).await?, text_of_sync);
    }
    // Asked for before the first connection, so that an early interrupt is not lost.
    let stop = interrupted()?;
    output.say("Watching. Changes are exchanged as they happen; Ctrl+C ends this.")?;
    tokio::select! {
        ended = client.sync(Mode::Watch) => drop(ended?),
        () = client.keep_backed_up() => {}
        () = client.lock_due(None) => {
            client.lock().await;
            return Err(Error::new(
                ErrorCode::Locked,
                "Almanac was locked, so watching has ended. Everything is saved. Start it again \
                 with the passphrase.",
            ));
        }
        () = stop => {}
    }
    output.give(&client.status()?, text_of_status)
}

/// Where it stands, and that there is something a person should read.
fn text_of_sync(status: &SyncStatus) -> String {
    let mut text = text_of_status(status);
    if status.to_know > 0 {
        push_line(
            &mut text,
            format_args!("There is something you should know: look at `almanac status`."),
        );
    }
    text
}

pub(super) fn text_of_status(status: &SyncStatus) -> String {
    let mut text = match status.state {
        SyncState::Local => "Everything stays on this device: no relay is set up.",
        SyncState::Connecting => "Connecting to the relay.",
        SyncState::UpToDate => "Up to date.",
        SyncState::Sending => "Changes wait to be sent.",
        SyncState::Offline => "The relay cannot be reached; everything is saved here.",
        SyncState::Trouble => "Something needs attention.",
    }
    .to_owned();
    if let Some(message) = &status.message {
        push_line(&mut text, format_args!("{message}"));
    }
    if let Some(relay) = &status.relay {
        push_line(&mut text, format_args!("Relay        {relay}"));
    }
    push_line(&mut text, format_args!("Waiting      {}", status.outbox));
    push_line(
        &mut text,
        format_args!("Set aside    {}", status.quarantined),
    );
    push_line(&mut text, format_args!("Devices      {}", status.devices));
    text
}

/// Resolves when a person or the system asks the program to end.
#[cfg(unix)]
fn interrupted() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error: io::Error| Error::internal(error));
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves when a person or the system asks the program to end.
#[cfg(windows)]
fn interrupted() -> Result<impl Future<Output = ()>> {
    let mut interrupt =
        tokio::signal::windows::ctrl_c().map_err(|error: io::Error| Error::internal(error))?;
    Ok(async move {
        interrupt.recv().await;
    })
}
