//! `donghanh`: serves the app and its database, and looks after the database.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
