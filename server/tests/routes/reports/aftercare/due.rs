//! Who is due, as the server reckons it from its tables, is who is due on the phones, from the same documents, day by day.

use std::collections::BTreeMap;

use donghanh_server::reports::aftercare::period::due;
use donghanh_server::store::aftercare::{Aftercare as _, CaseFacts};
use donghanh_shared::command::aftercare::{NewEvent, archived, case, check_in, record, term_of_aftercare};
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::line::{CareLine, CarePart};
use donghanh_shared::domain::aftercare::rules::{IntervalRule, rule_in_force};
use donghanh_shared::domain::aftercare::schedule::{self, Due};
use donghanh_shared::domain::aftercare::terms::{Completion, EventKind};
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRules, CaseStatus, CheckIn};
use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::Answer;

use crate::test_app::phone::{Phone, document};
use crate::test_app::{TestApp, ward_a};

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

/// What a phone's list says of its one case: lines are all that it reads.
fn by_phone(phone: &Phone, rules: &AftercareRules, today: Date) -> Option<Due> {
    let mut plan = None;
    let mut seen = Vec::new();
    for (id, document) in &phone.documents {
        let fields = document.fields();
        let line = match document.kind() {
            Kind::AftercareCase => CareLine::of_case(*id, &AftercareCase::of(&fields), rules, 0),
            Kind::CheckIn => CareLine::of_check_in(*id, CASE, &CheckIn::of(&fields), 0),
            _ => continue,
        };
        match line.part {
            CarePart::Case(case) => plan = case.plan,
            CarePart::CheckIn(check_in) => seen.extend(check_in.seen),
            CarePart::Person(_) => {}
        }
    }
    schedule::due(&plan?, rules, &seen, today)
}

const CASE: DocumentId = DocumentId([1; 16]);

/// A case that starts on a day, with these check-ins of the core and of a helper.
struct Story {
    start: &'static str,
    core: Vec<FieldEdit>,
    met: &'static [(&'static str, bool, Option<&'static str>)],
}

async fn push(app: &TestApp, phone: &mut Phone, story: Story) {
    let rules = AftercareRules::shipped();
    let term = term_of_aftercare(&rules, Completion::Voluntary, day(story.start));
    let mut items = vec![phone.create_case(CASE, ward_a()), phone.write(CASE, &term.core)];
    if !story.core.is_empty() {
        items.push(phone.write(CASE, &story.core));
    }
    items.push(phone.create_part(document(2), Kind::AftercareRestricted, CASE));
    items.push(phone.write(document(2), &term.restricted));
    for (id, (on, met, next)) in (10..).zip(story.met) {
        let mut edits = vec![check_in::date(Some(day(on))), check_in::next_due(next.map(day))];
        edits.extend(if *met { check_in::met() } else { check_in::not_met("không có nhà") });
        items.push(phone.create_part(document(id), Kind::CheckIn, CASE));
        items.push(phone.write(document(id), &edits));
    }
    let answers = phone.push(app, items).await;
    assert!(answers.iter().all(Answer::is_kept), "{answers:?}");
}

async fn facts(app: &TestApp) -> CaseFacts {
    let found = app.application.sqlite.case_facts([ward_a()].into()).await.expect("facts");
    found.into_iter().next().expect("the case")
}

/// Every day from one to another on which what is due changes, with what it is.
async fn both_say(
    story: Story,
    rules: &AftercareRules,
    (from, to): (&str, &str),
) -> BTreeMap<Date, Option<Due>> {
    let app = TestApp::with_aftercare().await;
    // Check-ins of the days to come in these stories are written when they have come.
    app.pass(200 * 24 * 3_600_000);
    let mut dung = app.phone("dung").await;
    push(&app, &mut dung, story).await;
    let facts = facts(&app).await;
    let mut said = BTreeMap::new();
    let mut today = day(from);
    while today <= day(to) {
        let here = due(&facts, rules, today);
        assert_eq!(here, by_phone(&dung, rules, today), "{today}");
        if said.values().next_back().map(|due: &Option<Due>| due.map(|due| due.day))
            != Some(here.map(|due| due.day))
        {
            said.insert(today, here);
        }
        today = today.plus_days(1);
    }
    said
}

