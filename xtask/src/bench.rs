//! `cargo xtask bench`: build what is measured as it is delivered, then become the bench.
//!
//! What is measured and how lives in the crate `bench`.

use crate::{app, project, sh, tools};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// Builds app, server and bench in release and hands over with the paths it needs.
///
/// `json` is taken relative to the folder the command was given in.
pub fn run(what: &str, json: Option<&Path>, runs: u32) -> Result<()> {
    tools::wasm_target()?;
    let chromium = tools::browser_tests()?;
    if matches!(what, "all" | "sync" | "peers") {
        tools::npm_packages(&project::root().join("bench/peers"))?;
    }
    let plain = if matches!(what, "all" | "auth") { Some(app::build_unsealed()?) } else { None };
    app::build(app::Profile::Release)?;
    // One after the other: built together, features would unify and the server measured is not the one shipped.
    sh::run(&mut sh::cargo(["build", "--release", "-p", "donghanh-server"]))?;
    sh::run(&mut sh::cargo(["build", "--release", "-p", "donghanh-bench"]))?;
    let mut bench = Command::new(project::binary("release", "donghanh-bench"));
    bench.arg(what).arg("--server").arg(project::binary("release", "donghanh"));
    if let Some(json) = json {
        bench.arg("--json").arg(std::path::absolute(json).context("--json")?);
    }
    bench.arg("--runs").arg(runs.to_string()).arg("--pwa").arg(project::pwa());
    if let Some(plain) = plain {
        bench.arg("--plain-pwa").arg(plain);
    }
    bench.arg("--peers").arg(project::root().join("bench/peers"));
    bench.arg("--corpus").arg(project::root().join("fuzz/corpus"));
    bench.arg("--e2e").arg(project::e2e()).env("DONGHANH_CHROMIUM", chromium);
    sh::become_it(&mut bench)
}
