//! The audit: who did or read what. Lines carry identities, codes and counts, never content.

use std::collections::BTreeSet;

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{DeviceId, DocumentId, PersonId};

use super::{Key, Pending};

/// A line to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NewLine {
    /// What happened: see [`crate::audit::Kind`].
    pub kind: &'static str,
    /// Who.
    pub person: Option<Key>,
    /// With which device.
    pub device: Option<Key>,
    /// Whom it concerns.
    pub about: Option<Key>,
    /// The document.
    pub document: Option<DocumentId>,
    /// Whose supervisors may read the line; the ward of the person concerned when absent.
    pub ward: Option<WardRef>,
    /// The caller's address, where it matters.
    pub address: String,
    /// A code or a count.
    pub note: String,
}

/// A line as it is read.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number.
    pub id: Key,
    /// When.
    pub at: Millis,
    /// What happened.
    pub kind: String,
    /// Who.
    pub person: Option<(PersonId, String)>,
    /// With which device.
    pub device: Option<(DeviceId, String)>,
    /// Whom it concerns.
    pub about: Option<(PersonId, String)>,
    /// The document.
    pub document: Option<DocumentId>,
    /// The ward.
    pub ward: Option<WardRef>,
    /// The caller's address.
    pub address: String,
    /// A code or a count.
    pub note: String,
    /// How often within the minute.
    pub times: u64,
}

/// What is asked of the audit.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only lines of these wards; `None`: all.
    pub wards: Option<BTreeSet<WardRef>>,
    /// From this moment on.
    pub from: Option<Millis>,
    /// Before this moment.
    pub to: Option<Millis>,
    /// Of this kind.
    pub kind: Option<String>,
    /// By or about this person.
    pub person: Option<PersonId>,
    /// About this document.
    pub document: Option<DocumentId>,
    /// Words in the names, the kind and the note, folded.
    pub words: String,
    /// Older than this line.
    pub before: Option<Key>,
    /// Lines at most.
    pub limit: usize,
}

/// The audit.
pub trait Audit {
    /// Writes a line and answers with its number.
    fn write_line(&self, line: NewLine, at: Millis) -> Pending<'_, Key>;
    /// Says how often the events of these lines happened.
    fn count_lines(&self, counts: Vec<(Key, u64)>) -> Pending<'_, ()>;
    /// Lines, newest first.
    fn lines(&self, query: Query) -> Pending<'_, Vec<Line>>;
}
