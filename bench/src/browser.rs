//! Figures that only a browser can give: cold start offline and saving, at 6× CPU throttling.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::figures::Figures;
use donghanh_bench::process::PASSWORD;

use crate::load::{DEVICES, begin, push_only};

/// Records on the phone that is started cold.
const RECORDS: usize = 10_000;

#[derive(Deserialize)]
struct Line {
    name: String,
    value: f64,
    unit: String,
}

/// Fills a server with 10,000 records, lets Chromium fetch them, and measures a cold start offline and saving.
///
/// # Errors
/// When the browser script fails.
pub fn measure(binary: &Path, e2e: &Path, run: usize, figures: &mut Figures) -> Result<()> {
    with_browser(binary, e2e, "phone.ts", run, figures, |_| {})
}

/// The same phone with sealed records and with the app whose ciphers are left out (`plain`): unlocking, starting, saving.
///
/// # Errors
/// When the browser script fails.
pub fn measure_auth(
    binary: &Path,
    e2e: &Path,
    [pwa, plain]: [&Path; 2],
    run: usize,
    figures: &mut Figures,
) -> Result<()> {
    // The script runs in another folder.
    let plain = plain.canonicalize().context("the app without its ciphers is not built")?;
    let pwa = pwa.canonicalize().context("the app is not built")?;
    with_browser(binary, e2e, "auth.ts", run, figures, |script| {
        // Which of the two goes first changes from run to run.
        script
            .env("DONGHANH_PWA", &pwa)
            .env("DONGHANH_PLAIN_PWA", &plain)
            .env("DONGHANH_RUN", run.to_string());
    })
}

fn with_browser(
    binary: &Path,
    e2e: &Path,
    script: &str,
    run: usize,
    figures: &mut Figures,
    arrange: impl Fn(&mut Command),
) -> Result<()> {
    let (server, mut devices) = begin(binary, RECORDS / DEVICES, 2)?;
    devices.iter_mut().try_for_each(push_only)?;
    let output =
        std::env::temp_dir().join(format!("donghanh-browser-figures-{}-{run}.json", std::process::id()));
    let mut npx = Command::new("npx");
    npx.args(["playwright", "test", "--config", "bench.config.ts", script])
        .current_dir(e2e)
        .env("DONGHANH_BASE", &server.base)
        .env("DONGHANH_NAME", "v0")
        .env("DONGHANH_PASSWORD", PASSWORD)
        .env("DONGHANH_RECORDS", RECORDS.to_string())
        .env("DONGHANH_FIGURES", &output);
    arrange(&mut npx);
    let status = npx.status().context("npx does not start")?;
    ensure!(status.success(), "the browser script failed");
    for line in std::fs::read_to_string(&output)?.lines() {
        let line: Line = serde_json::from_str(line)?;
        figures.add(&line.name, line.value, &line.unit);
    }
    std::fs::remove_file(&output)?;
    Ok(())
}

/// The size of the app's wasm as it travels.
///
/// # Errors
/// When the app was not built.
pub fn wasm_brotli_bytes(pwa: &Path) -> Result<f64> {
    let mut total = 0;
    for entry in std::fs::read_dir(pwa.join("assets")).context("the app is not built")? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(".wasm.br") {
            total += entry.metadata()?.len();
        }
    }
    ensure!(total > 0, "no compressed wasm in {}", pwa.display());
    Ok(total as f64)
}
