//! Passwords and two-step codes.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::PersonId;
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use super::SqliteStore;
use crate::store::secrets::{Secrets, Totp};
use crate::store::{Credentials, Key, Pending, StoreError};

impl Secrets for SqliteStore {
    fn credentials_of(&self, person: Key) -> Pending<'_, Option<Credentials>> {
        self.read(move |db| credentials(db, "id", params![person]))
    }

    fn person_key(&self, person: PersonId) -> Pending<'_, Option<Key>> {
        self.read(move |db| Ok(credentials(db, "person", params![person.0])?.map(|found| found.key)))
    }

    fn set_password(&self, person: Key, hash: String) -> Pending<'_, ()> {
        self.write(move |tx| {
            tx.prepare_cached("UPDATE person SET password = ?2 WHERE id = ?1")?
                .execute(params![person, hash])?;
            Ok(())
        })
    }

    fn set_totp(&self, person: Key, sealed: Vec<u8>) -> Pending<'_, ()> {
        self.write(move |tx| {
            let set = tx
                .prepare_cached("UPDATE person SET totp = ?2 WHERE id = ?1 AND totp_since IS NULL")?
                .execute(params![person, sealed])?;
            if set == 1 { Ok(()) } else { Err(Problem::new(Code::NotAllowed).into()) }
        })
    }

    fn use_code(&self, person: Key, step: u64, at: Millis) -> Pending<'_, bool> {
        self.write(move |tx| {
            let used = tx
                .prepare_cached(
                    "UPDATE person SET totp_step = ?2, totp_since = COALESCE(totp_since, ?3)
                     WHERE id = ?1 AND totp_step < ?2 AND totp IS NOT NULL",
                )?
                .execute(params![person, step.cast_signed(), at])?;
            Ok(used == 1)
        })
    }

    fn reset_totp(&self, person: Key) -> Pending<'_, ()> {
        self.write(move |tx| {
            tx.prepare_cached("UPDATE person SET totp = NULL, totp_since = NULL WHERE id = ?1")?
                .execute([person])?;
            Ok(())
        })
    }
}

/// What proves the person with this value in this column.
pub fn credentials(
    db: &Connection,
    column: &str,
    value: &[&dyn ToSql],
) -> Result<Option<Credentials>, StoreError> {
    let found = db
        .prepare_cached(&format!(
            "SELECT id, person, sign_in, password, totp, totp_since FROM person WHERE {column} = ?1 AND closed_at IS NULL"
        ))?
        .query_row(value, |row| {
            let since = row.get(5)?;
            Ok(Credentials {
                key: row.get(0)?,
                person: PersonId(row.get(1)?),
                sign_in: row.get(2)?,
                password: row.get(3)?,
                totp: row.get::<_, Option<Vec<u8>>>(4)?.map(|sealed| Totp { sealed, since }),
            })
        })
        .optional()?;
    Ok(found)
}
