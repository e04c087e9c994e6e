//! `donghanh`: serves the app and its database, and looks after the database.

mod cli;
mod memory;

use std::process::ExitCode;

fn main() -> ExitCode {
    memory::give_back_early();
    cli::main()
}