fn days(said: &BTreeMap<Date, Option<Due>>) -> Vec<String> {
    said.values().map(|due| due.map_or_else(|| "-".to_owned(), |due| due.day.to_string())).collect()
}

#[tokio::test]
async fn over_the_turn_of_months_and_to_the_end() {
    let met = &[
        ("2026-02-27", true, None),
        ("2026-03-30", false, Some("2026-04-02")),
        ("2026-04-02", true, None),
        ("2026-05-31", true, Some("2026-06-10")),
    ][..];
    let story = Story { start: "2026-01-31", core: Vec::new(), met };
    let said = both_say(story, &AftercareRules::shipped(), ("2026-01-31", "2027-02-02")).await;
    assert_eq!(
        days(&said),
        ["2026-02-28", "2026-03-31", "2026-04-02", "2026-04-30", "2026-06-10", "-"],
        "after its last day nothing is due"
    );
}

#[tokio::test]
async fn over_a_leap_day() {
    let core = case::every_from("s1", day("2024-03-15"), Some(10));
    let met = &[("2024-02-29", true, None), ("2024-03-29", true, Some("2025-03-29"))][..];
    let story = Story { start: "2023-12-31", core, met };
    let said = both_say(story, &AftercareRules::shipped(), ("2023-12-31", "2024-04-30")).await;
    assert_eq!(days(&said)[..2], ["2024-01-31", "2024-03-31"]);
}

#[tokio::test]
async fn over_the_change_of_law() {
    // The law of 2026-07-01 as an administrator may find it: visits every two months. What has begun goes on as it was.
    let mut rules = AftercareRules::shipped();
    let two_months = IntervalRule {
        id: "two-months".to_owned(),
        span: Span { from: day("2026-07-01"), to: None },
        months: 2,
        ..rules.intervals[0].clone()
    };
    rules.intervals.push(two_months);
    let met = &[("2026-06-29", true, None), ("2026-08-31", true, None)][..];
    let story = Story { start: "2026-04-30", core: Vec::new(), met };
    let said = both_say(story, &rules, ("2026-04-30", "2027-05-02")).await;
    assert_eq!(days(&said), ["2026-05-30", "2026-08-30", "2026-10-30", "-"]);
    let begun_late = Story { start: "2026-06-15", core: Vec::new(), met: &[("2026-07-15", true, None)] };
    let said = both_say(begun_late, &rules, ("2026-06-15", "2026-09-15")).await;
    assert_eq!(days(&said), ["2026-07-15", "2026-09-15"]);
    for (start, id) in [("2026-06-30", "l73-2021-voluntary"), ("2026-07-01", "l120-2025-voluntary")] {
        let found = rule_in_force(&rules.legal, Completion::Voluntary, day(start));
        assert_eq!(found.map(|rule| rule.id.as_str()), Some(id));
    }
}

#[tokio::test]
async fn a_case_that_is_not_visited_and_one_that_was_removed_are_not_due() {
    let app = TestApp::with_aftercare().await;
    let mut dung = app.phone("dung").await;
    let rules = AftercareRules::shipped();
    push(&app, &mut dung, Story { start: "2026-03-01", core: Vec::new(), met: &[] }).await;
    let today = day("2026-06-20");
    assert_eq!(due(&facts(&app).await, &rules, today).map(|due| due.overdue_by_days), Some(80));
    let (ward, number, by, text) = (None, String::new(), String::new(), String::new());
    let detained = NewEvent { kind: EventKind::Detention, date: day("2026-06-01"), ward, number, by, text };
    let both = record(&rules, "e1", &detained, CaseStatus::Detained);
    let items = vec![dung.write(CASE, &both.core), dung.write(document(2), &both.restricted)];
    dung.push(&app, items).await;
    assert_eq!(due(&facts(&app).await, &rules, today), None);
    assert_eq!(by_phone(&dung, &rules, today), None);
    let item = dung.write(CASE, &[archived(Some("ghi nhầm".into()))]);
    dung.push(&app, vec![item]).await;
    let found = app.application.sqlite.case_facts([ward_a()].into()).await.expect("facts");
    assert!(found.is_empty() && by_phone(&dung, &rules, today).is_none());
}
