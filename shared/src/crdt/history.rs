//! Who changed what, and when: read from the changes themselves, so it is there offline.

use std::collections::{BTreeMap, BTreeSet};

use super::chunk::{Action, Object, Scalar};
use super::count::decode_correction;
use super::gate::{self, CheckedChange};
use super::root::Container;
use super::{Document, Kind, rules};
use crate::domain::date::Millis;
use crate::ids::{ActorId, ChangeHash};

/// One save.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// The change.
    pub hash: ChangeHash,
    /// Whose start of the app.
    pub actor: ActorId,
    /// When, by that phone's clock.
    pub at: Millis,
    /// What it wrote.
    pub edits: Vec<FieldEdit>,
}

/// One field of one save.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldEdit {
    /// The field: `date`, `attendance`, `topics`, `notes`…
    pub field: String,
    /// The key inside it, for sets and lists (`topics` → `law`); empty otherwise.
    pub key: String,
    /// What was written.
    pub value: HistoryValue,
}

/// What was written in a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HistoryValue {
    /// A text or a code.
    Text(String),
    /// A typed number; `None` = "not known".
    Number(Option<i64>),
    /// The author's taps so far.
    Taps(i64),
    /// Yes or no; in sets "is in it".
    Flag(bool),
    /// Taken out.
    Removed,
    /// So many characters written and taken out.
    Notes {
        /// Characters written.
        written: u32,
        /// Characters taken out.
        removed: u32,
    },
}

/// The history of a document, oldest first. Changes that cannot be read any more are left out of it, not of the document.
#[must_use]
pub fn history(document: &Document) -> Vec<HistoryEntry> {
    document
        .changes()
        .into_iter()
        .filter_map(|change| gate::check(change.bytes).ok())
        .map(|change| HistoryEntry {
            hash: change.hash,
            actor: change.actor,
            at: change.at,
            edits: edits(document.kind(), &change),
        })
        .collect()
}

/// What one change wrote.
#[must_use]
pub fn edits(kind: Kind, change: &CheckedChange) -> Vec<FieldEdit> {
    let mut found = Vec::new();
    let mut texts: BTreeMap<Container, (u32, u32)> = BTreeMap::new();
    for op in &change.chunk.ops {
        let Some(container) = rules::container_of(kind, change, op) else { continue };
        if container.is_text() {
            let (written, removed) = texts.entry(container).or_default();
            *if op.action == Action::Delete { removed } else { written } += 1;
            continue;
        }
        let Some(key) = op.key.as_deref() else { continue };
        let value = match (op.action, &op.value) {
            (Action::Delete, _) => HistoryValue::Removed,
            (_, value) => value_of(container, value),
        };
        // What opens a photo is nothing to read.
        if container == Container::Photos && key.contains('.') {
            continue;
        }
        let (field, key) = place_of(container, op.object, key);
        found.push(FieldEdit { field, key, value });
    }
    // Settling takes the old values out and writes one: only what was written is told.
    let written: BTreeSet<(String, String)> = found
        .iter()
        .filter(|edit| edit.value != HistoryValue::Removed)
        .map(|edit| (edit.field.clone(), edit.key.clone()))
        .collect();
    found.retain(|edit| {
        edit.value != HistoryValue::Removed || !written.contains(&(edit.field.clone(), edit.key.clone()))
    });
    found.extend(texts.into_iter().map(|(container, (written, removed))| FieldEdit {
        field: container.name().to_owned(),
        key: String::new(),
        value: HistoryValue::Notes { written, removed },
    }));
    found
}

fn place_of(container: Container, object: Object, key: &str) -> (String, String) {
    let named = |field: &str, key: &str| (field.to_owned(), key.to_owned());
    match (container, object) {
        (Container::Root | Container::Counts, _) | (_, Object::Root) => named(key, ""),
        (Container::Taps, _) => named(key.split_once(':').map_or(key, |(count, _)| count), ""),
        (container, _) => named(container.name(), key),
    }
}

fn value_of(container: Container, value: &Scalar) -> HistoryValue {
    match (container, value) {
        (Container::Counts, Scalar::Bytes(bytes)) => {
            HistoryValue::Number(decode_correction(bytes).and_then(|(value, _)| value))
        }
        (Container::Taps, Scalar::Int(taps)) => HistoryValue::Taps(*taps),
        (Container::Photos, Scalar::Str(_)) => HistoryValue::Flag(true),
        (_, Scalar::Str(text)) => HistoryValue::Text(text.clone()),
        (_, Scalar::Bool(flag)) => HistoryValue::Flag(*flag),
        (_, Scalar::Int(number)) => HistoryValue::Number(Some(*number)),
        (_, Scalar::Uint(number)) => HistoryValue::Number(i64::try_from(*number).ok()),
        (_, Scalar::Null) => HistoryValue::Removed,
        (_, Scalar::Bytes(_) | Scalar::Foreign(_)) => HistoryValue::Text("…".to_owned()),
    }
}
