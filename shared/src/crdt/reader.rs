//! Reading registers, maps and counts out of an Automerge document, with who wrote what. Knows no kind of record.

use std::collections::BTreeMap;

use automerge::{Automerge, ObjId, ROOT, ReadDoc, ScalarValue, Value};

use super::count::decode_correction;
use super::root::Container;
use crate::domain::count::Correction;
use crate::domain::register::{Claim, Count, Register};
use crate::ids::ActorId;

/// The object of a container; `None` when the document's root has none of it.
#[must_use]
pub fn container(document: &impl ReadDoc, wanted: Container) -> Option<ObjId> {
    let (value, id) = document.get(ROOT, wanted.name()).ok()??;
    matches!(value, Value::Object(_)).then_some(id)
}

/// Everything counted in a document, by key.
#[must_use]
pub fn counts(document: &Automerge) -> BTreeMap<String, Count> {
    Reader::new(document).counts()
}

/// Parses a text.
pub(super) fn parse_str<T: std::str::FromStr>(value: &ScalarValue) -> Option<T> {
    value.as_str()?.parse().ok()
}

/// A register with every claim that stands.
pub(super) fn register<T>(
    document: &Automerge,
    object: &ObjId,
    key: &str,
    parse: impl Fn(&ScalarValue) -> Option<T>,
) -> Register<T> {
    let mut register = Register::default();
    let mut values = document.get_all(object, key).unwrap_or_default();
    // Automerge lists the winner last.
    values.reverse();
    for (value, id) in values {
        claim(document, &mut register, value.as_scalar(), &id, &parse);
    }
    register
}

fn claim<T>(
    document: &Automerge,
    register: &mut Register<T>,
    value: Option<&ScalarValue>,
    id: &ObjId,
    parse: impl Fn(&ScalarValue) -> Option<T>,
) {
    match (value.and_then(parse), author(document, id)) {
        (Some(value), Some((actor, at))) => register.claims.push(Claim { value, actor, at }),
        _ => register.unreadable += 1,
    }
}

fn author(document: &Automerge, id: &ObjId) -> Option<(ActorId, i64)> {
    let ObjId::Id(_, actor, _) = id else { return None };
    let actor = ActorId::from_slice(actor.to_bytes())?;
    let hash = document.hash_for_opid(id)?;
    Some((actor, document.get_change_meta_by_hash(&hash)?.timestamp))
}

/// What stands under a key of a map.
#[derive(Debug)]
pub(super) struct Slot {
    /// What wins.
    value: Value<'static>,
    id: ObjId,
    /// Whether anything else stands beside it.
    is_contested: bool,
}

/// Reads one document, each of its maps in one pass: looking keys up one by one costs more than reading all of them.
pub(super) struct Reader<'a> {
    document: &'a Automerge,
    own: BTreeMap<String, Slot>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a Automerge) -> Self {
        Self { document, own: slots(document, &ROOT).collect() }
    }

    /// The document's own keys.
    pub(super) fn own_keys(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str)
    }

    pub(super) fn container(&self, wanted: Container) -> Option<ObjId> {
        let slot = self.own.get(wanted.name())?;
        matches!(slot.value, Value::Object(_)).then(|| slot.id.clone())
    }

    /// A long text; empty when there is none.
    pub(super) fn text(&self, of: Container) -> String {
        self.container(of).and_then(|text| self.document.text(text).ok()).unwrap_or_default()
    }

    /// One of the document's own registers.
    pub(super) fn root<T>(&self, key: &str, parse: impl Fn(&ScalarValue) -> Option<T>) -> Register<T> {
        self.own.get(key).map(|slot| self.register(&ROOT, key, slot, parse)).unwrap_or_default()
    }

    /// The keys of a map; none where the document's root has none of it.
    pub(super) fn map(&self, wanted: Container) -> Option<(ObjId, impl Iterator<Item = (String, Slot)>)> {
        let object = self.container(wanted)?;
        let slots = slots(self.document, &object);
        Some((object, slots))
    }

    /// What stands under a key of a map, with every claim.
    pub(super) fn register<T>(
        &self,
        object: &ObjId,
        key: &str,
        slot: &Slot,
        parse: impl Fn(&ScalarValue) -> Option<T>,
    ) -> Register<T> {
        if slot.is_contested {
            return register(self.document, object, key, parse);
        }
        let mut register = Register::default();
        let Value::Scalar(value) = &slot.value else { return Register { unreadable: 1, ..register } };
        claim(self.document, &mut register, Some(value), &slot.id, parse);
        register
    }

    /// Everything counted, by key; empty where the kind counts nothing.
    pub(super) fn counts(&self) -> BTreeMap<String, Count> {
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        if let Some((object, slots)) = self.map(Container::Counts) {
            for (name, slot) in slots {
                let typed = self.register(&object, &name, &slot, |value| {
                    let (value, seen) = decode_correction(value.as_bytes()?)?;
                    Some(Correction { value: value.map(u32::try_from).transpose().ok()?, seen })
                });
                counts.entry(name).or_default().typed = typed;
            }
        }
        self.each(Container::Taps, |key, value| {
            let Some((name, actor)) = key.split_once(':') else { return };
            if let (Ok(actor), Some(taps)) = (actor.parse(), value.as_i64()) {
                counts.entry(name.to_owned()).or_default().taps.insert(actor, taps);
            }
        });
        counts
    }

    /// Every key of a map with its winning scalar.
    pub(super) fn each(&self, wanted: Container, mut take: impl FnMut(&str, &ScalarValue)) {
        let Some((_, slots)) = self.map(wanted) else { return };
        for (key, slot) in slots {
            if let Value::Scalar(scalar) = slot.value {
                take(&key, &scalar);
            }
        }
    }
}

fn slots<'a>(document: &'a Automerge, object: &ObjId) -> impl Iterator<Item = (String, Slot)> + use<'a> {
    document.map_range(object, ..).map(|item| {
        let (id, is_contested) = (item.id(), item.conflict);
        (item.key.into_owned(), Slot { value: item.value.into_value().into_owned(), id, is_contested })
    })
}
