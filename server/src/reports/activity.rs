//! The activity report (indicators A1–A8; B1–B4 are in [`super::pledges`], D1 in [`super::models`]) of the wards somebody
//! may read. For the lead of an organisation: of every ward, from the records placed with that organisation.
//!
//! - A record counts on its date, unless it was removed (gỡ bỏ); it is summed in its home ward only, so that the whole
//!   area is the sum of its wards. Organisations have separate columns for what they led and took part in, never summed.
//! - A ward had outreach (A1) when a record was made in it or reached it.
//! - Coverage (A2–A5) counts registered places that a record names, as venue or among the places reached, on a day of the
//!   period on which the place lay in the ward. A merged place stands for the one it was merged into. Loudspeaker, posts
//!   and articles never cover a school. In the total a place counts once.
//! - Media (A7) are compared with the same days a year before in the same area: a ward stands also for those that went
//!   into it, and each of those days belongs to the ward that has the area in the period.
//! - An unknown number is in no sum; a count that no record knows has no entry at all.

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::access::Access;
use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::report::{
    ActivityReport, Coverage, Figures, Grouping, MonthPoint, OrganisationRow, WardRow, WardTotal,
};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::{Ward, WardRef, latest_successor, with_predecessors};

use super::models::Models;
use super::pledges::Pledges;
use crate::problem::logged;
use crate::state::AppState;
use crate::store::report::{ActivityFacts, ActivityQuestion, ActivitySum, PlaceStay};

/// What report somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// First and last day.
    pub period: (Date, Date),
    /// By which wards.
    pub grouping: Grouping,
    /// Only records whose values were confirmed.
    pub confirmed_only: bool,
}

/// Draws the report of a period, both days included, for somebody with this access. Of a record that was confirmed the
/// values that were confirmed count, whatever was written since, until it is confirmed again (DOMAIN "Who confirms").
///
/// # Errors
/// [`Code::PeriodInvalid`] at `to` when it ends before it begins, [`Code::Internal`].
pub async fn activity(state: &AppState, access: &Access, asked: Asked) -> Result<ActivityReport, Problem> {
    let Asked { period: (from, to), grouping, confirmed_only } = asked;
    if to < from {
        return Err(Problem::new(Code::PeriodInvalid).at("to"));
    }
    let readable: BTreeSet<WardRef> = access.activity_wards().collect();
    let organisations: BTreeSet<OrganisationId> = access.organisations().cloned().collect();
    // An organisation works everywhere: its report is about every ward, with its own records only.
    let shown = match organisations.is_empty() {
        true => readable.clone(),
        false => state.store().wards().await.map_err(logged)?.iter().map(|ward| ward.id).collect(),
    };
    let own = readable.is_empty().then(|| organisations.clone());
    let before = (a_year_before(from), a_year_before(to));
    let shown_to = shown.clone();
    let question =
        ActivityQuestion { from, to, before, shown: shown_to, readable, organisations, confirmed_only };
    let facts = state.store().activity(question).await.map_err(logged)?;
    let areas = Areas::new(&facts, &shown, Span { from, to: Some(to) }, grouping);
    Ok(ActivityReport {
        from,
        to,
        grouping,
        confirmed_only,
        demo: state.store().instance().demo,
        drawn_at: state.now(),
        wards: areas.wards(&facts),
        total: areas.total(&facts),
        organisations: organisation_rows(&facts, own.as_ref()),
        months: months(&facts, from, to),
    })
}

/// The same day a year before; 28 February for the 29th.
fn a_year_before(day: Date) -> Date {
    let year = day.year() - 1;
    Date::new(year, day.month(), day.day()).or_else(|| Date::new(year, day.month(), 28)).unwrap_or(day)
}

/// The rows of a report, and which wards each stands for.
struct Areas<'a> {
    wards: &'a [Ward],
    period: Span,
    grouping: Grouping,
    /// Row → the shown wards summed in it.
    rows: BTreeMap<WardRef, BTreeSet<WardRef>>,
}

