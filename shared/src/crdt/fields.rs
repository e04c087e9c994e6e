//! Reading any record as [`Fields`], by the containers that the root of its kind makes.

use automerge::{Automerge, ScalarValue};

use super::Kind;
use super::confirmation::CONFIRMATION;
use super::reader::{Reader, Slot};
use super::root::{Container, containers};
use crate::domain::fields::{FieldValue, Fields};

/// Reads the whole record.
#[must_use]
pub fn read(document: &Automerge, kind: Kind) -> Fields {
    let reader = Reader::new(document);
    let mut fields = Fields::default();
    // What is said of the record is read by `Document::confirmation`.
    let own = |key: &str| {
        !key.starts_with('_') && key != CONFIRMATION && !containers(kind).iter().any(|c| c.name() == key)
    };
    for key in reader.own_keys().filter(|key| own(key)) {
        fields.registers.insert(key.to_owned(), reader.root(key, value));
    }
    fields.counts = reader.counts();
    for part in containers(kind).iter().filter(|part| !matches!(part, Container::Counts | Container::Taps)) {
        if part.is_text() {
            fields.texts.insert(part.name(), reader.text(*part));
        } else if let Some((object, slots)) = reader.map(*part) {
            let entry = |(key, slot): (String, Slot)| {
                let register = reader.register(&object, &key, &slot, value);
                (key, register)
            };
            fields.maps.insert(part.name(), slots.map(entry).collect());
        }
    }
    fields
}

fn value(value: &ScalarValue) -> Option<FieldValue> {
    match value {
        ScalarValue::Str(text) => Some(FieldValue::Text(text.to_string())),
        ScalarValue::Int(number) => Some(FieldValue::Number(*number)),
        ScalarValue::Uint(number) => i64::try_from(*number).ok().map(FieldValue::Number),
        ScalarValue::Boolean(flag) => Some(FieldValue::Flag(*flag)),
        _ => None,
    }
}
