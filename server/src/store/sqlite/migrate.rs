//! Brings a database file up to the newest schema.

use donghanh_migrations::{Error, run as run_versions};
use rusqlite::Connection;

use super::{aftercare, backfill};
use crate::store::StoreError;

/// The version in which records are placed with organisations.
const ORGANISATIONS: u32 = 4;
/// The version in which the rules of after-care are data.
const AFTERCARE_RULES: u32 = 8;
/// The version in which assignments are also in a scope of their own.
const ASSIGNMENTS: u32 = 13;
/// The version from which on nothing of a case is plain.
const SEALED_COUNTS: u32 = 10;

/// Applies what is missing, each version in a transaction of its own.
pub fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let applied = run_versions(found, |migration| -> Result<(), StoreError> {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration.sql)?;
        if migration.version == ORGANISATIONS {
            backfill::organisations(&transaction)?;
        }
        if migration.version == ASSIGNMENTS {
            backfill::assignments(&transaction)?;
        }
        if migration.version == AFTERCARE_RULES {
            aftercare::seed(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", migration.version)?;
        Ok(transaction.commit()?)
    });
    if applied.is_ok() && (AFTERCARE_RULES..SEALED_COUNTS).contains(&found) {
        // What lay in dropped tables stays in free pages of the file until they are written over.
        connection.execute_batch("VACUUM")?;
    }
    applied.map_err(|error| match error {
        Error::Newer { found } => StoreError::Unsuitable(format!(
            "the database has schema {found}, written by a newer version of this program"
        )),
        Error::Database(error) => error,
    })
}
