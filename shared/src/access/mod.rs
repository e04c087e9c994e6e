//! Who may do what: roles are sets of scopes. The server enforces these rules, the phone uses the same ones to hide
//! what is not allowed.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};

use crate::domain::date::{Date, Span};
use crate::domain::error::{Code, Problem};
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::vocabulary;
use crate::domain::ward::{Ward, WardRef, with_predecessors};
use crate::ids::DocumentId;

/// The unit of permission and of replication. Text form: `activity/08707@2025-07-01`, `reference`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Activity of one ward: visits, drives, models.
    Activity(WardRef),
    /// After-care of one ward: what every officer's helper of the ward may see.
    Aftercare(WardRef),
    /// After-care of one ward: identity papers, legal dates, health.
    AftercareRestricted(WardRef),
    /// One case, for the helper it is assigned to.
    Case(DocumentId),
    /// The activity of one organisation in every ward.
    Organisation(OrganisationId),
    /// Wards, places, organisations, campaigns.
    Reference,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activity(ward) => write!(f, "activity/{ward}"),
            Self::Aftercare(ward) => write!(f, "aftercare/{ward}"),
            Self::AftercareRestricted(ward) => write!(f, "aftercare_restricted/{ward}"),
            Self::Case(case) => write!(f, "case/{case}"),
            Self::Organisation(organisation) => write!(f, "organisation/{organisation}"),
            Self::Reference => f.write_str("reference"),
        }
    }
}

impl FromStr for Scope {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let invalid = || Problem::new(Code::ScopeInvalid);
        if text == "reference" {
            return Ok(Self::Reference);
        }
        let (class, of) = text.split_once('/').ok_or_else(invalid)?;
        let ward = || of.parse().map_err(|_| invalid());
        match class {
            "activity" => Ok(Self::Activity(ward()?)),
            "aftercare" => Ok(Self::Aftercare(ward()?)),
            "aftercare_restricted" => Ok(Self::AftercareRestricted(ward()?)),
            "case" => Ok(Self::Case(of.parse().map_err(|_| invalid())?)),
            "organisation" => Ok(Self::Organisation(of.parse().map_err(|_| invalid())?)),
            _ => Err(invalid()),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl<C> Encode<C> for Scope {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Scope {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(|_| decode::Error::message("not a scope"))
    }
}

vocabulary! {
    /// What a person is in the programme.
    Role {
        Volunteer = "volunteer", "tình nguyện viên", "volunteer";
        Helper = "helper", "người được phân công giúp đỡ", "assigned helper";
        AftercareOfficer = "aftercare_officer", "cán bộ quản lý sau cai", "after-care officer";
        WardSupervisor = "ward_supervisor", "phụ trách phường, xã", "ward supervisor";
        OrganisationLead = "organisation_lead", "phụ trách đơn vị", "organisation lead";
        AreaSupervisor = "area_supervisor", "phụ trách khu vực", "area supervisor";
        Administrator = "administrator", "quản trị", "administrator";
    }
}

/// A role somebody holds, somewhere, for some time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// The role.
    pub role: Role,
    /// The ward it is held in; absent for roles over the whole area.
    pub ward: Option<WardRef>,
    /// The organisation the person acts for.
    pub organisation: Option<OrganisationId>,
    /// The days it holds.
    pub span: Span,
}

/// What a person may do with the documents of a scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// The scope.
    pub scope: Scope,
    /// Whether they may create and edit records there. Reading is implied.
    pub write: bool,
}

/// Everything somebody may do today, drawn from the roles they hold.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Access {
    /// Scopes, in a fixed order, each once.
    pub grants: Vec<Grant>,
    /// May see the figures of the wards granted.
    pub reports: bool,
    /// May approve and merge places, and put right placements, in the wards granted.
    pub supervises: bool,
    /// May manage people, places and wards.
    pub administers: bool,
}

