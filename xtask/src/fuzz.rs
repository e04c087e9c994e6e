//! `cargo xtask fuzz TARGET --time S`: libFuzzer on one target of the crate `fuzz`, with the compiler that builds everything else:
//! coverage is counted by passes of LLVM that need no nightly. Without a sanitizer: our code has no `unsafe`, and what is looked for are
//! panics, hangs and memory.

use crate::{project, sh};
use anyhow::{Context, Result, ensure};

/// What makes the code tell the fuzzer where it has been.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions";
/// Most memory of the process, in MB, and longest time of one input, in seconds: what is beyond counts as found.
const LIMITS: [&str; 2] = ["-rss_limit_mb=512", "-timeout=10"];

/// Builds the target and runs it for so many seconds. What it learns is kept under `target/fuzz`; what it finds is named.
pub fn run(target: &str, seconds: u32) -> Result<()> {
    let folder = project::target().join("fuzz");
    let (found, learnt) = (folder.join("found"), folder.join("learnt").join(target));
    for made in [&found, &learnt] {
        std::fs::create_dir_all(made).context("a folder under target")?;
    }
    let seeds = project::root().join("fuzz/corpus").join(target);
    ensure!(seeds.is_dir(), "no target is called {target}; fuzz/corpus has a folder for each");
    let compiler = sh::read(std::process::Command::new("rustc").arg("-vV"))?;
    let triple =
        compiler.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    // A target of its own, so that build scripts and macros are left without coverage.
    let mut build = sh::cargo(["build", "--release", "-p", "donghanh-fuzz", "--features", "libfuzzer"]);
    build.args(["--target", triple]).env("RUSTFLAGS", COVERAGE).env("CARGO_TARGET_DIR", folder.join("build"));
    sh::run(&mut build)?;
    let program = folder.join("build").join(triple).join("release/donghanh-fuzz");
    let mut fuzzer = std::process::Command::new(program);
    fuzzer.env("DONGHANH_FUZZ_TARGET", target).args(LIMITS).arg(format!("-max_total_time={seconds}"));
    fuzzer.arg(format!("-artifact_prefix={}/{target}-", found.display())).arg(learnt).arg(seeds);
    sh::become_it(&mut fuzzer)
}
