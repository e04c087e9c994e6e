//! The work of the benches: many devices, each with records made and edited offline.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::{CountKey, Form, Topic};
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PersonId};

use crate::random::Random;
use crate::visits::draft::{amount, organisation};
use crate::visits::{Area, areas};
use crate::world::{GeneratedVisit, Options, Save, World};

/// The ward of every record, and the days on which they take place: after the merger, in the past of any server.
const WARD: &str = "08707@2025-07-01";
const DAYS: (&str, i64) = ("2025-07-01", 120);

const MINUTE: i64 = 60_000;

/// For each of `devices` people of one ward, `records` visits made offline, each saved `saves` times by that person:
/// created, tapped, counted by groups, corrected, annotated, then tapped on. All have the home ward
/// `08707@2025-07-01` and lie between July and October 2025. The same arguments give the same workload.
///
/// The identities of people and places are those of [`World::without_visits`]; a server need not know them.
///
/// # Panics
/// When there are more devices than people in the ward (about forty).
#[must_use]
pub fn bench_workload(devices: usize, records: usize, saves: usize) -> Vec<Vec<GeneratedVisit>> {
    let options =
        Options { seed: 20, scale: 0.0, ..Options::demo(DAYS.0.parse().expect("a built-in day reads")) };
    let world = World::without_visits(&options);
    let ward: WardRef = WARD.parse().expect("a built-in ward reads");
    let areas: Vec<_> = areas(options.seed, &world)
        .into_iter()
        .filter(|area| world.ward_on(area.old, ward.valid_from) == ward)
        .collect();
    let people: Vec<_> =
        areas.iter().flat_map(|area| area.team.iter().map(move |person| (area, *person))).collect();
    assert!(devices <= people.len(), "the ward has {} people", people.len());
    let mut random = Random::new(options.seed, 7);
    let device = |(area, person): &(&Area, PersonId)| {
        (0..records).map(|_| visit(&mut random, &world, area, *person, saves)).collect()
    };
    people.iter().take(devices).map(device).collect()
}

fn visit(random: &mut Random, world: &World, area: &Area, by: PersonId, saves: usize) -> GeneratedVisit {
    let first: Date = DAYS.0.parse().expect("a built-in day reads");
    let day = first.plus_days(random.offset(0, DAYS.1 - 1));
    let ward = world.ward_on(area.old, day);
    let document = DocumentId(random.id());
    let start = day.start() + i64::from(random.between(8 * 60, 17 * 60)) * MINUTE;
    let first = created(random, world, area, by, day);
    let mut list = vec![Save { at: start, by, edits: first }];
    for number in 1..saves {
        let at = start + i64::try_from(number).unwrap_or(0) * i64::from(random.between(3, 40)) * MINUTE;
        list.push(Save { at, by, edits: later(random, number) });
    }
    GeneratedVisit { document, ward, other_wards: Vec::new(), saves: list }
}

fn created(random: &mut Random, world: &World, area: &Area, by: PersonId, day: Date) -> Vec<VisitEdit> {
    let kind = *random.pick(&[
        PlaceKind::School,
        PlaceKind::ResidentialGroup,
        PlaceKind::ResidentialGroup,
        PlaceKind::Market,
    ]);
    let reachable = area.reachable(kind, day);
    let places = random.some(&reachable, 1);
    let form = *random.pick(&[Form::Talk, Form::ThemedMeeting, Form::MeetingPart, Form::Leaflets]);
    let name = world.people.iter().find(|person| person.id == by).map(|person| person.name.clone());
    let mut edits = vec![
        VisitEdit::Date(Some(day)),
        VisitEdit::Ward(world.ward_on(area.old, day)),
        VisitEdit::Form(Some(form)),
        VisitEdit::Venue(places.first().copied()),
        VisitEdit::Lead(Some(organisation("doan-phuong-xa"))),
        VisitEdit::Topic(*random.pick(&[Topic::Harm, Topic::Synthetic, Topic::Law]), true),
        VisitEdit::DoneBy(by.to_string(), name),
    ];
    edits.extend(places.into_iter().map(|place| VisitEdit::Place(place, true)));
    edits
}

/// The edits of the save with this number; later ones than the fourth tap on.
fn later(random: &mut Random, number: usize) -> Vec<VisitEdit> {
    match number {
        1 => vec![VisitEdit::Tap(CountKey::Attendance, i32::try_from(random.between(20, 150)).unwrap_or(20))],
        2 => vec![
            VisitEdit::Count(CountKey::Pupils, amount(random.between(5, 12))),
            VisitEdit::Count(CountKey::Residents, amount(random.between(1, 8))),
            VisitEdit::Count(CountKey::LeafletsGiven, amount(random.between(1, 20) * 10)),
        ],
        3 => vec![VisitEdit::Count(CountKey::Attendance, amount(random.between(20, 160)))],
        4 => vec![VisitEdit::Notes("Đã bổ sung số liệu theo danh sách điểm danh của tổ.".to_owned())],
        _ => vec![VisitEdit::Tap(CountKey::Attendance, 1)],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_device_brings_as_much_as_asked_and_the_same_each_time() {
        let workload = bench_workload(20, 10, 5);
        assert_eq!(workload.len(), 20);
        let authors = |visits: &[GeneratedVisit]| -> BTreeSet<_> {
            visits.iter().flat_map(|visit| visit.saves.iter().map(|save| save.by)).collect()
        };
        let people: BTreeSet<_> = workload.iter().flat_map(|visits| authors(visits)).collect();
        assert_eq!(people.len(), 20);
        for visits in &workload {
            assert_eq!((visits.len(), authors(visits).len()), (10, 1));
            assert!(visits.iter().all(|visit| visit.saves.len() == 5 && visit.ward.to_string() == WARD));
        }
        assert_eq!(workload, bench_workload(20, 10, 5));
    }
}
