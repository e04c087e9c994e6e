//! The queries of the reports; their SQL lies beside this file in `report/`.

mod models;
mod pledges;

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::access::Scope;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::place::PlaceKind;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::{Date, WardRef};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};

use super::{SqliteStore, references};
use crate::projection::COUNTS;
use crate::store::report::{
    ActivityFacts, ActivityQuestion, ActivitySum, MediaDay, PlaceStay, Reports, TookPart,
};
use crate::store::{Key, Pending, StoreError};

/// The first of the columns of counts in `sums.sql`, which come in the order of [`COUNTS`].
const FIRST_COUNT: usize = 11;

impl Reports for SqliteStore {
    fn activity(&self, question: ActivityQuestion) -> Pending<'_, ActivityFacts> {
        self.read(move |db| activity(db, &question))
    }
}

/// A reader's queries all see one state of the database.
fn activity(db: &Connection, question: &ActivityQuestion) -> Result<ActivityFacts, StoreError> {
    let asked = Asked::new(db, question)?;
    Ok(ActivityFacts {
        wards: references::wards(db)?,
        organisations: organisations(db)?,
        sums: asked.all(include_str!("report/sums.sql"), sum)?,
        media_before: asked.a_year_before().all(include_str!("report/media_before.sql"), media_day)?,
        took_part: asked.all(include_str!("report/took_part.sql"), took_part)?,
        reached: asked.all(include_str!("report/reached.sql"), |row| ward(row, 0))?.into_iter().collect(),
        places: asked.places()?,
        pledges: asked.pledges()?,
        models: asked.models()?,
    })
}

/// A question as the queries take it: every query has the parameters first day, last day, shown wards, readable wards,
/// scopes of organisations, whether only what was confirmed counts.
struct Asked<'a> {
    db: &'a Connection,
    before: [String; 2],
    days: [String; 2],
    shown: String,
    readable: String,
    organisations: String,
    confirmed: String,
}

impl<'a> Asked<'a> {
    fn new(db: &'a Connection, question: &ActivityQuestion) -> Result<Self, StoreError> {
        let organisations = question.organisations.iter().cloned().map(Scope::Organisation);
        let texts = |(from, to): (Date, Date)| [from.to_string(), to.to_string()];
        Ok(Self {
            db,
            before: texts(question.before),
            days: texts((question.from, question.to)),
            shown: json(question.shown.iter())?,
            readable: json(question.readable.iter())?,
            organisations: json(organisations)?,
            confirmed: u8::from(question.confirmed_only).to_string(),
        })
    }

    fn a_year_before(&self) -> Self {
        Self {
            db: self.db,
            before: self.before.clone(),
            days: self.before.clone(),
            shown: self.shown.clone(),
            readable: self.readable.clone(),
            organisations: self.organisations.clone(),
            confirmed: self.confirmed.clone(),
        }
    }

    fn all<T>(
        &self,
        sql: &str,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut query = self.db.prepare_cached(sql)?;
        let [from, to] = &self.days;
        let values = [from, to, &self.shown, &self.readable, &self.organisations, &self.confirmed];
        // The last ones are for queries about records only.
        let wanted = query.parameter_count().min(values.len());
        let mut rows = query.query(params_from_iter(&values[..wanted]))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    fn places(&self) -> Result<Vec<PlaceStay>, StoreError> {
        let covered = |row: &Row<'_>| Ok((row.get::<_, Key>(0)?, ward(row, 1)?));
        let covered: BTreeSet<_> =
            self.all(include_str!("report/covered.sql"), covered)?.into_iter().collect();
        self.all(include_str!("report/stays.sql"), |row| {
            let (place, ward) = (row.get(0)?, ward(row, 2)?);
            let kind = PlaceKind::parse(&row.get::<_, String>(1)?)?;
            Ok(PlaceStay { place, kind, ward, covered: covered.contains(&(place, ward)) })
        })
    }
}

/// A list of names for `json_each`.
pub(super) fn json(names: impl Iterator<Item = impl ToString>) -> Result<String, StoreError> {
    let names: Vec<String> = names.map(|name| name.to_string()).collect();
    serde_json::to_string(&names).map_err(|error| StoreError::Failed(error.to_string()))
}

fn organisations(db: &Connection) -> Result<BTreeMap<OrganisationId, String>, StoreError> {
    let mut query = db.prepare_cached("SELECT organisation, name FROM organisation")?;
    let mut rows = query.query([])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        found.insert(row.get::<_, String>(0)?.parse()?, row.get(1)?);
    }
    Ok(found)
}

fn ward(row: &Row<'_>, column: usize) -> Result<WardRef, StoreError> {
    Ok(row.get::<_, String>(column)?.parse()?)
}

fn organisation(row: &Row<'_>, column: usize) -> Result<Option<OrganisationId>, StoreError> {
    Ok(row.get::<_, Option<String>>(column)?.map(|text| text.parse()).transpose()?)
}

/// A sum of numbers that are never negative.
fn total(row: &Row<'_>, column: usize) -> Result<u64, StoreError> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

fn sum(row: &Row<'_>) -> Result<ActivitySum, StoreError> {
    let mut counts: BTreeMap<CountKey, u64> = BTreeMap::new();
    for (at, key) in COUNTS.into_iter().enumerate() {
        if row.get_ref(FIRST_COUNT + at)? != ValueRef::Null {
            counts.insert(key, total(row, FIRST_COUNT + at)?);
        }
    }
    Ok(ActivitySum {
        home: ward(row, 0)?,
        lead: organisation(row, 1)?,
        month: row.get::<_, String>(2)?.parse()?,
        visits: row.get(3)?,
        sessions: total(row, 4)?,
        attendance_unknown: row.get(5)?,
        media: total(row, 6)?,
        all_people_day: total(row, 7)?,
        open_records: row.get(8)?,
        confirmed: row.get(9)?,
        edited_since: row.get(10)?,
        counts,
    })
}

fn media_day(row: &Row<'_>) -> Result<MediaDay, StoreError> {
    Ok(MediaDay {
        home: ward(row, 0)?,
        lead: organisation(row, 1)?,
        day: row.get::<_, String>(2)?.parse()?,
        sessions: total(row, 3)?,
    })
}

fn took_part(row: &Row<'_>) -> Result<TookPart, StoreError> {
    Ok(TookPart {
        organisation: row.get::<_, String>(0)?.parse()?,
        records: row.get(1)?,
        sessions: total(row, 2)?,
    })
}
