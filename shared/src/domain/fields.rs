//! A record read without knowing its kind: every register by its name, with all claims that stand.

use std::collections::BTreeMap;

use super::register::{Count, Register};

/// One value that somebody wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldValue {
    /// A text, a day, a code.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no; in sets "is in it".
    Flag(bool),
}

impl FieldValue {
    /// The text, when it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The fields of a record.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fields {
    /// The document's own registers.
    pub registers: BTreeMap<String, Register<FieldValue>>,
    /// What its maps hold: map → key → register.
    pub maps: BTreeMap<&'static str, BTreeMap<String, Register<FieldValue>>>,
    /// What is counted in it, by key.
    pub counts: BTreeMap<String, Count>,
    /// Its long texts.
    pub texts: BTreeMap<&'static str, String>,
}

impl Fields {
    /// The text that counts in a register.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.registers.get(name)?.value()?.as_text()
    }

    /// A key of a map with every claim; empty when nobody wrote it.
    #[must_use]
    pub fn entry(&self, map: &str, key: &str) -> Register<FieldValue> {
        self.maps.get(map).and_then(|map| map.get(key)).cloned().unwrap_or_default()
    }

    /// Registers on which people differ, by name.
    #[must_use]
    pub fn open_fields(&self) -> Vec<&str> {
        let open = self.registers.iter().filter(|(_, register)| register.is_open());
        open.map(|(name, _)| name.as_str()).collect()
    }

    /// Everything on which people differ, own registers and keys of maps, each named as the slot of the edit that settles
    /// it: `status`, `events e1.date`.
    #[must_use]
    pub fn open_slots(&self) -> Vec<String> {
        let own = self.open_fields().into_iter().map(str::to_owned);
        let in_maps = self.maps.iter().flat_map(|(map, entries)| {
            let open = entries.iter().filter(|(_, register)| register.is_open());
            open.map(move |(key, _)| format!("{map} {key}"))
        });
        own.chain(in_maps).collect()
    }
}
