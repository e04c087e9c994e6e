//! `cargo xtask run`: build all of it and become the server.
//!
//! The server itself creates and fills its database on the first run and says where to go; nothing here
//! knows about demo data.

use crate::{app, project, sh, tools};
use anyhow::{Context, Result};
use clap::Args;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What can be chosen.
#[derive(Args)]
pub struct Options {
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the database lives; made when missing [default: target/data/demo, or target/data/empty].
    #[arg(long)]
    data: Option<PathBuf>,
    /// Start without demo data, with the guided set-up.
    #[arg(long)]
    empty: bool,
}

/// Builds the app and the server, then replaces this process by the server.
pub fn run(options: &Options) -> Result<()> {
    tools::wasm_target()?;
    app::build(app::Profile::Release)?;
    sh::run(&mut sh::cargo(["build", "--release", "-p", "donghanh-server"]))?;
    let data = data(options);
    fs::create_dir_all(&data).with_context(|| data.display().to_string())?;
    let mut serve = Command::new(project::binary("release", "donghanh"));
    serve.args(arguments(options));
    sh::become_it(&mut serve)
}

fn kind(options: &Options) -> &'static str {
    if options.empty { "empty" } else { "demo" }
}

fn data(options: &Options) -> PathBuf {
    options.data.clone().unwrap_or_else(|| project::root().join("target/data").join(kind(options)))
}

fn arguments(options: &Options) -> Vec<String> {
    let (kind, data) = (kind(options), data(options));
    let port = options.port.to_string();
    let data = data.to_string_lossy();
    ["serve", "--port", &port, "--data", &data, &format!("--{kind}")].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_and_empty_never_share_a_folder() {
        let demo = arguments(&Options { port: 8080, data: None, empty: false });
        let empty = arguments(&Options { port: 9000, data: None, empty: true });
        assert_eq!(demo[..3], ["serve", "--port", "8080"]);
        assert!(demo[4].ends_with("target/data/demo") && demo[5] == "--demo", "{demo:?}");
        assert!(empty[4].ends_with("target/data/empty") && empty[5] == "--empty", "{empty:?}");
    }

    #[test]
    fn a_named_folder_is_used_as_it_is() {
        let named = arguments(&Options { port: 1, data: Some("/x/y".into()), empty: false });
        assert_eq!(named[4], "/x/y");
    }
}
