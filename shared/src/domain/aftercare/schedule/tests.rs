//! The schedule, rule by rule.

use super::*;
use crate::domain::aftercare::rules::IntervalRule;
use proptest::prelude::*;

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn rules() -> AftercareRules {
    AftercareRules::shipped()
}

fn plan(start: &str) -> Plan {
    Plan {
        start: day(start),
        end: None,
        every_days: None,
        stretches: BTreeSet::new(),
        agreed: None,
        is_visited: true,
        is_closed: false,
        closed_on: None,
        pauses: Vec::new(),
    }
}

fn met(on: &str) -> Seen {
    Seen { day: day(on), met: true, next_due: None }
}

fn days_due(plan: &Plan, today: &str) -> Vec<String> {
    periods(plan, &rules(), &[], day(today)).iter().map(|period| period.due.to_string()).collect()
}

/// The outcomes as letters: on time, late, missed, excused, pending.
fn letters(plan: &Plan, seen: &[Seen], today: &str) -> String {
    let letter = |period: &Period| match period.outcome {
        Outcome::OnTime(_) => 'o',
        Outcome::Late(_) => 'l',
        Outcome::Missed => 'm',
        Outcome::Excused => 'e',
        Outcome::Pending => 'p',
    };
    periods(plan, &rules(), seen, day(today)).iter().map(letter).collect()
}

fn next(plan: &Plan, seen: &[Seen], today: &str) -> Option<(String, u32)> {
    due(plan, &rules(), seen, day(today)).map(|due| (due.day.to_string(), due.overdue_by_days))
}

fn at(on: &str, overdue: u32) -> Option<(String, u32)> {
    Some((on.to_owned(), overdue))
}

#[test]
fn a_month_ends_where_it_ends_and_nothing_drifts() {
    let leap = ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"];
    assert_eq!(days_due(&plan("2027-12-31"), "2028-05-31"), leap);
    assert_eq!(days_due(&plan("2026-12-31"), "2027-03-01"), ["2027-01-31", "2027-02-28", "2027-03-31"]);
    assert_eq!(days_due(&plan("2024-02-29"), "2024-02-29"), ["2024-03-29"]);
    assert_eq!(days_due(&plan("2024-02-29"), "2025-02-20").last().map(String::as_str), Some("2025-02-28"));
    assert!(days_due(&plan("2024-02-29"), "2024-02-28").is_empty());
}

#[test]
fn the_end_on_the_corresponding_day_is_the_last_day_due() {
    let mut one = plan("2025-01-15");
    one.end = Some(day("2026-01-15"));
    let all = days_due(&one, "2026-11-26");
    assert_eq!((all.len(), all.last().map(String::as_str)), (12, Some("2026-01-15")));
    one.end = Some(day("2026-01-14"));
    assert_eq!(days_due(&one, "2026-11-26").len(), 11, "a period that is cut off does not count");
    assert_eq!(next(&one, &[], "2026-01-14"), at("2025-02-15", 333));
    assert_eq!(next(&one, &[], "2026-01-15"), None, "after the last day nothing is due");
    assert!(one.is_to_be_completed(day("2026-01-15")) && !one.is_to_be_completed(day("2026-01-14")));
}

#[test]
fn on_time_late_and_missed() {
    let one = plan("2026-01-15");
    assert_eq!(letters(&one, &[], "2026-02-15"), "p");
    assert_eq!(letters(&one, &[], "2026-02-22"), "pp", "can still be kept late");
    assert_eq!(letters(&one, &[], "2026-02-23"), "mp");
    assert_eq!(letters(&one, &[met("2026-02-15")], "2026-02-15"), "o");
    assert_eq!(
        letters(&one, &[met("2026-02-16")], "2026-02-16"),
        "lp",
        "late, and the next is still to come"
    );
    assert_eq!(letters(&one, &[met("2026-02-22"), met("2026-02-23")], "2026-02-23"), "lo");
    assert_eq!(letters(&one, &[met("2026-02-16"), met("2026-02-16")], "2026-02-23"), "lp", "told twice");
    assert_eq!(letters(&one, &[met("2026-02-23")], "2026-02-23"), "mo", "too late for the first");
    let missed_one = ["2026-01-20", "2026-03-25", "2026-04-25", "2026-05-25"].map(met);
    assert_eq!(letters(&one, &missed_one, "2026-06-01"), "omooo", "a gap is one gap");
    let not_met = Seen { met: false, ..met("2026-02-10") };
    assert_eq!(letters(&one, &[not_met], "2026-02-15"), "p", "an attempt keeps no period");
    assert_eq!(letters(&one, &[met("2026-02-10")], "2026-02-09"), "p", "as of a day, nothing after it");
    let all = periods(&one, &rules(), &missed_one, day("2026-06-01"));
    let span = Span { from: day("2026-02-16"), to: Some(day("2026-06-30")) };
    assert_eq!(Tally::of(&all, &span), Tally { on_time: 3, missed: 1, ..Tally::default() });
}

