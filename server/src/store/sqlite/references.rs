//! The register: wards, places, organisations, campaigns, each change of it logged in the scope `reference`.

use std::collections::BTreeSet;

use donghanh_shared::access::Scope;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::{Campaign, Organisation};
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus, PlaceWard};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::{Ward, WardRef};
use donghanh_shared::ids::PlaceId;
use donghanh_shared::sync::wire::{Answer, Reference, to_bytes};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::log::{self, Entry, Kind, Scopes};
use super::pool::Transaction;
use crate::store::{Key, Pending, Register, RegisterAction, StoreError};

impl Register for SqliteStore {
    fn wards(&self) -> Pending<'_, Vec<Ward>> {
        self.read(wards)
    }

    fn places(&self) -> Pending<'_, Vec<Place>> {
        self.read(|db| {
            let mut keys = db.prepare_cached("SELECT id FROM place ORDER BY id")?;
            let keys = keys.query_map([], |row| row.get::<_, Key>(0))?.collect::<Result<Vec<_>, _>>()?;
            keys.into_iter().map(|key| place(db, key)).collect()
        })
    }

    fn put_references(&self, references: Vec<Reference>) -> Pending<'_, ()> {
        self.write(move |tx| {
            let mut scopes = Scopes::default();
            for reference in &references {
                put(tx, &mut scopes, reference, None)?;
            }
            scopes.save(tx)
        })
    }
}

/// Every ward, oldest row first.
pub fn wards(db: &Connection) -> Result<Vec<Ward>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT ward, name, kind, valid_to, successor FROM ward ORDER BY id")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_ward(row)?);
    }
    Ok(found)
}

fn read_ward(row: &Row<'_>) -> Result<Ward, StoreError> {
    Ok(Ward {
        id: row.get::<_, String>(0)?.parse()?,
        name: row.get(1)?,
        kind: row.get(2)?,
        valid_to: row.get::<_, Option<String>>(3)?.map(|text| text.parse()).transpose()?,
        successor: row.get::<_, Option<String>>(4)?.map(|text| text.parse()).transpose()?,
    })
}

/// The row of a ward.
pub fn ward_key(db: &Connection, ward: WardRef) -> Result<Key, StoreError> {
    db.prepare_cached("SELECT id FROM ward WHERE ward = ?1")?
        .query_row([ward.to_string()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| Problem::new(Code::WardUnknown).into())
}

fn span(row: &Row<'_>, from: usize, to: usize) -> Result<Span, StoreError> {
    Ok(Span {
        from: row.get::<_, String>(from)?.parse()?,
        to: row.get::<_, Option<String>>(to)?.map(|text| text.parse()).transpose()?,
    })
}

/// A place by its row.
pub fn place(db: &Connection, key: Key) -> Result<Place, StoreError> {
    let mut query =
        db.prepare_cached("SELECT place, kind, name, level, status, merged_into FROM place WHERE id = ?1")?;
    let mut rows = query.query([key])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let mut stays = db.prepare_cached(
        "SELECT ward.ward, place_ward.valid_from, place_ward.valid_to FROM place_ward
         JOIN ward ON ward.id = place_ward.ward WHERE place = ?1 ORDER BY place_ward.valid_from, place_ward.ward",
    )?;
    let mut stays = stays.query([key])?;
    let mut wards = Vec::new();
    while let Some(stay) = stays.next()? {
        wards.push(PlaceWard { ward: stay.get::<_, String>(0)?.parse()?, span: span(stay, 1, 2)? });
    }
    Ok(Place {
        id: PlaceId(row.get(0)?),
        kind: PlaceKind::parse(&row.get::<_, String>(1)?)?,
        name: row.get(2)?,
        level: row.get(3)?,
        wards,
        status: PlaceStatus::parse(&row.get::<_, String>(4)?)?,
        merged_into: row.get::<_, Option<[u8; 16]>>(5)?.map(PlaceId),
    })
}

/// Every organisation, oldest row first.
pub fn organisations(db: &Connection) -> Result<Vec<Organisation>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT organisation, name, name_en, plan_section, valid_from, valid_to, parent, successor
         FROM organisation ORDER BY id",
    )?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_organisation(row)?);
    }
    Ok(found)
}

