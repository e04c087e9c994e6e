//! What every record has on screen, whatever its kind: opening and saving it, its state, what two people wrote differently,
//! its history, and taking it out.

pub mod confirmation;
pub mod differences;
mod history;
mod remove;
pub mod same_as;

use donghanh_shared::access::rules::{self, Action};
use donghanh_shared::access::{Access, Placement};
use donghanh_shared::command::Edits;
use donghanh_shared::crdt::history::FieldEdit;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{DocumentId, PlaceId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::saved::Saved;
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::i18n::{language, tr, words};
use crate::screens::parts::give_up::give_up;
use crate::screens::parts::row::{open_mark, state_mark};
use crate::state::{AppState, OpenRecord, RecordValue, Register, RowState, Save};
use differences::{Choices, Tap};

/// The field that takes a record out.
const ARCHIVED: &str = "archived";

/// How a kind of record is put into words and drawn.
pub trait Screen: RecordValue {
    /// Its title.
    fn title(register: &Register, found: &OpenRecord<Self>) -> String;

    /// What it is called before it is read.
    fn kind_title() -> String;

    /// Its facts.
    fn facts(opened: Opened<Self>, found: &OpenRecord<Self>, editable: bool) -> AnyView;

    /// What the signed-in person can do with it.
    fn actions(state: AppState, found: &OpenRecord<Self>) -> Option<AnyView>;

    /// Where "back" leads.
    fn back(_state: AppState, _id: DocumentId) -> String {
        "/visits".to_owned()
    }

    /// What a field is called.
    fn field(&self, name: &str) -> String;

    /// The values of a field on which people differ.
    fn choices(&self, register: &Register, field: &str) -> Choices;

    /// Fields that whoever returns a record may point at.
    fn looked_at() -> &'static [&'static str] {
        &[]
    }

    /// What one edit of the history wrote, in one line: "Lượt người dự: 80".
    fn history_line(&self, register: &Register, edit: &FieldEdit) -> String;
}

/// A record on screen, read again whenever something on this phone changes it.
pub struct Opened<V: RecordValue> {
    /// The app's state.
    pub state: AppState,
    /// The record as it is now; `None` until it is read.
    pub now: RwSignal<Option<Result<OpenRecord<V>, Problem>>>,
    /// What could not be saved.
    pub failure: RwSignal<Option<Problem>>,
    /// The value of a difference that was tapped once.
    pub tapped: RwSignal<Option<Tap>>,
}

impl<V: RecordValue> Clone for Opened<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: RecordValue> Copy for Opened<V> {}

impl<V: RecordValue> Opened<V> {
    /// Opens a record.
    pub fn of(id: DocumentId) -> Self {
        let state = AppState::get();
        let opened = Self {
            state,
            now: RwSignal::new(None),
            failure: RwSignal::new(None),
            tapped: RwSignal::new(None),
        };
        Effect::new(move || {
            state.revision.track();
            spawn_local(async move {
                let found = state
                    .open::<V>(id)
                    .await
                    .and_then(|found| found.ok_or_else(|| Problem::new(Code::NotFound)));
                let same = opened.now.try_with_untracked(|now| now.as_ref() == Some(&found)).unwrap_or(true);
                if !same {
                    opened.now.try_set(Some(found));
                }
            });
        });
        opened
    }

    /// Saves edits of this record; what goes wrong is shown.
    pub fn save(self, edits: impl Into<Edits>) {
        self.save_then(edits, |_| ());
    }

