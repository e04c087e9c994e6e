//! `donghanh`: serves the app and its database, and looks after the database.

mod cli;
mod memory;

use std::process::ExitCode;

use donghanh_server::merger::worker;

fn main() -> ExitCode {
    // Before anything else: that process is to be nothing but small.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == worker::ARGUMENT) {
        memory::keep();
        return if worker::run().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    memory::give_back_early();
    cli::main()
}
