//! "Hai người cùng sửa": every value that people wrote apart, who and when, and two taps to settle it.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::outreach_visit::{Claim, CountKey, FollowUp, Register as Values, Visit};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::ActorId;
use leptos::prelude::*;

use super::{Opened, field_words};
use crate::components::action::{Weight, button};
use crate::components::icon::{Icon, icon};
use crate::i18n::{format, tr};
use crate::screens::naming;
use crate::state::{OpenVisit, Register};

/// One of the values: as people read it, who wrote it and when, and the edit that settles for it.
struct Choice {
    words: String,
    actor: ActorId,
    at: Millis,
    edit: Option<VisitEdit>,
}

/// Draws them; nothing where everybody agrees.
pub fn differences(opened: Opened, found: &OpenVisit, editable: bool) -> AnyView {
    let register = opened.state.register.get();
    let fields = found.visit.open_fields();
    let drawn = fields.iter().map(|field| {
        let (choices, unreadable) = choices(&register, &found.visit, field);
        difference(opened, field, choices, unreadable, editable)
    });
    drawn.collect_view().into_any()
}

fn difference(
    opened: Opened,
    field: &str,
    choices: Vec<Choice>,
    unreadable: bool,
    editable: bool,
) -> AnyView {
    let name = field_words::field(field);
    let today = opened.state.today();
    let names = opened.state.names.get();
    // The value tapped once; the second tap saves it.
    let tapped = RwSignal::new(None::<usize>);
    let lines = choices.into_iter().enumerate().map(|(at, choice)| {
        let who = naming::person(&names, choice.actor);
        let when = format::moment(choice.at, today);
        let settle = choice.edit.filter(|_| editable).map(|edit| {
            let words = Signal::derive(move || {
                if tapped.get() == Some(at) {
                    tr!(visit.settle_sure).to_string()
                } else {
                    tr!(visit.settle).to_string()
                }
            });
            button(Weight::Plain, None, words, "settle", move || {
                if tapped.get_untracked() == Some(at) {
                    opened.save(vec![edit.clone()]);
                } else {
                    tapped.set(Some(at));
                }
            })
        });
        view! {
            <li>
                <span class="strong" data-testid="conflict-value">{choice.words}</span>
                <span class="small">{format!("{who} · {when}")}</span>
                {settle}
            </li>
        }
    });
    let newer = unreadable.then(|| view! { <p class="small">{tr!(visit.unreadable).to_string()}</p> });
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

fn choices(register: &Register, visit: &Visit, field: &str) -> (Vec<Choice>, bool) {
    let text = |raw: String| field_words::text(register, field, &raw);
    match field {
        "date" => of(&visit.date, |date| date.for_people(), |date| VisitEdit::Date(Some(*date))),
        "time" => of(&visit.time, ToString::to_string, |time| VisitEdit::Time(Some(*time))),
        "ward" => of(&visit.ward, |ward| naming::ward(register, *ward), |ward| VisitEdit::Ward(*ward)),
        "venue" => {
            of(&visit.venue, |place| naming::place(register, *place), |place| VisitEdit::Venue(Some(*place)))
        }
        "form" => of(&visit.form, |form| naming::form(form.code()), |form| VisitEdit::Form(Some(*form))),
        "campaign" => {
            of(&visit.campaign, |id| text(id.to_string()), |id| VisitEdit::Campaign(Some(id.clone())))
        }
        "lead" => of(&visit.lead, |id| text(id.to_string()), |id| VisitEdit::Lead(Some(id.clone()))),
        "programme_year" => of(&visit.programme_year, ToString::to_string, |year| {
            VisitEdit::ProgrammeYear(u16::try_from(*year).ok())
        }),
        "position" => of(
            &visit.position,
            |p| format!("{:.5}, {:.5}", f64::from(p.lat_e6) / 1e6, f64::from(p.lon_e6) / 1e6),
            |p| VisitEdit::Position(Some((p.lat_e6, p.lon_e6))),
        ),
        "archived" => of(&visit.archived, Clone::clone, |reason| VisitEdit::Archived(Some(reason.clone()))),
        other => match (CountKey::parse(other), other.strip_prefix("follow_ups.")) {
            (Ok(key), _) => (numbers(visit, key), false),
            (Err(_), Some(id)) => {
                (visit.follow_ups.iter().find(|f| f.id == id).map(follow_up).unwrap_or_default(), false)
            }
            (Err(_), None) => (Vec::new(), true),
        },
    }
}

fn of<T: PartialEq>(
    values: &Values<T>,
    words: impl Fn(&T) -> String,
    edit: impl Fn(&T) -> VisitEdit,
) -> (Vec<Choice>, bool) {
    let choice = |claim: &Claim<T>| Choice {
        words: words(&claim.value),
        actor: claim.actor,
        at: claim.at,
        edit: Some(edit(&claim.value)),
    };
    (values.claims.iter().map(choice).collect(), values.unreadable > 0)
}

fn numbers(visit: &Visit, key: CountKey) -> Vec<Choice> {
    let all = visit.counts.get(&key).map(|count| count.alternatives()).unwrap_or_default();
    let choice = |claim: Claim<Option<u32>>| Choice {
        words: format::count(claim.value),
        actor: claim.actor,
        at: claim.at,
        edit: match claim.value.map(|n| Amount::new(n.into())) {
            None => Some(VisitEdit::Count(key, None)),
            Some(amount) => amount.ok().map(|amount| VisitEdit::Count(key, Some(amount))),
        },
    };
    all.into_iter().map(choice).collect()
}

/// A follow-up is settled as a whole: the text chosen keeps the date that counts, the date chosen keeps the text.
fn follow_up(of: &FollowUp) -> Vec<Choice> {
    let text = of.text.value().cloned().unwrap_or_default();
    let due = of.due.value().copied();
    let make = |text: String, due| VisitEdit::FollowUp { id: of.id.clone(), text, due };
    let mut choices = Vec::new();
    if of.text.is_open() {
        choices.extend(of.text.claims.iter().map(|claim| Choice {
            words: claim.value.clone(),
            actor: claim.actor,
            at: claim.at,
            edit: Some(make(claim.value.clone(), due)),
        }));
    }
    if of.due.is_open() {
        choices.extend(of.due.claims.iter().map(|claim| Choice {
            words: claim.value.for_people(),
            actor: claim.actor,
            at: claim.at,
            edit: Some(make(text.clone(), Some(claim.value))),
        }));
    }
    choices
}
