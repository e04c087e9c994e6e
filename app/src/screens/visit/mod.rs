//! One visit: its facts, what two people wrote differently, its history, and what can be done with it.

mod differences;
mod facts;
mod field_words;
mod history;
mod photos;
mod remove;

use donghanh_shared::access::Scope;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use super::saved::Saved;
use crate::components::action::{Weight, link};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::i18n::{language, tr, words};
use crate::screens::parts::give_up::give_up;
use crate::screens::parts::row::{open_mark, state_mark};
use crate::state::{AppState, OpenVisit, RowState};

/// A record on screen, read again whenever something on this phone changes it.
#[derive(Clone, Copy)]
pub struct Opened {
    /// The app's state.
    pub state: AppState,
    /// The record as it is now; `None` until it is read.
    pub now: RwSignal<Option<Result<OpenVisit, Problem>>>,
    /// What could not be saved.
    pub failure: RwSignal<Option<Problem>>,
}

impl Opened {
    /// Opens a record.
    pub fn of(id: DocumentId) -> Self {
        let state = AppState::get();
        let opened = Self { state, now: RwSignal::new(None), failure: RwSignal::new(None) };
        Effect::new(move || {
            state.revision.track();
            spawn_local(async move {
                let found = state
                    .open_visit(id)
                    .await
                    .and_then(|visit| visit.ok_or_else(|| Problem::new(Code::NotFound)));
                let same = opened.now.try_with_untracked(|now| now.as_ref() == Some(&found)).unwrap_or(true);
                if !same {
                    opened.now.try_set(Some(found));
                }
            });
        });
        opened
    }

    /// Saves edits of this record; what goes wrong is shown.
    pub fn save(self, edits: Vec<VisitEdit>) {
        self.save_then(edits, |_| ());
    }

    /// Saves edits, reads the record again, and calls `after` in the same step, with whether it was saved.
    pub fn save_then(self, edits: Vec<VisitEdit>, after: impl FnOnce(bool) + 'static) {
        let Some(Some(Ok(visit))) = self.now.try_get_untracked() else { return };
        let Some(ward) = visit.home_ward.or(visit.visit.ward.value().copied()) else { return };
        spawn_local(async move {
            let outcome = self.state.save_visit(Some(visit.id), ward, edits, Vec::new(), None).await;
            let read = self.state.open_visit(visit.id).await;
            let saved = outcome.is_ok();
            self.failure.try_set(outcome.err());
            if let Ok(Some(read)) = read {
                self.now.try_set(Some(Ok(read)));
            }
            after(saved);
        });
    }
}

/// Whether the signed-in person may edit the record.
fn may_edit(state: AppState, visit: &OpenVisit) -> bool {
    let ward = visit.home_ward.or(visit.visit.ward.value().copied());
    !visit.read_only
        && ward.is_some_and(|ward| {
            state.me.with(|me| me.as_ref().is_some_and(|me| me.access.may_write(&Scope::Activity(ward))))
        })
}

/// Draws the screen.
pub fn visit(id: DocumentId) -> AnyView {
    let opened = Opened::of(id);
    let title = Signal::derive(move || {
        opened.now.with(|now| match now {
            Some(Ok(found)) => title(opened.state, found),
            _ => tr!(visit.title).to_string(),
        })
    });
    let body = move || {
        opened.now.get().map(|now| match now {
            Ok(found) => drawn(opened, found),
            Err(problem) => notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> }),
        })
    };
    let dock = move || {
        opened.now.with(|now| match now {
            Some(Ok(found)) if may_edit(opened.state, found) => Some(actions(found.id)),
            _ => None,
        })
    };
    page(Frame::back("/visits"), title, (), body, Some(dock.into_any()))
}

fn title(state: AppState, found: &OpenVisit) -> String {
    use donghanh_shared::domain::vocabulary::Term as _;
    let form = found
        .visit
        .form
        .value()
        .map_or_else(|| tr!(record.form_none).to_string(), |form| naming::form(form.code()));
    match found.visit.venue.value() {
        Some(venue) => format!("{form} · {}", state.register.with(|all| naming::place(all, *venue))),
        None => form,
    }
}

fn actions(id: DocumentId) -> AnyView {
    view! {
        <div class="pair">
            {link(Weight::Plain, Some(Icon::People), tr!(visit.tally), format!("/visits/{id}/tally"), "tally-button")}
            {link(Weight::Plain, Some(Icon::Pen), tr!(visit.edit), format!("/visits/{id}/edit"), "edit-button")}
        </div>
    }
    .into_any()
}

fn drawn(opened: Opened, found: OpenVisit) -> AnyView {
    let editable = may_edit(opened.state, &found);
    let state = match (&found.refused, found.waiting) {
        (Some(_), _) => RowState::Refused,
        (None, true) => RowState::Waiting,
        (None, false) => RowState::Sent,
    };
    let mut marks = vec![state_mark(state)];
    if !found.visit.open_fields().is_empty() {
        marks.push(open_mark());
    }
    let refused = found.refused.clone().map(|problem| {
        notice(
            Tone::Fail,
            view! {
                <p class="strong">{tr!(visit.refused).to_string()}</p>
                <p data-testid="visit-refused">{problem.sentence(language())}</p>
                {editable.then(|| give_up(opened.state, Some(found.id)))}
            },
        )
    });
    let read_only = found.read_only.then(|| notice(Tone::Wait, view! { <p>{words(Code::FormReadOnly)}</p> }));
    let archived = found.visit.archived.value().cloned().map(|reason| {
        notice(
            Tone::Wait,
            view! {
                <p class="strong">{tr!(visit.removed).to_string()}</p>
                <p>{reason}</p>
                {editable.then(|| remove::bring_back(opened))}
            },
        )
    });
    let removable = (editable && found.visit.archived.value().is_none()).then(|| remove::remove(opened));
    view! {
        {Saved::get().line(false)}
        {problem_notice(opened.failure.into())}
        {refused}
        {read_only}
        {archived}
        <p class="line" data-testid="visit-state">{marks}</p>
        {differences::differences(opened, &found, editable)}
        {facts::facts(opened, &found, editable)}
        {history::history(opened.state, &found)}
        {removable}
    }
    .into_any()
}
