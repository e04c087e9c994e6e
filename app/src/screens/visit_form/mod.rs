//! Logging a visit, and editing one: loading what the form starts from, keeping the draft, saving.

pub mod draft;
mod main_fields;
pub mod model;
mod more_counts;
mod more_fields;
mod photos;

use std::time::Duration;

use donghanh_shared::command::Command;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::outreach_visit::Visit;
use donghanh_shared::ids::{DocumentId, PhotoId, PhotoKey, PlaceId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use super::saved::Saved;
use crate::components::action::{Weight, button};
use crate::components::address;
use crate::components::dom::{self, Later};
use crate::components::field::Problems;
use crate::components::notice::{Tone, error_summary, notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::AppState;
use draft::Draft;
use model::VisitForm;

/// How long the keys must rest before the draft is kept.
const QUIET: Duration = Duration::from_millis(400);

/// Everything the parts of the form share.
#[derive(Clone, Copy)]
pub struct Editor {
    state: AppState,
    /// The record being edited; `None` for a new one.
    id: Option<DocumentId>,
    key: StoredValue<String>,
    before: StoredValue<VisitForm>,
    /// The values now.
    pub form: RwSignal<VisitForm>,
    /// What is wrong.
    pub problems: Problems,
    /// What could not be saved as a whole.
    failure: RwSignal<Option<Problem>>,
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
    photo_missed: bool,
    later: Later,
    saved: Saved,
}

impl Editor {
    fn new(state: AppState, id: Option<DocumentId>, key: String, draft: Draft) -> Self {
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
    pub fn edit(self, change: impl FnOnce(&mut VisitForm)) {
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
        read: impl Fn(&VisitForm) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.form.with(&read))
    }

    /// The day for which wards and places are offered.
    pub fn day(self) -> Signal<Date> {
        let state = self.state;
        Signal::derive(move || self.form.with(|form| form.date).unwrap_or_else(|| state.today()))
    }

    /// The app's state.
    pub fn state(self) -> AppState {
        self.state
    }

    /// Whether this is a new record.
    pub fn is_new(self) -> bool {
        self.id.is_none()
    }

    fn keep(self) {
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
    fn expect_photo(self) {
        if self.photos_expected.try_update_value(|expected| *expected += 1).is_some() {
            self.touched.set_value(true);
            self.keep();
        }
    }

    /// It was closed again, with what was chosen kept or without a choice.
    fn expect_no_photo(self) {
        let less = |expected: &mut u32| *expected = expected.saturating_sub(1);
        if self.photos_expected.try_update_value(less).is_some() {
            self.keep();
        }
    }

    /// Pictures are being drawn anew and kept: a save waits for them, or they would be lost to it.
    fn begin_taking(self) {
        self.photos_taking.try_update_value(|taking| *taking += 1);
    }

    fn end_taking(self) {
        let left = self.photos_taking.try_update_value(|taking| {
            *taking = taking.saturating_sub(1);
            *taking
        });
        self.expect_no_photo();
        if left == Some(0) && self.save_follows.try_update_value(std::mem::take) == Some(true) {
            self.save();
        }
    }

    /// Lists a picture that is kept on this phone; the draft knows it at once.
    fn add_photo(self, id: PhotoId, key: PhotoKey) {
        if self.closed.try_get_value() == Some(false) {
            self.edit(|form| {
                form.photos.insert(id, key);
            });
            self.keep();
        }
    }

    fn throw_away(self) {
        self.closed.set_value(true);
        self.later.cancel();
        let (state, key) = (self.state, self.key.get_value());
        spawn_local(async move {
            if let Err(problem) = state.drop_draft(&key).await {
                self.failure.try_set(Some(problem));
                return;
            }
            address::replace(&self.id.map_or_else(|| "/".to_owned(), |id| format!("/visits/{id}")));
        });
    }

    fn save(self) {
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
        let Some(ward) = form.ward.filter(|_| !wrong) else {
            dom::focus_later("error-summary");
            return;
        };
        let before = self.before.get_value();
        let edits = model::edits(&before, &form);
        let moved = self.id.filter(|_| before.ward != form.ward);
        let commands = moved.map(|document| Command::MoveDocument { document, ward }).into_iter().collect();
        self.saving.set(true);
        self.later.cancel();
        self.closed.set_value(true);
        let (state, key) = (self.state, self.key.get_value());
        spawn_local(async move {
            match state.save(Kind::OutreachVisit, self.id, ward, edits.into(), commands, Some(key)).await {
                Ok(id) => {
                    self.saved.say(id);
                    if self.is_new() {
                        // Only a convenience: without it "Như lần trước" offers an older visit.
                        let _ = state.keep_draft(draft::LAST, id.to_string().into_bytes()).await;
                    }
                    address::replace(&if self.is_new() { "/".to_owned() } else { format!("/visits/{id}") });
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

/// "Ghi hoạt động": a new visit.
pub fn new_visit() -> AnyView {
    let state = AppState::get();
    Saved::get().clear();
    let like = untrack(|| address::query("like")).and_then(|text| text.parse().ok());
    let editor = RwSignal::new(None::<(Editor, bool)>);
    let owner = Owner::current();
    spawn_local(async move {
        let kept = state.draft(draft::NEW).await.and_then(|bytes| Draft::read(&bytes));
        let resumed = kept.is_some() && like.is_none();
        let draft = match kept.filter(|_| like.is_none()) {
            Some(draft) => draft,
            None => Draft { now: fresh(state, like).await, ..Draft::default() },
        };
        let make = || Editor::new(state, None, draft::NEW.to_owned(), draft);
        let made = owner.map(|owner| owner.with(make));
        editor.try_set(made.map(|made| (made, resumed)));
    });
    let title = tr!(form.title_new).to_string();
    dynamic(move || match editor.get() {
        Some((editor, resumed)) => form_screen(editor, title.clone(), "/".to_owned(), resumed),
        None => page(Frame::back("/").focused(), title.clone(), (), (), None),
    })
}

/// A new visit: today, in the ward and for the organisation of the person, or like another one.
async fn fresh(state: AppState, like: Option<DocumentId>) -> VisitForm {
    let today = state.today();
    let mut form = VisitForm { date: Some(today), ..VisitForm::default() };
    if let Some(me) = state.me.get_untracked() {
        form.ward = me.home_ward.filter(|ward| main_fields::may_log_in(state, *ward, today));
        form.lead = me.organisation.clone();
        form.done_by.insert(me.person.to_string(), me.name.clone());
    }
    if let Some(id) = like {
        take_over(state, &mut form, id).await;
    }
    form
}

async fn take_over(state: AppState, form: &mut VisitForm, id: DocumentId) {
    if let Ok(Some(found)) = state.open::<Visit>(id).await {
        let before = VisitForm::of(&found.value);
        form.take_over(&before);
        if let (Some(ward), Some(day)) = (found.home_ward.or(before.ward), form.date) {
            form.ward = Some(ward).filter(|ward| main_fields::may_log_in(state, *ward, day)).or(form.ward);
        }
    }
}

/// "Như lần trước": the visit saved last on this phone, else the one changed last in it.
pub(super) async fn like_last_time(editor: Editor) {
    let state = editor.state;
    let kept = state.draft(draft::LAST).await.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    let newest = || {
        state.summaries.with_untracked(|rows| {
            rows.iter()
                .filter(|row| !row.summary.archived)
                .max_by_key(|row| row.summary.changed_at)
                .map(|r| r.summary.id)
        })
    };
    let Some(id) = kept.or_else(newest) else { return };
    let Some(mut form) = editor.form.try_get_untracked() else { return };
    take_over(state, &mut form, id).await;
    editor.edit(|now| *now = form);
}

/// Editing a visit.
pub fn edit_visit(id: DocumentId) -> AnyView {
    let state = AppState::get();
    let editor = RwSignal::new(None::<Result<(Editor, bool), Problem>>);
    let owner = Owner::current();
    spawn_local(async move {
        let found = load(state, id).await.and_then(|(key, draft, resumed)| {
            let make = || (Editor::new(state, Some(id), key, draft), resumed);
            owner.map(|owner| owner.with(make)).ok_or_else(|| Problem::new(Code::NotFound))
        });
        editor.try_set(Some(found));
    });
    let title = tr!(form.title_edit).to_string();
    let back = format!("/visits/{id}");
    dynamic(move || match editor.get() {
        Some(Ok((editor, resumed))) => form_screen(editor, title.clone(), back.clone(), resumed),
        Some(Err(problem)) => {
            let body = notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> });
            page(Frame::back(back.clone()), title.clone(), (), body, None)
        }
        None => page(Frame::back(back.clone()).focused(), title.clone(), (), (), None),
    })
}

async fn load(state: AppState, id: DocumentId) -> Result<(String, Draft, bool), Problem> {
    let found = state.open::<Visit>(id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    if found.read_only {
        return Err(Problem::new(Code::FormReadOnly));
    }
    let key = format!("{}{id}", draft::PREFIX);
    let kept = state.draft(&key).await.and_then(|bytes| Draft::read(&bytes));
    let resumed = kept.is_some();
    let form = VisitForm::of(&found.value);
    let form = VisitForm { ward: found.home_ward.or(form.ward), ..form };
    let draft = kept.unwrap_or_else(|| Draft { before: form.clone(), now: form, photo_expected: false });
    Ok((key, draft, resumed))
}

fn form_screen(editor: Editor, title: String, back: String, resumed: bool) -> AnyView {
    dom::when_hidden(move || editor.keep());
    on_cleanup(move || editor.keep());
    let state = editor.state;
    let resumed = resumed.then(|| {
        notice(Tone::Wait, view! {
            <p>{tr!(form.resumed).to_string()}</p>
            {editor.photo_missed.then(|| view! { <p data-testid="photo-missed">{tr!(photo.missed).to_string()}</p> })}
            {button(Weight::Quiet, None, tr!(form.throw_away).to_string(), "draft-drop", move || editor.throw_away())}
        })
    });
    let failure = move || {
        editor
            .failure
            .get()
            .map(|problem| notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> }))
    };
    let body = view! {
        {error_summary(editor.problems, target)}
        <div role="alert">{dynamic(failure)}</div>
        {resumed}
        {main_fields::main_fields(editor)}
        <div>{more_counts::more_counts(editor)}{more_fields::more_fields(editor)}</div>
        {photos::photos(editor)}
        {more_fields::last_fields(editor)}
    };
    let words = Signal::derive(move || {
        let connected = state.sync.with(|sync| sync.problem.is_none() && sync.last_contact.is_some())
            && dom::seems_online();
        if connected { tr!(form.send).to_string() } else { tr!(form.save_send_later).to_string() }
    });
    let save = button(Weight::Main, None, words, "save-button", move || editor.save());
    let aside = view! { <span class="soft small">{tr!(form.draft).to_string()}</span> };
    page(Frame::back(back).focused(), title, aside, body, Some(save))
}

/// The id of the element that shows a field.
fn target(field: &str) -> String {
    match field {
        "venue" => "venue-button".to_owned(),
        "form" | "position" => field.to_owned(),
        "" => "page-title".to_owned(),
        other => format!("field-{other}"),
    }
}

/// The name of a place, for the parts of the form.
fn name_of_place(editor: Editor, id: PlaceId) -> String {
    editor.state.register.with(|register| naming::place(register, id))
}
