//! Who may do what to which record, as one pure function. The server asks it for every command and change; the phone
//! asks it to hide what would be refused.

use super::{Access, Confirms, Contact, Placement, Scope};
use crate::domain::kind::Kind;
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::vocabulary;

vocabulary! {
    /// What somebody may want to do to a record.
    Action {
        Read = "read", "xem", "read";
        Create = "create", "tạo", "create";
        Edit = "edit", "sửa", "edit";
        Move = "move", "chuyển", "move";
        Archive = "archive", "gỡ bỏ", "archive";
        Assign = "assign", "phân công", "assign";
        SeeCounts = "see_counts", "xem số liệu", "see counts";
        Export = "export", "xuất dữ liệu", "export";
        /// Of a record that somebody else logged.
        Confirm = "confirm", "xác nhận", "confirm";
        Return = "return", "trả lại", "return";
        /// For good, a case with all its parts. It takes a second person.
        Erase = "erase", "xóa vĩnh viễn", "erase";
    }
}

/// Whether somebody with this access may do this to a record of this kind that is placed there. For [`Action::Create`]
/// the placement is where it would be; [`Action::Move`] is about leaving, see [`may_receive`] for the other side.
#[must_use]
pub fn may(access: &Access, action: Action, kind: Kind, place: &Placement) -> bool {
    match action {
        Action::Read => place.scopes(kind).iter().any(|scope| access.may_read(scope)),
        Action::Create | Action::Edit => {
            writes_in_ward(access, kind, place)
                || helps(access, kind, place)
                || of_school(access, kind, place)
        }
        // Taking a record out is an edit like any other, but not for a school's contact person: a drive is the ward's.
        Action::Archive => writes_in_ward(access, kind, place) || helps(access, kind, place),
        // Also where else it is to be seen. A part moves with its case.
        Action::Move => !kind.is_part_of_case() && writes_in_ward(access, kind, place),
        Action::Assign | Action::Erase => kind == Kind::AftercareCase && writes_in_ward(access, kind, place),
        Action::SeeCounts if kind.is_aftercare() => access.aftercare_counts.contains(&place.home),
        // No report counts what was asked: whoever reads it sees how far it has come.
        Action::SeeCounts if kind == Kind::WorkAssignment => false,
        Action::SeeCounts => access.reports && may(access, Action::Read, kind, place),
        // Cases leave the programme by their officer's hand only.
        Action::Export if kind.is_aftercare() => writes_in_ward(access, kind, place),
        Action::Export => access.reports && may(access, Action::Read, kind, place),
        Action::Confirm | Action::Return if kind.is_aftercare() => {
            kind == Kind::CheckIn && writes_in_ward(access, kind, place)
        }
        // What was asked for is no record of what was done.
        Action::Confirm | Action::Return if kind == Kind::WorkAssignment => false,
        Action::Confirm => {
            place.organisations.iter().any(|organisation| confirms(access, place, organisation))
        }
        Action::Return => {
            may(access, Action::Confirm, kind, place)
                || (access.supervises && writes_in_ward(access, kind, place))
        }
    }
}

/// Whether somebody may say this ([`Action::Confirm`], [`Action::Return`]) of a record that this organisation leads in the
/// state it is about (DOMAIN "Who confirms"): of a joint record the lead's head confirms, not the others'. That the record
/// names an organisation grants nothing by itself: it must be placed with it. Nobody says it of what they logged themselves.
#[must_use]
pub fn may_say(
    access: &Access,
    action: Action,
    kind: Kind,
    place: &Placement,
    (lead, own): (Option<&OrganisationId>, bool),
) -> bool {
    let leads =
        || lead.is_some_and(|lead| place.organisations.contains(lead) && confirms(access, place, lead));
    !own && may(access, action, kind, place)
        && (action == Action::Return && access.supervises || kind.is_aftercare() || leads())
}

fn confirms(access: &Access, place: &Placement, organisation: &OrganisationId) -> bool {
    let fits = |may: &Confirms| may.ward == place.home && may.organisation == *organisation;
    access.confirms.iter().any(fits)
}

/// Whether somebody may move a record, which they may move away, to this place. Activity takes the right on both sides:
/// nobody pushes a record into a ward that is not theirs. A person under after-care moves house, and the officer of the
/// old ward hands the case over to the officer of the new one, wherever that is.
#[must_use]
pub fn may_receive(access: &Access, kind: Kind, place: &Placement) -> bool {
    kind.is_aftercare() || writes_in_ward(access, kind, place)
}

/// Whoever works in the ward; what others are asked to do there, only who may ask: its supervisor, who works in its activity,
/// and its after-care officer, who does not.
fn writes_in_ward(access: &Access, kind: Kind, place: &Placement) -> bool {
    let home = access.may_write(&place.home_scope(kind));
    if kind != Kind::WorkAssignment {
        return home;
    }
    access.assigns.contains(&place.home) && (home || access.may_write(&Scope::Assignments(place.home)))
}