/// A piece of the register by kind and row, as it stands now.
pub fn piece(db: &Connection, kind: Kind, key: Key) -> Result<Option<Reference>, StoreError> {
    Ok(match kind {
        Kind::Ward => {
            let mut query =
                db.prepare_cached("SELECT ward, name, kind, valid_to, successor FROM ward WHERE id = ?1")?;
            let mut rows = query.query([key])?;
            rows.next()?.map(read_ward).transpose()?.map(Reference::Ward)
        }
        Kind::Place => Some(Reference::Place(place(db, key)?)),
        Kind::Organisation => {
            let mut query = db.prepare_cached(
                "SELECT organisation, name, name_en, plan_section, valid_from, valid_to, parent, successor
                 FROM organisation WHERE id = ?1",
            )?;
            let mut rows = query.query([key])?;
            rows.next()?.map(read_organisation).transpose()?.map(Reference::Organisation)
        }
        Kind::Campaign => {
            let mut query = db.prepare_cached(
                "SELECT campaign, name, name_en, valid_from, valid_to FROM campaign WHERE id = ?1",
            )?;
            let mut rows = query.query([key])?;
            let read = |row: &Row<'_>| -> Result<Campaign, StoreError> {
                let id = row.get::<_, String>(0)?.parse()?;
                Ok(Campaign { id, name: row.get(1)?, name_en: row.get(2)?, span: span(row, 3, 4)? })
            };
            rows.next()?.map(read).transpose()?.map(Reference::Campaign)
        }
        Kind::Enter | Kind::Put | Kind::Leave | Kind::Erase => None,
    })
}

fn read_organisation(row: &Row<'_>) -> Result<Organisation, StoreError> {
    let optional = |column: usize| row.get::<_, Option<String>>(column);
    Ok(Organisation {
        id: row.get::<_, String>(0)?.parse()?,
        name: row.get(1)?,
        name_en: row.get(2)?,
        plan_section: row.get(3)?,
        span: span(row, 4, 5)?,
        parent: optional(6)?.map(|text| text.parse()).transpose()?,
        successor: optional(7)?.map(|text| text.parse()).transpose()?,
    })
}

/// Writes one piece and logs it. Returns its place in the log.
fn put(
    tx: &Transaction<'_>,
    scopes: &mut Scopes,
    reference: &Reference,
    proposed_by: Option<Key>,
) -> Result<u64, StoreError> {
    let (kind, subject) = match reference {
        Reference::Ward(ward) => (Kind::Ward, put_ward(tx, ward)?),
        Reference::Place(place) => (Kind::Place, put_place(tx, place, proposed_by)?),
        Reference::Organisation(organisation) => (Kind::Organisation, put_organisation(tx, organisation)?),
        Reference::Campaign(campaign) => (Kind::Campaign, put_campaign(tx, campaign)?),
    };
    let content = to_bytes(reference);
    let entry = Entry { kind, subject, change: None, device: None, content: [&content, &[]] };
    scopes.append(tx, &Scope::Reference, entry)
}

fn put_ward(tx: &Transaction<'_>, ward: &Ward) -> Result<Key, StoreError> {
    let key = tx
        .prepare_cached(
            "INSERT INTO ward (ward, name, kind, valid_from, valid_to, successor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (ward) DO UPDATE SET name = excluded.name, kind = excluded.kind,
                 valid_to = excluded.valid_to, successor = excluded.successor
             RETURNING id",
        )?
        .query_row(
            params![
                ward.id.to_string(),
                ward.name,
                ward.kind,
                ward.id.valid_from.to_string(),
                ward.valid_to.map(|day| day.to_string()),
                ward.successor.map(|ward| ward.to_string())
            ],
            |row| row.get(0),
        )?;
    let activity = Scope::Activity(ward.id);
    if log::scope(tx, &activity)?.is_none() {
        log::make(tx, &activity)?;
    }
    Ok(key)
}

fn put_place(tx: &Transaction<'_>, place: &Place, proposed_by: Option<Key>) -> Result<Key, StoreError> {
    let key: Key = tx
        .prepare_cached(
            "INSERT INTO place (place, kind, name, level, status, merged_into, proposed_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (place) DO UPDATE SET kind = excluded.kind, name = excluded.name, level = excluded.level,
                 status = excluded.status, merged_into = excluded.merged_into
             RETURNING id",
        )?
        .query_row(
            params![
                place.id.0,
                place.kind.code(),
                place.name,
                place.level,
                place.status.code(),
                place.merged_into.map(|into| into.0),
                proposed_by
            ],
            |row| row.get(0),
        )?;
    tx.prepare_cached("DELETE FROM place_ward WHERE place = ?1")?.execute([key])?;
    let mut insert = tx.prepare_cached(
        "INSERT OR REPLACE INTO place_ward (place, ward, valid_from, valid_to) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for stay in &place.wards {
        let to = stay.span.to.map(|day| day.to_string());
        insert.execute(params![key, ward_key(tx, stay.ward)?, stay.span.from.to_string(), to])?;
    }
    Ok(key)
}

