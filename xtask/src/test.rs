//! `cargo xtask test`: every check and every test, in the order in which they fail fastest.
//!
//! Each step has a heading, its time, and a log in `target/test-logs`. The first failure ends the run and is
//! named; the last line always is `N passed, M failed`, where a step that counts nothing itself counts as one.

use crate::beside::Beside;
use crate::{crash, project, sh, tidy, tools};
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// What can be chosen.
#[derive(Args)]
pub struct Options {
    /// Only what needs neither the wasm build nor a browser.
    #[arg(long)]
    quick: bool,
}

/// How many passed and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

/// One step: its name, and what it does. The work returns its counts; an error is a failure without counts.
struct Step {
    name: &'static str,
    quick: bool,
    work: fn(&mut Beside) -> Result<Counts>,
}

const STEPS: [Step; 10] = [
    Step { name: "format", quick: true, work: format },
    Step { name: "tidy", quick: true, work: tidiness },
    Step { name: "clippy", quick: true, work: clippy },
    Step { name: "tests: unit, property, integration, golden", quick: true, work: unit_tests },
    Step { name: "simulated schedules", quick: false, work: schedules },
    Step { name: "tests in the documentation", quick: false, work: doc_tests },
    Step { name: "app", quick: false, work: build_app },
    Step { name: "server", quick: false, work: build_server },
    Step { name: "what the server survives", quick: false, work: crashes },
    Step { name: "tests end to end", quick: false, work: end_to_end },
];

/// The same packages in every step: other ones would ask for other features of what they share, which would then be
/// built once more. The app among them: no line of it depends on what it is built for, so what is said of it natively, its
/// tests included, holds for wasm32 too.
const ALL: &str = "--workspace";

/// What fits beside the other steps: a minute and a half on two cores, by a build that is not optimized.
const SCHEDULES: &str = "2000";

