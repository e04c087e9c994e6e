//! `donghanh-sim-world`: runs schedules or canaries and says what came of them; see `cargo xtask sim --help`.
#![allow(clippy::print_stdout, reason = "a command line program speaks through its output")]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use donghanh_sim_world::canary::Canary;
use donghanh_sim_world::oracle::{self, Open};
use donghanh_sim_world::plan::{self, Fault};
use donghanh_sim_world::rng::of_schedule;
use donghanh_sim_world::run::{Totals, many, run, runtime, shrink};
use donghanh_sim_world::template::Template;

/// From this many schedules on every fault must have fired.
const ENOUGH: u64 = 200;

/// Runs seeded schedules of devices and a server, with faults, and judges them.
#[derive(Parser)]
#[command(name = "cargo xtask sim", version)]
struct Arguments {
    /// How many schedules; with --canary at most so many for each.
    #[arg(long)]
    schedules: Option<u64>,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run this schedule alone.
    #[arg(long)]
    only: Option<u64>,
    /// Print each step; for one schedule.
    #[arg(long)]
    trace: bool,
    /// Run each known bug until it is caught.
    #[arg(long)]
    canary: bool,
    /// End with one line of JSON; it is printed in any case.
    #[arg(long)]
    json: bool,
    /// How many threads; as many as there are cores when left out.
    #[arg(long)]
    workers: Option<usize>,
    /// Print what was found in the first failing schedules without looking for the shortest plan.
    #[arg(long)]
    no_shrink: bool,
}

fn main() -> ExitCode {
    match perform(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(arguments: &Arguments) -> Result<bool> {
    let template = runtime()?.block_on(Template::make())?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = arguments.workers.unwrap_or(cores);
    if arguments.canary {
        return canaries(&template, arguments, workers);
    }
    let range = match arguments.only {
        Some(nth) => (nth, 1),
        None => (0, arguments.schedules.unwrap_or(1_000)),
    };
    let start = Instant::now();
    if arguments.trace {
        let plan = plan::draw(of_schedule(arguments.seed, range.0));
        let verdict = runtime()?.block_on(run(&template, &plan, None))?;
        verdict.trace.iter().for_each(|line| println!("{line}"));
    }
    let totals = many(&template, arguments.seed, range, workers, None)?;
    let per = start.elapsed().as_secs_f64() * 1_000.0 / totals.schedules.max(1) as f64;
    explain(&template, arguments, &totals)?;
    println!("{} schedules, {per:.1} ms each on {workers} threads", totals.schedules);
    let mut silent = Vec::new();
    for (fault, name) in Fault::ALL {
        let count = totals.fired.get(&fault).copied().unwrap_or(0);
        println!("{name}: {count}");
        if count == 0 && totals.schedules >= ENOUGH {
            silent.push(name);
        }
    }
    for (open, name) in Open::ALL {
        println!("known and open: {name}: {}", totals.open.get(&open).copied().unwrap_or(0));
    }
    if !silent.is_empty() {
        println!("never fired: {}", silent.join(", "));
    }
    println!("{}", totals.line());
    Ok(totals.failed.is_empty() && silent.is_empty())
}

/// Says what was found in the first failing schedules, and of the very first the shortest plan for each sort of finding.
fn explain(template: &Template, arguments: &Arguments, totals: &Totals) -> Result<()> {
    for (place, (nth, findings)) in totals.failed.iter().take(20).enumerate() {
        println!("schedule {nth} of seed {}:", arguments.seed);
        findings.iter().take(6).for_each(|finding| println!("  {:?}: {}", finding.fault, finding.what));
        if place > 0 || arguments.no_shrink {
            continue;
        }
        let plan = plan::draw(of_schedule(arguments.seed, *nth));
        let sorts: BTreeSet<oracle::Fault> = findings.iter().map(|finding| finding.fault).collect();
        let runtime = runtime()?;
        for fault in sorts {
            let short = runtime.block_on(shrink(template, &plan, fault, None))?;
            println!("  {fault:?} with {} of its {} steps:", short.steps.len(), plan.steps.len());
            let verdict = runtime.block_on(run(template, &short, None))?;
            verdict.trace.iter().for_each(|line| println!("  | {line}"));
            verdict.findings.iter().for_each(|finding| println!("  {:?}: {}", finding.fault, finding.what));
        }
    }
    Ok(())
}

fn canaries(template: &Template, arguments: &Arguments, workers: usize) -> Result<bool> {
    let at_most = arguments.schedules.unwrap_or(3_000);
    let mut caught = 0;
    for (canary, name, fault) in Canary::ALL {
        let totals = many(template, arguments.seed, (0, at_most), workers, Some((canary, fault)))?;
        let is_caught = totals.found.contains_key(&fault);
        caught += usize::from(is_caught);
        let how = if is_caught { "caught" } else { "NOT CAUGHT" };
        println!("{name}: {how} as {fault:?} after {} schedules", totals.schedules);
    }
    println!("{{\"canaries\":{},\"caught\":{caught}}}", Canary::ALL.len());
    Ok(caught == Canary::ALL.len())
}
