//! What every form has: when, where, who leads, who took part, who did it, notes.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::kind::Kind;
use donghanh_shared::domain::organisation::{CampaignId, OrganisationId};
use donghanh_shared::domain::same_as::Look;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::PlaceId;
use serde::{Deserialize, Serialize};

/// The values.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Common {
    /// The day.
    pub date: Option<Date>,
    /// The home ward.
    pub ward: Option<WardRef>,
    /// Where; drafts of before call it `venue`.
    #[serde(alias = "venue")]
    pub place: Option<PlaceId>,
    /// Campaign.
    pub campaign: Option<CampaignId>,
    /// Lead organisation.
    pub lead: Option<OrganisationId>,
    /// Organisations that took part.
    pub co_organisers: BTreeSet<OrganisationId>,
    /// Who did it: key → name.
    pub done_by: BTreeMap<String, String>,
    /// Notes.
    pub notes: String,
}

impl Common {
    /// What makes a record of this kind look like one with these values.
    pub fn look(&self, kind: Kind) -> Look {
        let Self { ward, place, date, .. } = *self;
        Look { id: None, kind, ward, place, date, form: String::new(), name: None }
    }
}

/// What came into a set and what left it.
pub fn changes<T: Ord + Clone>(before: &BTreeSet<T>, after: &BTreeSet<T>) -> impl Iterator<Item = (T, bool)> {
    let added = after.difference(before).cloned().map(|item| (item, true));
    let removed = before.difference(after).cloned().map(|item| (item, false));
    added.chain(removed).collect::<Vec<_>>().into_iter()
}

/// Which names were written or taken out: key, and the name that stands now.
pub fn names_changed(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<(String, Option<String>)> {
    let written = after.iter().filter(|(key, name)| before.get(*key) != Some(name));
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    written
        .map(|(key, name)| (key.clone(), Some(name.clone())))
        .chain(gone.map(|key| (key.clone(), None)))
        .collect()
}

/// Puts an item into a set or takes it out.
pub fn put<T: Ord>(set: &mut BTreeSet<T>, item: T, on: bool) {
    if on {
        set.insert(item);
    } else {
        set.remove(&item);
    }
}
