//! The access log's lines about cases: what was delivered to which device, and what somebody opened.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::DocumentId;
use rusqlite::params;

use super::pool::Transaction;
use crate::store::{Key, PreparedBatch, StoreError, Taken};

/// Parts of cases that a page gave to a device.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Who asked.
    pub person: Key,
    /// With which device.
    pub device: Key,
    /// When.
    pub at: Millis,
    /// Each part with its home ward.
    pub parts: Vec<(DocumentId, String)>,
}

const LINE: &str =
    "INSERT INTO audit (at, kind, person, device, document, ward, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Writes what was delivered.
pub fn delivered(tx: &Transaction<'_>, what: &Delivered) -> Result<(), StoreError> {
    let mut line = tx.prepare_cached(LINE)?;
    for (document, ward) in &what.parts {
        line.execute(params![what.at, "case_delivered", what.person, what.device, document.0, ward, ""])?;
    }
    Ok(())
}

/// Writes what people opened: when the server heard of it, and in the note when the phone says it was.
pub fn read(tx: &Transaction<'_>, batch: &PreparedBatch) -> Result<(), StoreError> {
    let mut line = tx.prepare_cached(LINE)?;
    for read in &batch.reads {
        let ward = read.ward.to_string();
        let kind = match read.taken {
            Taken::Read => "case_read",
            Taken::Exported => "export",
        };
        line.execute(params![read.at, kind, batch.person, batch.device, read.document.0, ward, ""])?;
    }
    Ok(())
}
