//! What the pauses between two tries promise: they grow, and phones that lost the server at the same moment come back apart.

use std::collections::BTreeSet;

use donghanh_shared::ids::{DeviceId, InstanceId};
use donghanh_shared::sync::session::{Config, Effect, Event, Session, Status};

/// The pauses of a device that reaches nobody.
fn pauses(jitter_seed: u64, tries: usize) -> Vec<u64> {
    let config = Config { instance: InstanceId([1; 16]), device: DeviceId([2; 16]), jitter_seed };
    let mut session = Session::new(config, 3, Vec::new(), BTreeSet::new());
    let mut pauses = Vec::new();
    for _ in 0..tries {
        session.handle(Event::Wake);
        session.handle(Event::Outbox(vec![]));
        match session.handle(Event::Failed)[..] {
            [Effect::Tell(Status::Unreachable), Effect::Pause { ms }] => pauses.push(ms),
            ref other => panic!("{other:?}"),
        }
    }
    pauses
}

#[test]
fn pauses_double_to_five_minutes_each_between_half_and_one_and_a_half_of_it() {
    for seed in 0..200 {
        let mut base = 1_000;
        for ms in pauses(seed, 12) {
            assert!((base / 2..base / 2 + base).contains(&ms), "{ms} of {base}");
            base = (base * 2).min(200_000);
        }
    }
}

#[test]
fn phones_that_lost_the_server_together_come_back_spread_evenly() {
    let seeds = 0..2_000u64;
    let all: Vec<_> = seeds.map(|seed| pauses(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), 4)).collect();
    for (nth, base) in [1_000, 2_000, 4_000, 8_000].into_iter().enumerate() {
        let mut tenths = [0; 10];
        for pauses in &all {
            tenths[usize::try_from((pauses[nth] - base / 2) * 10 / base).expect("small")] += 1;
        }
        assert!(tenths.iter().all(|n| (140..260).contains(n)), "pause {nth}: {tenths:?}");
    }
    // No seed is one of which nothing comes, and one phone's pauses are not all alike.
    for seed in [0, 1, 2, 3, u64::MAX] {
        let mut late = pauses(seed, 40).split_off(9);
        late.sort_unstable();
        late.dedup();
        assert!(late.len() > 28, "{seed}: {late:?}");
    }
}

#[test]
fn a_seed_gives_the_same_pauses_wherever_it_runs() {
    assert_eq!(pauses(42, 6), [935, 2150, 5539, 8429, 17191, 17570]);
}
