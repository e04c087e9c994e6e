//! People, organisations and the area's name, as administrators ask for them.

use donghanh_shared::domain::organisation::Organisation;
use donghanh_shared::ids::PersonId;

use super::{SqliteStore, accounts, references};
use crate::store::directory::{Account, Directory};
use crate::store::{Key, Pending};

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
