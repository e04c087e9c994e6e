//! People, organisations and the area's name, as administrators ask for them.

use donghanh_shared::access::Membership;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::organisation::Organisation;
use donghanh_shared::ids::PersonId;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::pool::Transaction;
use super::{SqliteStore, accounts, devices, ledger, references};
use crate::store::directory::{Account, Directory};
use crate::store::{Event, Key, Pending, StoreError};

impl Directory for SqliteStore {
    fn people(&self) -> Pending<'_, Vec<Account>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT id, person, sign_in, full_name FROM person WHERE closed_at IS NULL ORDER BY id",
            )?;
            let mut rows = query.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(Account {
                    memberships: accounts::memberships(db, row.get::<_, Key>(0)?)?,
                    person: PersonId(row.get(1)?),
                    sign_in: row.get(2)?,
                    full_name: row.get(3)?,
                });
            }
            Ok(found)
        })
    }

    fn set_roles(&self, person: Key, roles: Vec<Membership>, today: Date, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| {
            set_roles(tx, person, roles, today, at)?;
            tx.events.push(Event::RightsChanged(person));
            Ok(())
        })
    }

    fn shut_out(&self, person: Key, by: Key, today: Date, at: Millis) -> Pending<'_, Vec<Key>> {
        self.write(move |tx| {
            set_roles(tx, person, Vec::new(), today, at)?;
            end_password(tx, person, at)?;
            accounts::note(tx, at, PASSWORD_ENDED, &person_id(tx, person)?.0)?;
            let living: Vec<Key> = tx
                .prepare_cached("SELECT id FROM device WHERE person = ?1 AND ended_at IS NULL")?
                .query_map([person], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for device in &living {
                devices::revoke(tx, *device, by, at)?;
            }
            Ok(living)
        })
    }

    fn organisations(&self) -> Pending<'_, Vec<Organisation>> {
        self.read(references::organisations)
    }

    fn area_name(&self) -> Pending<'_, String> {
        self.read(|db| Ok(db.query_row("SELECT area_name FROM instance", [], |row| row.get(0))?))
    }

    fn name_area(&self, name: String) -> Pending<'_, ()> {
        self.write(move |tx| {
            tx.prepare_cached("UPDATE instance SET area_name = ?1")?.execute([name])?;
            Ok(())
        })
    }
}

/// The kind of a line of the ledger about what somebody may do from now on; its body is a [`RolesSet`].
pub const ROLES_SET: &str = "roles_set";
/// The kind of a line of the ledger about a password, or an invitation, that lets nobody in any more; its body is the person.
pub const PASSWORD_ENDED: &str = "password_ended";

/// What somebody may do from a day on, as its line tells it.
#[derive(Debug, Serialize, Deserialize)]
pub struct RolesSet {
    /// Who.
    pub person: PersonId,
    /// Their roles from then on, also those that end some day; what they held ends.
    pub roles: Vec<Membership>,
    /// The day.
    pub today: Date,
}

impl RolesSet {
    /// Yesterday was the last day of what is held today, also of what began today; the new roles are added. Nothing happens to
    /// somebody whom the database does not know.
    pub fn carry_out(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        let Some(person) = key(tx, self.person)? else { return Ok(()) };
        tx.prepare_cached(
            "UPDATE membership SET valid_to = date(?2, '-1 day')
             WHERE person = ?1 AND valid_from <= ?2 AND COALESCE(valid_to, '9999-12-31') >= ?2",
        )?
        .execute(params![person, self.today.to_string()])?;
        accounts::add_memberships(tx, person, &self.roles)
    }
}

fn set_roles(
    tx: &Transaction<'_>,
    person: Key,
    roles: Vec<Membership>,
    today: Date,
    at: Millis,
) -> Result<(), StoreError> {
    let set = RolesSet { person: person_id(tx, person)?, roles, today };
    set.carry_out(tx)?;
    accounts::note(tx, at, ROLES_SET, &ledger::body(&set)?)
}

/// Neither a password nor an invitation lets the person in any more.
pub fn end_password(tx: &Transaction<'_>, person: Key, at: Millis) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE person SET password = '' WHERE id = ?1")?.execute([person])?;
    tx.prepare_cached(
        "UPDATE invitation SET ended_at = ?2 WHERE person = ?1 AND used_at IS NULL AND ended_at IS NULL",
    )?
    .execute(params![person, at])?;
    Ok(())
}

/// Who it is that the database keeps there.
pub fn person_id(db: &Connection, person: Key) -> Result<PersonId, StoreError> {
    let mut query = db.prepare_cached("SELECT person FROM person WHERE id = ?1")?;
    Ok(query.query_row([person], |row| row.get(0).map(PersonId))?)
}

/// Where the database keeps a person, if it knows them.
pub fn key(db: &Connection, person: PersonId) -> Result<Option<Key>, StoreError> {
    let mut query = db.prepare_cached("SELECT id FROM person WHERE person = ?1")?;
    Ok(query.query_row([person.0], |row| row.get(0)).optional()?)
}
