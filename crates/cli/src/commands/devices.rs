//! `almanac device …`: nine digits travel from the new device's screen to the old one's keyboard.

use std::io::{self, BufRead};

use almanac_client::{DeviceView, Error, Result, Unlock, link_device};
use serde::Serialize;

use crate::arguments::{DeviceCommand, Options};
use crate::output::{Output, plain, push_line};
use crate::profile;

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
    }
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
    confirming.confirm(digits).await?;
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

fn digits_of(line: &str) -> Option<String> {
    let is_gap = |c: &char| c.is_whitespace() || matches!(c, '-' | '\u{2013}' | '.');
    let digits: String = line.chars().filter(|c| !is_gap(c)).collect();
    let is_code = digits.len() == CODE_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    if is_code { Some(digits) } else { None }
}

fn text_of_devices(devices: &Vec<DeviceView>) -> String {
    let mut text = String::new();
    for device in devices {
        let this = if device.this { "  (this one)" } else { "" };
        let name = if device.name.is_empty() {
            "(no name yet)"
        } else {
            &device.name
        };
        let short: String = device.id.chars().take(8).collect();
        push_line(&mut text, format_args!("{short}  {}{this}", plain(name)));
    }
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
