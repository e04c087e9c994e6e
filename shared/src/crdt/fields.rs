//! Reading any record as [`Fields`], by the containers that the root of its kind makes.

use automerge::{Automerge, ObjId, ROOT, ScalarValue};

use super::Kind;
use super::confirmation::CONFIRMATION;
use super::reader::Reader;
use super::root::{Container, containers};
use crate::domain::fields::{FieldValue, Fields};
use crate::domain::register::Register;

/// Reads the whole record.
#[must_use]
pub fn read(document: &Automerge, kind: Kind) -> Fields {
    let reader = Reader::new(document);
    let mut fields = Fields::default();
    // What is said of the record is read by `Document::confirmation`.
    let own = |key: &String| {
        !key.starts_with('_') && key != CONFIRMATION && !containers(kind).iter().any(|c| c.name() == key)
    };
    for key in reader.keys(&ROOT).filter(own) {
        let register = value(&reader, &ROOT, &key);
        fields.registers.insert(key, register);
    }
    fields.counts = reader.counts();
    for part in containers(kind).iter().filter(|part| !matches!(part, Container::Counts | Container::Taps)) {
        if part.is_text() {
            fields.texts.insert(part.name(), reader.text(*part));
        } else if let Some(object) = reader.container(*part) {
            let entry = |key: String| {
                let register = value(&reader, &object, &key);
                (key, register)
            };
            fields.maps.insert(part.name(), reader.keys(&object).map(entry).collect());
        }
    }
    fields
}

fn value(reader: &Reader<'_>, object: &ObjId, key: &str) -> Register<FieldValue> {
    reader.register(object, key, |value| match value {
        ScalarValue::Str(text) => Some(FieldValue::Text(text.to_string())),
        ScalarValue::Int(number) => Some(FieldValue::Number(*number)),
        ScalarValue::Uint(number) => i64::try_from(*number).ok().map(FieldValue::Number),
        ScalarValue::Boolean(flag) => Some(FieldValue::Flag(*flag)),
        _ => None,
    })
}
