//! With which school a pledge drive is placed: its contact person reads and writes it. That the drive names the school shows
//! it to nobody; this phone tells the server whenever somebody who works in the ward saves it. Pure.

use std::collections::BTreeSet;

use donghanh_shared::access::rules::{Action, may};
use donghanh_shared::access::{Access, Placement};
use donghanh_shared::command::Command;
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PlaceId};

use super::Register;

/// Whether the person says where the drives of this ward are: who works there, and no contact person of a school.
fn places_drives(access: &Access, ward: WardRef) -> bool {
    may(access, Action::Move, Kind::PledgeDrive, &Placement::new(ward))
}

/// The school of which somebody makes a drive in this ward as its contact person; `None` for whoever works in the ward. The
/// place that was chosen, where they are the contact person of several.
pub fn own_school(access: &Access, ward: WardRef, chosen: Option<PlaceId>) -> Option<PlaceId> {
    if places_drives(access, ward) {
        return None;
    }
    let mut own = access.contacts.iter().filter(|of| of.ward == ward).map(|of| of.school);
    let first = own.clone().next();
    own.find(|school| Some(*school) == chosen).or(first)
}

/// The places that a drive names, all that people wrote apart.
pub fn named(document: &Document) -> BTreeSet<PlaceId> {
    match document.kind() {
        Kind::PledgeDrive => document.drive().place.claims.iter().map(|claim| claim.value).collect(),
        _ => BTreeSet::new(),
    }
}

/// What the server is told after a save of a drive that named the places `before` and names those of `after` now. It is
/// told every time: a drive of before, or one whose place was merged into a school, is placed with the next save.
pub fn placed(
    register: &Register,
    document: DocumentId,
    before: &BTreeSet<PlaceId>,
    after: &BTreeSet<PlaceId>,
) -> Vec<Command> {
    let school = |id: &PlaceId| register.place(*id).filter(|place| place.kind == PlaceKind::School);
    let is: BTreeSet<PlaceId> = after.iter().filter_map(school).map(|place| place.id).collect();
    let of_school = |id: &PlaceId| school(id).map(|place| [*id, place.id]);
    let was: BTreeSet<PlaceId> = before.iter().filter_map(of_school).flatten().collect();
    let added = is.iter().map(|school| Command::AddSchool { document, school: *school });
    let gone = was.difference(&is).map(|school| Command::RemoveSchool { document, school: *school });
    added.chain(gone).collect()
}

/// Whether this person's saves in the ward tell the server.
pub fn tells(access: &Access, kind: Kind, ward: WardRef) -> bool {
    kind == Kind::PledgeDrive && places_drives(access, ward)
}

#[cfg(test)]
mod tests {
    use donghanh_shared::access::{Contact, Grant, Scope};
    use donghanh_shared::domain::place::{Place, PlaceStatus};
    use donghanh_shared::sync::wire::Reference;

    use super::*;

    const DRIVE: DocumentId = DocumentId([9; 16]);

    fn ward() -> WardRef {
        "08707@2025-07-01".parse().expect("ward")
    }

    fn id(byte: u8) -> PlaceId {
        PlaceId([byte; 16])
    }

    fn register() -> Register {
        let place = |byte, kind, into: Option<u8>| {
            let (name, level, wards) = (format!("Nơi {byte}"), String::new(), Vec::new());
            let status = PlaceStatus::Registered;
            Reference::Place(Place {
                id: id(byte),
                kind,
                name,
                level,
                wards,
                status,
                merged_into: into.map(id),
            })
        };
        Register::of([
            place(1, PlaceKind::School, None),
            place(2, PlaceKind::School, None),
            place(3, PlaceKind::School, Some(1)),
            place(4, PlaceKind::Market, None),
        ])
    }

    fn told(before: &[u8], after: &[u8]) -> Vec<Command> {
        let set = |ids: &[u8]| ids.iter().map(|byte| id(*byte)).collect();
        placed(&register(), DRIVE, &set(before), &set(after))
    }

    #[test]
    fn a_drive_goes_with_its_place_from_school_to_school() {
        let add = |byte| Command::AddSchool { document: DRIVE, school: id(byte) };
        let remove = |byte| Command::RemoveSchool { document: DRIVE, school: id(byte) };
        assert_eq!(told(&[], &[1]), [add(1)]);
        assert_eq!(told(&[1], &[1]), [add(1)], "told again: it may be a drive of before");
        assert_eq!(told(&[1], &[2]), [add(2), remove(1)]);
        assert_eq!(told(&[2], &[4]), [remove(2)], "a market is no school");
        assert_eq!(told(&[], &[4]), []);
        assert_eq!(told(&[3], &[3]), [add(1), remove(3)], "merged into the school since");
        assert_eq!(told(&[1, 2], &[2]), [add(2), remove(1)], "two people agree on one");
    }

    #[test]
    fn a_contact_person_makes_drives_of_their_school_and_whoever_works_in_the_ward_of_none() {
        let contact = |school| Contact { ward: ward(), school: id(school) };
        let access = Access { contacts: vec![contact(1), contact(2)], ..Access::default() };
        assert_eq!(own_school(&access, ward(), Some(id(2))), Some(id(2)));
        assert_eq!(own_school(&access, ward(), Some(id(4))), Some(id(1)));
        let elsewhere = "08716@2025-07-01".parse().expect("ward");
        assert_eq!(own_school(&access, elsewhere, Some(id(1))), None);
        assert!(!tells(&access, Kind::PledgeDrive, ward()));
        let grant = Grant { scope: Scope::Activity(ward()), write: true };
        let both = Access { grants: vec![grant], ..access };
        assert_eq!(own_school(&both, ward(), Some(id(1))), None);
        assert!(tells(&both, Kind::PledgeDrive, ward()) && !tells(&both, Kind::OutreachVisit, ward()));
    }
}
