//! What reports ask the store: sums over the projections, never documents. The counting rules that go beyond adding up
//! are in `crate::reports`.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::organisation::{CampaignId, Organisation, OrganisationId};
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::pledge_drive::Signer;
use donghanh_shared::domain::prevention_model::Verdict;
use donghanh_shared::domain::{Ward, WardRef};
use donghanh_shared::ids::{DocumentId, PlaceId};

use super::{Key, Pending};

/// Which activity is asked for.
#[derive(Clone, Debug)]
pub struct ActivityQuestion {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// First and last of the days a year before.
    pub before: (Date, Date),
    /// The wards that the report is about: rows, and places to cover.
    pub shown: BTreeSet<WardRef>,
    /// Of these wards every record counts.
    pub readable: BTreeSet<WardRef>,
    /// Elsewhere the records count that are placed with one of these organisations.
    pub organisations: BTreeSet<OrganisationId>,
    /// Only records whose values were confirmed.
    pub confirmed_only: bool,
}

/// Sums of the records of one home ward, lead and month. Removed records are in none of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivitySum {
    /// The home ward.
    pub home: WardRef,
    /// Who led; `None` when nobody is named.
    pub lead: Option<OrganisationId>,
    /// First day of the month.
    pub month: Date,
    /// Records.
    pub visits: u32,
    /// Sessions.
    pub sessions: u64,
    /// Sums of the known numbers; a count that no record knows is absent.
    pub counts: BTreeMap<CountKey, u64>,
    /// Records of unknown attendance.
    pub attendance_unknown: u32,
    /// Sessions of media forms.
    pub media: u64,
    /// Sessions on 26 June.
    pub all_people_day: u64,
    /// Records on whose fields people differ.
    pub open_records: u32,
    /// Records whose values were confirmed.
    pub confirmed: u32,
    /// Of these, records that were edited since.
    pub edited_since: u32,
}

/// Media sessions of one home ward, lead and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaDay {
    /// The home ward.
    pub home: WardRef,
    /// Who led.
    pub lead: Option<OrganisationId>,
    /// The day.
    pub day: Date,
    /// Sessions.
    pub sessions: u64,
}

/// What an organisation took part in without leading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TookPart {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Records.
    pub records: u32,
    /// Sessions.
    pub sessions: u64,
}

/// A stay of a registered place in a ward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceStay {
    /// The store's number of the place.
    pub place: Key,
    /// What it is.
    pub kind: PlaceKind,
    /// The ward.
    pub ward: WardRef,
    /// Whether it was reached on a day of the period on which it lay there.
    pub covered: bool,
}

/// A pledge drive of the period that was not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriveFact {
    /// The record.
    pub document: DocumentId,
    /// The home ward.
    pub home: WardRef,
    /// The year it is for, as its code: `2025-2026`, `2026`.
    pub year: Option<String>,
    /// Where it was held; a merged place is the one it was merged into.
    pub place: Option<PlaceId>,
    /// What that place is; `None` when the register does not know it.
    pub kind: Option<PlaceKind>,
    /// Its campaign.
    pub campaign: Option<CampaignId>,
    /// Who led.
    pub lead: Option<OrganisationId>,
    /// Whether people still differ on a field.
    pub is_open: bool,
    /// Its groups, without those taken out.
    pub groups: Vec<GroupFact>,
    /// Where the place lay on the day, when it is a registered school.
    pub school_lay_in: BTreeSet<WardRef>,
}

/// A group of a pledge drive; `None` = not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFact {
    /// What it is known by in every drive: `pupils-7a2`.
    pub key: String,
    /// Who signs in it.
    pub signer: Option<Signer>,
    /// Who signed.
    pub signed: Option<u32>,
    /// Who was to sign.
    pub expected: Option<u32>,
}

/// Sums of the visits of one home ward, lead and campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignVisits {
    /// The home ward.
    pub home: WardRef,
    /// Who led.
    pub lead: Option<OrganisationId>,
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// Sessions.
    pub sessions: u64,
    /// Known workers of the visits that name an industrial zone or a boarding house.
    pub workers_reached: u64,
}

/// Everything the figures of pledge drives are drawn from.
#[derive(Clone, Debug, Default)]
pub struct PledgeFacts {
    /// Every organisation.
    pub organisations: Vec<Organisation>,
    /// Drives, by date and then by document.
    pub drives: Vec<DriveFact>,
    /// Visits of the period.
    pub visits: Vec<CampaignVisits>,
}

/// A prevention model that exists in the period and was not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFact {
    /// The home ward.
    pub home: WardRef,
    /// Members; `None` = not known.
    pub members: Option<u32>,
    /// Whether people still differ on a field.
    pub is_open: bool,
    /// What its reviews said by the last day of the period, by year.
    pub reviews: Vec<(u16, Verdict)>,
}

/// Everything the activity report is drawn from, of one moment of the database.
#[derive(Clone, Debug, Default)]
pub struct ActivityFacts {
    /// Every ward.
    pub wards: Vec<Ward>,
    /// Names of organisations.
    pub organisations: BTreeMap<OrganisationId, String>,
    /// Sums of the period.
    pub sums: Vec<ActivitySum>,
    /// Media of the days a year before.
    pub media_before: Vec<MediaDay>,
    /// Co-organisers of the period.
    pub took_part: Vec<TookPart>,
    /// Readable wards that records of the period reached from elsewhere.
    pub reached: BTreeSet<WardRef>,
    /// Stays, within the period, of the schools, agencies, residential groups and industrial zones of readable wards.
    pub places: Vec<PlaceStay>,
    /// Pledge drives of the period, and what stands beside them.
    pub pledges: PledgeFacts,
    /// Prevention models that exist in the period.
    pub models: Vec<ModelFact>,
}

/// Queries of the reports.
pub trait Reports {
    /// What the activity report is drawn from.
    fn activity(&self, question: ActivityQuestion) -> Pending<'_, ActivityFacts>;
}
