//! A few schedules with every test run, each known bug caught, and the same seed giving the same schedule. `cargo xtask sim` runs
//! thousands.

use std::sync::LazyLock;

use donghanh_sim_world::canary::Canary;
use donghanh_sim_world::plan;
use donghanh_sim_world::rng::of_schedule;
use donghanh_sim_world::run::{many, run, runtime};
use donghanh_sim_world::template::Template;

static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| runtime().expect("runtime").block_on(Template::make()).expect("template"));

/// Schedules within which each known bug is caught by this seed; a release run needs no bound so tight.
const AT_MOST: u64 = 300;

#[test]
fn sixty_schedules_lose_nothing_and_leak_nothing() {
    let totals = many(&TEMPLATE, 1, (0, 60), 2, None).expect("runs");
    assert!(totals.failed.is_empty(), "{:#?}", totals.failed);
    assert_eq!(totals.schedules, 60);
}

#[test]
fn each_known_bug_is_caught() {
    for (canary, name, fault) in Canary::ALL {
        let totals = many(&TEMPLATE, 1, (0, AT_MOST), 2, Some((canary, fault))).expect("runs");
        assert!(totals.found.contains_key(&fault), "{name} is not seen in {} schedules", totals.schedules);
    }
}

#[test]
fn the_same_seed_gives_the_same_schedule() {
    for nth in 0..4 {
        let plan = plan::draw(of_schedule(7, nth));
        assert_eq!(plan, plan::draw(of_schedule(7, nth)));
        let once = || runtime().expect("runtime").block_on(run(&TEMPLATE, &plan, None)).expect("runs").trace;
        let (first, second) = (once(), once());
        assert!(first.len() > plan.steps.len());
        assert_eq!(first, second);
    }
}
