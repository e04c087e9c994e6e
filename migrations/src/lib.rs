//! The database schema of the server: one SQL file a version, forward only, and the rule by which they are applied.
//! Knows no database driver: whoever holds the connection hands in a closure.

pub mod reference;

/// One version of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The value of `user_version` once it is applied.
    pub version: u32,
    /// Its SQL: several statements, no transaction of its own.
    pub sql: &'static str,
}

/// Every version, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../sql/0001_first.sql") },
    Migration { version: 2, sql: include_str!("../sql/0002_photo.sql") },
    Migration { version: 3, sql: include_str!("../sql/0003_access.sql") },
    Migration { version: 4, sql: include_str!("../sql/0004_aftercare.sql") },
    Migration { version: 5, sql: include_str!("../sql/0005_loose_photo.sql") },
    Migration { version: 6, sql: include_str!("../sql/0006_role_asked.sql") },
    Migration { version: 7, sql: include_str!("../sql/0007_pledge_drive.sql") },
    Migration { version: 8, sql: include_str!("../sql/0008_aftercare_counts.sql") },
    Migration { version: 9, sql: include_str!("../sql/0009_prevention_model.sql") },
    Migration { version: 10, sql: include_str!("../sql/0010_sealed_counts.sql") },
    Migration { version: 11, sql: include_str!("../sql/0011_confirmation.sql") },
    Migration { version: 12, sql: include_str!("../sql/0012_same_as.sql") },
    Migration { version: 13, sql: include_str!("../sql/0013_assignments.sql") },
    Migration { version: 14, sql: include_str!("../sql/0014_school_contact.sql") },
    Migration { version: 15, sql: include_str!("../sql/0015_erasure.sql") },
    Migration { version: 16, sql: include_str!("../sql/0016_recovered.sql") },
    Migration { version: 17, sql: include_str!("../sql/0017_parked_shown.sql") },
    Migration { version: 18, sql: include_str!("../sql/0018_recovered_seen.sql") },
    Migration { version: 19, sql: include_str!("../sql/0019_ledger_about.sql") },
];

/// The newest version.
#[must_use]
pub fn newest() -> u32 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// Why the schema could not be brought up to date.
#[derive(Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// The database was written by a newer build; going back is not possible.
    Newer {
        /// Its version.
        found: u32,
    },
    /// The database refused.
    Database(E),
}

/// Applies what is missing above `found`, one call of `apply` a version. `apply` runs the SQL and sets
/// `user_version` in one transaction.
///
/// # Errors
/// [`Error::Newer`] for a database of a newer build; [`Error::Database`] with what `apply` said.
pub fn run<E>(found: u32, mut apply: impl FnMut(&Migration) -> Result<(), E>) -> Result<(), Error<E>> {
    if found > newest() {
        return Err(Error::Newer { found });
    }
    MIGRATIONS
        .iter()
        .filter(|migration| migration.version > found)
        .try_for_each(|migration| apply(migration).map_err(Error::Database))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_by_one_and_only_missing_ones_are_applied() {
        assert!(MIGRATIONS.iter().enumerate().all(|(i, m)| m.version as usize == i + 1));
        let applied = |found| {
            let mut versions = Vec::new();
            run(found, |m| {
                versions.push(m.version);
                Ok::<_, ()>(())
            })
            .map(|()| versions)
        };
        assert_eq!(applied(newest()), Ok(vec![]));
        assert_eq!(applied(0).map(|versions| versions.len()), Ok(MIGRATIONS.len()));
        assert_eq!(applied(newest() + 1), Err(Error::Newer { found: newest() + 1 }));
        assert_eq!(run(0, |_| Err("no")), Err(Error::Database("no")));
    }
}
