//! `cargo xtask sim …`: one native device, with the arguments as given.

use crate::sh;
use anyhow::Result;

/// Builds the native device in release and becomes it.
pub fn run(args: &[String]) -> Result<()> {
    let mut sim = sh::cargo(["run", "--release", "-p", "donghanh-sim", "--"]);
    sim.args(args);
    sh::become_it(&mut sim)
}
