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

/// Reads one document.
pub(super) struct Reader<'a> {
    document: &'a Automerge,
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a Automerge) -> Self {
        Self { document }
    }

    pub(super) fn container(&self, wanted: Container) -> Option<ObjId> {
        container(self.document, wanted)
    }

    /// The keys of a map.
    pub(super) fn keys(&self, object: &ObjId) -> impl Iterator<Item = String> + use<'a> {
        self.document.keys(object)
    }

    /// A long text; empty when there is none.
    pub(super) fn text(&self, of: Container) -> String {
        self.container(of).and_then(|text| self.document.text(text).ok()).unwrap_or_default()
    }

    pub(super) fn root<T>(&self, key: &str, parse: impl Fn(&ScalarValue) -> Option<T>) -> Register<T> {
        self.register(&ROOT, key, parse)
    }

    /// A register with every claim that stands.
    pub(super) fn register<T>(
        &self,
        object: &ObjId,
        key: &str,
        parse: impl Fn(&ScalarValue) -> Option<T>,
    ) -> Register<T> {
        let mut register = Register { claims: Vec::new(), unreadable: 0 };
        let mut values = self.document.get_all(object, key).unwrap_or_default();
        // Automerge lists the winner last.
        values.reverse();
        for (value, id) in values {
            match (value.as_scalar().and_then(&parse), self.author(&id)) {
                (Some(value), Some((actor, at))) => register.claims.push(Claim { value, actor, at }),
                _ => register.unreadable += 1,
            }
        }
        register
    }

    /// Everything counted, by key; empty where the kind counts nothing.
    pub(super) fn counts(&self) -> BTreeMap<String, Count> {
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        if let Some(object) = self.container(Container::Counts) {
            for name in self.keys(&object) {
                let typed = self.register(&object, &name, |value| {
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

    fn author(&self, id: &ObjId) -> Option<(ActorId, i64)> {
        let ObjId::Id(_, actor, _) = id else { return None };
        let actor = ActorId::from_slice(actor.to_bytes())?;
        let hash = self.document.hash_for_opid(id)?;
        Some((actor, self.document.get_change_meta_by_hash(&hash)?.timestamp))
    }

    /// Every key of a map with its winning scalar.
    pub(super) fn each(&self, wanted: Container, mut take: impl FnMut(&str, &ScalarValue)) {
        let Some(object) = self.container(wanted) else { return };
        for item in self.document.map_range(&object, ..) {
            if let Value::Scalar(scalar) = item.value.into_value() {
                take(&item.key, &scalar);
            }
        }
    }
}
