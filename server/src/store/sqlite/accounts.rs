//! People, their roles and their devices.

use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::date::{Date, Millis, Span};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DeviceId, PersonId, PlaceId};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use super::pool::Transaction;
use super::{SqliteStore, cases, references, secrets};
use crate::store::{Accounts, Credentials, Event, Key, NewPerson, NewSession, Pending, Session, StoreError};

impl Accounts for SqliteStore {
    fn is_empty(&self) -> Pending<'_, bool> {
        self.read(|db| {
            Ok(!db.query_row("SELECT EXISTS (SELECT 1 FROM person)", [], |row| row.get::<_, bool>(0))?)
        })
    }

    fn credentials(&self, sign_in: String) -> Pending<'_, Option<Credentials>> {
        self.read(move |db| secrets::credentials(db, "sign_in", params![sign_in]))
    }

    fn add_people(&self, people: Vec<NewPerson>, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| people.iter().try_for_each(|person| add_person(tx, person, at)))
    }

    fn begin_session(&self, session: NewSession) -> Pending<'_, ()> {
        self.write(move |tx| begin_session(tx, &session, false))
    }

    fn session(&self, token: [u8; 32]) -> Pending<'_, Option<Session>> {
        self.read(move |db| {
            session(
                db,
                "(token = ?1 OR push_token = ?1) AND (ended_at IS NULL OR revoked_at IS NOT NULL)",
                params![token],
            )
        })
    }

    fn end_session(&self, device: Key, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| {
            let ended = tx
                .prepare_cached(
                    "UPDATE device SET ended_at = ?2, unlock_key = NULL WHERE id = ?1 AND ended_at IS NULL RETURNING device",
                )?
                .query_row(params![device, at], |row| row.get::<_, [u8; 16]>(0))
                .optional()?;
            if let Some(device) = ended {
                note(tx, at, "device_ended", &device)?;
                tx.events.push(Event::SessionEnded(DeviceId(device)));
            }
            Ok(())
        })
    }
}

/// Adds a line to the ledger.
pub fn note(tx: &Transaction<'_>, at: Millis, kind: &str, body: &[u8]) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO ledger (at, kind, body) VALUES (?1, ?2, ?3)")?
        .execute(params![at, kind, body])?;
    Ok(())
}

/// Begins a session, of a device made by an invitation or by a password.
pub fn begin_session(
    tx: &Transaction<'_>,
    session: &NewSession,
    by_invitation: bool,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO device (device, person, name, token, push_token, unlock_key, by_invitation, created_at, last_seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
    )?
    .execute(params![
        session.device.0,
        session.person,
        session.name,
        session.token,
        session.push_token,
        session.unlock_key,
        by_invitation,
        session.at
    ])?;
    Ok(())
}

/// Adds a person with their roles.
pub fn add_person(tx: &Transaction<'_>, person: &NewPerson, at: Millis) -> Result<(), StoreError> {
    let taken = tx
        .prepare_cached("SELECT 1 FROM person WHERE sign_in = ?1 OR person = ?2")?
        .exists(params![person.sign_in, person.id.0])?;
    if taken {
        return Err(Problem::new(Code::DocumentExists).at("name").into());
    }
    tx.prepare_cached(
        "INSERT INTO person (person, sign_in, full_name, password, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![person.id.0, person.sign_in, person.full_name, person.password, at])?;
    add_memberships(tx, tx.last_insert_rowid(), &person.memberships)
}

/// Adds roles.
pub fn add_memberships(
    tx: &Transaction<'_>,
    person: Key,
    memberships: &[Membership],
) -> Result<(), StoreError> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO membership (person, role, ward, organisation, valid_from, valid_to, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for held in memberships {
        let ward = held.ward.map(|ward| ward.to_string());
        let organisation = held.organisation.as_ref().map(ToString::to_string);
        let to = held.span.to.map(|day| day.to_string());
        insert.execute(params![
            person,
            held.role.code(),
            ward,
            organisation,
            held.span.from.to_string(),
            to,
            held.place.map(|place| place.0)
        ])?;
    }
    Ok(())
}

/// The session of the device that the condition finds; `?1` shown as a full token or not tells what it may do.
pub fn session(db: &Connection, condition: &str, of: &[&dyn ToSql]) -> Result<Option<Session>, StoreError> {
    let found = db
        .prepare_cached(&format!(
            "SELECT device.id, device.device, person.id, person.person, person.full_name,
                device.push_token IS ?1, device.revoked_at IS NOT NULL, device.by_invitation,
                person.totp_since IS NOT NULL, device.last_seen_at
             FROM device JOIN person ON person.id = device.person
             WHERE {condition} AND person.closed_at IS NULL",
        ))?
        .query_row(of, |row| {
            Ok(Session {
                device_key: row.get(0)?,
                device: DeviceId(row.get(1)?),
                person_key: row.get(2)?,
                person: PersonId(row.get(3)?),
                full_name: row.get(4)?,
                memberships: Vec::new(),
                assignments: Vec::new(),
                wards: Vec::new(),
                push_only: row.get(5)?,
                revoked: row.get(6)?,
                by_invitation: row.get(7)?,
                has_codes: row.get(8)?,
                last_seen_at: row.get(9)?,
            })
        })
        .optional()?;
    let Some(session) = found else { return Ok(None) };
    let memberships = memberships(db, session.person_key)?;
    let assignments = cases::assignments(db, session.person_key)?;
    Ok(Some(Session { memberships, assignments, wards: references::wards(db)?, ..session }))
}

/// Every role a person holds or held.
pub fn memberships(db: &Connection, person: Key) -> Result<Vec<Membership>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT role, ward, organisation, valid_from, valid_to, place FROM membership WHERE person = ?1 ORDER BY id",
    )?;
    let mut rows = query.query([person])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let optional = |column: usize| row.get::<_, Option<String>>(column);
        found.push(Membership {
            role: Role::parse(&row.get::<_, String>(0)?)?,
            ward: optional(1)?.map(|text| text.parse()).transpose()?,
            organisation: optional(2)?.map(|text| text.parse()).transpose()?,
            place: row.get::<_, Option<[u8; 16]>>(5)?.map(PlaceId),
            span: Span {
                from: row.get::<_, String>(3)?.parse::<Date>()?,
                to: optional(4)?.map(|text| text.parse()).transpose()?,
            },
        });
    }
    Ok(found)
}
