//! The generated world is believable, and replaying it the plain way agrees with the documents themselves.

use std::collections::BTreeMap;

use donghanh_shared::access::{Access, Scope};
use donghanh_shared::command::fields;
use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::crdt::{Content, Document, Kind};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::pledge_drive::{PledgeDrive, Signer};
use donghanh_shared::domain::prevention_model::{ModelCount, PreventionModel};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::ActorId;

use super::{Oracle, Question};
use crate::world::{GeneratedDrive, Options, World};

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

fn demo() -> (Options, World) {
    let options = Options::demo(day("2025-11-20"));
    (options, World::generate(&options))
}

fn whole(world: &World, from: &str, to: &str, by_successor: bool) -> Question {
    Question {
        from: day(from),
        to: day(to),
        by_successor,
        readable: world.wards.iter().map(|ward| ward.id).collect(),
        confirmed_only: false,
    }
}

/// What counts of a document in reports.
fn counted(document: &Document) -> Content {
    document.confirmed_content().unwrap_or_else(|| document.content())
}

#[test]
fn replaying_agrees_with_the_documents() {
    let (options, world) = demo();
    let oracle = Oracle::new(&world);
    for (visit, facts) in world.visits.iter().zip(oracle.facts()).step_by(5) {
        let mut document = Document::create(Kind::OutreachVisit, visit.document, 0);
        for save in &visit.saves {
            let change = edit(&mut document, ActorId(save.by.0), save.at, &save.edits)
                .expect("a generated save is valid");
            assert!(change.is_some(), "a save without effect in {}", visit.document);
        }
        assert_eq!(document.standing().has_confirmed_values(), facts.confirmed);
        let Content::Visit(read) = counted(&document) else { panic!("a visit") };
        assert_eq!(read.problems(options.today), [], "{} {:?}", visit.document, visit.saves);
        assert_eq!(read.open_fields(), Vec::<String>::new());
        for key in CountKey::ALL {
            assert_eq!(read.count(*key), facts.count(*key), "{key:?} of {}", visit.document);
        }
        assert_eq!(read.all_places(), facts.places.iter().copied().chain(facts.venue).collect());
        assert_eq!(
            (read.date.value().copied(), read.archived.value().is_some()),
            (facts.date, facts.archived)
        );
        assert_eq!(read.other_wards, facts.reached);
        assert_eq!(read.same_as.value().copied(), facts.same_as);
    }
}

/// A drive as its phones make it: whoever writes apart has seen the first save only.
fn document_of(drive: &GeneratedDrive) -> Document {
    let mut newest = Document::create(Kind::PledgeDrive, drive.document, 0);
    let mut first = None;
    for save in &drive.saves {
        let mut theirs = first.clone().filter(|_| save.apart).unwrap_or_else(|| newest.clone());
        let change = fields::edit(&mut theirs, ActorId(save.by.0), save.at, &save.edits)
            .expect("a generated save is valid")
            .unwrap_or_else(|| panic!("a save without effect in {}: {:?}", drive.document, save.edits));
        newest.apply(&[change.bytes]).expect("applies");
        first.get_or_insert_with(|| newest.clone());
    }
    newest
}

#[test]
fn replaying_drives_agrees_with_the_documents() {
    let (options, world) = demo();
    let oracle = Oracle::new(&world);
    for (drive, facts) in world.drives.iter().zip(oracle.drives()) {
        let document = document_of(drive);
        assert_eq!(document.standing().has_confirmed_values(), facts.confirmed);
        let Content::Fields(fields) = counted(&document) else { panic!("a drive") };
        let read = PledgeDrive::of(&fields);
        assert_eq!(read.problems(options.today), [], "{} {:?}", drive.document, drive.saves);
        assert_eq!(!read.open_fields().is_empty(), facts.open, "{:?}", read.open_fields());
        assert_eq!(read.groups.len(), facts.groups.len());
        for (key, group) in &read.groups {
            let said = &facts.groups[key.as_str()];
            assert_eq!(group.signed().map(u64::from), said.signed(), "{key:?} of {}", drive.document);
            assert_eq!(group.expected().map(u64::from), said.expected());
            assert_eq!(group.is_in(), !said.out);
            assert_eq!(group.signer.value().map(|signer| signer.code()), said.signer.as_deref());
        }
        assert_eq!(
            (read.date.value().copied(), read.archived.value().is_some()),
            (facts.date(), facts.fields.contains_key("archived"))
        );
        assert_eq!(read.year.value().map(ToString::to_string).as_ref(), facts.fields.get("year"));
        assert_eq!(read.same_as.value().map(ToString::to_string).as_ref(), facts.fields.get("same_as"));
        assert_eq!(read.place.value().map(ToString::to_string).as_ref(), facts.fields.get("place"));
    }
}

