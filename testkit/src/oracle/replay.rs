//! One record, replayed save by save. Saves of a generated record are written one after the other, each by somebody who
//! has seen the ones before, so the last word counts and taps simply add to it.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::{CountKey, Form};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PlaceId};

use crate::world::GeneratedVisit;

/// What counts of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// The record.
    pub document: DocumentId,
    /// Its home ward.
    pub home: WardRef,
    /// The other wards it reached.
    pub reached: BTreeSet<WardRef>,
    /// The day.
    pub date: Option<Date>,
    /// The form.
    pub form: Option<Form>,
    /// Who led.
    pub lead: Option<OrganisationId>,
    /// Code of the campaign.
    pub campaign: Option<String>,
    /// Who took part.
    pub co_organisers: BTreeSet<OrganisationId>,
    /// Where it was held.
    pub venue: Option<PlaceId>,
    /// The places reached.
    pub places: BTreeSet<PlaceId>,
    /// Removed.
    pub archived: bool,
    /// Whose counts stand for it, as said.
    pub same_as: Option<DocumentId>,
    /// The notes.
    pub notes: String,
    /// Whether these values were confirmed.
    pub confirmed: bool,
    counts: BTreeMap<CountKey, i64>,
}

impl Facts {
    /// A count; `None` = not known.
    #[must_use]
    pub fn count(&self, key: CountKey) -> Option<u32> {
        self.counts.get(&key).map(|value| u32::try_from((*value).max(0)).unwrap_or(u32::MAX))
    }

    /// Sessions: one unless somebody wrote another number.
    #[must_use]
    pub fn sessions(&self) -> u64 {
        self.count(CountKey::Sessions).map_or(1, u64::from)
    }

    /// A news item, an article, a post, a broadcast.
    #[must_use]
    pub fn is_media(&self) -> bool {
        [Some(Form::Loudspeaker), Some(Form::OnlinePost), Some(Form::Article)].contains(&self.form)
    }
}

/// Replays a record.
#[must_use]
pub fn replay(visit: &GeneratedVisit) -> Facts {
    let mut facts = Facts {
        document: visit.document,
        home: visit.ward,
        reached: visit.other_wards.iter().copied().collect(),
        date: None,
        form: None,
        lead: None,
        campaign: None,
        co_organisers: BTreeSet::new(),
        venue: None,
        places: BTreeSet::new(),
        archived: false,
        same_as: None,
        notes: String::new(),
        confirmed: false,
        counts: BTreeMap::new(),
    };
    // Of a record whose last confirmation says that it was right, what it said then is what counts.
    let mut confirmed = None;
    for edit in visit.saves.iter().flat_map(|save| &save.edits) {
        if let VisitEdit::Confirmation(said) = edit {
            let is_right = said.as_deref() == Some("confirmed");
            confirmed = is_right.then(|| Facts { confirmed: true, ..facts.clone() });
        }
        facts.take(edit);
    }
    confirmed.unwrap_or(facts)
}

impl Facts {
    fn take(&mut self, edit: &VisitEdit) {
        match edit {
            VisitEdit::Date(date) => self.date = *date,
            VisitEdit::Form(form) => self.form = *form,
            VisitEdit::Lead(lead) => self.lead.clone_from(lead),
            VisitEdit::Campaign(campaign) => self.campaign = campaign.as_ref().map(ToString::to_string),
            VisitEdit::CoOrganiser(who, true) => drop(self.co_organisers.insert(who.clone())),
            VisitEdit::CoOrganiser(who, false) => drop(self.co_organisers.remove(who)),
            VisitEdit::Venue(venue) => self.venue = *venue,
            VisitEdit::Place(place, true) => drop(self.places.insert(*place)),
            VisitEdit::Place(place, false) => drop(self.places.remove(place)),
            VisitEdit::Archived(why) => self.archived = why.is_some(),
            VisitEdit::SameAs(other) => self.same_as = *other,
            VisitEdit::Notes(text) => self.notes.clone_from(text),
            VisitEdit::Count(key, Some(amount)) => drop(self.counts.insert(*key, i64::from(amount.get()))),
            VisitEdit::Count(key, None) => drop(self.counts.remove(key)),
            VisitEdit::Tap(key, taps) => *self.counts.entry(*key).or_default() += i64::from(*taps),
            VisitEdit::Time(_)
            | VisitEdit::Ward(_)
            | VisitEdit::ProgrammeYear(_)
            | VisitEdit::Position(_)
            | VisitEdit::OtherWard(..)
            | VisitEdit::Topic(..)
            | VisitEdit::DoneBy(..)
            | VisitEdit::FollowUp { .. }
            | VisitEdit::FollowUpDone(..)
            | VisitEdit::Photo(..)
            | VisitEdit::Confirmation(_) => {}
        }
    }
}
