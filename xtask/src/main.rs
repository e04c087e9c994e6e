//! `cargo xtask`: every chore of the project behind one command.
//!
//! Here: the command line and nothing else. Each subcommand lives in its own file; [`sh`] starts programs,
//! [`project`] knows where things are, [`tools`] installs what is missing. No product code belongs here.
#![allow(clippy::print_stdout, reason = "a command line program speaks through its output")]

mod app;
mod bench;
mod beside;
mod crash;
mod fuzz;
mod project;
mod run;
mod screens;
mod serve;
mod sh;
mod sim;
mod test;
mod tidy;
mod tools;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// The chores of Đồng Hành.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build everything, fill a demo database on the first run and serve it.
    Run(run::Options),
    /// Run every check and every test, stopping at the first that fails.
    Test(test::Options),
    /// Build the phone app into target/pwa.
    App {
        /// Development profile: quicker to build, larger to load.
        #[arg(long)]
        dev: bool,
    },
    /// Check the house rules: dependencies, module docs, sizes, licences, locales.
    Tidy,
    /// Write a picture of every screen into target/screens.
    Screens,
    /// Measure the product; figures go to FILE, one JSON object a line.
    Bench {
        /// Which figures: all, sync, wasm or browser.
        what: String,
        /// Where the figures go.
        #[arg(long)]
        json: Option<PathBuf>,
        /// How often each is measured; the median counts.
        #[arg(long, default_value_t = 3)]
        runs: u32,
    },
    /// Kill the real server under load so many times, let its disk and clock fail, and look whether anything is lost. Linux.
    Crash {
        /// How often it is killed.
        #[arg(long, default_value_t = 200)]
        times: u32,
    },
    /// Throw mutations of the corpus at a target: wire, inflate, change, sealed or push. Needs a C++ compiler.
    Fuzz {
        /// Which one.
        target: String,
        /// For how many seconds.
        #[arg(long, default_value_t = 60)]
        time: u32,
    },
    /// Run seeded schedules of devices and a server with faults: --schedules N --seed S --json, or --canary; every argument is
    /// passed on, `-- --help` lists them.
    Sim {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    match perform(Cli::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(chore: Chore) -> Result<()> {
    match chore {
        Chore::Run(options) => run::run(&options),
        Chore::Test(options) => test::run(&options),
        Chore::App { dev } => {
            tools::wasm_target()?;
            app::build(app::Profile::from_dev(dev))
        }
        Chore::Tidy => tidy::run().map(|_| ()),
        Chore::Screens => screens::run(),
        Chore::Bench { what, json, runs } => bench::run(&what, json.as_deref(), runs),
        Chore::Crash { times } => crash::run(times),
        Chore::Fuzz { target, time } => fuzz::run(&target, time),
        Chore::Sim { args } => sim::run(&args),
    }
}