#[test]
fn replaying_models_agrees_with_the_documents() {
    let (options, world) = demo();
    let oracle = Oracle::new(&world);
    for (model, facts) in world.models.iter().zip(oracle.models()) {
        let mut newest = Document::create(Kind::PreventionModel, model.document, 0);
        let mut first = None;
        for save in &model.saves {
            let mut theirs = first.clone().filter(|_| save.apart).unwrap_or_else(|| newest.clone());
            let change = fields::edit(&mut theirs, ActorId(save.by.0), save.at, &save.edits)
                .expect("a generated save is valid")
                .unwrap_or_else(|| panic!("a save without effect in {}: {:?}", model.document, save.edits));
            newest.apply(&[change.bytes]).expect("applies");
            first.get_or_insert_with(|| newest.clone());
        }
        assert_eq!(newest.standing().has_confirmed_values(), facts.confirmed);
        let Content::Fields(fields) = counted(&newest) else { panic!("a model") };
        let read = PreventionModel::of(&fields);
        assert_eq!(read.problems(options.today), [], "{} {:?}", model.document, model.saves);
        assert_eq!(!read.open_fields().is_empty(), facts.open, "{:?}", read.open_fields());
        for what in ModelCount::ALL {
            let said = facts.numbers.get(what.code()).copied();
            assert_eq!(read.count(*what).map(u64::from), said, "{what:?} of {}", model.document);
        }
        assert_eq!(
            (read.since.value().copied(), read.ended.value().copied()),
            (facts.day("since"), facts.day("ended"))
        );
        assert_eq!(read.archived.value().is_some(), facts.fields.contains_key("archived"));
        assert_eq!(read.same_as.value().map(ToString::to_string).as_ref(), facts.fields.get("same_as"));
        let linked: Vec<String> = read.activities.iter().map(ToString::to_string).collect();
        assert_eq!(linked, facts.activities.iter().cloned().collect::<Vec<_>>());
        let latest = facts.said_by(options.today).into_iter().max_by_key(|(year, _)| *year);
        let read =
            read.verdict_by(options.today).map(|(year, verdict)| (i32::from(year.get()), verdict.code()));
        assert_eq!(read, latest);
    }
}

#[test]
fn the_demo_has_a_few_models_in_each_area_by_people_who_may() {
    let (options, world) = demo();
    assert!((9..=27).contains(&world.models.len()), "{}", world.models.len());
    let access: BTreeMap<_, _> = world
        .people
        .iter()
        .map(|p| (p.id, Access::of(&p.memberships, &[], &world.wards, options.today)))
        .collect();
    for (model, facts) in world.models.iter().zip(Oracle::new(&world).models()) {
        for save in &model.saves {
            assert!(access[&save.by].may_write(&Scope::Activity(model.ward)));
            assert!(save.at >= options.first_day.start() && save.at < options.today.start() + 7 * 3_600_000);
        }
        let is_visit = |id: &String| world.visits.iter().any(|visit| visit.document.to_string() == *id);
        assert!(facts.activities.iter().all(is_visit));
    }
    let now = Oracle::new(&world).answer(&whole(&world, "2025-07-01", "2025-11-20", false)).total.models;
    assert!(now.working > 0 && now.working < now.models, "{now:?}");
}

#[test]
fn the_demo_has_drives_of_every_kind_by_people_who_may() {
    let (options, world) = demo();
    assert!((60..=150).contains(&world.drives.len()), "{}", world.drives.len());
    let access: BTreeMap<_, _> = world
        .people
        .iter()
        .map(|p| (p.id, Access::of(&p.memberships, &[], &world.wards, options.today)))
        .collect();
    for (drive, facts) in world.drives.iter().zip(Oracle::new(&world).drives()) {
        let date = facts.date().expect("dated");
        assert!(options.first_day <= date && date < options.today);
        let lies = |ward: &&donghanh_shared::domain::ward::Ward| ward.id == drive.ward;
        assert!(world.wards.iter().find(lies).is_some_and(|ward| ward.span().contains(date)));
        for save in &drive.saves {
            assert!(access[&save.by].may_write(&Scope::Activity(drive.ward)));
            assert!(save.at >= date.start() && save.at < options.today.start() + 7 * 3_600_000);
        }
        let linked = facts.fields.get("visit");
        assert!(linked.is_none_or(|visit| world.visits.iter().any(|v| v.document.to_string() == *visit)));
    }
    let year = Oracle::new(&world).answer(&whole(&world, "2024-08-01", "2025-07-31", false));
    let pledges = year.total.pledges;
    assert_eq!(pledges.signers.len(), Signer::ALL.len(), "{:?}", pledges.signers);
    assert!(pledges.schools.0 > 5 && pledges.schools.0 < pledges.schools.1, "{:?}", pledges.schools);
}

