//! The activity report as server and app exchange it: per ward or organisation, for any period.
//! Indicators are those of the plan (A1–A8, B1–B4, D1); the counting rules are the domain's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::date::{Date, Span};
use super::organisation::OrganisationId;
use super::ward::WardRef;

/// How the wards of a period that crosses a merger are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// Each ward as it was in the period.
    #[default]
    AsThen,
    /// Old wards summed under the ward that took them over.
    BySuccessor,
}

/// `covered` of `registered` places. `registered == 0`: nobody knows how many there are, shown as "—".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Places reached at least once in the period.
    pub covered: u32,
    /// Places open in the register during the period.
    pub registered: u32,
}

/// Figures of activity. A record counts once, in its home ward.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Records.
    pub visits: u32,
    /// Sessions (A6).
    pub sessions: u64,
    /// Totals by `CountKey` code, of the records where the number is known.
    pub counts: BTreeMap<String, u64>,
    /// Records whose attendance nobody knows.
    pub attendance_unknown: u32,
    /// Media products in the period (A7): sessions of loudspeaker, posts and articles.
    pub media: u64,
    /// The same for the same days one year earlier.
    pub media_before: u64,
    /// Sessions in June (A8, the action month).
    pub action_month: u64,
    /// Sessions on 26 June (A8, the all-people day).
    pub all_people_day: u64,
    /// Records on whose fields people still differ.
    pub open_records: u32,
    /// Records whose values were confirmed: those are counted, whatever was written since.
    #[serde(default)]
    pub confirmed: u32,
    /// Of these, records that were edited after they were confirmed.
    #[serde(default)]
    pub edited_since: u32,
}

/// Signatures of groups. Each group of a place counts once for a year, by the last drive of the period: repeated drives are
/// never summed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SignedFigures {
    /// Groups: classes, branches, clusters.
    pub groups: u32,
    /// Of these, groups of which nobody knows how many signed.
    pub unknown: u32,
    /// Who signed, as far as known.
    pub signed: u64,
    /// Who was to sign; absent when a group does not know, since the sum would be too small, and where there is no group.
    pub expected: Option<u64>,
}

/// Figures of pledge drives. A drive counts on its first day, in its home ward; removed drives and groups taken out do not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PledgeFigures {
    /// Drives.
    pub drives: u32,
    /// Schools with pupils or teachers who signed, of those registered (B1).
    pub schools: Coverage,
    /// Pupils and teachers of schools (B1).
    pub school_signers: SignedFigures,
    /// Everybody who signed, by `Signer` code.
    pub signers: BTreeMap<String, SignedFigures>,
    /// "3 không với ma túy" led by the Youth Union (B2): who signed.
    pub three_no: SignedFigures,
    /// The same: sessions of visits of that campaign that the Youth Union led.
    pub three_no_sessions: u64,
    /// Members who signed in drives that the Women's Union led (B3).
    pub women: SignedFigures,
    /// Households that signed in drives that the Women's Union led (B3).
    pub women_households: SignedFigures,
    /// Workers who signed in industrial zones and boarding houses (B4).
    pub workers: SignedFigures,
    /// Workers reached there: attendance of the workers' group in visits that name such a place (B4).
    pub workers_reached: u64,
    /// Drives on whose fields people still differ.
    pub open_records: u32,
}

/// Figures of prevention models that exist in the period (D1), each in one ward; removed ones do not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ModelFigures {
    /// Models.
    pub models: u32,
    /// Of these, models that work: the latest review by the end of the period, if any, does not say "not effective".
    pub working: u32,
    /// Of all models, those with a review of the year in which the period ends, said by its end.
    pub reviewed: u32,
    /// Members of all models, as far as known.
    pub members: u64,
    /// Models of which nobody knows how many members they have.
    pub members_unknown: u32,
    /// Models on whose fields people still differ.
    pub open_records: u32,
}

/// One ward's row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WardRow {
    /// The ward.
    pub ward: WardRef,
    /// `Phường Đồng Tâm`.
    pub name: String,
    /// Whether the ward had any outreach in the period (A1).
    pub reached: bool,
    /// Its figures.
    pub figures: Figures,
    /// Schools (A2).
    pub schools: Coverage,
    /// Agencies (A3).
    pub agencies: Coverage,
    /// Residential groups (A4).
    pub residential_groups: Coverage,
    /// Industrial zones (A5).
    pub industrial_zones: Coverage,
    /// Pledges (B1–B4).
    #[serde(default)]
    pub pledges: PledgeFigures,
    /// Prevention models (D1).
    #[serde(default)]
    pub models: ModelFigures,
}

/// One organisation's row. Rows of organisations are never summed: a record has one lead and several that took part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrganisationRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name in Vietnamese.
    pub name: String,
    /// What it led (chủ trì).
    pub led: Figures,
    /// What it took part in (phối hợp): records.
    pub took_part: u32,
    /// What it took part in: sessions.
    pub took_part_sessions: u64,
}

