//! Believable cases of after-care in the two wards of today: when they began, what happened, who went to see the person and
//! how that went. Nobody of them exists: every name ends with "(mẫu)".
//!
//! A case is a list of saves of its documents, in the order in which they were written; each is written by somebody who has
//! seen the ones before. What a case is like goes by its [`Course`](course::Course), so that each sort of case is there.

mod course;
mod writer;

use donghanh_shared::access::Role;
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PersonId};

use crate::random::Random;
use crate::world::{Options, World};
use course::COURSES;

/// One save of a document of a case. It becomes one change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CareSave {
    /// When, by the phone's clock.
    pub at: Millis,
    /// Who.
    pub by: PersonId,
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// What.
    pub edits: Vec<FieldEdit>,
}

/// A case as the saves of its documents; the first is that of its core.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedCase {
    /// The core.
    pub core: DocumentId,
    /// The ward it was begun in.
    pub begun_in: WardRef,
    /// The ward it is in at the end.
    pub ward: WardRef,
    /// The officer.
    pub officer: PersonId,
    /// The helper assigned; writes check-ins only.
    pub helper: Option<PersonId>,
    /// Every save, oldest first.
    pub saves: Vec<CareSave>,
}

/// Wards with cases, by the code of the old ward, and how many. The first has the demo's officer and helper.
const WARDS: [(&str, usize); 2] = [("08707", 26), ("08716", 17)];
/// Cases of the first ward that its helper looks after.
const HELPED: usize = 3;

/// All cases, ward by ward.
pub fn generate(options: &Options, world: &World) -> Vec<GeneratedCase> {
    let mut random = Random::new(options.seed, 8);
    let mut cases = Vec::new();
    for (code, count) in WARDS {
        let is_old = |ward: &&donghanh_shared::domain::ward::Ward| {
            ward.id.code.to_string() == code && ward.valid_to.is_some()
        };
        let Some(old) = world.wards.iter().find(is_old).map(|ward| ward.id) else { continue };
        let now = world.ward_on(old, options.today);
        let Some(officer) = holder(world, Role::AftercareOfficer, now, options.today) else { continue };
        let helper = holder(world, Role::Helper, now, options.today);
        let first = cases.len();
        for number in 0..count {
            let course = COURSES[number % COURSES.len()];
            let helper = helper.filter(|_| number < HELPED);
            cases.push(writer::case(options, &mut random, course, (old, now), (officer, helper)));
        }
        begun_twice(&mut cases[first..]);
    }
    cases
}

/// Some are of one person, as the officer found later: one as the other, and two each as the other.
fn begun_twice(cases: &mut [GeneratedCase]) {
    for (one, other) in [(4, 13), (6, 15), (15, 6)] {
        let core = cases[other].core;
        let last = cases.iter().flat_map(|case| &case.saves).map(|save| save.at).max().unwrap_or_default();
        let case = &mut cases[one];
        let of_person = |save: &&CareSave| save.kind == Kind::AftercareRestricted;
        let Some(document) = case.saves.iter().find(of_person).map(|save| save.document) else { continue };
        case.saves.push(CareSave {
            at: last,
            by: case.officer,
            document,
            kind: Kind::AftercareRestricted,
            edits: vec![FieldEdit::text("same_as", &core.to_string())],
        });
    }
}

fn holder(world: &World, role: Role, ward: WardRef, day: Date) -> Option<PersonId> {
    let holds = |m: &donghanh_shared::access::Membership| {
        m.role == role && m.ward == Some(ward) && m.span.contains(day)
    };
    world.people.iter().find(|person| person.memberships.iter().any(holds)).map(|person| person.id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use donghanh_shared::command::fields::edit;
    use donghanh_shared::crdt::{Content, Document};
    use donghanh_shared::domain::aftercare::{AftercareCase, CheckIn};
    use donghanh_shared::ids::ActorId;

    use super::*;

    #[test]
    fn cases_are_whole_made_up_and_written_before_today() {
        let today: Date = "2025-11-20".parse().expect("day");
        let options = Options { scale: 0.01, ..Options::demo(today) };
        let world = World::generate(&options);
        assert_eq!(world.cases.len(), 43);
        let helped = world.cases.iter().filter(|case| case.helper.is_some());
        let mut check_ins_of_helpers = 0;
        assert_eq!(helped.count(), HELPED);
        for case in &world.cases {
            let mut documents: BTreeMap<DocumentId, Document> = BTreeMap::new();
            assert_eq!((case.saves[0].document, case.saves[0].kind), (case.core, Kind::AftercareCase));
            for save in &case.saves {
                assert!(save.at < today.start(), "{save:?}");
                let is_helper = Some(save.by) == case.helper;
                assert!(save.by == case.officer || (is_helper && save.kind == Kind::CheckIn));
                check_ins_of_helpers += u32::from(is_helper);
                let document = documents
                    .entry(save.document)
                    .or_insert_with(|| Document::create(save.kind, save.document, 0));
                edit(document, ActorId(save.by.0), save.at, &save.edits).expect("an edit of its kind");
            }
            for document in documents.values() {
                let Content::Fields(fields) = document.content() else { panic!("a visit in a case") };
                for name in ["address_as", "full_name"] {
                    assert!(fields.text(name).is_none_or(|name| name.ends_with("(mẫu)")));
                }
                let problems = match document.kind() {
                    Kind::AftercareCase => AftercareCase::of(&fields).problems(today),
                    Kind::CheckIn => CheckIn::of(&fields).problems(today),
                    _ => Vec::new(),
                };
                // Only the first day may be missing: of one sort of case nobody has said it.
                let others = problems.iter().filter(|problem| problem.field.as_deref() != Some("since"));
                assert_eq!(others.count(), 0, "{problems:?}");
            }
        }
        assert!(check_ins_of_helpers > 3);
    }
}