#[test]
fn the_demo_is_about_three_thousand_visits_in_wards_that_exist_by_people_who_may() {
    let (options, world) = demo();
    assert!((2_600..=3_400).contains(&world.visits.len()), "{}", world.visits.len());
    let access: BTreeMap<_, _> = world
        .people
        .iter()
        .map(|p| (p.id, Access::of(&p.memberships, &[], &world.wards, options.today)))
        .collect();
    let end = options.today.start() + 7 * 3_600_000;
    for (visit, facts) in world.visits.iter().zip(Oracle::new(&world).facts()) {
        let date = facts.date.expect("dated");
        assert!(date <= options.today);
        assert!(
            world.wards.iter().any(|ward| ward.id == visit.ward && ward.span().contains(date)),
            "{date} {}",
            visit.ward
        );
        assert!((1..=8).contains(&visit.saves.len()) && visit.saves.is_sorted_by_key(|save| save.at));
        for save in &visit.saves {
            assert!(save.at >= date.start() && save.at < end, "{date}: saved at {}", save.at);
            assert!(
                access[&save.by].may_write(&Scope::Activity(visit.ward)),
                "{} may not write in {}",
                save.by,
                visit.ward
            );
        }
    }
    assert_eq!(world.demo_sign_ins().len(), 11);
    for ward in world.wards.iter().filter(|ward| ward.valid_to.is_some()) {
        let team =
            world.people.iter().filter(|p| p.memberships.iter().any(|m| m.ward == Some(ward.id))).count();
        assert!((9..=17).contains(&team), "{team} in {}", ward.name);
    }
}

#[test]
fn the_figures_are_believable() {
    let (_, world) = demo();
    let oracle = Oracle::new(&world);
    let year = oracle.answer(&whole(&world, "2024-01-01", "2024-12-31", false));
    assert_eq!(year.total.wards, (9, 9));
    let unknown = f64::from(year.total.sums.attendance_unknown) / f64::from(year.total.sums.visits);
    assert!((0.1..0.5).contains(&unknown), "{unknown}");
    let (covered, groups) = year.total.residential_groups;
    assert!(covered < groups && covered * 10 > groups * 6, "{covered} of {groups}");
    assert!(year.months[&day("2024-06-01")].0 > 2 * year.months[&day("2024-04-01")].0);
    assert!(year.months[&day("2024-02-01")].0 < year.months[&day("2024-03-01")].0);
    assert!(year.total.sums.media_before > 0 && year.total.sums.all_people_day > 0);
    let due: Vec<_> = world.visits.iter().flat_map(|v| &v.saves).flat_map(|save| &save.edits).collect();
    let count = |offset: i64| {
        let wanted = day("2025-11-20").plus_days(offset);
        due.iter()
            .filter(|edit| matches!(edit, VisitEdit::FollowUp { due: Some(due), .. } if *due == wanted))
            .count()
    };
    assert!(
        count(0) >= 2 && count(2) >= 1 && count(-4) >= 1,
        "today {}, in two days {}, overdue {}",
        count(0),
        count(2),
        count(-4)
    );
}

#[test]
fn both_groupings_sum_to_the_same_and_a_narrow_reader_sees_less() {
    let (_, world) = demo();
    let oracle = Oracle::new(&world);
    let then = oracle.answer(&whole(&world, "2025-01-01", "2025-11-20", false));
    let successors = oracle.answer(&whole(&world, "2025-01-01", "2025-11-20", true));
    assert_eq!((then.wards.len(), successors.wards.len()), (11, 2));
    assert_eq!(then.total.sums, successors.total.sums);
    assert_eq!(then.total.schools, successors.total.schools);
    let summed: u64 = then.wards.values().map(|ward| ward.sums.sessions).sum();
    assert_eq!(summed, then.total.sums.sessions);
    let mut narrow = whole(&world, "2025-01-01", "2025-11-20", false);
    narrow.readable.retain(|ward| ward.code.to_string() == "08731");
    let one = oracle.answer(&narrow);
    assert_eq!(one.wards.len(), 1);
    assert!(one.wards.iter().all(|(ward, area)| *area == then.wards[ward] && *area == one.total));
}

#[test]
fn a_world_may_end_on_any_day() {
    for today in ["2024-02-29", "2025-06-30", "2025-07-01", "2026-06-26", "2028-12-31"] {
        let options = Options { scale: 0.1, ..Options::demo(day(today)) };
        let world = World::generate(&options);
        assert!(world.visits.len() > 150, "{today}");
        let end = options.today.start() + 7 * 3_600_000;
        assert!(world.visits.iter().flat_map(|visit| &visit.saves).all(|save| save.at < end), "{today}");
        assert!(world.drives.iter().flat_map(|drive| &drive.saves).all(|save| save.at < end), "{today}");
        assert!(world.models.iter().flat_map(|model| &model.saves).all(|save| save.at < end), "{today}");
    }
}
