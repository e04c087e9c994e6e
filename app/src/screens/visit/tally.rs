//! Counting at the door of a visit.

use donghanh_shared::command::Edits;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::outreach_visit::{CountKey, Visit};
use donghanh_shared::domain::register::Count;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use crate::components::action::{Weight, button};
use crate::components::choice::one_of;
use crate::components::field::no_problem;
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::screens::tally::{Tallied, Tally, done};
use crate::state::{OpenVisit, Register};

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

/// Unknown keys are never asked for: attendance stands for them.
fn key_of(code: &str) -> CountKey {
    CountKey::parse(code).unwrap_or(CountKey::Attendance)
}

impl Tallied for Visit {
    fn tallied(&self, key: &str) -> Option<&Count> {
        self.counts.get(&key_of(key))
    }

    fn tap(&self, key: &str, taps: i32) -> Edits {
        vec![VisitEdit::Tap(key_of(key), taps)].into()
    }

    fn correct(&self, key: &str, number: Amount) -> Edits {
        vec![VisitEdit::Count(key_of(key), Some(number))].into()
    }

    fn one_more(&self, key: &str) -> String {
        words(key_of(key)).to_owned()
    }

    fn tally_title(register: &Register, found: &OpenVisit, _: &str) -> String {
        let venue = found.value.venue.value();
        venue.map_or_else(|| tr!(tally.title).to_string(), |venue| naming::place(register, *venue))
    }

    fn above(tally: Tally<Self>) -> AnyView {
        which(tally)
    }

    fn beside(tally: Tally<Self>) -> AnyView {
        dynamic(move || {
            tally.opened.now.with(|now| match now {
                Some(Ok(found)) => done(format!("/visits/{}", found.id)),
                _ => done("/visits".to_owned()),
            })
        })
    }
}

fn which(tally: Tally<Visit>) -> AnyView {
    let open = RwSignal::new(false);
    let chips = Signal::derive(|| {
        COUNTED.iter().map(|key| (key.code().to_owned(), capital(words(*key)))).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || Some(tally.key.get()));
    let choose = Callback::new(move |code: String| {
        tally.choose(code);
        open.set(false);
    });
    let label = Signal::derive(move || tr!(tally.which, what = tally.key.with(|key| words(key_of(key)))));
    view! {
        <div class="stack">
            <div>{button(Weight::Quiet, None, label, "tally-which", move || open.update(|open| *open = !*open))}</div>
            {dynamic(move || open.get().then(|| one_of("tally-key", tr!(tally.choose), chips, chosen, choose, no_problem())))}
        </div>
    }
    .into_any()
}
