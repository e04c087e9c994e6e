//! Who may do what: roles are sets of scopes. The server enforces these rules, the phone uses the same ones to hide
//! what is not allowed.

mod placement;
pub mod rules;
mod scope;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

pub use self::placement::{Placement, ward_scope};
pub use self::scope::Scope;
use crate::domain::date::{Date, Span};
use crate::domain::organisation::OrganisationId;
use crate::domain::vocabulary::vocabulary;
use crate::domain::ward::{Ward, WardRef, with_predecessors};
use crate::ids::{DocumentId, PlaceId};

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
        UnionHead = "union_head", "phụ trách đoàn thể ở phường, xã", "head of a union in a ward";
        SchoolContact = "school_contact", "phụ trách ở trường học", "school contact person";
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
    /// The school whose contact person they are; absent for every other role.
    #[serde(default)]
    pub place: Option<PlaceId>,
    /// The days it holds.
    pub span: Span,
}

/// What a person may do with the documents of a scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// The scope.
    pub scope: Scope,
    /// Whether they may write there; which kinds, say the [`rules`]. Reading is implied.
    pub write: bool,
}

/// A role that somebody may bring people into.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invites {
    /// The role.
    pub role: Role,
    /// In this ward; absent: anywhere.
    pub ward: Option<WardRef>,
}

/// Records that somebody may confirm or return.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Confirms {
    /// At home in this ward.
    pub ward: WardRef,
    /// Led by this organisation, and placed with it.
    pub organisation: OrganisationId,
}

/// A school whose contact person somebody is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Contact {
    /// The ward in which its drives are at home.
    pub ward: WardRef,
    /// The school, a place of the register.
    pub school: PlaceId,
}

/// Everything somebody may do today, drawn from the roles they hold. Whatever was added after the first version may be
/// absent in what an older server sent: then it is not allowed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Access {
    /// Scopes, in a fixed order, each once. What a newer server grants that this build does not know is left out.
    #[serde(deserialize_with = "known")]
    pub grants: Vec<Grant>,
    /// May see the figures of the wards and organisations granted.
    pub reports: bool,
    /// May approve and merge places, and put right placements, in the wards granted.
    pub supervises: bool,
    /// May manage people, places and wards.
    pub administers: bool,
    /// Wards of whose after-care they see counts, in a fixed order; that shows no case.
    #[serde(default)]
    pub aftercare_counts: Vec<WardRef>,
    /// Wards whose access log they may search, in a fixed order. Who administers searches all of it.
    #[serde(default)]
    pub reads_log: Vec<WardRef>,
    /// Roles they may bring people into; of roles that this build knows.
    #[serde(default, deserialize_with = "known")]
    pub invites: Vec<Invites>,
    /// Records of activity they may confirm, in a fixed order.
    #[serde(default)]
    pub confirms: Vec<Confirms>,
    /// Wards in which they may ask others for work, in a fixed order.
    #[serde(default)]
    pub assigns: Vec<WardRef>,
    /// Schools whose pledge drives they write, in a fixed order.
    #[serde(default)]
    pub contacts: Vec<Contact>,
}

impl Access {
    /// The access that these roles give on `today`, with the cases (by their cores) that are assigned to the person at
    /// this moment. A role in a ward also reaches the wards that went into it: the work goes on, and so does the right
    /// to read and mend its records.
    #[must_use]
    pub fn of(memberships: &[Membership], cases: &[DocumentId], wards: &[Ward], today: Date) -> Self {
        let mut access = Self::default();
        access.add(Scope::Reference, false);
        for membership in memberships.iter().filter(|m| m.span.contains(today)) {
            access.add_role(membership, cases, wards);
        }
        for wards in [&mut access.aftercare_counts, &mut access.reads_log, &mut access.assigns] {
            wards.sort_unstable();
            wards.dedup();
        }
        access
    }

