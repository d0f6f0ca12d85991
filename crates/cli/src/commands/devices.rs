//! `almanac device …`: nine digits travel from the new device's screen to the old one's keyboard.

use std::io::{self, BufRead};

use almanac_client::{DeviceDetails, Error, Result, RevokeWord, Unlock, link_device};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::arguments::{DeviceCommand, Options};
use crate::commands::recovery::{CodeArgument, typed_words};
use crate::output::{Output, is_yes, plain, push_line};
use crate::profile;
use crate::words::instant_words;

/// Why a device is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReasonArgument {
    /// It is no longer used
    Retired,
    /// Nobody knows where it is
    Lost,
    /// Someone else has it
    Stolen,
}

impl From<ReasonArgument> for RevokeWord {
    fn from(reason: ReasonArgument) -> Self {
        match reason {
            ReasonArgument::Retired => Self::Retired,
            ReasonArgument::Lost => Self::Lost,
            ReasonArgument::Stolen => Self::Stolen,
        }
    }
}

/// Arguments of `device revoke`.
#[derive(Debug, Args)]
pub(crate) struct RevokeArguments {
    /// Its name, or the beginning of its id
    device: String,
    /// What your other devices show as the reason
    #[arg(long, default_value = "lost")]
    reason: ReasonArgument,
    /// Revoke it without being asked first
    #[arg(long)]
    yes: bool,
    /// With the words of your recovery kit, which stands above every device
    #[arg(long)]
    with_kit: bool,
    #[command(flatten)]
    code: CodeArgument,
}

/// What naming did.
#[derive(Serialize)]
struct Named {
    name: String,
}

/// What revoking did.
#[derive(Serialize)]
struct Revoked {
    revoked: bool,
}

/// Digits of the code that ties two devices together.
const CODE_DIGITS: usize = 9;

/// What linking did, seen from the device that was there before.
#[derive(Serialize)]
struct Added {
    linked: bool,
}

/// What linking did, seen from the new device.
#[derive(Serialize)]
struct Joined {
    device: String,
    profile: String,
}

pub(super) async fn run(options: &Options, command: DeviceCommand, output: &Output) -> Result<()> {
    match command {
        DeviceCommand::Add => add(options, output).await,
        DeviceCommand::Link {
            url,
            routing,
            name,
            cost,
        } => {
            let unlock = profile::unlock_new(options, cost)?;
            link(options, &url, &routing, &name, &unlock, output).await
        }
        DeviceCommand::List => output.give(&profile::open(options)?.devices()?, text_of_devices),
        DeviceCommand::Name { name } => {
            profile::open(options)?.rename_device(&name)?;
            output.give(&Named { name }, |named| {
                format!("This device is now “{}”.", plain(&named.name))
            })
        }
        DeviceCommand::Revoke(what) => revoke(options, &what, output).await,
    }
}

async fn revoke(options: &Options, what: &RevokeArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let found = client.find_device(&what.device)?;
    if !what.yes {
        output.say(&text_of_question(&found.name, found.this))?;
        if !is_yes()? {
            return output.give(&Revoked { revoked: false }, |_| {
                "Nothing was changed. The device stays part of the account.".to_owned()
            });
        }
    }
    let (id, reason) = (&found.id, what.reason.into());
    let revoked = if what.with_kit {
        output.say("Type the 24 words of your recovery kit:")?;
        let words = typed_words()?;
        let code = what.code.code.as_deref();
        client
            .revoke_device_with_kit(id, reason, &words, code)
            .await?
    } else {
        client.revoke_device(id, reason).await?
    };
    output.give(&Revoked { revoked: true }, |_| {
        format!(
            "“{}” is no longer part of your account. It keeps what it has read and is given nothing \
             new; every calendar has a new key.",
            plain(&revoked.name)
        )
    })
}

fn text_of_question(name: &str, is_this: bool) -> String {
    let what = if is_this {
        "It is the device you are at: nothing can be changed on it any more."
    } else {
        "What it wrote until now stays. What it has read it keeps; it reads nothing new."
    };
    format!(
        "“{}” is to be taken out of your account. {what} There is no way back but linking it anew. \
         Type yes, or anything else to leave it:",
        plain(name)
    )
}

