//! What a fresh clone may lack, installed where that is possible and named where it is not.
//!
//! Each function is silent when all is there, says one line when it installs, and its error is the command
//! to run by hand. It is also where the paths of these tools come from.

use crate::{project, sh};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const WASM: &str = "wasm32-unknown-unknown";
/// The oldest Node that the version of Playwright in `e2e/package.json` runs on.
const NODE_MAJOR: u32 = 20;

/// The standard library for the browser.
pub fn wasm_target() -> Result<()> {
    if rustlib()?.join(WASM).is_dir() {
        return Ok(());
    }
    println!("tools: installing the Rust target {WASM}");
    let mut add = Command::new("rustup");
    add.args(["target", "add", WASM]).current_dir(project::root());
    sh::run(&mut add).with_context(|| format!("the Rust target is missing; run: rustup target add {WASM}"))
}

/// Where the toolchain keeps its libraries.
fn rustlib() -> Result<PathBuf> {
    let sysroot = sh::read(Command::new("rustc").args(["--print", "sysroot"]).current_dir(project::root()))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib"))
}

/// Whether the standard library can be built along with the app, which makes the app smaller. Nothing depends on it: with
/// another release of Rust, or without its source, the library is taken as it comes, and this says so.
pub fn small_std() -> Result<bool> {
    let version = sh::read(Command::new("rustc").arg("--version").current_dir(project::root()))?;
    if !has_known_switches(&version) {
        println!("tools: the app is built larger than it could be: its switches are known for Rust {KNOWN}x");
        return Ok(false);
    }
    let source = rustlib()?.join("src/rust/library/std/Cargo.toml");
    if !source.is_file() {
        println!("tools: installing the source of Rust's standard library (rust-src)");
        // Its failure is told by the next line: without it the app is larger, not worse.
        let _ = Command::new("rustup")
            .args(["component", "add", "rust-src"])
            .current_dir(project::root())
            .status();
    }
    if !source.is_file() {
        println!(
            "tools: the app is built larger than it could be; to change that: rustup component add rust-src"
        );
    }
    Ok(source.is_file())
}

/// The release whose unstable switches the build of the app was tried with.
const KNOWN: &str = "1.95.";

fn has_known_switches(version: &str) -> bool {
    version.split_whitespace().nth(1).is_some_and(|number| number.starts_with(KNOWN))
}

/// Everything the browser tests need: Node, the npm packages, Chromium. Returns Chromium's path.
pub fn browser_tests() -> Result<PathBuf> {
    node()?;
    npm_packages(&project::e2e())?;
    chromium()
}

fn node() -> Result<()> {
    let help = format!(
        "Node.js {NODE_MAJOR} or newer with npm is missing; install it from https://nodejs.org/en/download"
    );
    let version =
        Command::new("node").arg("--version").output().ok().filter(|output| output.status.success());
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match version.as_deref().and_then(major) {
        Some(found) if found >= NODE_MAJOR && sh::which(&["npm", "npm.cmd"]).is_some() => Ok(()),
        _ => bail!("{help} (found: {})", version.as_deref().unwrap_or("none")),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The npm packages of a folder of ours.
pub fn npm_packages(folder: &Path) -> Result<()> {
    let wanted = fs::read_to_string(folder.join("package-lock.json")).context("package-lock.json")?;
    let present = fs::read_to_string(folder.join("node_modules/.package-lock.json")).unwrap_or_default();
    if same_packages(&wanted, &present) {
        return Ok(());
    }
    let shown = project::shown(folder);
    println!("tools: installing the npm packages of {shown}");
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    install.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    sh::run(&mut install).with_context(|| format!("the npm packages are missing; run: cd {shown} && npm ci"))
}

/// Whether two lock files name the same packages in the same versions.
fn same_packages(wanted: &str, present: &str) -> bool {
    let pins = |text: &str| -> Option<Vec<(String, String)>> {
        let lock: Value = serde_json::from_str(text).ok()?;
        let packages = lock.get("packages")?.as_object()?;
        let pin =
            |value: &Value| value["integrity"].as_str().or(value["version"].as_str()).map(str::to_owned);
        // What is for some systems only is not there on others.
        let named = packages.iter().filter(|(path, value)| !path.is_empty() && value["optional"] != true);
        Some(named.map(|(path, value)| (path.clone(), pin(value).unwrap_or_default())).collect())
    };
    matches!((pins(wanted), pins(present)), (Some(a), Some(b)) if a == b)
}

/// The browser of the tests: `DONGHANH_CHROMIUM`, or the first one found on the search path.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("DONGHANH_CHROMIUM").filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    if let Some(path) = sh::which(&names) {
        return Ok(path);
    }
    let by_hand = "apt-get update && apt-get install -y chromium";
    if !(is_root() && sh::which(&["apt-get"]).is_some()) {
        bail!(
            "Chromium is missing; on Debian run: sudo sh -c '{by_hand}'; \
             elsewhere install it and set DONGHANH_CHROMIUM to its path"
        );
    }
    println!("tools: installing chromium with apt-get");
    sh::run(Command::new("sh").args(["-c", by_hand]).env("DEBIAN_FRONTEND", "noninteractive"))
        .with_context(|| format!("Chromium is missing; run: {by_hand}"))?;
    sh::which(&names).context("apt-get installed chromium, yet it is not on the search path")
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_release_gets_unstable_switches() {
        assert!(has_known_switches("rustc 1.95.0 (59807616e 2026-04-14)"));
        assert!(!has_known_switches("rustc 1.96.0 (000000000 2026-06-01)") && !has_known_switches("rustc"));
    }

    #[test]
    fn versions_of_node() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("nonsense"), None);
    }

    #[test]
    fn lock_files_differ_by_package_not_by_root_entry() {
        let wanted = r#"{"packages":{"":{"name":"e2e"},"node_modules/a":{"version":"1","integrity":"x"}}}"#;
        let same = r#"{"packages":{"node_modules/a":{"version":"1","integrity":"x"}}}"#;
        let other = r#"{"packages":{"node_modules/a":{"version":"2","integrity":"y"}}}"#;
        assert!(same_packages(wanted, same));
        assert!(!same_packages(wanted, other));
        assert!(!same_packages(wanted, ""));
    }
}
