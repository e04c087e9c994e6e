//! "Hai người cùng sửa": every value that people wrote apart, who and when, and two taps to settle it.

use donghanh_shared::command::Edits;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::register::{Claim, Count, Register as Values};
use donghanh_shared::ids::ActorId;
use leptos::prelude::*;

use super::{Opened, Screen};
use crate::components::action::{Weight, button};
use crate::components::icon::{Icon, icon};
use crate::i18n::{format, tr};
use crate::screens::naming;
use crate::state::OpenRecord;

/// One of the values: as people read it, who wrote it and when, and the edits that settle for it.
pub struct Choice {
    words: String,
    actor: ActorId,
    at: Millis,
    edits: Option<Edits>,
}

/// The values of one field, and whether there are others that this version cannot read.
#[derive(Default)]
pub struct Choices {
    choices: Vec<Choice>,
    unreadable: bool,
}

impl Choices {
    /// The claims of a register.
    pub fn of<T: PartialEq, E: Into<Edits>>(
        values: &Values<T>,
        words: impl Fn(&T) -> String,
        edits: impl Fn(&T) -> E,
    ) -> Self {
        let choice = |claim: &Claim<T>| Choice {
            words: words(&claim.value),
            actor: claim.actor,
            at: claim.at,
            edits: Some(edits(&claim.value).into()),
        };
        Self { choices: values.claims.iter().map(choice).collect(), unreadable: values.unreadable > 0 }
    }

    /// The numbers that people typed apart.
    pub fn of_count<E: Into<Edits>>(count: Option<&Count>, edits: impl Fn(Option<Amount>) -> E) -> Self {
        let all = count.map(Count::alternatives).unwrap_or_default();
        let choice = |claim: Claim<Option<u32>>| Choice {
            words: format::count(claim.value),
            actor: claim.actor,
            at: claim.at,
            edits: match claim.value.map(|n| Amount::new(n.into())) {
                None => Some(edits(None).into()),
                Some(amount) => amount.ok().map(|amount| edits(Some(amount)).into()),
            },
        };
        Self { choices: all.into_iter().map(choice).collect(), unreadable: false }
    }

    /// A field that only a newer app understands.
    pub fn unknown() -> Self {
        Self { choices: Vec::new(), unreadable: true }
    }

    /// These and others of the same thing.
    pub fn and(mut self, others: Self) -> Self {
        self.choices.extend(others.choices);
        self.unreadable |= others.unreadable;
        self
    }
}

/// Draws them, with what settles those that the person may; nothing where everybody agrees.
pub fn differences<V: Screen>(
    opened: Opened<V>,
    found: &OpenRecord<V>,
    may_settle: impl Fn(&str) -> bool,
) -> AnyView {
    let register = opened.state.register.get();
    let fields = found.value.open_fields();
    let drawn = fields.iter().map(|field| {
        let name = found.value.field(field);
        difference(opened, field, name, found.value.choices(&register, field), may_settle(field))
    });
    drawn.collect_view().into_any()
}

/// The value tapped once; the second tap saves it. Kept with what is open, because the record is drawn anew whenever
/// something about it is sent or arrives, also between the two taps.
#[derive(Clone, PartialEq, Eq)]
pub struct Tap {
    field: String,
    words: String,
    actor: ActorId,
}

fn settle<V: Screen>(opened: Opened<V>, tap: Tap, edits: Edits) -> AnyView {
    let tapped = opened.tapped;
    let words = {
        let tap = tap.clone();
        Signal::derive(move || {
            if tapped.with(|now| now.as_ref() == Some(&tap)) {
                tr!(visit.settle_sure).to_string()
            } else {
                tr!(visit.settle).to_string()
            }
        })
    };
    button(Weight::Plain, None, words, "settle", move || {
        if tapped.with_untracked(|now| now.as_ref() == Some(&tap)) {
            tapped.set(None);
            opened.save(edits.clone());
        } else {
            tapped.set(Some(tap.clone()));
        }
    })
}

fn difference<V: Screen>(
    opened: Opened<V>,
    field: &str,
    name: String,
    of: Choices,
    editable: bool,
) -> AnyView {
    let today = opened.state.today();
    let names = opened.state.names.get();
    let lines = of.choices.into_iter().map(|choice| {
        let who = naming::person(&names, choice.actor);
        let when = format::moment(choice.at, today);
        let tap = Tap { field: field.to_owned(), words: choice.words.clone(), actor: choice.actor };
        let settle = choice.edits.filter(|_| editable).map(|edits| settle(opened, tap, edits));
        view! {
            <li>
                <span class="strong" data-testid="conflict-value">{choice.words}</span>
                <span class="small">{format!("{who} · {when}")}</span>
                {settle}
            </li>
        }
    });
    let newer = of.unreadable.then(|| view! { <p class="small">{tr!(visit.unreadable).to_string()}</p> });
    view! {
        <section class="notice wait" data-testid="conflict" data-field=field.to_owned()>
            {icon(Icon::People)}
            <div class="notice-body">
                <h2>{tr!(visit.open, what = name)}</h2>
                <p class="small">{tr!(visit.open_hint).to_string()}</p>
                <ul class="claims">{lines.collect_view()}</ul>
                {newer}
            </div>
        </section>
    }
    .into_any()
}