/// The sum over one month, for the chart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MonthPoint {
    /// First day of the month.
    pub month: Date,
    /// Sessions.
    pub sessions: u64,
    /// Known attendance.
    pub attendance: u64,
}

/// The report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActivityReport {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// How wards are drawn.
    pub grouping: Grouping,
    /// Whether only records count whose values were confirmed.
    #[serde(default)]
    pub confirmed_only: bool,
    /// Whether the database holds demo data.
    pub demo: bool,
    /// When it was drawn, milliseconds UTC.
    pub drawn_at: i64,
    /// One row a ward that the reader may see.
    pub wards: Vec<WardRow>,
    /// The whole area: sums of the wards; each record once, each place once.
    pub total: WardTotal,
    /// One row an organisation with records in the period.
    pub organisations: Vec<OrganisationRow>,
    /// By month.
    pub months: Vec<MonthPoint>,
}

/// The whole area of the report.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WardTotal {
    /// Wards with outreach of all wards (A1).
    pub wards: Coverage,
    /// Figures.
    pub figures: Figures,
    /// Schools (A2).
    pub schools: Coverage,
    /// Agencies (A3).
    pub agencies: Coverage,
    /// Residential groups (A4).
    pub residential_groups: Coverage,
    /// Industrial zones (A5).
    pub industrial_zones: Coverage,
    /// Pledges (B1–B4).
    #[serde(default)]
    pub pledges: PledgeFigures,
    /// Prevention models (D1).
    #[serde(default)]
    pub models: ModelFigures,
    /// Wards with a model that works, of all wards (D1).
    #[serde(default)]
    pub model_wards: Coverage,
}

/// A number of people. So few that somebody could be recognised are not told: then `count` is absent and `few` is set,
/// also on numbers that would give such a one away by subtraction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PeopleCount {
    /// The number; absent when it is not told.
    pub count: Option<u32>,
    /// Whether it is not told because it, or another one, is small.
    pub few: bool,
}

/// One ward's open cases of after-care.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AftercareRow {
    /// The ward.
    pub ward: WardRef,
    /// `Phường Đồng Tâm`.
    pub name: String,
    /// Cases that are open.
    pub open: PeopleCount,
    /// The same by `CaseStatus` code; `unknown` for those of which nobody said.
    pub by_status: BTreeMap<String, PeopleCount>,
    /// What the period was like (C1, C2); absent when no period was asked for.
    #[serde(default)]
    pub figures: Option<AftercareFigures>,
}

/// Indicators C1 and C2 of one ward in a period (plan I.4, IV.2, IV.12.3, IV.13).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AftercareFigures {
    /// People who have a file and were under management on some day of the period (C1).
    pub managed: PeopleCount,
    /// Of these, who were given support of some kind: counselling, treatment, training, a loan, a job (C1).
    pub supported: PeopleCount,
    /// People under management, with a file or without, as somebody typed them in for exactly this period; absent when
    /// nobody did.
    #[serde(default)]
    pub typed: Option<PeopleCount>,
    /// `supported` of `typed` in per mille, rounded down; absent unless both are told: never a share of the files.
    #[serde(default)]
    pub share: Option<u32>,
    /// Check-ins that were due in the period (C2).
    pub check_ins: CheckInFigures,
    /// Support given, by `SupportKind` code (C2).
    pub support: BTreeMap<String, SupportFigures>,
    /// People who completed in the period (C2).
    pub completed: PeopleCount,
    /// People of whom a relapse was recorded in the period (C2).
    pub relapsed: PeopleCount,
    /// Open cases without a first day: they are in none of the numbers above.
    pub start_unknown: PeopleCount,
    /// People whom somebody should have met by today.
    pub overdue: PeopleCount,
}

/// Check-ins that were due in a period, by how that went. Numbers of check-ins, told by how many people they are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CheckInFigures {
    /// Kept on time.
    pub on_time: PeopleCount,
    /// Kept late.
    pub late: PeopleCount,
    /// Missed.
    pub missed: PeopleCount,
    /// Excused: somebody else had charge of the person.
    pub excused: PeopleCount,
}

/// Support of one kind given in a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SupportFigures {
    /// People who were given it.
    pub people: PeopleCount,
    /// How often it was given; told where the people are.
    pub given: PeopleCount,
}

/// Counts of after-care, without names. Wards are not summed: a sum would give small wards away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AftercareReport {
    /// Whether the database holds demo data.
    pub demo: bool,
    /// When it was drawn, milliseconds UTC.
    pub drawn_at: i64,
    /// The period of the rows' figures; absent when none was asked for.
    #[serde(default)]
    pub period: Option<Span>,
    /// One row a ward whose counts the reader may see.
    pub wards: Vec<AftercareRow>,
}
