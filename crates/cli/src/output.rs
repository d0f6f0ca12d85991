//! What the program says: the one place that writes to standard output and standard error.
//!
//! Text from calendars is foreign: control characters in it never reach the terminal.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use almanac_client::{Error, Result};
use serde::Serialize;

use crate::exit;

/// Text for people, or one JSON value for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    is_json: bool,
}

/// A failure as programs read it.
#[derive(Serialize)]
struct Failure<'a> {
    error: &'a Error,
}

impl Output {
    pub(crate) const fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// What the command gives: the value for programs, the text for people.
    pub(crate) fn give<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<()> {
        let text = if self.is_json {
            serde_json::to_string(value).map_err(Error::internal)?
        } else {
            text(value)
        };
        write_out(&text)
    }

    /// Something a person has to read while the command goes on. Seen at once.
    pub(crate) fn say(self, line: &str) -> Result<()> {
        if self.is_json {
            write_error(line)
        } else {
            write_out(line)
        }
    }

    /// Like [`Output::say`], for a finding: always to standard error.
    pub(crate) fn warn(self, line: &str) -> Result<()> {
        if self.is_json {
            Ok(())
        } else {
            write_error(line)
        }
    }

    /// Says what went wrong and gives the exit status of it.
    pub(crate) fn fail(self, error: &Error) -> ExitCode {
        let text = if self.is_json {
            serde_json::to_string(&Failure { error }).unwrap_or_default()
        } else {
            error.message.clone()
        };
        // With standard error gone, the exit status is all that is left to say.
        drop(write_error(&text));
        ExitCode::from(exit::status(error.code))
    }
}

/// The text without control characters, each of which becomes a space.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Whether the next line that is typed says yes.
pub(crate) fn is_yes() -> Result<bool> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Error::invalid(format!("No answer: {error}. Nothing was changed.")))?;
    Ok(line.trim().eq_ignore_ascii_case("yes"))
}

/// Adds a line to a text.
pub(crate) fn push_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.write_fmt(line)
        .expect("writing into a string cannot fail");
}

fn write_out(text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    write_line(io::stdout().lock(), text)
}

fn write_error(text: &str) -> Result<()> {
    write_line(io::stderr().lock(), text)
}

fn write_line(mut to: impl Write, text: &str) -> Result<()> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = to
        .write_all(text.as_bytes())
        .and_then(|()| to.write_all(end.as_bytes()))
        .and_then(|()| to.flush());
    match written {
        // Whoever was reading has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Error::internal(format_args!("standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{9b}d"), "a [2Jb c d");
    }
}
