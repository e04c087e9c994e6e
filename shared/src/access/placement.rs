//! Where a record is placed. This is server state, changed by commands only and never read out of what somebody wrote:
//! otherwise writing a field would grant access.

use std::collections::BTreeSet;

use super::Scope;
use crate::domain::kind::Kind;
use crate::domain::organisation::OrganisationId;
use crate::domain::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

/// Where a record is placed; its kind says which scopes that means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The ward that sums it.
    pub home: WardRef,
    /// Other wards it is visible in; activity only.
    pub reached: BTreeSet<WardRef>,
    /// Organisations that lead it or took part; activity only.
    pub organisations: BTreeSet<OrganisationId>,
    /// Schools whose drive it is, for their contact persons; pledge drives only.
    pub schools: BTreeSet<PlaceId>,
    /// The core of the case that it is, or is part of; after-care only.
    pub case: Option<DocumentId>,
}

impl Placement {
    /// In a ward and nowhere else.
    #[must_use]
    pub fn new(home: WardRef) -> Self {
        Self {
            home,
            reached: BTreeSet::new(),
            organisations: BTreeSet::new(),
            schools: BTreeSet::new(),
            case: None,
        }
    }

    /// The drive of a school in a ward.
    #[must_use]
    pub fn at_school(home: WardRef, school: PlaceId) -> Self {
        Self { schools: BTreeSet::from([school]), ..Self::new(home) }
    }

    /// The case with this core, or a part of it, in a ward.
    #[must_use]
    pub fn of_case(home: WardRef, case: DocumentId) -> Self {
        Self { case: Some(case), ..Self::new(home) }
    }

    /// As it would be with another home.
    #[must_use]
    pub fn at(&self, home: WardRef) -> Self {
        Self { home, ..self.clone() }
    }

    /// The scope that decides who writes, and in whose log the record is numbered.
    #[must_use]
    pub fn home_scope(&self, kind: Kind) -> Scope {
        ward_scope(kind, self.home)
    }

    /// Every scope the record is in, each once.
    #[must_use]
    pub fn scopes(&self, kind: Kind) -> BTreeSet<Scope> {
        let mut scopes = BTreeSet::from([self.home_scope(kind)]);
        if kind == Kind::PledgeDrive {
            scopes.extend(self.schools.iter().copied().map(Scope::Place));
        }
        match kind {
            Kind::OutreachVisit | Kind::PledgeDrive | Kind::PreventionModel => {
                scopes.extend(self.reached.iter().copied().map(Scope::Activity));
                scopes.extend(self.organisations.iter().cloned().map(Scope::Organisation));
            }
            Kind::AftercareCase | Kind::CheckIn => scopes.extend(self.case.map(Scope::Case)),
            Kind::WorkAssignment => drop(scopes.insert(Scope::Assignments(self.home))),
            Kind::AftercareRestricted | Kind::CheckInRestricted => {}
        }
        scopes
    }
}

/// The scope of a ward in which records of this kind live.
#[must_use]
pub fn ward_scope(kind: Kind, ward: WardRef) -> Scope {
    match kind {
        Kind::OutreachVisit | Kind::PledgeDrive | Kind::PreventionModel | Kind::WorkAssignment => {
            Scope::Activity(ward)
        }
        Kind::AftercareCase | Kind::CheckIn => Scope::Aftercare(ward),
        Kind::AftercareRestricted | Kind::CheckInRestricted => Scope::AftercareRestricted(ward),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vocabulary::Term as _;

    #[test]
    fn a_drive_alone_is_in_the_scope_of_its_school() {
        let home: WardRef = "08707@2025-07-01".parse().expect("ward");
        let placement = Placement::at_school(home, PlaceId([5; 16]));
        let texts = |kind| placement.scopes(kind).iter().map(ToString::to_string).collect::<Vec<_>>();
        let school = "place/05050505050505050505050505050505";
        assert_eq!(texts(Kind::PledgeDrive), ["activity/08707@2025-07-01", school]);
        for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::PledgeDrive) {
            assert!(!texts(*kind).contains(&school.to_owned()), "{kind:?}");
        }
    }

    #[test]
    fn a_restricted_part_is_in_one_scope_and_no_case_reaches_an_organisation() {
        let home: WardRef = "08707@2025-07-01".parse().expect("ward");
        let mut placement = Placement::of_case(home, DocumentId([1; 16]));
        placement.organisations.insert("thanh-doan".parse().expect("organisation"));
        placement.reached.insert("08716@2025-07-01".parse().expect("ward"));
        let texts = |kind| placement.scopes(kind).iter().map(ToString::to_string).collect::<Vec<_>>();
        for kind in Kind::ALL.iter().filter(|kind| kind.is_aftercare()) {
            let restricted = matches!(kind, Kind::AftercareRestricted | Kind::CheckInRestricted);
            let case = "case/01010101010101010101010101010101";
            let expected: &[&str] = if restricted {
                &["aftercare_restricted/08707@2025-07-01"]
            } else {
                &["aftercare/08707@2025-07-01", case]
            };
            assert_eq!(texts(*kind), expected, "{kind:?}");
        }
        let asked = ["activity/08707@2025-07-01", "assignments/08707@2025-07-01"];
        assert_eq!(texts(Kind::WorkAssignment), asked);
        assert_eq!(
            texts(Kind::OutreachVisit),
            ["activity/08707@2025-07-01", "activity/08716@2025-07-01", "organisation/thanh-doan"]
        );
    }
}
