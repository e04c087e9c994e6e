//! Whoever knows the rules and sees what is told tries every ward there is: no number of one to four people may be the only
//! one possible.

use super::*;

/// Numbers that somebody could want to find out, by name.
type Wanted = Vec<(&'static str, u32)>;

/// Fails when what is told of any of these wards leaves only one possibility for a small number.
fn nothing_can_be_found_out(wards: impl Iterator<Item = (Numbers, Wanted)>, reaches_today: bool) {
    let mut by_told: BTreeMap<String, Vec<BTreeSet<u32>>> = BTreeMap::new();
    let mut names: Vec<&str> = Vec::new();
    for (numbers, wanted) in wards {
        // Near the end of what is tried, larger wards that would look the same are missing.
        if reaches_today && numbers.open + 8 > UP_TO {
            continue;
        }
        // The open cases of today stand beside the figures.
        let open = if is_few(numbers.open) { None } else { Some(numbers.open) };
        let seen = format!("{open:?} {:?}", figures(&numbers, None, reaches_today));
        names = wanted.iter().map(|(name, _)| *name).collect();
        let possible = by_told.entry(seen).or_insert_with(|| vec![BTreeSet::new(); wanted.len()]);
        for (at, (_, number)) in wanted.iter().enumerate() {
            possible[at].insert(*number);
        }
    }
    for (seen, possible) in by_told {
        for (name, possible) in names.iter().zip(possible) {
            let small = possible.iter().any(|number| is_few(*number));
            assert!(!small || possible.len() > 1, "{seen}: only {possible:?} fits {name}");
        }
    }
}

const UP_TO: u32 = 17;

#[test]
fn how_cases_ended_and_who_was_supported_cannot_be_found_out() {
    for reaches_today in [true, false] {
        let wards = (0..UP_TO).flat_map(|managed| {
            (0..=managed).flat_map(move |supported| {
                (0..=managed).flat_map(move |completed| {
                    (0..=managed - completed).map(move |ended_otherwise| {
                        // Of a period that is over, today's open cases are others.
                        let going_on = managed - completed - ended_otherwise;
                        let open = if reaches_today { going_on } else { UP_TO };
                        let numbers = Numbers {
                            managed,
                            supported,
                            completed,
                            ended_otherwise,
                            open,
                            ..Numbers::default()
                        };
                        let wanted = vec![
                            ("managed", managed),
                            ("supported", supported),
                            ("not supported", managed - supported),
                            ("completed", completed),
                            ("ended otherwise", ended_otherwise),
                            ("ended", completed + ended_otherwise),
                            ("open", open),
                        ];
                        (numbers, wanted)
                    })
                })
            })
        });
        nothing_can_be_found_out(wards, reaches_today);
    }
}

#[test]
fn who_got_what_cannot_be_found_out() {
    let wards = (0..UP_TO).flat_map(|managed| {
        (0..=managed).flat_map(move |supported| {
            (0..=supported).flat_map(move |jobs| {
                (supported - jobs..=supported).map(move |loans| {
                    let support = [(SupportKind::Job, (jobs, jobs)), (SupportKind::Loan, (loans, loans))];
                    let numbers = Numbers {
                        managed,
                        supported,
                        open: managed,
                        support: support.into(),
                        ..Numbers::default()
                    };
                    let wanted = vec![
                        ("not supported", managed - supported),
                        ("jobs", jobs),
                        ("loans", loans),
                        ("support but no job", supported - jobs),
                        ("support but no loan", supported - loans),
                    ];
                    (numbers, wanted)
                })
            })
        })
    });
    nothing_can_be_found_out(wards, false);
}

#[test]
fn how_the_check_ins_of_a_month_went_cannot_be_found_out() {
    let wards = (0..UP_TO).flat_map(|on_time| {
        (0..UP_TO - on_time).flat_map(move |late| {
            (0..UP_TO - on_time - late).map(move |missed| {
                let people = [on_time, late, missed, 0];
                let managed = on_time + late + missed;
                let numbers =
                    Numbers { managed, open: managed, people, check_ins: people, ..Numbers::default() };
                (numbers, vec![("on time", on_time), ("late", late), ("missed", missed)])
            })
        })
    });
    nothing_can_be_found_out(wards, false);
}
