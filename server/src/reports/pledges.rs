//! The pledge drives (indicators B1–B4) of some wards in a period.
//!
//! - A drive counts on its date, unless it was removed (gỡ bỏ), in its home ward only, and adds no session and no
//!   attendance to any visit. Groups taken out do not count.
//! - A group is counted once for a place and a year: by the last drive of the period that has it (by date, then by
//!   document). Repeated drives are never summed, in a ward and in the total likewise; every figure here is drawn from the
//!   groups counted like this. A merged place stands for the one it was merged into. Nobody can tell what a drive repeats
//!   that does not say its place or its year: it stands for itself.
//! - B1 are pupils and teachers at places that are schools. A registered school is covered when one of its counted groups
//!   of pupils or teachers is known to have signed, on a day on which it lay in the ward.
//! - B2 is the campaign `ba-khong`, led by the Youth Union: an organisation with section IV.12.3 of the plan, or with one
//!   of that section above it. Sessions are those of visits of that campaign and such a lead.
//! - B3 are union members and households in drives led by the Women's Union, section IV.12.4, likewise.
//! - B4 are workers at industrial zones and boarding houses. They are reached by a visit that names such a place, as venue
//!   or among the places reached.
//! - An unknown number is in no sum. What was to be signed is not known where one group does not know it. A group of which
//!   nobody said who signs in it has no entry by signer.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::organisation::{CampaignId, Organisation, OrganisationId};
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::pledge_drive::{Signatures, Signer};
use donghanh_shared::domain::report::{Coverage, PledgeFigures, SignedFigures};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PlaceId};

use super::activity::number;
use crate::store::report::{DriveFact, GroupFact, PledgeFacts};

/// The section of the plan with the duties of the Youth Union.
const YOUTH_UNION: &str = "IV.12.3";
/// The section of the plan with the duties of the Women's Union.
const WOMENS_UNION: &str = "IV.12.4";
/// The campaign "3 không với ma túy".
const THREE_NO: &str = "ba-khong";

/// The drives of a period, and who belongs to which union.
pub struct Pledges<'a> {
    facts: &'a PledgeFacts,
    youth: BTreeSet<&'a OrganisationId>,
    women: BTreeSet<&'a OrganisationId>,
}

impl<'a> Pledges<'a> {
    /// Around what the store found.
    #[must_use]
    pub fn new(facts: &'a PledgeFacts) -> Self {
        let union = |section| with_those_below(&facts.organisations, section);
        Self { facts, youth: union(YOUTH_UNION), women: union(WOMENS_UNION) }
    }

    /// The figures of these wards together. `schools`: how many are registered in them.
    #[must_use]
    pub fn figures(&self, wards: &BTreeSet<WardRef>, schools: u32) -> PledgeFigures {
        let drives: Vec<&DriveFact> =
            self.facts.drives.iter().filter(|drive| wards.contains(&drive.home)).collect();
        let visits = || self.facts.visits.iter().filter(|visits| wards.contains(&visits.home));
        let three_no = |campaign: &Option<CampaignId>, lead: &Option<OrganisationId>| {
            campaign.as_ref().is_some_and(|campaign| campaign.as_str() == THREE_NO)
                && is_of(&self.youth, lead)
        };
        let counted = Counted::of(&drives);
        let of = |signer| move |_: &DriveFact, group: &GroupFact| group.signer == Some(signer);
        let signers = Signer::ALL.iter().map(|signer| (signer.code().to_owned(), counted.sum(of(*signer))));
        let women = |signer| {
            counted.sum(|drive, group| is_of(&self.women, &drive.lead) && group.signer == Some(signer))
        };
        PledgeFigures {
            drives: number(drives.len()),
            schools: Coverage { covered: number(counted.schools(wards).len()), registered: schools },
            school_signers: counted.sum(is_of_school),
            signers: signers.filter(|(_, figures)| figures.groups > 0).collect(),
            three_no: counted.sum(|drive, _| three_no(&drive.campaign, &drive.lead)),
            three_no_sessions: visits()
                .filter(|visits| three_no(&visits.campaign, &visits.lead))
                .map(|visits| visits.sessions)
                .sum(),
            women: women(Signer::Members),
            women_households: women(Signer::Households),
            workers: counted
                .sum(|drive, group| is_workplace(drive.kind) && group.signer == Some(Signer::Workers)),
            workers_reached: visits().map(|visits| visits.workers_reached).sum(),
            open_records: number(drives.iter().filter(|drive| drive.is_open).count()),
        }
    }
}

/// What drives that repeat each other have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Occasion<'a> {
    /// A place and a year.
    Held(PlaceId, &'a str),
    /// A drive of which nobody can tell.
    Alone(DocumentId),
}

/// The groups that count, each once.
struct Counted<'a>(BTreeMap<(Occasion<'a>, &'a str), (&'a DriveFact, &'a GroupFact)>);

impl<'a> Counted<'a> {
    /// Of drives in the order of their dates: a later one stands for those before it.
    fn of(drives: &[&'a DriveFact]) -> Self {
        let mut counted = BTreeMap::new();
        for drive in drives {
            for group in &drive.groups {
                let occasion = match (drive.place, &drive.year) {
                    (Some(place), Some(year)) => Occasion::Held(place, year),
                    _ => Occasion::Alone(drive.document),
                };
                counted.insert((occasion, group.key.as_str()), (*drive, group));
            }
        }
        Self(counted)
    }

    fn sum(&self, wanted: impl Fn(&DriveFact, &GroupFact) -> bool) -> SignedFigures {
        let mut all = Signatures::default();
        for (_, group) in self.0.values().filter(|(drive, group)| wanted(drive, group)) {
            all.add(group.signed, group.expected);
        }
        SignedFigures {
            groups: all.groups,
            unknown: all.unknown,
            signed: all.signed,
            expected: all.known_expected(),
        }
    }

    /// Registered schools of these wards with pupils or teachers who signed.
    fn schools(&self, wards: &BTreeSet<WardRef>) -> BTreeSet<PlaceId> {
        let signed = self.0.values().filter(|(drive, group)| {
            is_of_school(drive, group)
                && group.signed.is_some_and(|signed| signed > 0)
                && !drive.school_lay_in.is_disjoint(wards)
        });
        signed.filter_map(|(drive, _)| drive.place).collect()
    }
}

fn is_of_school(drive: &DriveFact, group: &GroupFact) -> bool {
    drive.kind == Some(PlaceKind::School) && matches!(group.signer, Some(Signer::Pupils | Signer::Teachers))
}

fn is_workplace(kind: Option<PlaceKind>) -> bool {
    matches!(kind, Some(PlaceKind::IndustrialZone | PlaceKind::BoardingHouse))
}

fn is_of(union: &BTreeSet<&OrganisationId>, lead: &Option<OrganisationId>) -> bool {
    lead.as_ref().is_some_and(|lead| union.contains(lead))
}

/// The organisations of a section of the plan, and all that stand below them.
fn with_those_below<'a>(all: &'a [Organisation], section: &str) -> BTreeSet<&'a OrganisationId> {
    let mut found: BTreeSet<&OrganisationId> =
        all.iter().filter(|one| one.plan_section == section).map(|one| &one.id).collect();
    loop {
        let is_below = |one: &&Organisation| one.parent.as_ref().is_some_and(|above| found.contains(above));
        let below: Vec<_> =
            all.iter().filter(is_below).map(|one| &one.id).filter(|id| !found.contains(id)).collect();
        if below.is_empty() {
            return found;
        }
        found.extend(below);
    }
}
