//! What reports read, drawn from documents and their placements and from nothing else, so that it can be made anew at
//! any time. Pure: the store writes these rows, in the transaction that commits the changes.

pub mod aftercare;
mod drive;
mod model;
pub mod rebuild;

use std::collections::BTreeSet;

use donghanh_shared::crdt::merge::Merged;
use donghanh_shared::crdt::{Content, Kind};
use donghanh_shared::domain::confirmation::Standing;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::outreach_visit::{CountKey, Visit};
use donghanh_shared::domain::pledge_drive::PledgeDrive;
use donghanh_shared::domain::prevention_model::PreventionModel;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PhotoId, PlaceId};
use minicbor::{Decode, Encode};

pub use aftercare::CareRow;
pub use drive::{DriveRow, GroupRow, drive_row};
pub use model::{ModelRow, ReviewRow, model_row};

/// What the tables hold; rises whenever they are to be drawn anew from documents that are there already.
pub const VERSION: u32 = 11;

/// The row of a document, by its kind.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Row {
    /// Of a visit.
    #[n(0)]
    Visit(#[n(0)] Box<VisitRow>),
    /// Of a pledge drive.
    #[n(1)]
    Drive(#[n(0)] Box<DriveRow>),
    /// Of a prevention model.
    #[n(2)]
    Model(#[n(0)] Box<ModelRow>),
    /// Of a case, or of a part of one.
    #[n(3)]
    Care(#[n(0)] Box<CareRow>),
    /// None.
    #[n(4)]
    Nothing,
}

impl Row {
    /// The record whose counts stand for this one, if it names one; `None` for rows that are not linked in the open: what a
    /// case says stays sealed.
    #[must_use]
    pub fn same_as(&self) -> Option<Option<DocumentId>> {
        match self {
            Self::Visit(row) => Some(row.same_as),
            Self::Drive(row) => Some(row.same_as),
            Self::Model(row) => Some(row.same_as),
            Self::Care(_) | Self::Nothing => None,
        }
    }
}

/// The row of a document. Of one that was edited after it was confirmed, the values that count are those that were confirmed;
/// what people should look at is what it says now.
#[must_use]
pub fn row(kind: Kind, merged: &Merged) -> Row {
    let (now, changed_at) = (&merged.content, merged.changed_at);
    let counted = merged.confirmed.as_ref().unwrap_or(now);
    let standing = merged.standing;
    match (counted, now) {
        (Content::Visit(counted), Content::Visit(now)) => {
            let row = VisitRow { standing, ..visit_row(counted, changed_at) };
            Row::Visit(Box::new(row.looked_at(visit_row(now, changed_at))))
        }
        (Content::Fields(counted), Content::Fields(now)) => match kind {
            Kind::PledgeDrive => {
                let of = |fields| drive_row(&PledgeDrive::of(fields), changed_at);
                Row::Drive(Box::new(DriveRow { standing, ..of(counted) }.looked_at(of(now))))
            }
            Kind::PreventionModel => {
                let of = |fields| model_row(&PreventionModel::of(fields), changed_at);
                Row::Model(Box::new(ModelRow { standing, ..of(counted) }.looked_at(of(now))))
            }
            _ => aftercare::row(kind, counted),
        },
        // A document is of one kind whenever it is read.
        (_, Content::Visit(_) | Content::Fields(_)) => Row::Nothing,
    }
}

/// One visit as reports need it. Counts are in the order of [`COUNTS`]; `None` = not known.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct VisitRow {
    /// The day, ISO.
    #[n(0)]
    pub date: Option<String>,
    /// Code of the form.
    #[n(1)]
    pub form: Option<String>,
    /// The lead organisation.
    #[n(2)]
    pub lead: Option<String>,
    /// The campaign.
    #[n(3)]
    pub campaign: Option<String>,
    /// The programme year.
    #[n(4)]
    pub programme_year: Option<i64>,
    /// Sessions: one unless somebody wrote another number.
    #[n(5)]
    pub sessions: u32,
    /// Every other count.
    #[n(6)]
    pub counts: [Option<u32>; COUNTS.len()],
    /// A product of the media: never covers a place.
    #[n(7)]
    pub media: bool,
    /// Removed (gỡ bỏ).
    #[n(8)]
    pub archived: bool,
    /// Fields on which people differ.
    #[n(9)]
    pub open_fields: u32,
    /// Codes of combinations that make no sense, comma between.
    #[n(10)]
    pub problems: String,
    /// Day of the first open follow-up, ISO.
    #[n(11)]
    pub due: Option<String>,
    /// The latest time claimed.
    #[n(12)]
    pub changed_at: Millis,
    /// Venue and places reached.
    #[n(13)]
    pub places: BTreeSet<PlaceId>,
    /// Organisations that took part, the lead not among them.
    #[n(14)]
    pub organisations: BTreeSet<String>,
    /// Topics.
    #[n(15)]
    pub topics: BTreeSet<String>,
    /// Photos listed.
    #[n(16)]
    pub photos: BTreeSet<PhotoId>,
    /// How it stands with whoever confirms it.
    #[n(17)]
    pub standing: Standing,
    /// The record of the same event whose counts stand.
    #[n(18)]
    pub same_as: Option<DocumentId>,
}

impl VisitRow {
    /// These values, with what people should look at, the photos listed and what it is linked to, as it is now.
    fn looked_at(self, now: Self) -> Self {
        let Self { open_fields, problems, due, photos, same_as, .. } = now;
        Self { open_fields, problems, due, photos, same_as, ..self }
    }
}

/// The counts with a column of their own, in the order of the columns. Sessions are apart: unknown means one.
pub const COUNTS: [CountKey; 15] = [
    CountKey::Attendance,
    CountKey::Pupils,
    CountKey::Students,
    CountKey::Youth,
    CountKey::Workers,
    CountKey::Residents,
    CountKey::Officials,
    CountKey::Women,
    CountKey::HighRisk,
    CountKey::Households,
    CountKey::LeafletsGiven,
    CountKey::Booklets,
    CountKey::Posters,
    CountKey::Banners,
    CountKey::Keepsakes,
];

/// The row of a visit.
#[must_use]
pub fn visit_row(visit: &Visit, changed_at: Millis) -> VisitRow {
    let lead = visit.lead.value().map(ToString::to_string);
    let due = visit
        .follow_ups
        .iter()
        .filter(|follow_up| follow_up.done.value() != Some(&true))
        .filter_map(|follow_up| follow_up.due.value().copied())
        .min();
    VisitRow {
        date: visit.date.value().map(ToString::to_string),
        form: visit.form.value().map(|form| form.code().to_owned()),
        campaign: visit.campaign.value().map(ToString::to_string),
        programme_year: visit.year(),
        sessions: visit.sessions(),
        counts: COUNTS.map(|key| visit.count(key)),
        media: visit.form.value().is_some_and(|form| form.is_media()),
        archived: visit.archived.value().is_some(),
        open_fields: u32::try_from(visit.open_fields().len()).unwrap_or(u32::MAX),
        problems: codes(&visit.problems(last_day())),
        due: due.map(|day| day.to_string()),
        changed_at,
        places: visit.all_places(),
        organisations: visit
            .co_organisers
            .iter()
            .map(ToString::to_string)
            .filter(|who| lead.as_ref() != Some(who))
            .collect(),
        topics: visit.topics.iter().map(|topic| topic.code().to_owned()).collect(),
        photos: visit.photos.keys().copied().collect(),
        standing: Standing::default(),
        same_as: visit.same_as.value().copied(),
        lead,
    }
}

/// The last day there is: what people should look at is judged on it, so that a row does not depend on when it is drawn.
fn last_day() -> Date {
    Date::of_moment(Millis::MAX)
}

/// Codes of problems, each once, comma between.
fn codes(problems: &[Problem]) -> String {
    let codes: BTreeSet<&str> = problems.iter().map(|problem| problem.code.code()).collect();
    codes.into_iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_but_sessions_has_its_column() {
        let with_column: BTreeSet<_> = COUNTS.into_iter().collect();
        let all: BTreeSet<_> =
            CountKey::ALL.iter().copied().filter(|key| *key != CountKey::Sessions).collect();
        assert_eq!(with_column, all);
    }

    #[test]
    fn an_empty_visit_is_one_session_and_unknown_numbers() {
        let row = visit_row(&Visit::default(), 5);
        assert_eq!((row.sessions, row.changed_at, row.counts), (1, 5, [None; COUNTS.len()]));
        assert!(row.problems.contains("date_missing") && row.problems.contains("form_missing"));
    }
}
