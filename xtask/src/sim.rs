//! `cargo xtask sim …`: seeded schedules of devices and a server with faults, with the arguments as given.

use crate::sh;
use anyhow::Result;

/// Builds the simulator in release and becomes it.
pub fn run(args: &[String]) -> Result<()> {
    let mut sim = sh::cargo(["run", "--release", "-p", "donghanh-sim-world", "--"]);
    sim.args(args);
    sh::become_it(&mut sim)
}