    fn add_role(&mut self, held: &Membership, cases: &[DocumentId], wards: &[Ward]) {
        let reach = match held.ward {
            Some(ward) => with_predecessors(ward, wards),
            None => wards.iter().map(|ward| ward.id).collect(),
        };
        match held.role {
            Role::Volunteer | Role::UnionHead | Role::WardSupervisor => {
                self.add_each(&reach, true, Scope::Activity);
                self.reports = true;
            }
            Role::AreaSupervisor => {
                self.add_each(&reach, false, Scope::Activity);
                self.reports = true;
            }
            Role::OrganisationLead => {
                if let Some(organisation) = &held.organisation {
                    self.add(Scope::Organisation(organisation.clone()), false);
                    self.reports = true;
                }
            }
            Role::AftercareOfficer => {
                self.add_each(&reach, true, Scope::Aftercare);
                self.add_each(&reach, true, Scope::AftercareRestricted);
                self.add_each(&reach, true, Scope::Assignments);
            }
            Role::Helper => {
                cases.iter().for_each(|case| self.add(Scope::Case(*case), true));
                if held.ward.is_some() {
                    self.add_each(&reach, false, Scope::Assignments);
                }
            }
            Role::SchoolContact => {
                if let (Some(_), Some(school)) = (held.ward, held.place) {
                    self.add(Scope::Place(school), true);
                    self.contacts.extend(reach.iter().map(|ward| Contact { ward: *ward, school }));
                    self.contacts.sort_unstable();
                    self.contacts.dedup();
                }
            }
            Role::Administrator => {}
        }
        let counts =
            matches!(held.role, Role::WardSupervisor | Role::AreaSupervisor | Role::AftercareOfficer);
        if counts {
            self.aftercare_counts.extend(&reach);
        }
        if held.role == Role::WardSupervisor {
            self.reads_log.extend(&reach);
        }
        if matches!(held.role, Role::WardSupervisor | Role::AftercareOfficer) {
            self.assigns.extend(&reach);
        }
        // A ward's office confirms what it led itself; what a union led, its head.
        if let (Role::UnionHead | Role::WardSupervisor, Some(organisation)) = (held.role, &held.organisation)
        {
            let confirms = |ward: &WardRef| Confirms { ward: *ward, organisation: organisation.clone() };
            self.confirms.extend(reach.iter().map(confirms));
            self.confirms.sort_unstable();
            self.confirms.dedup();
        }
        self.supervises |= held.role == Role::WardSupervisor;
        self.administers |= held.role == Role::Administrator;
        let anywhere = [None];
        let of_reach: Vec<_> = reach.iter().copied().map(Some).collect();
        let wards: &[_] = if held.ward.is_some() { &of_reach } else { &anywhere };
        for role in invited_by(held.role) {
            self.invites.extend(wards.iter().map(|ward| Invites { role: *role, ward: *ward }));
        }
    }

    fn add_each(&mut self, wards: &[WardRef], write: bool, scope: fn(WardRef) -> Scope) {
        wards.iter().for_each(|ward| self.add(scope(*ward), write));
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

    /// Whether the person may write in the scope; which kinds, say the [`rules`].
    #[must_use]
    pub fn may_write(&self, scope: &Scope) -> bool {
        self.grants.iter().any(|grant| grant.scope == *scope && grant.write)
    }

    /// Whether the person may bring somebody into a role, there or (absent) over the whole area.
    #[must_use]
    pub fn may_invite(&self, role: Role, ward: Option<WardRef>) -> bool {
        self.invites.iter().any(|may| may.role == role && (may.ward.is_none() || may.ward == ward))
    }

    /// Whether the person may manage somebody who holds these roles: there is one at least, and they may bring people into
    /// each of them; administrators also manage whoever holds none.
    #[must_use]
    pub fn manages(&self, held: &[(Role, Option<WardRef>)]) -> bool {
        self.administers
            || (!held.is_empty() && held.iter().all(|(role, ward)| self.may_invite(*role, *ward)))
    }

    /// Where a record that the person makes in this ward is: also with the schools whose contact person they are there.
    #[must_use]
    pub fn made_in(&self, ward: WardRef) -> Placement {
        let schools = self.contacts.iter().filter(|of| of.ward == ward).map(|of| of.school);
        Placement { schools: schools.collect(), ..Placement::new(ward) }
    }

    /// The wards whose activity the person may read.
    pub fn activity_wards(&self) -> impl Iterator<Item = WardRef> + '_ {
        self.grants.iter().filter_map(|grant| match grant.scope {
            Scope::Activity(ward) => Some(ward),
            _ => None,
        })
    }

    /// The organisations whose activity the person may read in every ward.
    pub fn organisations(&self) -> impl Iterator<Item = &OrganisationId> + '_ {
        self.grants.iter().filter_map(|grant| match &grant.scope {
            Scope::Organisation(organisation) => Some(organisation),
            _ => None,
        })
    }
}

/// The entries of a list that this build knows; a newer server may say more.
fn known<'de, D, T>(list: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry<T> {
        Known(T),
        Unknown(IgnoredAny),
    }
    let known = |entry| match entry {
        Entry::Known(entry) => Some(entry),
        Entry::Unknown(IgnoredAny) => None,
    };
    Ok(Vec::<Entry<T>>::deserialize(list)?.into_iter().filter_map(known).collect())
}

/// The roles that somebody of a role may bring people into.
fn invited_by(role: Role) -> &'static [Role] {
    match role {
        Role::WardSupervisor => &[Role::Volunteer, Role::Helper, Role::UnionHead, Role::SchoolContact],
        Role::AftercareOfficer => &[Role::Helper],
        Role::Administrator => &[
            Role::Volunteer,
            Role::Helper,
            Role::AftercareOfficer,
            Role::WardSupervisor,
            Role::OrganisationLead,
            Role::AreaSupervisor,
            Role::Administrator,
            Role::UnionHead,
            Role::SchoolContact,
        ],
        Role::Volunteer
        | Role::UnionHead
        | Role::Helper
        | Role::OrganisationLead
        | Role::AreaSupervisor
        | Role::SchoolContact => &[],
    }
}

#[cfg(test)]
mod tests;
