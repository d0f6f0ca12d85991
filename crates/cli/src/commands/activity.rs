//! `almanac activity`: what happened around the account and this device.

use almanac_client::{ActivityView, Result};
use clap::Args;

use crate::arguments::Options;
use crate::output::{Output, plain, push_line};
use crate::profile;
use crate::words::instant_words;

/// Arguments of `activity`.
#[derive(Debug, Args)]
pub(crate) struct ActivityArguments {
    /// How many of the newest to list
    #[arg(long, value_name = "N", default_value_t = 50)]
    count: usize,
}

pub(super) fn run(options: &Options, what: &ActivityArguments, output: &Output) -> Result<()> {
    output.give(&profile::open(options)?.activity(what.count)?, |all| {
        text(all)
    })
}

fn text(all: &[ActivityView]) -> String {
    let mut text = String::new();
    for one in all {
        let time = one.time.as_deref().map_or_else(String::new, instant_words);
        let over = one.over.as_deref().map_or_else(String::new, |over| {
            format!(" (until {})", instant_words(over))
        });
        let calendar = one
            .calendar
            .as_deref()
            .map_or_else(String::new, |name| format!("{}: ", plain(name)));
        push_line(&mut text, format_args!("{time}{over}"));
        push_line(
            &mut text,
            format_args!("  {calendar}{}", plain(&one.message)),
        );
    }
    text
}
