//! One schedule from its seed to its verdict, many of them, and the shortest plan that still fails.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};

use crate::canary::Canary;
use crate::oracle::{self, Finding, Open};
use crate::plan::{self, Fault, Plan};
use crate::rng::{Rng, of_schedule};
use crate::template::Template;
use crate::world::World;

/// What came of a schedule.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What was found.
    pub findings: Vec<Finding>,
    /// How often each fault fired.
    pub fired: BTreeMap<Fault, u64>,
    /// Defects that are known, how often.
    pub open: BTreeMap<Open, u64>,
    /// What happened, line by line.
    pub trace: Vec<String>,
}

impl Verdict {
    /// Whether something of this sort was found.
    #[must_use]
    pub fn has(&self, fault: oracle::Fault) -> bool {
        self.findings.iter().any(|finding| finding.fault == fault)
    }
}

/// Runs a plan.
///
/// # Errors
/// When the server in this process fails as such.
pub async fn run(template: &Template, plan: &Plan, canary: Option<Canary>) -> Result<Verdict> {
    let mut world = World::start(template, plan, canary).await?;
    for step in &plan.steps {
        world.step(step).await?;
    }
    let roll = plan.steps.last().map_or(0, |step| step.roll);
    world.judge(&mut Rng::new(roll ^ 1)).await?;
    let (findings, open) = (world.model.findings, world.model.open);
    Ok(Verdict { findings, fired: world.fired, open, trace: world.trace })
}

/// What came of many schedules.
#[derive(Debug, Default)]
pub struct Totals {
    /// How many ran.
    pub schedules: u64,
    /// In how many schedules each sort of finding was.
    pub found: BTreeMap<oracle::Fault, u64>,
    /// How often each fault fired.
    pub fired: BTreeMap<Fault, u64>,
    /// Defects that are known, how often.
    pub open: BTreeMap<Open, u64>,
    /// The schedules that failed, by number.
    pub failed: BTreeMap<u64, Vec<Finding>>,
}

/// A runtime of one thread, as every worker has one.
///
/// # Errors
/// When the system gives none.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Runs schedules `first..first + count` of a seed on this many workers. With `until`, a worker stops at the first schedule in
/// which that was found.
///
/// # Errors
/// When the server in this process fails as such.
pub fn many(
    template: &Template,
    seed: u64,
    (first, count): (u64, u64),
    workers: usize,
    canary: Option<(Canary, oracle::Fault)>,
) -> Result<Totals> {
    let next = AtomicU64::new(first);
    let totals = Mutex::new(Totals::default());
    let work = || -> Result<()> {
        let runtime = runtime()?;
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            if nth >= first + count {
                return Ok(());
            }
            let plan = plan::draw(of_schedule(seed, nth));
            let verdict = runtime
                .block_on(run(template, &plan, canary.map(|(canary, _)| canary)))
                .with_context(|| format!("schedule {nth} of seed {seed}"))?;
            let is_caught = canary.is_some_and(|(_, fault)| verdict.has(fault));
            if let Ok(mut totals) = totals.lock() {
                totals.take(nth, verdict);
            }
            if is_caught {
                next.store(first + count, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.max(1)).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?)
    })?;
    totals.into_inner().map_err(|_| anyhow::anyhow!("a worker panicked"))
}

impl Totals {
    fn take(&mut self, nth: u64, verdict: Verdict) {
        self.schedules += 1;
        for (fault, count) in &verdict.fired {
            *self.fired.entry(*fault).or_default() += count;
        }
        for (open, count) in &verdict.open {
            *self.open.entry(*open).or_default() += count;
        }
        for (fault, _) in oracle::Fault::ALL {
            if verdict.has(fault) {
                *self.found.entry(fault).or_default() += 1;
            }
        }
        if !verdict.findings.is_empty() {
            self.failed.insert(nth, verdict.findings);
        }
    }

    /// The line that ends a run.
    #[must_use]
    pub fn line(&self) -> String {
        let count = |fault| self.found.get(&fault).copied().unwrap_or(0);
        let counts = oracle::Fault::ALL.map(|(fault, name)| format!("\"{name}\":{}", count(fault)));
        format!("{{\"schedules\":{},{}}}", self.schedules, counts.join(","))
    }
}

/// The shortest plan found that still shows a finding of the same sort: parts of it are left out, ever smaller ones.
///
/// # Errors
/// When the server in this process fails as such.
pub async fn shrink(
    template: &Template,
    plan: &Plan,
    fault: oracle::Fault,
    canary: Option<Canary>,
) -> Result<Plan> {
    let mut best = plan.clone();
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < best.steps.len() {
            let mut shorter = best.clone();
            shorter.steps.drain(at..(at + size).min(best.steps.len()));
            if run(template, &shorter, canary).await.is_ok_and(|verdict| verdict.has(fault)) {
                best = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    Ok(best)
}
