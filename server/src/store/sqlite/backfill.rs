//! What a new schema must know of records that were there before it, done once, in the transaction that brings it in.
//!
//! The scopes made here have no log yet: a device that comes to read one begins with its snapshots, like with any other.

use donghanh_shared::access::Scope;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{Digest, DocumentId};
use rusqlite::{Connection, params};

use super::look::heads;
use crate::store::{Key, StoreError};

/// Places visits with the organisations that the projections name, so that the leads of organisations go on seeing what
/// they saw. From then on only commands place a record.
pub fn organisations(db: &Connection) -> Result<(), StoreError> {
    let named = "SELECT named.organisation, d.id, d.document, d.generation, s.heads
         FROM (SELECT document, lead AS organisation FROM visit_row WHERE lead IS NOT NULL
               UNION SELECT document, organisation FROM visit_organisation) named
         JOIN document d ON d.id = named.document JOIN snapshot s ON s.document = d.id
         ORDER BY named.organisation, d.id";
    place_all(db, named, |organisation| Ok(Scope::Organisation(organisation.parse::<OrganisationId>()?)))
}

/// Places assignments in the scope of what is asked in their ward.
pub fn assignments(db: &Connection) -> Result<(), StoreError> {
    let asked = "SELECT home.ward, d.id, d.document, d.generation, s.heads FROM document d
         JOIN ward home ON home.id = d.home JOIN snapshot s ON s.document = d.id
         WHERE d.kind = 'work_assignment' ORDER BY home.ward, d.id";
    place_all(db, asked, |ward| Ok(Scope::Assignments(ward.parse::<WardRef>()?)))
}

/// Places what a query gives (what names the scope, in order; the document; its snapshot) in new scopes.
fn place_all(
    db: &Connection,
    sql: &str,
    scope_of: impl Fn(&str) -> Result<Scope, StoreError>,
) -> Result<(), StoreError> {
    let mut query = db.prepare(sql)?;
    let mut last: Option<(String, Key)> = None;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let named: String = row.get(0)?;
        let scope = match last.take() {
            Some((before, scope)) if before == named => scope,
            _ => {
                db.execute(
                    "INSERT INTO scope (scope, seq, chain, digest, documents) VALUES (?1, 0, 0, zeroblob(16), 0)",
                    [scope_of(&named)?.to_string()],
                )?;
                db.last_insert_rowid()
            }
        };
        last = Some((named, scope));
        let heads = heads(&row.get::<_, Vec<u8>>(4)?);
        let one = Digest::of_document(DocumentId(row.get(2)?), row.get(3)?, &heads);
        place(db, scope, row.get(1)?, one)?;
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