#[test]
fn overdue_counts_from_the_first_day_that_nobody_kept() {
    let one = plan("2026-01-15");
    assert_eq!(next(&one, &[], "2026-01-15"), at("2026-02-15", 0));
    assert_eq!(next(&one, &[], "2026-02-15"), at("2026-02-15", 0));
    assert_eq!(next(&one, &[], "2026-02-16"), at("2026-02-15", 1));
    assert_eq!(next(&one, &[], "2026-05-01"), at("2026-02-15", 75));
    assert_eq!(next(&one, &[met("2026-04-20")], "2026-05-01"), at("2026-05-15", 0), "late for April");
    assert_eq!(next(&one, &[met("2026-04-25")], "2026-05-01"), at("2026-06-15", 0), "early for May");
    assert_eq!(next(&one, &[met("2026-02-01")], "2026-02-02"), at("2026-03-15", 0));
    assert_eq!(next(&one, &[met("2026-02-16")], "2026-02-16"), at("2026-03-15", 0));
}

#[test]
fn a_day_agreed_once_is_due_and_changes_no_period() {
    let mut one = plan("2026-01-15");
    let agreed =
        |on: &str, next_due: &str, met: bool| Seen { day: day(on), met, next_due: Some(day(next_due)) };
    assert_eq!(next(&one, &[agreed("2026-02-10", "2026-02-20", true)], "2026-02-11"), at("2026-02-20", 0));
    assert_eq!(next(&one, &[agreed("2026-02-10", "2026-02-09", true)], "2026-02-11"), at("2026-03-15", 0));
    let far = |next_due| next(&one, &[agreed("2026-02-10", next_due, true)], "2026-02-11");
    assert_eq!(far("2026-03-17"), at("2026-03-17", 0));
    assert_eq!(far("2026-03-18"), at("2026-03-15", 0), "too far to be meant");
    assert_eq!(far("2027-02-20"), at("2026-03-15", 0), "a year mistyped");
    let tries = [agreed("2026-02-10", "2026-02-12", false), agreed("2026-02-12", "2026-02-20", false)];
    assert_eq!(next(&one, &tries, "2026-02-13"), at("2026-02-20", 0), "the latest word");
    one.agreed = Some(day("2026-02-12"));
    assert_eq!(next(&one, &[], "2026-02-13"), at("2026-02-12", 1));
    assert_eq!(next(&one, &tries, "2026-02-13"), at("2026-02-20", 0), "somebody went on that day");
    assert_eq!(next(&one, &[met("2026-02-14")], "2026-02-14"), at("2026-03-15", 0));
    assert_eq!(letters(&one, &[], "2026-03-01"), "mp", "what was owed is counted all the same");
    one.agreed = Some(day("2026-04-01"));
    one.end = Some(day("2026-03-20"));
    assert_eq!(next(&one, &[], "2026-02-13"), at("2026-02-15", 0), "not after the last day");
}

#[test]
fn another_interval_from_a_day_on_rewrites_nothing() {
    let mut one = plan("2026-01-31");
    one.stretches.insert((day("2026-03-10"), "s1".into(), Some(14)));
    one.stretches.insert((day("2026-05-01"), "s2".into(), None));
    let expected = ["2026-02-28", "2026-03-31", "2026-04-14", "2026-04-28", "2026-05-12", "2026-06-12"];
    assert_eq!(days_due(&one, "2026-05-13"), expected);
    one.every_days = Some(7);
    let by_rule_again = days_due(&one, "2026-05-13");
    assert_eq!(by_rule_again.last().map(String::as_str), Some("2026-06-09"), "not by what held at first");
    one.stretches.clear();
    one.every_days = Some(10);
    assert_eq!(days_due(&one, "2026-02-01"), ["2026-02-10"]);
    assert_eq!(letters(&one, &[met("2026-02-15")], "2026-02-16"), "lp", "half of ten days");
    assert_eq!(letters(&one, &[met("2026-02-16")], "2026-02-16"), "mo");
}

