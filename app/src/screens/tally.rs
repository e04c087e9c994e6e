//! Counting at the door: one big "+ 1", undo, and who has counted how many. Taps add up with those of other phones.

use std::collections::BTreeMap;
use std::time::Duration;

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::{CountKey, Visit};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::naming;
use super::record::Opened;
use crate::components::action::{Weight, button, link};
use crate::components::choice::one_of;
use crate::components::dom::{self, Later};
use crate::components::field::no_problem;
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::view::{dynamic, holds, pressed};
use crate::i18n::format::{capital, number};
use crate::i18n::{language, tr, words};

/// How long the thumb must rest before taps are saved; leaving the screen or hiding the app saves at once.
const QUIET: Duration = Duration::from_millis(700);

/// The counts that are tapped at a door.
const COUNTED: [CountKey; 9] = [
    CountKey::Attendance,
    CountKey::Pupils,
    CountKey::Students,
    CountKey::Youth,
    CountKey::Workers,
    CountKey::Residents,
    CountKey::Officials,
    CountKey::Women,
    CountKey::LeafletsGiven,
];

/// What is being counted.
#[derive(Clone, Copy)]
struct Tally {
    opened: Opened<Visit>,
    key: RwSignal<CountKey>,
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

impl Tally {
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
        self.standing.set(Some(self.shown(key, pending)));
        self.pending.set(0);
        self.under_way.update_value(|n| *n += 1);
        self.opened.save_then(vec![VisitEdit::Tap(key, pending)], move |saved| {
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
    fn shown(self, key: CountKey, pending: i32) -> u32 {
        match self.standing.get() {
            Some(standing) => standing.saturating_add_signed(pending),
            None => self.opened.now.with(|now| match now {
                Some(Ok(found)) => total(&found.value, key, pending),
                _ => 0,
            }),
        }
    }

    fn choose(self, key: CountKey) {
        self.save();
        self.standing.set(None);
        self.mine.set(0);
        self.key.set(key);
    }
}

/// Draws the screen.
pub fn tally(id: DocumentId) -> AnyView {
    let opened = Opened::of(id);
    let tally = Tally {
        opened,
        key: RwSignal::new(CountKey::Attendance),
        pending: RwSignal::new(0),
        mine: RwSignal::new(0),
        later: Later::idle(),
        standing: RwSignal::new(None),
        under_way: StoredValue::new(0),
    };
    dom::when_hidden(move || tally.save());
    on_cleanup(move || tally.save());
    let title = Signal::derive(move || {
        opened.now.with(|now| match now {
            Some(Ok(found)) => found.value.venue.value().map_or_else(
                || tr!(tally.title).to_string(),
                |venue| opened.state.register.with(|all| naming::place(all, *venue)),
            ),
            _ => tr!(tally.title).to_string(),
        })
    });
    let body = view! {
        {problem_notice(opened.failure.into())}
        {dynamic(move || opened.now.with(|now| match now {
            Some(Err(problem)) => notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> }),
            _ => ().into_any(),
        }))}
        {which(tally)}
        {figure(tally)}
        {people(tally)}
    };
    let dock = view! {
        <button type="button" class="tally-plus" data-testid="tally-plus" on:click=pressed(move || tally.tap(1))>
            <span aria-hidden="true">"+ 1"</span>
            <span class="visually-hidden">{dynamic(move || tr!(tally.plus, what = words(tally.key.get())))}</span>
        </button>
        <div class="pair">
            <button type="button" class="button" data-testid="tally-undo" prop:disabled=holds(move || tally.mine.get() <= 0)
                on:click=pressed(move || tally.tap(-1))>{icon(Icon::Undo)}<span>{tr!(tally.undo).to_string()}</span></button>
            {link(Weight::Plain, Some(Icon::Check), tr!(tally.done), format!("/visits/{id}"), "tally-done")}
        </div>
    };
    page(Frame::back(format!("/visits/{id}")).focused(), title, (), body, Some(dock.into_any()))
}

fn which(tally: Tally) -> AnyView {
    let open = RwSignal::new(false);
    let chips = Signal::derive(|| {
        COUNTED.iter().map(|key| (key.code().to_owned(), capital(words(*key)))).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || Some(tally.key.get().code().to_owned()));
    let choose = Callback::new(move |code: String| {
        if let Ok(key) = CountKey::parse(&code) {
            tally.choose(key);
            open.set(false);
        }
    });
    let label = Signal::derive(move || tr!(tally.which, what = words(tally.key.get())));
    view! {
        <div class="stack">
            <div>{button(Weight::Quiet, None, label, "tally-which", move || open.update(|open| *open = !*open))}</div>
            {dynamic(move || open.get().then(|| one_of("tally-key", tr!(tally.choose), chips, chosen, choose, no_problem())))}
        </div>
    }
    .into_any()
}

/// The number, with the taps that are not in the record yet.
fn total(visit: &Visit, key: CountKey, pending: i32) -> u32 {
    visit.count(key).unwrap_or(0).saturating_add_signed(pending)
}

fn figure(tally: Tally) -> AnyView {
    let shown = Memo::new(move |_| tally.shown(tally.key.get(), tally.pending.get()));
    view! {
        <p class="tally-figure figures" data-testid="tally-total" role="status" aria-live="polite">
            {dynamic(move || number(shown.get().into()))}
        </p>
    }
    .into_any()
}

/// "Lan 14 · Minh 17 (2 máy)".
fn people(tally: Tally) -> AnyView {
    let words = move || {
        let names = tally.opened.state.names.get();
        tally.opened.now.with(|now| {
            let Some(Ok(found)) = now else { return String::new() };
            let Some(count) = found.value.counts.get(&tally.key.get()) else { return String::new() };
            let mut by_name = BTreeMap::<String, i64>::new();
            for (actor, taps) in &count.taps {
                *by_name.entry(naming::person(&names, *actor)).or_default() += taps;
            }
            let phones = by_name.len();
            let list = called(&by_name).join(" · ");
            if phones > 1 { tr!(tally.phones, list = list, n = phones) } else { list }
        })
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
        let visit = Visit::default();
        assert_eq!(total(&visit, CountKey::Attendance, 3), 3);
        assert_eq!(total(&visit, CountKey::Attendance, -3), 0);
    }
}