impl<'a> Areas<'a> {
    /// One row a shown ward that existed in the period, or has records of it all the same.
    fn new(facts: &'a ActivityFacts, shown: &BTreeSet<WardRef>, period: Span, grouping: Grouping) -> Self {
        let row_of = |ward: WardRef| match grouping {
            Grouping::AsThen => ward,
            Grouping::BySuccessor => latest_successor(ward, &facts.wards),
        };
        let existed =
            facts.wards.iter().filter(|ward| ward.span().overlap(&period).is_some()).map(|ward| ward.id);
        let homes = facts.sums.iter().map(|sum| sum.home);
        let homes = homes.chain(facts.pledges.drives.iter().map(|drive| drive.home));
        let with_row = existed.filter(|ward| shown.contains(ward)).chain(homes);
        let mut rows: BTreeMap<_, BTreeSet<_>> =
            with_row.map(|ward| (row_of(ward), BTreeSet::new())).collect();
        for ward in shown {
            if let Some(wards) = rows.get_mut(&row_of(*ward)) {
                wards.insert(*ward);
            }
        }
        Self { wards: &facts.wards, period, grouping, rows }
    }

    fn wards(&self, facts: &ActivityFacts) -> Vec<WardRow> {
        let (pledges, models) = (Pledges::new(&facts.pledges), self.models(facts));
        let row = |(ward, members): (&WardRef, &BTreeSet<WardRef>)| {
            let mut figures = figures(facts.sums.iter().filter(|sum| members.contains(&sum.home)));
            figures.media_before = self.media_before(*ward, facts);
            let coverage = |kind| coverage(&facts.places, kind, members);
            let schools = coverage(PlaceKind::School);
            WardRow {
                ward: *ward,
                name: self.name(*ward),
                reached: had_outreach(facts, members),
                figures,
                schools,
                agencies: coverage(PlaceKind::Agency),
                residential_groups: coverage(PlaceKind::ResidentialGroup),
                industrial_zones: coverage(PlaceKind::IndustrialZone),
                pledges: pledges.figures(members, schools.registered),
                models: models.figures(members),
            }
        };
        let mut rows: Vec<_> = self.rows.iter().map(row).collect();
        // Earlier units first: their codes were given to others.
        rows.sort_by_key(|row| (row.ward.valid_from, row.ward.code));
        rows
    }

    fn total(&self, facts: &ActivityFacts) -> WardTotal {
        let all: BTreeSet<WardRef> = self.rows.values().flatten().copied().collect();
        let mut figures = figures(facts.sums.iter());
        figures.media_before = self.rows.keys().map(|row| self.media_before(*row, facts)).sum();
        let covered = self.rows.values().filter(|members| had_outreach(facts, members)).count();
        let coverage = |kind| coverage(&facts.places, kind, &all);
        let schools = coverage(PlaceKind::School);
        let models = self.models(facts);
        let with_model = self.rows.values().filter(|members| models.figures(members).working > 0).count();
        WardTotal {
            wards: Coverage { covered: number(covered), registered: number(self.rows.len()) },
            figures,
            schools,
            agencies: coverage(PlaceKind::Agency),
            residential_groups: coverage(PlaceKind::ResidentialGroup),
            industrial_zones: coverage(PlaceKind::IndustrialZone),
            pledges: Pledges::new(&facts.pledges).figures(&all, schools.registered),
            models: models.figures(&all),
            model_wards: Coverage { covered: number(with_model), registered: number(self.rows.len()) },
        }
    }

    fn models<'f>(&self, facts: &'f ActivityFacts) -> Models<'f> {
        Models::new(&facts.models, self.wards, self.period, self.grouping)
    }

    fn name(&self, ward: WardRef) -> String {
        self.wards.iter().find(|known| known.id == ward).map_or_else(|| ward.to_string(), Ward::full_name)
    }

    /// Media sessions a year before the days on which the row's ward existed, in its area.
    fn media_before(&self, row: WardRef, facts: &ActivityFacts) -> u64 {
        let existed = match self.grouping {
            Grouping::BySuccessor => Some(self.period),
            Grouping::AsThen => self
                .wards
                .iter()
                .find(|ward| ward.id == row)
                .and_then(|ward| ward.span().overlap(&self.period)),
        };
        let Some(days) = existed else { return 0 };
        let days = Span { from: a_year_before(days.from), to: days.to.map(a_year_before) };
        let area = with_predecessors(row, self.wards);
        let there =
            facts.media_before.iter().filter(|media| area.contains(&media.home) && days.contains(media.day));
        there.map(|media| media.sessions).sum()
    }
}