async fn add(options: &Options, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    let linking = client.open_linking().await?;
    output.say(&format!(
        "On the new device run: almanac device link {} {} --name NAME",
        client.status()?.relay.unwrap_or_default(),
        linking.routing()
    ))?;
    let confirming = linking.joined().await?;
    output.say("The new device shows nine digits. Type them here:")?;
    let digits = async {
        let typed = tokio::task::spawn_blocking(nine_digits).await;
        typed.map_err(|_| Error::internal("reading the digits"))?
    };
    let asks = client.recovery()?.second_factor_since.is_some();
    let code = async {
        if !asks {
            return Ok(None);
        }
        output.say("The digits are right. Type a code of your second factor:")?;
        let typed = tokio::task::spawn_blocking(one_code).await;
        typed
            .map_err(|_| Error::internal("reading the code"))?
            .map(Some)
    };
    confirming.confirm_with_code(digits, code).await?;
    output.give(&Added { linked: true }, |_| {
        "The new device is part of this account.".to_owned()
    })
}

async fn link(
    options: &Options,
    url: &str,
    routing: &str,
    name: &str,
    unlock: &Unlock,
    output: &Output,
) -> Result<()> {
    let folder = profile::folder(options)?;
    let show = |code: &str| {
        // Without a reader there is nobody to type the digits, and linking times out by itself.
        drop(output.say(&format!("Type these digits into the other device: {code}")));
    };
    link_device(&folder, url, routing, name, unlock, show).await?;
    let joined = Joined {
        device: name.to_owned(),
        profile: folder.display().to_string(),
    };
    output.give(&joined, |joined| {
        format!(
            "This device is now “{}”. Fetch the calendars with `almanac sync`.",
            joined.device
        )
    })
}

/// Reads lines until one holds nine digits; spaces and dashes between them do not count.
fn nine_digits() -> Result<String> {
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| Error::invalid(format!("No digits: {error}.")))?;
        if line.trim().is_empty() {
            continue;
        }
        return digits_of(&line).ok_or_else(|| {
            Error::invalid("Nine digits were expected. Nothing was changed; start again.")
        });
    }
    Err(Error::invalid(
        "The input ended before any digits. Nothing was changed.",
    ))
}

/// Reads lines until one is not empty.
fn one_code() -> Result<String> {
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| Error::invalid(format!("No code: {error}.")))?;
        if !line.trim().is_empty() {
            return Ok(line.trim().to_owned());
        }
    }
    Err(Error::invalid(
        "The input ended before any code. No device was added.",
    ))
}

fn digits_of(line: &str) -> Option<String> {
    let is_gap = |c: &char| c.is_whitespace() || matches!(c, '-' | '\u{2013}' | '.');
    let digits: String = line.chars().filter(|c| !is_gap(c)).collect();
    let is_code = digits.len() == CODE_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    if is_code { Some(digits) } else { None }
}

fn text_of_devices(devices: &Vec<DeviceDetails>) -> String {
    let mut text = String::new();
    for details in devices {
        let device = &details.device;
        let name = if device.name.is_empty() {
            "(no name yet)"
        } else {
            &device.name
        };
        let short: String = device.id.chars().take(8).collect();
        let since = details.since.as_deref().map(instant_words);
        let since = since.map_or_else(String::new, |time| format!(", since {time}"));
        let seen = match &details.last_seen {
            _ if device.this => ", this one".to_owned(),
            Some(time) => format!(", last seen {}", instant_words(time)),
            None => ", not seen yet".to_owned(),
        };
        let rank = details.rank;
        let name = plain(name);
        push_line(
            &mut text,
            format_args!("{rank}  {short}  {name}{since}{seen}"),
        );
    }
    push_line(
        &mut text,
        format_args!("Each may revoke those below it, and itself."),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::digits_of;

    #[test]
    fn digits_are_read_however_they_are_grouped() {
        for line in [
            "372457141",
            "372 457 141",
            " 372-457-141 ",
            "3 7 2 4 5 7 1 4 1",
        ] {
            assert_eq!(digits_of(line).as_deref(), Some("372457141"), "{line}");
        }
        for line in ["37245714", "3724571410", "372 457 14x", "٣٧٢٤٥٧١٤١"] {
            assert_eq!(digits_of(line), None, "{line}");
        }
    }
}
