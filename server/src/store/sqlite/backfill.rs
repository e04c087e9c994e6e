//! What a new schema must know of records that were there before it, done once, in the transaction that brings it in.

use donghanh_shared::access::Scope;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{Digest, DocumentId};
use rusqlite::{Connection, params};

use super::look::heads;
use crate::store::{Key, StoreError};

/// Places visits with the organisations that the projections name, so that the leads of organisations go on seeing what
/// they saw. From then on only commands place a record.
pub fn organisations(db: &Connection) -> Result<(), StoreError> {
    let mut query = db.prepare(
        "SELECT named.organisation, d.id, d.document, d.generation, s.heads
         FROM (SELECT document, lead AS organisation FROM visit_row WHERE lead IS NOT NULL
               UNION SELECT document, organisation FROM visit_organisation) named
         JOIN document d ON d.id = named.document JOIN snapshot s ON s.document = d.id
         ORDER BY named.organisation, d.id",
    )?;
    let mut scope: Option<(OrganisationId, Key)> = None;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let organisation: OrganisationId = row.get::<_, String>(0)?.parse()?;
        let number = match &scope {
            Some((of, number)) if *of == organisation => *number,
            _ => {
                db.execute(
                    "INSERT INTO scope (scope, seq, chain, digest, documents) VALUES (?1, 0, 0, zeroblob(16), 0)",
                    [Scope::Organisation(organisation.clone()).to_string()],
                )?;
                db.last_insert_rowid()
            }
        };
        scope = Some((organisation, number));
        let heads = heads(&row.get::<_, Vec<u8>>(4)?);
        let one = Digest::of_document(DocumentId(row.get(2)?), row.get(3)?, &heads);
        place(db, number, row.get(1)?, one)?;
    }
    Ok(())
}

fn place(db: &Connection, scope: Key, document: Key, one: Digest) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO placement (scope, document) VALUES (?1, ?2)")?
        .execute(params![scope, document])?;
    let before = db
        .prepare_cached("SELECT digest FROM scope WHERE id = ?1")?
        .query_row([scope], |row| row.get(0).map(Digest))?;
    db.prepare_cached("UPDATE scope SET digest = ?2, documents = documents + 1 WHERE id = ?1")?
        .execute(params![scope, before.plus(one).0])?;
    Ok(())
}