impl Access {
    /// The access that these roles give on `today`. A role in a ward also reaches the wards that went into it: the
    /// work goes on, and so does the right to read and mend its records.
    #[must_use]
    pub fn of(memberships: &[Membership], wards: &[Ward], today: Date) -> Self {
        let mut access = Self::default();
        access.add(Scope::Reference, false);
        for membership in memberships.iter().filter(|m| m.span.contains(today)) {
            let reach = match membership.ward {
                Some(ward) => with_predecessors(ward, wards),
                None => wards.iter().map(|ward| ward.id).collect(),
            };
            let (activity, write) = match membership.role {
                Role::Volunteer | Role::WardSupervisor => (true, true),
                Role::OrganisationLead | Role::AreaSupervisor => (true, false),
                Role::Helper | Role::AftercareOfficer | Role::Administrator => (false, false),
            };
            if activity {
                for ward in reach {
                    access.add(Scope::Activity(ward), write);
                }
            }
            access.reports |= activity;
            access.supervises |= membership.role == Role::WardSupervisor;
            access.administers |= membership.role == Role::Administrator;
        }
        access
    }

    fn add(&mut self, scope: Scope, write: bool) {
        match self.grants.binary_search_by(|grant| grant.scope.cmp(&scope)) {
            Ok(at) => self.grants[at].write |= write,
            Err(at) => self.grants.insert(at, Grant { scope, write }),
        }
    }

    /// Whether the person may read the scope.
    #[must_use]
    pub fn may_read(&self, scope: &Scope) -> bool {
        self.grants.iter().any(|grant| grant.scope == *scope)
    }

    /// Whether the person may create and edit records in the scope.
    #[must_use]
    pub fn may_write(&self, scope: &Scope) -> bool {
        self.grants.iter().any(|grant| grant.scope == *scope && grant.write)
    }

    /// The wards whose activity the person may read.
    pub fn activity_wards(&self) -> impl Iterator<Item = WardRef> + '_ {
        self.grants.iter().filter_map(|grant| match grant.scope {
            Scope::Activity(ward) => Some(ward),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ward(text: &str, to: Option<&str>, successor: Option<&str>) -> Ward {
        Ward {
            id: text.parse().expect("ward"),
            name: "x".into(),
            kind: "Phường".into(),
            valid_to: to.map(|t| t.parse().expect("day")),
            successor: successor.map(|s| s.parse().expect("ward")),
        }
    }

    #[test]
    fn a_ward_reaches_its_predecessors_and_no_neighbour() {
        let wards = [
            ward("08722@2004-07-08", Some("2025-06-30"), Some("08707@2025-07-01")),
            ward("08728@2004-07-08", Some("2025-06-30"), Some("08716@2025-07-01")),
            ward("08707@2025-07-01", None, None),
            ward("08716@2025-07-01", None, None),
        ];
        let today: Date = "2026-01-01".parse().expect("day");
        let volunteer = |from: &str, to: Option<&str>| Membership {
            role: Role::Volunteer,
            ward: Some(wards[2].id),
            organisation: None,
            span: Span { from: from.parse().expect("day"), to: to.map(|t| t.parse().expect("day")) },
        };
        let access = Access::of(&[volunteer("2025-07-01", None)], &wards, today);
        assert!(
            access.may_write(&Scope::Activity(wards[0].id))
                && access.may_write(&Scope::Activity(wards[2].id))
        );
        assert!(
            !access.may_read(&Scope::Activity(wards[1].id))
                && !access.may_read(&Scope::Activity(wards[3].id))
        );
        assert!(!access.may_read(&Scope::Aftercare(wards[2].id)));
        let ended = Access::of(&[volunteer("2025-07-01", Some("2025-12-31"))], &wards, today);
        assert_eq!(ended.activity_wards().count(), 0);
    }

    #[test]
    fn scopes_read_what_they_write() {
        for text in [
            "activity/08707@2025-07-01",
            "aftercare_restricted/08707@2004-07-08",
            "organisation/thanh-doan",
            "reference",
        ] {
            assert_eq!(text.parse::<Scope>().map(|s| s.to_string()).as_deref(), Ok(text));
        }
        assert!("activity/1".parse::<Scope>().is_err() && "x/08707@2025-07-01".parse::<Scope>().is_err());
    }
}