fn put_organisation(tx: &Transaction<'_>, organisation: &Organisation) -> Result<Key, StoreError> {
    Ok(tx
        .prepare_cached(
            "INSERT INTO organisation (organisation, name, name_en, plan_section, valid_from, valid_to, parent, successor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (organisation) DO UPDATE SET name = excluded.name, name_en = excluded.name_en,
                 plan_section = excluded.plan_section, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
                 parent = excluded.parent, successor = excluded.successor
             RETURNING id",
        )?
        .query_row(
            params![
                organisation.id.as_str(),
                organisation.name,
                organisation.name_en,
                organisation.plan_section,
                organisation.span.from.to_string(),
                organisation.span.to.map(|day| day.to_string()),
                organisation.parent.as_ref().map(ToString::to_string),
                organisation.successor.as_ref().map(ToString::to_string)
            ],
            |row| row.get(0),
        )?)
}

fn put_campaign(tx: &Transaction<'_>, campaign: &Campaign) -> Result<Key, StoreError> {
    Ok(tx
        .prepare_cached(
            "INSERT INTO campaign (campaign, name, name_en, valid_from, valid_to) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (campaign) DO UPDATE SET name = excluded.name, name_en = excluded.name_en,
                 valid_from = excluded.valid_from, valid_to = excluded.valid_to
             RETURNING id",
        )?
        .query_row(
            params![
                campaign.id.as_str(),
                campaign.name,
                campaign.name_en,
                campaign.span.from.to_string(),
                campaign.span.to.map(|day| day.to_string())
            ],
            |row| row.get(0),
        )?)
}

/// Carries out a command to the register, judged against the register as it stands.
pub fn carry_out(
    tx: &Transaction<'_>,
    scopes: &mut Scopes,
    action: &RegisterAction,
    person: Key,
) -> Result<Answer, StoreError> {
    let found = |id: PlaceId| -> Result<Option<Place>, StoreError> {
        let key: Option<Key> = tx
            .prepare_cached("SELECT id FROM place WHERE place = ?1")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        key.map(|key| place(tx, key)).transpose()
    };
    let lies =
        |place: &Place, wards: &BTreeSet<WardRef>| place.wards.iter().any(|stay| wards.contains(&stay.ward));
    let (place, proposed_by) = match action {
        RegisterAction::Propose(place) => match found(place.id)? {
            Some(_) => return Ok(Answer::Duplicate),
            None => (place.clone(), Some(person)),
        },
        RegisterAction::Approve(id, wards) => match found(*id)? {
            None => return Ok(Answer::refused(Code::PlaceUnknown)),
            Some(place) if !lies(&place, wards) => return Ok(Answer::refused(Code::NotAllowed)),
            Some(place) if place.status != PlaceStatus::Proposed => return Ok(Answer::Duplicate),
            Some(place) => (Place { status: PlaceStatus::Registered, ..place }, None),
        },
        RegisterAction::Merge(id, into, wards) => match (found(*id)?, found(*into)?) {
            (None, _) | (_, None) => return Ok(Answer::refused(Code::PlaceUnknown)),
            (Some(place), _) if !lies(&place, wards) => return Ok(Answer::refused(Code::NotAllowed)),
            (Some(place), _) if place.merged_into == Some(*into) => return Ok(Answer::Duplicate),
            // Only a proposed place ends, and only in a registered one: so no circle can arise.
            (Some(place), Some(target))
                if place.status != PlaceStatus::Proposed || target.status != PlaceStatus::Registered =>
            {
                return Ok(Answer::refused(Code::NotAllowed));
            }
            (Some(place), Some(_)) => {
                (Place { status: PlaceStatus::Merged, merged_into: Some(*into), ..place }, None)
            }
        },
    };
    put(tx, scopes, &Reference::Place(place), proposed_by).map(Answer::Ok)
}
