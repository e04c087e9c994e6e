//! The form under the hands of a person: what they change, the draft that follows it, the pictures it waits for, the save.

use std::time::Duration;

use donghanh_shared::command::Command;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::RecordForm;
use super::draft::{self, Draft};
use crate::components::address;
use crate::components::dom::{self, Later};
use crate::components::field::Problems;
use crate::screens::saved::Saved;
use crate::state::{AppState, RecordValue as _, Save};

/// How long the keys must rest before the draft is kept.
const QUIET: Duration = Duration::from_millis(400);

/// Everything the parts of the form share.
pub struct Editor<F: RecordForm> {
    pub(super) state: AppState,
    /// The record being edited; `None` for a new one.
    pub(super) id: Option<DocumentId>,
    key: StoredValue<String>,
    before: StoredValue<F>,
    /// The values now.
    pub form: RwSignal<F>,
    /// What is wrong.
    pub problems: Problems,
    /// What could not be saved as a whole.
    pub(super) failure: RwSignal<Option<Problem>>,
    saving: RwSignal<bool>,
    /// Whether the person changed something: a form only looked at leaves no draft.
    touched: StoredValue<bool>,
    /// Once saved or thrown away, nothing keeps the draft any more.
    closed: StoredValue<bool>,
    /// Pictures on their way: the camera or the gallery is open, or what was chosen is being drawn anew.
    photos_expected: StoredValue<u32>,
    /// Choices being drawn anew and kept now.
    photos_taking: StoredValue<u32>,
    /// The person pressed "save" meanwhile: it follows once they are kept.
    save_follows: StoredValue<bool>,
    /// The app ended while it was.
    pub(super) photo_missed: bool,
    later: Later,
    saved: Saved,
}

impl<F: RecordForm> Clone for Editor<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: RecordForm> Copy for Editor<F> {}

impl<F: RecordForm> Editor<F> {
    pub(super) fn new(state: AppState, id: Option<DocumentId>, key: String, draft: Draft<F>) -> Self {
        Self {
            saved: Saved::get(),
            state,
            id,
            key: StoredValue::new(key),
            before: StoredValue::new(draft.before),
            form: RwSignal::new(draft.now),
            problems: RwSignal::new(Vec::new()),
            failure: RwSignal::new(None),
            saving: RwSignal::new(false),
            touched: StoredValue::new(false),
            closed: StoredValue::new(false),
            photos_expected: StoredValue::new(0),
            photos_taking: StoredValue::new(0),
            save_follows: StoredValue::new(false),
            photo_missed: draft.photo_expected,
            later: Later::idle(),
        }
    }

    /// Changes the form; the draft follows once the keys rest.
    pub fn edit(self, change: impl FnOnce(&mut F)) {
        self.form.update(change);
        self.touched.set_value(true);
        if self.problems.with_untracked(|all| !all.is_empty()) {
            self.tell(self.form.with_untracked(|form| form.problems(self.state.today())));
        }
        self.later.call(QUIET, move || self.keep());
    }

    /// Shows what is wrong. Nothing is drawn again when that did not change: a person waits for the save.
    fn tell(self, problems: Vec<Problem>) {
        if self.problems.with_untracked(|shown| *shown != problems) {
            self.problems.set(problems);
        }
    }