fn had_outreach(facts: &ActivityFacts, wards: &BTreeSet<WardRef>) -> bool {
    facts.sums.iter().any(|sum| wards.contains(&sum.home))
        || wards.iter().any(|ward| facts.reached.contains(ward))
}

fn figures<'s>(sums: impl Iterator<Item = &'s ActivitySum>) -> Figures {
    let mut figures = Figures::default();
    for sum in sums {
        figures.visits += sum.visits;
        figures.sessions += sum.sessions;
        figures.attendance_unknown += sum.attendance_unknown;
        figures.media += sum.media;
        figures.action_month += if sum.month.month() == 6 { sum.sessions } else { 0 };
        figures.all_people_day += sum.all_people_day;
        figures.open_records += sum.open_records;
        figures.confirmed += sum.confirmed;
        figures.edited_since += sum.edited_since;
        for (key, known) in &sum.counts {
            *figures.counts.entry(key.code().to_owned()).or_default() += known;
        }
    }
    figures
}

fn coverage(places: &[PlaceStay], kind: PlaceKind, wards: &BTreeSet<WardRef>) -> Coverage {
    let here = || places.iter().filter(|stay| stay.kind == kind && wards.contains(&stay.ward));
    let registered: BTreeSet<_> = here().map(|stay| stay.place).collect();
    let covered: BTreeSet<_> = here().filter(|stay| stay.covered).map(|stay| stay.place).collect();
    Coverage { covered: number(covered.len()), registered: number(registered.len()) }
}

/// One row an organisation with records in the period, the busiest first. Whoever sees the records of some organisations
/// only (`own`) sees no row of the others: it would tell a part for the whole.
fn organisation_rows(facts: &ActivityFacts, own: Option<&BTreeSet<OrganisationId>>) -> Vec<OrganisationRow> {
    let leads = facts.sums.iter().filter_map(|sum| sum.lead.as_ref());
    let all: BTreeSet<&OrganisationId> =
        leads.chain(facts.took_part.iter().map(|part| &part.organisation)).collect();
    let row = |id: &OrganisationId| {
        let mut led = figures(facts.sums.iter().filter(|sum| sum.lead.as_ref() == Some(id)));
        let before = facts.media_before.iter().filter(|media| media.lead.as_ref() == Some(id));
        led.media_before = before.map(|media| media.sessions).sum();
        let part = facts.took_part.iter().find(|part| part.organisation == *id);
        OrganisationRow {
            organisation: id.clone(),
            name: facts.organisations.get(id).cloned().unwrap_or_else(|| id.to_string()),
            led,
            took_part: part.map_or(0, |part| part.records),
            took_part_sessions: part.map_or(0, |part| part.sessions),
        }
    };
    let seen = |id: &&OrganisationId| own.is_none_or(|own| own.contains(*id));
    let mut rows: Vec<_> = all.into_iter().filter(seen).map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.led.sessions, row.took_part_sessions)));
    rows
}

/// One point a month of the period, quiet ones included.
fn months(facts: &ActivityFacts, from: Date, to: Date) -> Vec<MonthPoint> {
    let mut points: BTreeMap<Date, MonthPoint> = BTreeMap::new();
    let mut next = Date::new(from.year(), from.month(), 1);
    while let Some(month) = next.filter(|month| *month <= to) {
        points.insert(month, MonthPoint { month, sessions: 0, attendance: 0 });
        next = match month.month() {
            12 => Date::new(month.year() + 1, 1, 1),
            number => Date::new(month.year(), number + 1, 1),
        };
    }
    for sum in &facts.sums {
        if let Some(point) = points.get_mut(&sum.month) {
            point.sessions += sum.sessions;
            point.attendance += sum.counts.get(&CountKey::Attendance).copied().unwrap_or(0);
        }
    }
    points.into_values().collect()
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
