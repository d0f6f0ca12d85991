//! `almanac` with a cipher that does nothing: what the search for plain text is tried on.

use std::process::ExitCode;

fn main() -> ExitCode {
    almanac_cli::run()
}