#[test]
fn a_rule_that_changes_holds_for_periods_that_begin_under_it() {
    let mut rules = rules();
    rules.intervals[0].span.to = Some(day("2026-06-30"));
    let new = IntervalRule {
        id: "new".into(),
        span: Span { from: day("2026-07-01"), to: None },
        months: 2,
        ..rules.intervals[0].clone()
    };
    rules.intervals.push(new);
    let all = periods(&plan("2026-04-30"), &rules, &[], day("2026-08-01"));
    let due: Vec<String> = all.iter().map(|period| period.due.to_string()).collect();
    assert_eq!(due, ["2026-05-30", "2026-06-30", "2026-08-30"]);
    let old = plan("2021-06-01");
    assert!(periods(&old, &rules, &[], day("2026-08-01")).is_empty(), "no rule then");
}

#[test]
fn nobody_is_due_when_a_case_is_closed_or_somebody_else_has_charge() {
    let mut one = plan("2026-01-15");
    one.pauses = vec![Span { from: day("2026-03-01"), to: Some(day("2026-04-20")) }];
    assert_eq!(letters(&one, &[], "2026-06-01"), "meemp");
    assert_eq!(next(&one, &[met("2026-02-01")], "2026-06-01"), at("2026-05-15", 17));
    one.is_visited = false;
    assert_eq!(next(&one, &[], "2026-03-01"), None);
    one.is_closed = true;
    one.closed_on = Some(day("2026-05-20"));
    assert_eq!(letters(&one, &[], "2026-11-26"), "meem", "until it closed");
    assert_eq!(letters(&one, &[], "2026-05-21"), "meem");
    one.closed_on = None;
    assert_eq!(letters(&one, &[met("2026-03-02")], "2026-11-26"), "m", "until somebody was last met");
}

fn some_seen() -> impl Strategy<Value = Vec<Seen>> {
    let one = (0_i64..400, any::<bool>(), proptest::option::of(0_i64..60)).prop_map(|(after, met, next)| {
        let day = day("2026-01-20").plus_days(after);
        Seen { day, met, next_due: next.map(|days| day.plus_days(days)) }
    });
    proptest::collection::vec(one, 0..20)
}

proptest! {
    /// In whichever order check-ins are listed, and if one is listed twice, the periods and what is due are the same.
    #[test]
    fn the_order_of_check_ins_means_nothing(seen in some_seen(), shift in 0_usize..20, every in proptest::option::of(1_u16..60), today in 0_i64..500) {
        let mut one = plan("2026-01-31");
        one.every_days = every;
        one.end = Some(day("2027-01-31"));
        let today = day("2026-01-31").plus_days(today);
        let mut other: Vec<Seen> = seen.iter().rev().copied().collect();
        if !other.is_empty() {
            let by = shift % other.len();
            other.rotate_left(by);
            other.push(other[0]);
        }
        prop_assert_eq!(periods(&one, &rules(), &seen, today), periods(&one, &rules(), &other, today));
        prop_assert_eq!(due(&one, &rules(), &seen, today), due(&one, &rules(), &other, today));
    }

    /// Periods join without gap, each visit keeps one period at most, and nothing after today is known.
    #[test]
    fn periods_join_and_each_visit_counts_once(seen in some_seen(), today in 0_i64..500) {
        let one = plan("2026-01-31");
        let today = day("2026-01-31").plus_days(today);
        let all = periods(&one, &rules(), &seen, today);
        prop_assert!(all.windows(2).all(|two| two[0].due.plus_days(1) == two[1].from));
        let mut kept: Vec<Date> = all.iter().filter_map(|period| match period.outcome {
            Outcome::OnTime(day) | Outcome::Late(day) => Some(day),
            _ => None,
        }).collect();
        prop_assert!(kept.iter().all(|day| *day <= today));
        let found = kept.len();
        kept.dedup();
        prop_assert_eq!(kept.len(), found);
        prop_assert!(all.iter().all(|period| period.outcome != Outcome::Missed || period.due < today));
    }
}