/// Runs the steps. Ends the process with a failure code when one of them fails.
pub fn run(options: &Options) -> Result<()> {
    let begin = Instant::now();
    let mut total = Counts::default();
    let mut failed = None;
    let mut beside = Beside::default();
    if !options.quick {
        tools::wasm_target()?;
        beside.start(logs().join("app.log"))?;
    }
    for step in STEPS.iter().filter(|step| step.quick || !options.quick) {
        println!("\n── {} ──", step.name);
        let start = Instant::now();
        let outcome = (step.work)(&mut beside);
        let seconds = start.elapsed().as_secs_f32();
        let counts = match &outcome {
            Ok(counts) => *counts,
            Err(_) => Counts { passed: 0, failed: 1 },
        };
        total.passed += counts.passed;
        total.failed += counts.failed;
        if counts.failed == 0 {
            println!("── {}: ok, {seconds:.1} s", step.name);
            continue;
        }
        println!("── {}: FAILED, {seconds:.1} s", step.name);
        if let Err(error) = outcome {
            println!("{error:#}");
        }
        failed = Some(step.name);
        break;
    }
    println!("\n{} s, logs in {}", begin.elapsed().as_secs(), project::shown(&logs()));
    if let Some(name) = failed {
        println!("FAILED: {name}; the steps after it did not run");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if failed.is_some() {
        // The last line has been said: an error returned from here would print another. Leaving drops nothing by itself.
        drop(beside);
        std::process::exit(1);
    }
    Ok(())
}

fn logs() -> PathBuf {
    project::root().join("target/test-logs")
}

/// Runs a program as a step: shown, logged, and counted by what it says about itself.
fn program(log: &str, command: &mut Command) -> Result<Counts> {
    let (ok, text) = sh::tee(command, &logs().join(format!("{log}.log")))?;
    Ok(judge(ok, counts(&text)))
}

/// A step without figures counts as one; a failed one has at least one failure whatever it printed.
fn judge(ok: bool, said: Counts) -> Counts {
    match (ok, said) {
        (true, Counts { passed: 0, failed: 0 }) => Counts { passed: 1, failed: 0 },
        (true, said) => said,
        (false, said) => Counts { failed: said.failed.max(1), ..said },
    }
}

fn format(_: &mut Beside) -> Result<Counts> {
    program("format", &mut sh::cargo(["fmt", "--all", "--check"]))
}

fn tidiness(_: &mut Beside) -> Result<Counts> {
    tidy::run().map(|rules| Counts { passed: rules, failed: 0 })
}

fn clippy(_: &mut Beside) -> Result<Counts> {
    let mut clippy = sh::cargo(["clippy", ALL, "--all-targets", "--", "-D", "warnings"]);
    program("clippy", &mut clippy)
}

fn unit_tests(_: &mut Beside) -> Result<Counts> {
    let nextest = sh::which(&["cargo-nextest", "cargo-nextest.exe"]).is_some();
    let mut tests = if nextest {
        sh::cargo(["nextest", "run", "--no-fail-fast"])
    } else {
        println!("cargo-nextest is not installed; cargo test does the same, more slowly");
        sh::cargo(["test", "--no-fail-fast", "--all-targets"])
    };
    program("tests", tests.arg(ALL))
}

/// Others than those that are run with the tests. In the build that the tests made: one in release takes longer than all of
/// them; `cargo xtask sim` runs thousands in it.
fn schedules(_: &mut Beside) -> Result<Counts> {
    sh::run(&mut sh::cargo(["build", ALL, "--bin", "donghanh-sim-world"]))?;
    let mut sim = Command::new(project::binary("debug", "donghanh-sim-world"));
    program("schedules", sim.args(["--schedules", SCHEDULES, "--seed", "2", "--json"]))
}

fn doc_tests(_: &mut Beside) -> Result<Counts> {
    program("doc-tests", &mut sh::cargo(["test", ALL, "--doc", "--no-fail-fast"]))
}

fn build_app(beside: &mut Beside) -> Result<Counts> {
    beside.finish()?;
    Ok(Counts { passed: 1, failed: 0 })
}

fn build_server(_: &mut Beside) -> Result<Counts> {
    // The tests in browsers need a device without a screen too.
    let mut server =
        sh::cargo(["build", ALL, "--bin", "donghanh", "--bin", "donghanh-sim", "--bin", "donghanh-crash"]);
    program("server", &mut server)
}

/// The faults are put before the C library of Linux; elsewhere the server is not tried.
fn crashes(_: &mut Beside) -> Result<Counts> {
    if !cfg!(target_os = "linux") {
        println!("the server is killed on Linux only");
        return Ok(Counts::default());
    }
    program("crash", &mut crash::few())
}

fn end_to_end(_: &mut Beside) -> Result<Counts> {
    let chromium = tools::browser_tests()?;
    let server = project::binary("debug", "donghanh");
    let mut playwright = Command::new("npx");
    playwright.args(["--no-install", "playwright", "test"]).current_dir(project::e2e());
    playwright.env("DONGHANH_CHROMIUM", chromium).env("DONGHANH_SERVER", server);
    playwright.env("FORCE_COLOR", "0");
    program("e2e", &mut playwright).context("npx playwright test")
}

/// Reads the figures out of what nextest, the test harness or Playwright print about themselves.
fn counts(text: &str) -> Counts {
    let mut sum = Counts::default();
    let lines: Vec<String> = text.lines().map(|line| plain(line).trim().to_owned()).collect();
    let is_summary = |line: &String| line.starts_with("Summary [");
    // Under nextest, the lines of the harness belong to single failed tests, which the summary counts already.
    let with_nextest = lines.iter().any(is_summary);
    for line in &lines {
        let nextest = is_summary(line);
        let harness = !with_nextest && line.starts_with("test result:");
        let playwright = line.split_once(' ').is_some_and(|(number, rest)| {
            number.parse::<u64>().is_ok() && PLAYWRIGHT.iter().any(|word| rest.starts_with(word))
        });
        if nextest || harness || (!with_nextest && playwright) {
            sum.passed += number_before(line, &["passed"]);
            sum.failed +=
                number_before(line, &["failed", "flaky", "timed out", "interrupted", "did not run"]);
        }
    }
    sum
}

const PLAYWRIGHT: [&str; 5] = ["passed", "failed", "flaky", "interrupted", "did not run"];

/// The numbers that stand right before one of `words`, added up; those in brackets say how, not how many.
fn number_before(line: &str, words: &[&str]) -> u64 {
    let bare: String =
        line.split('(').map(|part| part.split_once(')').map_or(part, |(_, after)| after)).collect();
    let parts = bare.split([',', ';', ':', '.']).map(str::trim);
    let number = |part: &str| -> Option<u64> {
        let (number, rest) = part.split_once(' ')?;
        words.iter().any(|word| rest.starts_with(word)).then(|| number.parse().ok()).flatten()
    };
    parts.filter_map(number).sum()
}

/// `line` without terminal colours.
fn plain(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            kept.push(c);
            continue;
        }
        chars.by_ref().find(char::is_ascii_alphabetic);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(passed: u64, failed: u64) -> Counts {
        Counts { passed, failed }
    }

    #[test]
    fn nextest_is_understood() {
        let text = "test result: FAILED. 0 passed; 1 failed; 0 ignored\n    PASS [ 0.1s] a 7 passed\n     Summary [   0.011s] 9 tests run: 6 passed (1 slow, 1 flaky), 2 failed, 1 timed out, 4 skipped\n";
        assert_eq!(counts(text), said(6, 3));
        assert_eq!(
            counts("\u{1b}[32;1m     Summary\u{1b}[0m [   0.011s] 1 test run: 1 passed, 0 skipped"),
            said(1, 0)
        );
    }

    #[test]
    fn every_harness_of_cargo_test_adds_up() {
        let one =
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        let two = "test result: FAILED. 2 passed; 5 failed; 0 ignored\n";
        assert_eq!(counts(&format!("{one}running 2 tests\n{two}")), said(5, 5));
    }

    #[test]
    fn playwright_is_understood() {
        let text = "Running 6 tests using 1 worker\n  1 failed\n    smoke.spec.ts:3 › 4 passed by\n  1 flaky\n  1 did not run\n  3 passed (2.1s)\n";
        assert_eq!(counts(text), said(3, 3));
    }

    #[test]
    fn a_failed_step_always_counts_as_a_failure() {
        assert_eq!(judge(false, said(12, 0)), said(12, 1));
        assert_eq!(judge(false, said(0, 0)), said(0, 1));
        assert_eq!(judge(true, said(0, 0)), said(1, 0));
        assert_eq!(judge(true, said(12, 0)), said(12, 0));
    }
}
