//! `cargo xtask crash`: the real server killed and starved of its disk, by the program `donghanh-crash` of the crate `bench`.

use crate::{project, sh};
use anyhow::Result;
use std::process::Command;

/// Kills in `cargo xtask test`: enough that a server which acknowledges too early is found nearly every time.
const FEW: u32 = 20;

/// Builds server and program in release and becomes the program.
pub fn run(times: u32) -> Result<()> {
    // One after the other: built together, features would unify and the server tried is not the one shipped.
    sh::run(&mut sh::cargo(["build", "--release", "-p", "donghanh-server"]))?;
    sh::run(&mut sh::cargo(["build", "--release", "-p", "donghanh-bench", "--bin", "donghanh-crash"]))?;
    sh::become_it(&mut program("release", times, 10))
}

/// A short run on what a step before has built.
#[must_use]
pub fn few() -> Command {
    program("debug", FEW, 3)
}

fn program(profile: &str, times: u32, faults: u32) -> Command {
    let mut crash = Command::new(project::binary(profile, "donghanh-crash"));
    crash.arg("--server").arg(project::binary(profile, "donghanh"));
    crash.args(["--times", &times.to_string(), "--faults", &faults.to_string()]);
    crash
}