    /// Saves edits, reads the record again, and calls `after` in the same step, with whether it was saved.
    pub fn save_then(self, edits: impl Into<Edits>, after: impl FnOnce(bool) + 'static) {
        let Some(Some(Ok(found))) = self.now.try_get_untracked() else { return };
        let Some(ward) = found.home_ward.or_else(|| found.value.ward()) else { return };
        let edits = edits.into();
        spawn_local(async move {
            // The core is no part of itself.
            let case = found.case.filter(|case| *case != found.id);
            let save = Save { case, ..Save::of(V::KIND, Some(found.id), ward, edits) };
            let outcome = self.state.save(vec![save]).await;
            let read = self.state.open(found.id).await;
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
pub fn may_edit<V: RecordValue>(state: AppState, found: &OpenRecord<V>) -> bool {
    may_do(state, found, Action::Edit)
}

/// Whether the signed-in person may do this to the record. The phone knows no placement with schools: a drive that it holds is
/// taken to be placed with the school that it names, and the server has the last word.
fn may_do<V: RecordValue>(state: AppState, found: &OpenRecord<V>, action: Action) -> bool {
    let place = found.home_ward.or_else(|| found.value.ward()).map(|ward| match found.case {
        Some(case) => Placement::of_case(ward, case),
        None => Placement::new(ward),
    });
    let registered = |id: PlaceId| state.register.with(|all| all.place(id).map_or(id, |place| place.id));
    !found.read_only
        && place.is_some_and(|mut place| {
            place.schools.extend(found.value.place().into_iter().flat_map(|id| [id, registered(id)]));
            let may = |access: &Access| rules::may(access, action, V::KIND, &place);
            state.me.with(|me| me.as_ref().is_some_and(|me| may(&me.access)))
        })
}

/// Draws the screen of a record.
pub fn record<V: Screen>(id: DocumentId) -> AnyView {
    let opened = Opened::<V>::of(id);
    if V::KIND.is_aftercare() {
        opened.state.note_read(id);
    }
    let title = Signal::derive(move || {
        opened.now.with(|now| match now {
            Some(Ok(found)) => opened.state.register.with(|register| V::title(register, found)),
            _ => V::kind_title(),
        })
    });
    let shown = held_still(opened);
    let body = move || {
        shown.get().map(|now| match now {
            Ok(found) => drawn(opened, found),
            Err(problem) => notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> }),
        })
    };
    let dock = move || {
        shown.with(|now| match now {
            Some(Ok(found)) => V::actions(opened.state, found),
            _ => None,
        })
    };
    page(Frame::back(V::back(opened.state, id)), title, (), body, Some(dock.into_any()))
}

/// The record as it is drawn: as it is now, except that nothing moves under a finger.
fn held_still<V: Screen>(opened: Opened<V>) -> RwSignal<Option<Result<OpenRecord<V>, Problem>>> {
    let shown = RwSignal::new(None);
    let is_old = StoredValue::new(false);
    let show = move || {
        is_old.set_value(false);
        shown.set(opened.now.get_untracked());
    };
    Effect::new(move || {
        // What the person may no longer see goes at once.
        let is_gone = opened.now.with(|now| matches!(now, Some(Err(_))));
        if is_gone || opened.state.still.get_untracked() == 0 {
            show();
        } else {
            is_old.set_value(true);
        }
    });
    Effect::new(move || {
        if opened.state.still.get() == 0 && is_old.get_value() {
            show();
        }
    });
    shown
}

fn drawn<V: Screen>(opened: Opened<V>, found: OpenRecord<V>) -> AnyView {
    let editable = may_edit(opened.state, &found);
    let archives = may_do(opened.state, &found, Action::Archive);
    let state = match (&found.refused, found.waiting) {
        (Some(_), _) => RowState::Refused,
        (None, true) => RowState::Waiting,
        (None, false) => RowState::Sent,
    };
    let mut marks = vec![state_mark(state)];
    marks.extend(confirmation::standing_mark(found.confirmed.standing));
    if found.archived_apart || found.confirmed.said.is_open() || !found.value.open_fields().is_empty() {
        marks.push(open_mark());
    }
    let refused = found.refused.clone().map(|problem| {
        notice(
            Tone::Fail,
            view! {
                <p class="strong">{tr!(visit.refused).to_string()}</p>
                <p data-testid="visit-refused">{problem.sentence(language())}</p>
                {give_up(opened.state, Some(found.id))}
            },
        )
    });
    let read_only = found.read_only.then(|| notice(Tone::Wait, view! { <p>{words(Code::FormReadOnly)}</p> }));
    let archived = found.value.archived().cloned();
    let is_archived = archived.is_some();
    let apart = found.archived_apart;
    let archived = archived.map(|reason| {
        let said = apart.then(|| {
            view! { <p data-testid="removed-apart">{tr!(visit.removed_apart).to_string()}</p> }
        });
        let keep = (apart && archives).then(|| remove::keep_removed(opened, reason.clone()));
        notice(
            Tone::Wait,
            view! {
                <p class="strong">{tr!(visit.removed).to_string()}</p>
                <p>{reason}</p>
                {said}
                <div class="line">{archives.then(|| remove::bring_back(opened))}{keep}</div>
            },
        )
    });
    let removable = (archives && !is_archived).then(|| remove::remove(opened));
    view! {
        {Saved::get().line(false)}
        {problem_notice(opened.failure.into())}
        {refused}
        {read_only}
        {archived}
        <p class="line" data-testid="visit-state">{marks}</p>
        {confirmation::confirmation(opened, &found)}
        {differences::differences(opened, &found, |field| if field == ARCHIVED { archives } else { editable })}
        {same_as::same_as(opened, &found, editable)}
        {V::facts(opened, &found, editable)}
        {history::history(opened.state, &found)}
        {removable}
    }
    .into_any()
}
