//! People, organisations and the area's name, as administrators ask for them.

use donghanh_shared::access::Membership;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::organisation::Organisation;
use donghanh_shared::ids::PersonId;
use rusqlite::params;

use super::pool::Transaction;
use super::{SqliteStore, accounts, devices, references};
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

    fn set_roles(&self, person: Key, roles: Vec<Membership>, today: Date) -> Pending<'_, ()> {
        self.write(move |tx| {
            end_roles(tx, person, today)?;
            accounts::add_memberships(tx, person, &roles)?;
            tx.events.push(Event::RightsChanged(person));
            Ok(())
        })
    }

    fn shut_out(&self, person: Key, by: Key, today: Date, at: Millis) -> Pending<'_, Vec<Key>> {
        self.write(move |tx| {
            end_roles(tx, person, today)?;
            tx.prepare_cached("UPDATE person SET password = '' WHERE id = ?1")?.execute([person])?;
            tx.prepare_cached(
                "UPDATE invitation SET ended_at = ?2 WHERE person = ?1 AND used_at IS NULL AND ended_at IS NULL",
            )?
            .execute(params![person, at])?;
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

/// Yesterday was the last day of what is held today, also of what began today.
fn end_roles(tx: &Transaction<'_>, person: Key, today: Date) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE membership SET valid_to = date(?2, '-1 day')
         WHERE person = ?1 AND valid_from <= ?2 AND COALESCE(valid_to, '9999-12-31') >= ?2",
    )?
    .execute(params![person, today.to_string()])?;
    Ok(())
}
