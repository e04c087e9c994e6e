//! `cargo xtask screens`: a picture of every screen at both sizes, in `target/screens`.
//!
//! Which screens there are is said in `e2e/screens.config.ts`; this only provides a server with demo data.

use crate::serve::Server;
use crate::{app, project, sh, tools};
use anyhow::Result;
use std::process::Command;
use std::time::Duration;

/// Filling the demo database for the first time is slow on a small machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Builds, serves a fresh demo from a temporary folder, and takes the pictures.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    let chromium = tools::browser_tests()?;
    app::build(app::Profile::Release)?;
    sh::run(&mut sh::cargo(["build", "--release", "-p", "donghanh-server"]))?;
    let data = tempfile::tempdir()?;
    let binary = project::binary("release", "donghanh");
    let server = Server::demo(&binary, data.path(), PATIENCE)?;
    let folder = project::root().join("target/screens");
    let mut playwright = Command::new("npx");
    playwright.args(["--no-install", "playwright", "test", "--config", "screens.config.ts"]);
    playwright.current_dir(project::e2e());
    playwright.env("DONGHANH_CHROMIUM", chromium).env("DONGHANH_SERVER", binary);
    playwright.env("DONGHANH_URL", &server.url).env("DONGHANH_SCREENS", &folder);
    sh::run(&mut playwright)?;
    println!("screens: written to {}", project::shown(&folder));
    Ok(())
}
