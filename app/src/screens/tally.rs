//! Counting by taps: one big "+ 1", undo, and who has counted how many. Taps add up with those of other phones. The same for
//! people at a door and for signatures in a school yard; what differs stands in [`Tallied`].

use std::collections::BTreeMap;
use std::time::Duration;

use donghanh_shared::command::Edits;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::register::Count;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::naming;
use super::record::{Opened, Screen};
use crate::components::action::{Weight, button, link};
use crate::components::dialog::dialog;
use crate::components::dom::{self, Later};
use crate::components::field::{TextKind, problem_at, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::stepper::typed_number;
use crate::components::view::{dynamic, holds, pressed};
use crate::i18n::format::number;
use crate::i18n::{language, tr};
use crate::state::{OpenRecord, Register};

/// How long the thumb must rest before taps are saved; leaving the screen or hiding the app saves at once.
const QUIET: Duration = Duration::from_millis(700);

/// A record in which something is counted by taps.
pub trait Tallied: Screen {
    /// One of its counts.
    fn tallied(&self, key: &str) -> Option<&Count>;

    /// The edits that add taps.
    fn tap(&self, key: &str, taps: i32) -> Edits;

    /// The edits that put a number in place of what was counted until now.
    fn correct(&self, key: &str, number: Amount) -> Edits;

    /// What one tap adds: `lượt người dự`.
    fn one_more(&self, key: &str) -> String;

    /// The title of the screen.
    fn tally_title(register: &Register, found: &OpenRecord<Self>, key: &str) -> String;

    /// What stands above the number: what is counted, and how to count something else.
    fn above(tally: Tally<Self>) -> AnyView;

    /// What stands right behind the number: `/ 38`.
    fn behind(&self, _key: &str) -> String {
        String::new()
    }

    /// What stands beside "undo".
    fn beside(tally: Tally<Self>) -> AnyView;

    /// Whether taps are taken.
    fn takes_taps(&self, _key: &str) -> bool {
        true
    }
}

/// What is being counted.
pub struct Tally<V: Tallied> {
    /// The record.
    pub opened: Opened<V>,
    /// The key of the count.
    pub key: RwSignal<String>,
    /// Taps not yet handed to the store.
    pending: RwSignal<i32>,
    /// Taps since the screen was opened: only they can be undone here.
    mine: RwSignal<i32>,
    later: Later,
    /// While taps are on their way into the record: the number that stands, so that it neither dips nor doubles.
    standing: RwSignal<Option<u32>>,
    /// How many such ways are under way.
    under_way: StoredValue<u32>,
}

impl<V: Tallied> Clone for Tally<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: Tallied> Copy for Tally<V> {}

impl<V: Tallied> Tally<V> {
    fn tap(self, by: i32) {
        if by < 0 && self.mine.get_untracked() <= 0 {
            return;
        }
        self.pending.update(|pending| *pending += by);
        self.mine.update(|mine| *mine += by);
        self.later.call(QUIET, move || self.save());
    }

    fn save(self) {
        self.later.cancel();
        let (Some(pending), Some(key)) = (self.pending.try_get_untracked(), self.key.try_get_untracked())
        else {
            return;
        };
        if pending == 0 {
            return;
        }
        let edits = self.read(|value| value.tap(&key, pending));
        let Some(edits) = edits else { return };
        self.standing.set(Some(self.shown(&key, pending)));
        self.pending.set(0);
        self.under_way.update_value(|n| *n += 1);
        self.hand_over(edits, key, pending);
    }

    fn hand_over(self, edits: Edits, key: String, pending: i32) {
        self.opened.save_then(edits, move |saved| {
            let Some(left) = self.under_way.try_update_value(|n| {
                *n -= 1;
                *n
            }) else {
                return;
            };
            if !saved && self.key.get_untracked() == key {
                // Nothing tapped is ever dropped: it counts as not yet handed over, and the next tap tries again.
                self.pending.update(|now| *now += pending);
            }
            if left == 0 || !saved {
                self.standing.set(None);
            }
        });
    }

    /// The number on screen: what the record says, or what stands meanwhile, and the taps not yet handed over.
    fn shown(self, key: &str, pending: i32) -> u32 {
        match self.standing.get() {
            Some(standing) => standing.saturating_add_signed(pending),
            None => self.read(|value| total(value.tallied(key), pending)).unwrap_or(0),
        }
    }

    /// Puts a number in place of what was counted until now; taps that were not handed over yet belong to that.
    fn correct(self, number: Amount) {
        // Taps on their way into the record come first, or the number would not count as having seen them.
        if self.under_way.try_get_value().is_some_and(|n| n > 0) {
            set_timeout(move || self.correct(number), QUIET / 10);
            return;
        }
        self.later.cancel();
        let (key, pending) = (self.key.get_untracked(), self.pending.get_untracked());
        let edits = self.read(|value| match pending {
            0 => value.correct(&key, number),
            taps => value.tap(&key, taps).then(&value.correct(&key, number)),
        });
        let Some(edits) = edits else { return };
        self.standing.set(Some(number.get()));
        self.pending.set(0);
        self.mine.set(0);
        self.under_way.update_value(|n| *n += 1);
        self.hand_over(edits, key, pending);
    }

    /// The number on screen.
    pub fn shown_now(self) -> u32 {
        self.key.with(|key| self.shown(key, self.pending.get()))
    }

    /// Asks the record as it is now.
    pub fn read<T>(self, ask: impl FnOnce(&V) -> T) -> Option<T> {
        self.opened.now.with(|now| match now {
            Some(Ok(found)) => Some(ask(&found.value)),
            _ => None,
        })
    }

    /// Counts something else; what was tapped until now is saved.
    pub fn choose(self, key: String) {
        self.save();
        self.standing.set(None);
        self.mine.set(0);
        self.key.set(key);
    }
}

/// Draws the screen, beginning with the count `key`.
pub fn tally<V: Tallied>(id: DocumentId, back: String, key: String) -> AnyView {
    let opened = Opened::<V>::of(id);
    let tally = Tally {
        opened,
        key: RwSignal::new(key),
        pending: RwSignal::new(0),
        mine: RwSignal::new(0),
        later: Later::idle(),
        standing: RwSignal::new(None),
        under_way: StoredValue::new(0),
    };
    dom::when_hidden(move || tally.save());
    on_cleanup(move || tally.save());
    let title = Signal::derive(move || {
        let key = tally.key.get();
        opened.now.with(|now| match now {
            Some(Ok(found)) => opened.state.register.with(|all| V::tally_title(all, found, &key)),
            _ => tr!(tally.title).to_string(),
        })
    });
    let body = view! {
        {problem_notice(opened.failure.into())}
        {dynamic(move || opened.now.with(|now| match now {
            Some(Err(problem)) => notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> }),
            _ => ().into_any(),
        }))}
        {V::above(tally)}
        {figure(tally)}
        {people(tally)}
    };
    let taken = move || tally.read(|value| tally.key.with(|key| value.takes_taps(key))).unwrap_or(false);
    let one_more = move || {
        tally
            .read(|value| tally.key.with(|key| tr!(tally.plus, what = value.one_more(key))))
            .unwrap_or_default()
    };
    let dock = view! {
        <button type="button" class="tally-plus" data-testid="tally-plus" prop:disabled=holds(move || !taken())
            on:click=pressed(move || tally.tap(1))>
            <span aria-hidden="true">"+ 1"</span>
            <span class="visually-hidden">{dynamic(one_more)}</span>
        </button>
        <div class="pair">
            <button type="button" class="button" data-testid="tally-undo" prop:disabled=holds(move || tally.mine.get() <= 0)
                on:click=pressed(move || tally.tap(-1))>{icon(Icon::Undo)}<span>{tr!(tally.undo).to_string()}</span></button>
            {V::beside(tally)}
        </div>
    };
    page(Frame::back(back).focused(), title, (), body, Some(dock.into_any()))
}