    /// A part of the form as a signal.
    pub fn part<T: PartialEq + Clone + Send + Sync + 'static>(
        self,
        read: impl Fn(&F) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.form.with(&read))
    }

    /// The day for which wards and places are offered.
    pub fn day(self) -> Signal<Date> {
        let state = self.state;
        Signal::derive(move || self.form.with(F::offered_on).unwrap_or_else(|| state.today()))
    }

    /// The app's state.
    pub fn state(self) -> AppState {
        self.state
    }

    /// Whether this is a new record.
    pub fn is_new(self) -> bool {
        self.id.is_none()
    }

    /// Keeps the draft now.
    pub fn keep(self) {
        if self.closed.try_get_value() != Some(false) || self.touched.try_get_value() != Some(true) {
            return;
        }
        let (Some(before), Some(now)) = (self.before.try_get_value(), self.form.try_get_untracked()) else {
            return;
        };
        let photo_expected = self.photos_expected.try_get_value().unwrap_or_default() > 0;
        let Some(key) = self.key.try_get_value() else { return };
        // What was changed back, or a camera closed again, leaves no draft behind.
        let draft = (before != now || photo_expected).then_some(Draft { before, now, photo_expected });
        let state = self.state;
        spawn_local(async move {
            let kept = match draft {
                Some(draft) => state.keep_draft(&key, draft.bytes()).await,
                None => state.drop_draft(&key).await,
            };
            if let Err(problem) = kept {
                self.failure.try_set(Some(problem));
            }
        });
    }

    /// The camera or the gallery opens: the draft is kept before this phone may end the app.
    pub fn expect_photo(self) {
        if self.photos_expected.try_update_value(|expected| *expected += 1).is_some() {
            self.touched.set_value(true);
            self.keep();
        }
    }

    /// It was closed again, with what was chosen kept or without a choice.
    pub fn expect_no_photo(self) {
        let less = |expected: &mut u32| *expected = expected.saturating_sub(1);
        if self.photos_expected.try_update_value(less).is_some() {
            self.keep();
        }
    }

    /// Pictures are being drawn anew and kept: a save waits for them, or they would be lost to it.
    pub fn begin_taking(self) {
        self.photos_taking.try_update_value(|taking| *taking += 1);
    }

    pub fn end_taking(self) {
        let left = self.photos_taking.try_update_value(|taking| {
            *taking = taking.saturating_sub(1);
            *taking
        });
        self.expect_no_photo();
        if left == Some(0) && self.save_follows.try_update_value(std::mem::take) == Some(true) {
            self.save();
        }
    }

    /// Whether the form was neither saved nor thrown away yet.
    pub fn is_open(self) -> bool {
        self.closed.try_get_value() == Some(false)
    }

    pub(super) fn throw_away(self) {
        self.closed.set_value(true);
        self.later.cancel();
        let (state, key) = (self.state, self.key.get_value());
        spawn_local(async move {
            if let Err(problem) = state.drop_draft(&key).await {
                self.failure.try_set(Some(problem));
                return;
            }
            address::replace(&self.id.map_or_else(|| "/".to_owned(), |id| format!("{}/{id}", F::PATH)));
        });
    }

    pub(super) fn save(self) {
        if self.saving.get_untracked() {
            return;
        }
        if self.photos_taking.get_value() > 0 {
            self.save_follows.set_value(true);
            return;
        }
        let form = self.form.get_untracked();
        let problems = form.problems(self.state.today());
        let wrong = !problems.is_empty();
        self.tell(problems);
        let Some(ward) = form.common().ward.filter(|_| !wrong) else {
            dom::focus_later("error-summary");
            return;
        };
        let before = self.before.get_value();
        let moved = self.id.filter(|_| before.common().ward != form.common().ward);
        let commands = moved.map(|document| Command::MoveDocument { document, ward }).into_iter().collect();
        let key = self.key.get_value();
        let save =
            Save::of(F::Record::KIND, self.id, ward, form.edits_since(&before)).at(form.common().place);
        let id = save.id;
        let saves = form.with_others(self.state, &before, save.with(commands).dropping(key));
        self.saving.set(true);
        self.later.cancel();
        self.closed.set_value(true);
        let state = self.state;
        spawn_local(async move {
            match state.save(saves).await {
                Ok(()) => {
                    self.saved.say(F::PATH, id);
                    if self.is_new() {
                        // Only a convenience: without it "Như lần trước" offers an older record.
                        let _ = state.keep_draft(&draft::last::<F>(), id.to_string().into_bytes()).await;
                    }
                    address::replace(&if self.is_new() {
                        form.after_new()
                    } else {
                        format!("{}/{id}", F::PATH)
                    });
                }
                Err(problem) => {
                    self.closed.try_set_value(false);
                    self.saving.try_set(false);
                    self.failure.try_set(Some(problem));
                    dom::focus_later("error-summary");
                }
            }
        });
    }
}
