//! Brings a database file up to the newest schema.

use donghanh_migrations::{Error, run as run_versions};
use rusqlite::Connection;

use crate::store::StoreError;

/// Applies what is missing, each version in a transaction of its own.
pub fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let applied = run_versions(found, |migration| {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration.sql)?;
        transaction.pragma_update(None, "user_version", migration.version)?;
        transaction.commit()
    });
    applied.map_err(|error| match error {
        Error::Newer { found } => StoreError::Unsuitable(format!(
            "the database has schema {found}, written by a newer version of this program"
        )),
        Error::Database(error) => error.into(),
    })
}