/// A helper writes check-ins of the cases assigned to them, and nothing else of a case.
fn helps(access: &Access, kind: Kind, place: &Placement) -> bool {
    kind == Kind::CheckIn && place.case.is_some_and(|case| access.may_write(&Scope::Case(case)))
}

/// A school's contact person writes the drives placed with their school, in its ward, and nothing else.
fn of_school(access: &Access, kind: Kind, place: &Placement) -> bool {
    let is_theirs = |of: &Contact| of.ward == place.home && place.schools.contains(&of.school);
    kind == Kind::PledgeDrive && access.contacts.iter().any(is_theirs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Membership, Role};
    use crate::domain::date::Span;
    use crate::domain::vocabulary::Term as _;
    use crate::domain::{Ward, WardRef};
    use crate::ids::{DocumentId, PlaceId};

    const SCHOOL: PlaceId = PlaceId([5; 16]);
    const CASE: DocumentId = DocumentId([1; 16]);
    const ACTIONS: [Action; 5] =
        [Action::Read, Action::Create, Action::Move, Action::Assign, Action::SeeCounts];

    fn ward(text: &str) -> WardRef {
        text.parse().expect("ward")
    }

    fn access(role: Role) -> Access {
        let wards: Vec<Ward> = ["08707@2025-07-01", "08716@2025-07-01"]
            .map(|id| Ward {
                id: ward(id),
                name: "x".into(),
                kind: "Phường".into(),
                valid_to: None,
                successor: None,
            })
            .into();
        let local = !matches!(role, Role::OrganisationLead | Role::AreaSupervisor | Role::Administrator);
        let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
        let organisation = Some("thanh-doan".parse().expect("organisation"));
        let place = (role == Role::SchoolContact).then_some(SCHOOL);
        let held = Membership { role, ward: local.then(|| wards[0].id), organisation, place, span };
        Access::of(&[held], &[CASE], &wards, "2026-01-01".parse().expect("day"))
    }

    /// The actions of [`ACTIONS`] as letters, in the own ward and in the other.
    fn table(role: Role, kind: Kind) -> String {
        let access = access(role);
        let at = |home: &str| {
            let case = if home.starts_with("08707") { CASE } else { DocumentId([2; 16]) };
            let place = if kind.is_aftercare() {
                Placement::of_case(ward(home), case)
            } else {
                Placement::new(ward(home))
            };
            let letter = |(action, letter)| if may(&access, action, kind, &place) { letter } else { '.' };
            ACTIONS.into_iter().zip("rcmas".chars()).map(letter).collect::<String>()
        };
        format!("{} {}", at("08707@2025-07-01"), at("08716@2025-07-01"))
    }

    #[test]
    fn every_role_and_kind() {
        use Kind::{
            AftercareCase, AftercareRestricted, CheckIn, CheckInRestricted, OutreachVisit, PledgeDrive,
            PreventionModel, WorkAssignment,
        };
        let kinds = [
            OutreachVisit,
            PledgeDrive,
            PreventionModel,
            WorkAssignment,
            AftercareCase,
            CheckIn,
            AftercareRestricted,
            CheckInRestricted,
        ];
        let none = "..... .....";
        let own = "rcm.s .....";
        let (reads, asks) = ("r.... .....", "rcm.. .....");
        let everywhere = "r...s r...s";
        let counts = "....s .....";
        let all = "....s ....s";
        for (role, expected) in [
            (Role::Volunteer, [own, own, own, reads, none, none, none, none]),
            (Role::WardSupervisor, [own, own, own, asks, counts, counts, counts, counts]),
            (Role::OrganisationLead, [none; 8]),
            (Role::AreaSupervisor, [everywhere, everywhere, everywhere, "r.... r....", all, all, all, all]),
            (
                Role::AftercareOfficer,
                [none, none, none, asks, "rcmas .....", "rc..s .....", "rc..s .....", "rc..s ....."],
            ),
            (Role::Helper, [none, none, none, reads, "r.... .....", "rc... .....", none, none]),
            (Role::Administrator, [none; 8]),
            (Role::UnionHead, [own, own, own, reads, none, none, none, none]),
            // Not placed with a school, a drive is nothing to its contact person.
            (Role::SchoolContact, [none; 8]),
        ] {
            assert_eq!(kinds.map(|kind| table(role, kind)), expected, "{role:?}");
        }
        assert_eq!(Role::ALL.len(), 9);
    }

    #[test]
    fn an_organisation_lead_reads_what_is_placed_with_the_organisation() {
        let lead = access(Role::OrganisationLead);
        let mut place = Placement::new(ward("08716@2025-07-01"));
        place.organisations.insert("thanh-doan".parse().expect("organisation"));
        for kind in [Kind::OutreachVisit, Kind::PledgeDrive, Kind::PreventionModel] {
            let may = |action| may(&lead, action, kind, &place);
            assert!(may(Action::Read) && may(Action::SeeCounts) && !may(Action::Edit));
        }
    }

    #[test]
    fn the_head_of_the_union_that_leads_confirms_what_others_logged() {
        let (youth, women) = ("thanh-doan".parse().expect("id"), "hoi-lhpn".parse().expect("id"));
        let head = access(Role::UnionHead);
        let mut joint = Placement::new(ward("08707@2025-07-01"));
        joint.organisations.extend([OrganisationId::clone(&youth), women]);
        let women = joint.organisations.iter().find(|o| **o != youth).cloned().expect("women");
        let says = |access: &Access, action, place: &Placement, lead: Option<&OrganisationId>, own| {
            may_say(access, action, Kind::OutreachVisit, place, (lead, own))
        };
        for action in [Action::Confirm, Action::Return] {
            assert!(says(&head, action, &joint, Some(&youth), false));
            assert!(!says(&head, action, &joint, Some(&youth), true), "nobody confirms their own");
            assert!(!says(&head, action, &joint, Some(&women), false), "the lead's head does");
            assert!(!says(&head, action, &joint, None, false));
            let elsewhere = joint.at(ward("08716@2025-07-01"));
            assert!(!says(&head, action, &elsewhere, Some(&youth), false));
            // Written into the record alone it grants nothing.
            let unplaced = Placement::new(ward("08707@2025-07-01"));
            assert!(!says(&head, action, &unplaced, Some(&youth), false));
            assert!(!says(&access(Role::Volunteer), action, &joint, Some(&youth), false));
        }
        let supervisor = access(Role::WardSupervisor);
        assert!(says(&supervisor, Action::Return, &joint, Some(&women), false));
        assert!(!says(&supervisor, Action::Confirm, &joint, Some(&women), false));
        let case = Placement::of_case(ward("08707@2025-07-01"), CASE);
        let check_in = |role, own| may_say(&access(role), Action::Confirm, Kind::CheckIn, &case, (None, own));
        assert!(check_in(Role::AftercareOfficer, false) && !check_in(Role::AftercareOfficer, true));
        assert!(!check_in(Role::Helper, false) && !check_in(Role::WardSupervisor, false));
    }

    #[test]
    fn who_supervises_one_ward_asks_nobody_in_another_where_they_are_a_volunteer() {
        let wards = ["08707@2025-07-01", "08716@2025-07-01"].map(ward);
        let held = |role, ward| Membership {
            role,
            ward: Some(ward),
            organisation: None,
            place: None,
            span: Span { from: "2025-07-01".parse().expect("day"), to: None },
        };
        let held = [held(Role::WardSupervisor, wards[0]), held(Role::Volunteer, wards[1])];
        let access = Access::of(&held, &[], &[], "2026-01-01".parse().expect("day"));
        let at = |ward| may(&access, Action::Create, Kind::WorkAssignment, &Placement::new(ward));
        assert!(at(wards[0]) && !at(wards[1]));
        assert!(!may_receive(&access, Kind::WorkAssignment, &Placement::new(wards[1])));
        assert!(may(&access, Action::Read, Kind::WorkAssignment, &Placement::new(wards[1])));
    }

    #[test]
    fn a_schools_contact_person_writes_its_drives_in_its_ward_and_nothing_else() {
        let contact = access(Role::SchoolContact);
        let [own, other] = ["08707@2025-07-01", "08716@2025-07-01"].map(ward);
        let theirs = Placement::at_school(own, SCHOOL);
        for action in Action::ALL {
            let done = may(&contact, *action, Kind::PledgeDrive, &theirs);
            assert_eq!(done, matches!(action, Action::Read | Action::Create | Action::Edit), "{action:?}");
            for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::PledgeDrive) {
                assert!(!may(&contact, *action, *kind, &theirs), "{action:?} {kind:?}");
            }
            let of_another = Placement::at_school(own, PlaceId([6; 16]));
            assert!(!may(&contact, *action, Kind::PledgeDrive, &of_another), "{action:?}");
            // At home elsewhere it would be counted there.
            let elsewhere = Placement::at_school(other, SCHOOL);
            let reads = *action == Action::Read;
            assert_eq!(may(&contact, *action, Kind::PledgeDrive, &elsewhere), reads, "{action:?}");
        }
        assert!(!contact.reports && contact.activity_wards().count() == 0);
        let lead = "thanh-doan".parse().ok();
        let mut led = theirs;
        led.organisations.extend(lead.clone());
        for action in [Action::Confirm, Action::Return] {
            assert!(!may_say(&contact, action, Kind::PledgeDrive, &led, (lead.as_ref(), false)));
        }
    }

    #[test]
    fn an_assigned_case_is_nothing_to_whoever_is_no_helper() {
        assert!(!access(Role::Volunteer).may_read(&Scope::Case(CASE)));
        assert!(access(Role::Helper).may_read(&Scope::Case(CASE)));
    }
}
