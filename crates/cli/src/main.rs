//! `almanac`.

use std::process::ExitCode;

fn main() -> ExitCode {
    almanac_cli::run()
}
