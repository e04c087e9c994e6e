//! Figures of the whole product, measured on the real binary over loopback: `cargo xtask bench WHAT --json FILE`.
//! One line a figure: `{"name","value","unit"}`. How each is measured stands in `bench/README.md`.

mod browser;
mod figures;
mod first;
mod hostile;
mod link;
mod load;
mod peers;
mod storm;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Parser;

use figures::Figures;

/// What to measure, and where things are.
#[derive(Parser)]
struct Arguments {
    /// `all`, `sync` (push, pull, idle, memory, disk, and what these measure alone: `storm`, everybody at once; `first`, a new
    /// phone on a bad link; `hostile`, what wants to hurt; `peers`, two other engines), `wasm`, `browser` (cold start, save) or `auth` (unlocking, and
    /// what sealing costs).
    what: String,
    /// The server's binary.
    #[arg(long)]
    server: PathBuf,
    /// The built app.
    #[arg(long)]
    pwa: PathBuf,
    /// The same app without its ciphers, for `auth`.
    #[arg(long)]
    plain_pwa: Option<PathBuf>,
    /// The folder with the browser scripts.
    #[arg(long)]
    e2e: PathBuf,
    /// The folder with what fuzzers begin with.
    #[arg(long)]
    corpus: PathBuf,
    /// The folder with the programs of other engines.
    #[arg(long)]
    peers: PathBuf,
    /// Where to write the figures; standard output always gets them too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// How often each measurement is made; the median is reported.
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let what = arguments.what.as_str();
    let known =
        ["all", "sync", "push", "pull", "peers", "storm", "first", "hostile", "wasm", "browser", "auth"];
    if !known.contains(&what) {
        bail!("nothing called {what} is measured; try one of {}", known.join(", "));
    }
    let wanted = |names: &[&str]| what == "all" || names.contains(&what);
    // Parts of what is measured of sync.
    let storm = wanted(&["sync", "storm"]);
    let (first, hostile) = (wanted(&["sync", "first"]), wanted(&["sync", "hostile"]));
    let (sync, wasm) = (wanted(&["sync", "push", "pull", "peers"]), wanted(&["wasm"]));
    let beside = wanted(&["sync", "peers"]);
    let (browser, auth) = (wanted(&["browser"]), wanted(&["auth"]));
    let mut figures = Figures::default();
    if wasm {
        figures.add("wasm_brotli_bytes", browser::wasm_brotli_bytes(&arguments.pwa)?, "B");
    }
    for run in 0..arguments.runs {
        if sync {
            let ours = load::measure(&arguments.server, &mut figures)?;
            if beside {
                peers::measure(&arguments.peers, &ours, &mut figures)?;
            }
        }
        if storm {
            storm::measure(&arguments.server, &mut figures)?;
        }
        if first {
            first::measure(&arguments.server, &mut figures)?;
        }
        if hostile {
            hostile::measure(&arguments.server, &arguments.corpus, &mut figures)?;
        }
        if browser {
            browser::measure(&arguments.server, &arguments.e2e, run, &mut figures)?;
        }
        if auth {
            let plain = arguments.plain_pwa.as_deref().context("--plain-pwa is missing")?;
            browser::measure_auth(
                &arguments.server,
                &arguments.e2e,
                [&arguments.pwa, plain],
                run,
                &mut figures,
            )?;
        }
    }
    figures.report(arguments.json.as_deref())
}
