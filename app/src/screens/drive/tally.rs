//! Counting signatures in a school yard: one class at a time, "Lớp sau" for the next.

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::{Edits, pledge_drive as edits};
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::pledge_drive::{CountedBy, DriveCount, GroupKey, PledgeDrive};
use donghanh_shared::domain::register::Count;
use leptos::prelude::*;

use super::words::name_of;
use crate::components::action::{Weight, button};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::view::dynamic;
use crate::i18n::{format, tr};
use crate::screens::naming;
use crate::screens::tally::{Tallied, Tally, done};
use crate::state::{OpenDrive, Register};

impl Tallied for PledgeDrive {
    fn tallied(&self, key: &str) -> Option<&Count> {
        self.groups.get(&GroupKey::parse(key)?)?.counts.get(&DriveCount::Tally)
    }

    /// The first tap of a group that nobody has counted yet says how it is counted.
    fn tap(&self, key: &str, taps: i32) -> Edits {
        counted(self, key, |key| edits::tap(key, taps))
    }

    fn correct(&self, key: &str, number: Amount) -> Edits {
        counted(self, key, |key| edits::count(key, DriveCount::Tally, Some(number)))
    }

    fn one_more(&self, key: &str) -> String {
        name(self, key)
    }

    fn tally_title(register: &Register, found: &OpenDrive, key: &str) -> String {
        let group = name(&found.value, key);
        match found.value.place.value() {
            Some(place) => format!("{} · {group}", naming::place(register, *place)),
            None => group,
        }
    }

    fn above(tally: Tally<Self>) -> AnyView {
        view! { {from_sheets(tally)}{exceeds(tally)} }.into_any()
    }

    fn behind(&self, key: &str) -> String {
        let group = GroupKey::parse(key).and_then(|key| self.groups.get(&key));
        let expected = group.and_then(|group| group.expected());
        expected.map_or_else(String::new, |n| format!(" / {}", format::number(n.into())))
    }

    fn beside(tally: Tally<Self>) -> AnyView {
        beside(tally)
    }

    fn takes_taps(&self, key: &str) -> bool {
        let group = GroupKey::parse(key).and_then(|key| self.groups.get(&key));
        group.is_some_and(|group| group.counted_by() == CountedBy::Tally || group.signed().is_none())
    }
}

fn counted(drive: &PledgeDrive, key: &str, edit: impl Fn(&GroupKey) -> FieldEdit) -> Edits {
    let Some(key) = GroupKey::parse(key) else { return Edits::Fields(Vec::new()) };
    let silent = drive.groups.get(&key).is_none_or(|group| group.by.value().is_none());
    let by = silent.then(|| edits::counted_by(&key, CountedBy::Tally));
    by.into_iter().chain([edit(&key)]).collect::<Vec<_>>().into()
}

fn name(drive: &PledgeDrive, key: &str) -> String {
    let named = GroupKey::parse(key).and_then(|key| Some(name_of(&key, drive.groups.get(&key)?)));
    named.unwrap_or_else(|| key.to_owned())
}

/// The class has sheets: they are not added to taps. Who wants to count all the same says so.
fn from_sheets(tally: Tally<PledgeDrive>) -> AnyView {
    let sheets = Memo::new(move |_| {
        tally.key.with(|key| {
            tally.read(|drive| match drive.takes_taps(key) {
                true => None,
                false => GroupKey::parse(key).and_then(|key| drive.groups.get(&key)?.signed()),
            })
        })
    });
    let to_tally = move || {
        if let Some(key) = tally.key.with_untracked(|key| GroupKey::parse(key)) {
            tally.opened.save(vec![edits::counted_by(&key, CountedBy::Tally)]);
        }
    };
    dynamic(move || {
        sheets.get().flatten().map(|signed| {
            notice(Tone::Wait, view! {
                <p data-testid="from-sheets">{tr!(drive.has_sheets, signed = format::number(signed.into()))}</p>
                {button(Weight::Plain, None, tr!(drive.to_tally).to_string(), "to-tally", to_tally)}
            })
        })
    })
}

/// More than expected is said, and counted all the same.
fn exceeds(tally: Tally<PledgeDrive>) -> AnyView {
    let over = Memo::new(move |_| {
        let key = tally.key.get();
        let shown = tally.shown_now();
        let expected = tally.read(|drive| drive.groups.get(&GroupKey::parse(&key)?)?.expected()).flatten();
        tally.read(|drive| drive.takes_taps(&key)) == Some(true) && expected.is_some_and(|of| shown > of)
    });
    dynamic(move || {
        over.get().then(|| {
            notice(Tone::Wait, view! { <p data-testid="tally-exceeds">{tr!(drive.exceeds).to_string()}</p> })
        })
    })
}

/// "Lớp sau", or "Xong" behind the last.
fn beside(tally: Tally<PledgeDrive>) -> AnyView {
    let next = Memo::new(move |_| {
        let key = tally.key.get();
        tally.opened.now.with(|now| {
            let Some(Ok(found)) = now else { return (String::new(), None) };
            let mut keys = found.value.counted().map(|(key, _)| key.as_str().to_owned());
            let next = keys.by_ref().find(|other| *other == key).and_then(|_| keys.next());
            (format!("/drives/{}", found.id), next)
        })
    });
    dynamic(move || {
        let (back, next) = next.get();
        match next {
            Some(next) => {
                let go = move || tally.choose(next.clone());
                button(Weight::Plain, Some(Icon::Next), tr!(drive.next).to_string(), "tally-next", go)
            }
            None => done(back),
        }
    })
}