/// "Xong", back to the record.
pub fn done(back: String) -> AnyView {
    link(Weight::Plain, Some(Icon::Check), tr!(tally.done), back, "tally-done")
}

/// The number, with the taps that are not in the record yet.
fn total(count: Option<&Count>, pending: i32) -> u32 {
    count.and_then(Count::total).unwrap_or(0).saturating_add_signed(pending)
}

fn figure<V: Tallied>(tally: Tally<V>) -> AnyView {
    let shown = Memo::new(move |_| tally.shown_now());
    let behind =
        Memo::new(move |_| tally.key.with(|key| tally.read(|value| value.behind(key))).unwrap_or_default());
    let open = RwSignal::new(false);
    view! {
        <p class="tally-figure figures" role="status" aria-live="polite">
            <span>
                <span data-testid="tally-total">{dynamic(move || number(shown.get().into()))}</span>
                <span class="tally-behind" data-testid="tally-behind">{dynamic(move || behind.get())}</span>
            </span>
        </p>
        <div class="tally-correct">
            {button(Weight::Quiet, Some(Icon::Pen), tr!(tally.correct).to_string(), "tally-correct", move || open.set(true))}
        </div>
        {dialog("correct-dialog", open, tr!(tally.correct).to_string(), move || correction(tally, open))}
    }
    .into_any()
}

