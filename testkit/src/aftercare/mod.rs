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
        for number in 0..count {
            let course = COURSES[number % COURSES.len()];
            let helper = helper.filter(|_| number < HELPED);
            cases.push(writer::case(options, &mut random, course, (old, now), (officer, helper)));
        }
    }
    cases
}

fn holder(world: &World, role: Role, ward: WardRef, day: Date) -> Option<PersonId> {
    let holds = |m: &donghanh_shared::access::Membership| {
        m.role == role && m.ward == Some(ward) && m.span.contains(day)
    };
    world.people.iter().find(|person| person.memberships.iter().any(holds)).map(|person| person.id)
}
