//! `almanac`, the headless client: the whole calendar from a terminal or a script.
//!
//! Thin by rule: it reads arguments, calls the client, and writes what comes back. With `--json`
//! standard output carries exactly one JSON value, or nothing when the command failed; whatever a
//! person has to read meanwhile goes to standard error. Logs go there too, and only when
//! `ALMANAC_LOG` asks for them.

mod arguments;
mod commands;
mod exit;
mod listing;
mod output;
mod profile;
mod set;
mod words;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;

use arguments::Arguments;
use output::Output;

/// Variable that turns logs on, in the form of `tracing`: `debug`, `almanac_client=trace`.
const LOG_VARIABLE: &str = "ALMANAC_LOG";

/// Reads the arguments of this process and does what they say.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    start_logs();
    let output = Output::new(arguments.options.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&almanac_client::Error::internal(error)),
    };
    let result = runtime.block_on(commands::run(arguments, &output));
    // Whoever still waits for standard input is not waited for.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output.fail(&error),
    }
}

/// Arguments that cannot be read, or a page of help that was asked for.
fn refuse(error: &clap::Error) -> ExitCode {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if !is_help && std::env::args_os().any(|word| word == "--json") {
        let text = error.render().to_string();
        let message = text.trim().trim_start_matches("error: ").to_owned();
        return Output::new(true).fail(&almanac_client::Error::invalid(message));
    }
    if error.print().is_err() {
        return ExitCode::from(exit::INTERNAL);
    }
    if is_help {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(exit::INPUT)
    }
}

fn start_logs() {
    let Ok(filter) = EnvFilter::try_from_env(LOG_VARIABLE) else {
        return;
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
}
