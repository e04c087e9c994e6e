//! What every document of a case has on screen: differences settled field by field, and its history in words.

use donghanh_shared::command::fields::FieldEdit as Edit;
use donghanh_shared::crdt::history::FieldEdit;
use donghanh_shared::domain::fields::FieldValue;
use donghanh_shared::domain::register::Register as Values;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::AnyView;

use super::words;
use crate::screens::record::differences::Choices;
use crate::screens::record::{Opened, Screen};
use crate::state::{AppState, CasePart, OfCase, OpenRecord, Register};

/// How one kind of document of a case is drawn.
pub trait PartScreen: CasePart {
    /// Its title.
    fn title(register: &Register, found: &OpenRecord<OfCase<Self>>) -> String;

    /// What it is called before it is read.
    fn kind_title() -> String;

    /// Where "back" leads.
    fn back(state: AppState, id: DocumentId) -> String;

    /// Fields that whoever returns it may point at.
    fn looked_at() -> &'static [&'static str] {
        &[]
    }

    /// Its facts.
    fn facts(opened: Opened<OfCase<Self>>, found: &OpenRecord<OfCase<Self>>, editable: bool) -> AnyView;

    /// What can be done with it.
    fn actions(state: AppState, found: &OpenRecord<OfCase<Self>>) -> Option<AnyView>;
}

impl<T: PartScreen> Screen for OfCase<T> {
    fn title(register: &Register, found: &OpenRecord<Self>) -> String {
        T::title(register, found)
    }

    fn kind_title() -> String {
        T::kind_title()
    }

    fn back(state: AppState, id: DocumentId) -> String {
        T::back(state, id)
    }

    fn facts(opened: Opened<Self>, found: &OpenRecord<Self>, editable: bool) -> AnyView {
        T::facts(opened, found, editable)
    }

    fn actions(state: AppState, found: &OpenRecord<Self>) -> Option<AnyView> {
        T::actions(state, found)
    }

    fn looked_at() -> &'static [&'static str] {
        T::looked_at()
    }

    fn field(&self, name: &str) -> String {
        words::slot(name)
    }

    fn choices(&self, register: &Register, slot: &str) -> Choices {
        choices(self, register, slot)
    }

    fn history_line(&self, register: &Register, edit: &FieldEdit) -> String {
        words::edit(register, edit)
    }
}

/// Every claim, settled by writing it again.
fn choices<T>(part: &OfCase<T>, register: &Register, slot: &str) -> Choices {
    let read = |value: &FieldValue| words::value(register, slot, value);
    match slot.split_once(' ') {
        None => {
            let values: Values<FieldValue> = part.fields.registers.get(slot).cloned().unwrap_or_default();
            let write =
                |value: &FieldValue| vec![Edit::Register(slot.to_owned(), Some(value.clone().into()))];
            Choices::of(&values, read, write)
        }
        Some((map, key)) => {
            let write = |value: &FieldValue| {
                vec![Edit::Entry(map.to_owned(), key.to_owned(), Some(value.clone().into()))]
            };
            Choices::of(&part.fields.entry(map, key), read, write)
        }
    }
}
