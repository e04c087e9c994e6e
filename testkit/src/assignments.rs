//! What the supervisors of the wards of today ask for in the last weeks of the world: some under way, one over, one of a person.
//! How far each has come follows from the visits and drives that are there already.

use donghanh_shared::access::{Membership, Role};
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::work_assignment as words;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::domain::work_assignment::Work;
use donghanh_shared::ids::{DocumentId, PersonId};

use crate::random::Random;
use crate::visits::draft::{HOUR, amount, organisation};
use crate::world::{GeneratedAssignment, Options, Person, World};

/// What is asked for everywhere: of which organisation, for which days from today, what.
struct Pattern {
    name: &'static str,
    lead: &'static str,
    days: (i64, i64),
    what: Work,
    form: Option<Form>,
    /// How many; schools where there is no number.
    number: Option<u32>,
}

const PATTERNS: [Pattern; 3] = [
    Pattern {
        name: "Nói chuyện ở các trường",
        lead: "doan-phuong-xa",
        days: (-12, 18),
        what: Work::Visit,
        form: Some(Form::Talk),
        number: None,
    },
    Pattern {
        name: "Tuyên truyền trong hội viên",
        lead: "hoi-lhpn-phuong-xa",
        days: (-20, 10),
        what: Work::Visit,
        form: None,
        number: Some(4),
    },
    Pattern {
        name: "Đợt cao điểm của Đoàn",
        lead: "doan-phuong-xa",
        days: (-70, -30),
        what: Work::Visit,
        form: None,
        number: Some(2),
    },
];

/// How many schools are named.
const SCHOOLS: usize = 3;

/// All assignments, by their wards.
pub fn generate(options: &Options, world: &World) -> Vec<GeneratedAssignment> {
    let mut random = Random::new(options.seed, 14);
    let living = world.wards.iter().filter(|ward| ward.span().contains(options.today));
    let mut all = Vec::new();
    for ward in living.map(|ward| ward.id) {
        for pattern in &PATTERNS {
            let (from, by) = days(options, pattern.days);
            let Some(supervisor) = holds(world, Role::WardSupervisor, ward, from) else { continue };
            let mut edits = first(ward, pattern.name, pattern.what, from, by);
            edits.extend([words::lead(Some(&organisation(pattern.lead))), words::form(pattern.form)]);
            match pattern.number {
                Some(number) => edits.push(words::number(amount(number))),
                None => edits.extend(schools(&mut random, world, ward, from)),
            }
            all.push(assignment(&mut random, ward, from, supervisor.id, edits));
        }
        let (from, by) = days(options, (-5, 25));
        let people =
            holds(world, Role::WardSupervisor, ward, from).zip(holds(world, Role::Volunteer, ward, from));
        if let Some((supervisor, volunteer)) = people {
            let mut edits = first(ward, "Ký cam kết trong thanh niên", Work::Drive, from, by);
            edits
                .extend([words::asked(volunteer.id, Some(volunteer.name.clone())), words::number(amount(2))]);
            all.push(assignment(&mut random, ward, from, supervisor.id, edits));
        }
    }
    all
}

fn days(options: &Options, (from, by): (i64, i64)) -> (Date, Date) {
    (options.today.plus_days(from).max(options.first_day), options.today.plus_days(by))
}

fn first(ward: WardRef, name: &str, what: Work, from: Date, by: Date) -> Vec<FieldEdit> {
    vec![
        words::ward(ward),
        words::name(Some(name.to_owned())),
        words::what(Some(what)),
        words::from(Some(from)),
        words::by(Some(by)),
    ]
}

fn schools(random: &mut Random, world: &World, ward: WardRef, day: Date) -> Vec<FieldEdit> {
    let stays = |ward: WardRef| {
        move |place: &&donghanh_shared::domain::place::Place| {
            place.kind == PlaceKind::School
                && place.wards.iter().any(|stay| stay.ward == ward && stay.span.contains(day))
        }
    };
    let all: Vec<_> = world.places.iter().filter(stays(ward)).map(|place| place.id).collect();
    random.some(&all, SCHOOLS).into_iter().map(|place| words::place(place, true)).collect()
}

/// The first person who holds the role in the ward on that day.
fn holds(world: &World, role: Role, ward: WardRef, day: Date) -> Option<&Person> {
    let held = |m: &Membership| m.role == role && m.ward == Some(ward) && m.span.contains(day);
    world.people.iter().find(|person| person.memberships.iter().any(held))
}

fn assignment(
    random: &mut Random,
    ward: WardRef,
    day: Date,
    by: PersonId,
    edits: Vec<FieldEdit>,
) -> GeneratedAssignment {
    let at = day.start() + 2 * HOUR;
    GeneratedAssignment { document: DocumentId(random.id()), ward, at, by, edits }
}

#[cfg(test)]
mod tests {
    use donghanh_shared::command::Edits;
    use donghanh_shared::crdt::{Document, Kind};
    use donghanh_shared::ids::ActorId;

    use super::*;

    #[test]
    fn every_assignment_can_be_saved_as_a_person_would_and_one_is_of_the_youth_union_of_each_ward() {
        let options = Options { scale: 0.02, ..Options::demo("2026-11-26".parse().expect("day")) };
        let world = World::generate(&options);
        assert_eq!(world.assignments.len(), 8, "four in each of two wards");
        for of in &world.assignments {
            let mut document = Document::create(Kind::WorkAssignment, of.document, 0);
            let saved = Edits::from(of.edits.clone()).apply(&mut document, ActorId([1; 16]), of.at);
            assert!(saved.expect("valid").is_some());
            let ask = document.assignment().ask();
            assert_eq!(ask.problems(), []);
            assert!(ask.ward == Some(of.ward) && of.at < options.today.start());
            assert_eq!(ask.what == Some(Work::Drive), ask.lead.is_none(), "of a person or an organisation");
        }
    }
}
