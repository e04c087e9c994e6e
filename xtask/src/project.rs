//! Where things are: the root of the project, the build folder, the binaries.
//!
//! Paths only; nothing here is built or started.

use std::env;
use std::path::{Path, PathBuf};

/// The folder that holds the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's build folder: `CARGO_TARGET_DIR`, or `target` in the root.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The built phone app, as the server embeds it.
///
/// Always below the root, wherever cargo builds: the server names this folder in its source.
pub fn pwa() -> PathBuf {
    root().join("target/pwa")
}

/// The end-to-end tests.
pub fn e2e() -> PathBuf {
    root().join("e2e")
}

/// A native binary of the workspace, `profile` being `debug` or `release`.
pub fn binary(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// `path` as a person would type it: relative to the root where it lies below it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