/// A number that somebody knows better.
fn correction<V: Tallied>(tally: Tally<V>, open: RwSignal<bool>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let problems = RwSignal::new(Vec::new());
    let keep = move || {
        let number = typed_number(&typed.get_untracked()).ok_or_else(|| Problem::new(Code::TextEmpty));
        match number.and_then(|number| Amount::new(number.into())) {
            Ok(number) => {
                open.set(false);
                tally.correct(number);
            }
            Err(problem) => problems.set(vec![problem.at("number")]),
        }
    };
    let kind = TextKind { kind: "text", autocomplete: "off", test: "correct-number" };
    view! {
        <div class="stack">
            <p>{tr!(tally.correct_hint).to_string()}</p>
            {text_field("correct-number", tr!(tally.correct_number), None, kind, typed, problem_at(problems, "number"))}
            {button(Weight::Main, None, tr!(tally.correct_keep).to_string(), "correct-keep", keep)}
        </div>
    }
    .into_any()
}

/// "Lan 14 · Minh 17 (2 máy)".
fn people<V: Tallied>(tally: Tally<V>) -> AnyView {
    let words = move || {
        let names = tally.opened.state.names.get();
        let said = tally.read(|value| {
            let count = tally.key.with(|key| value.tallied(key))?;
            let mut by_name = BTreeMap::<String, i64>::new();
            for (actor, taps) in &count.taps {
                *by_name.entry(naming::person(&names, *actor)).or_default() += taps;
            }
            let phones = by_name.len();
            let list = called(&by_name).join(" · ");
            Some(if phones > 1 { tr!(tally.phones, list = list, n = phones) } else { list })
        });
        said.flatten().unwrap_or_default()
    };
    view! { <p class="tally-people soft" data-testid="tally-people">{dynamic(words)}</p> }.into_any()
}

/// `Lan 14`, by the given name; by the full name where two share theirs.
fn called(by_name: &BTreeMap<String, i64>) -> Vec<String> {
    let shared = |given: &str| by_name.keys().filter(|name| naming::given_name(name) == given).count() > 1;
    by_name
        .iter()
        .map(|(name, taps)| {
            let given = naming::given_name(name);
            format!("{} {taps}", if shared(given) { name } else { given })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_as_they_call_each_other() {
        let taps = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 3)).collect();
        assert_eq!(called(&taps(&["Nguyễn Thị Lan", "Trần Minh"])), ["Lan 3", "Minh 3"]);
        assert_eq!(called(&taps(&["Nguyễn Thị Lan", "Phùng Lan"])), ["Nguyễn Thị Lan 3", "Phùng Lan 3"]);
    }

    #[test]
    fn pending_taps_are_counted_before_they_are_saved() {
        assert_eq!(total(None, 3), 3);
        assert_eq!(total(Some(&Count::default()), -3), 0);
    }
}
