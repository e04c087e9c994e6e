//! The rules of after-care and the numbers of people under management, both with their history; facts for counting.

use std::collections::BTreeSet;

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::AftercareRules;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::sync::wire::{from_bytes, to_bytes};
use rusqlite::{Connection, params};

use super::references::ward_key;
use super::{SqliteStore, care_rows};
use crate::store::aftercare::{Aftercare, CaseFacts, KeptRules, ManagedPeople};
use crate::store::{Key, Pending, StoreError};

impl Aftercare for SqliteStore {
    fn case_facts(&self, wards: BTreeSet<WardRef>) -> Pending<'_, Vec<CaseFacts>> {
        let vault = self.vault();
        self.read(move |db| care_rows::facts(db, &vault, &wards))
    }

    fn managed_people(&self, period: (Date, Date)) -> Pending<'_, Vec<ManagedPeople>> {
        self.read(move |db| managed(db, period))
    }

    fn put_managed_people(&self, managed: ManagedPeople, by: Key, at: Millis) -> Pending<'_, ()> {
        self.write(move |tx| {
            let (from, to) = managed.period;
            tx.prepare_cached(
                "INSERT INTO managed_people (ward, from_day, to_day, number, by_person, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                ward_key(tx, managed.ward)?,
                from.to_string(),
                to.to_string(),
                managed.number,
                by,
                at
            ])?;
            Ok(())
        })
    }

    fn aftercare_rules(&self) -> Pending<'_, Vec<KeptRules>> {
        self.read(rules)
    }

    fn put_aftercare_rules(
        &self,
        after: Key,
        rules: AftercareRules,
        by: Key,
        at: Millis,
    ) -> Pending<'_, bool> {
        self.write(move |tx| {
            let written = tx
                .prepare_cached(
                    "INSERT INTO aftercare_rules (rules, person, at)
                     SELECT ?2, ?3, ?4 WHERE ?1 = (SELECT max(id) FROM aftercare_rules)",
                )?
                .execute(params![after, to_bytes(&rules), by, at])?;
            Ok(written == 1)
        })
    }
}

/// Puts the rules that ship into a database that has none. Called by the migration that brings the table in.
pub fn seed(db: &Connection) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO aftercare_rules (rules, person, at) VALUES (?1, NULL, 0)",
        [to_bytes(&AftercareRules::shipped())],
    )?;
    Ok(())
}

fn rules(db: &Connection) -> Result<Vec<KeptRules>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT aftercare_rules.id, rules, person.full_name, at FROM aftercare_rules
         LEFT JOIN person ON person.id = aftercare_rules.person ORDER BY aftercare_rules.id DESC",
    )?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let rules = from_bytes(&row.get::<_, Vec<u8>>(1)?)?;
        found.push(KeptRules { version: row.get(0)?, rules, by: row.get(2)?, at: row.get(3)? });
    }
    Ok(found)
}

fn managed(db: &Connection, (from, to): (Date, Date)) -> Result<Vec<ManagedPeople>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT ward.ward, m.number FROM managed_people m JOIN ward ON ward.id = m.ward
         WHERE m.id IN (SELECT max(id) FROM managed_people WHERE from_day = ?1 AND to_day = ?2 GROUP BY ward)",
    )?;
    let mut rows = query.query([from.to_string(), to.to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let ward = row.get::<_, String>(0)?.parse()?;
        found.push(ManagedPeople { ward, period: (from, to), number: row.get(1)? });
    }
    Ok(found)
}
