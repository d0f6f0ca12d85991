//! `almanac conflicts`: what was written at the same time on several devices, and choosing.

use almanac_client::{ConflictView, Keep, Result};
use clap::Args;

use crate::arguments::Options;
use crate::commands::events;
use crate::commands::history::device_words;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::{instant_words, short};

/// Arguments of `conflicts`.
#[derive(Debug, Args)]
pub(crate) struct ConflictsArguments {
    /// Id of the event, or a start of it of four digits or more that no other event shares; all
    /// events when absent
    event: Option<String>,
    /// The field to choose a value of; the only one when absent
    #[arg(long, value_name = "FIELD", requires = "keep")]
    field: Option<String>,
    /// Which value to keep: shown, other, or its number
    #[arg(long, value_name = "VALUE", requires = "event", value_parser = keep)]
    keep: Option<Keep>,
}

pub(super) fn run(options: &Options, what: &ConflictsArguments, output: &Output) -> Result<()> {
    let client = profile::open(options)?;
    match (&what.event, what.keep) {
        (Some(event), Some(keep)) => {
            let done = client.settle(event, what.field.as_deref(), keep)?;
            events::give_touched(&client, done, output, |event| format!("Settled {event}"))
        }
        (event, _) => output.give(&client.conflicts(event.as_deref())?, |found| text_of(found)),
    }
}

fn keep(text: &str) -> std::result::Result<Keep, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "shown" => Ok(Keep::Shown),
        "other" => Ok(Keep::Other),
        number => number.parse().map(Keep::Number).map_err(|_| {
            format!("“{text}” names no value; write shown, other, or the number of a value")
        }),
    }
}

fn text_of(found: &[ConflictView]) -> String {
    let mut text = String::new();
    for conflict in found {
        push_line(
            &mut text,
            format_args!(
                "{}  [{}]  {}",
                plain(&conflict.title),
                short(&conflict.event),
                plain(&conflict.field)
            ),
        );
        push_line(&mut text, format_args!("  {}", plain(&conflict.message)));
        for value in &conflict.values {
            let shown = if value.number == 1 { "  (shown)" } else { "" };
            let time = value.time.as_deref().map(instant_words).unwrap_or_default();
            push_line(
                &mut text,
                format_args!(
                    "  {}. {}{shown}  {}  {time}",
                    value.number,
                    plain(&value.value),
                    device_words(value.device.as_deref(), value.this)
                ),
            );
        }
    }
    if text.is_empty() {
        text.push_str("Nothing waits for a choice.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_by_its_place_or_its_number() {
        assert_eq!(keep("Shown"), Ok(Keep::Shown));
        assert_eq!(keep("2"), Ok(Keep::Number(2)));
        assert!(keep("both").is_err());
    }
}
