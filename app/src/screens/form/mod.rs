//! Logging a record and editing one, whatever its kind: what a form is, what it starts from, how it is drawn. What a person does
//! to it is in [`Editor`].

pub mod alike;
pub mod common;
pub mod draft;
mod editor;
pub mod fields;

use donghanh_shared::command::Edits;
use donghanh_shared::domain::confirmation::{Confirmation, Standing};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::same_as::Look;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::drive_form::model::DriveForm;
use super::may_log;
use super::model_form::model::ModelForm;
use super::record::Screen;
use super::saved::Saved;
use super::visit_form::model::VisitForm;
use crate::components::action::{Weight, button};
use crate::components::dom;
use crate::components::notice::{Tone, error_summary, notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::{AppState, OpenRecord, RecordValue as _, Register, Save};
use common::Common;
use draft::Draft;
pub use editor::Editor;

/// What a person types about a record of one kind.
pub trait RecordForm:
    Clone + PartialEq + Default + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The records it is about.
    type Record: Screen;

    /// Drafts stand under keys that begin with this: `visit`.
    const DRAFTS: &'static str;
    /// Records are shown under this address: `/visits`.
    const PATH: &'static str;
    /// The field of the place in the record.
    const PLACE: &'static str;
    /// Whether it is activity, of which there are several kinds to choose from.
    const IS_ACTIVITY: bool = true;

    /// The day for which wards, places and organisations are offered; today where it says none.
    fn offered_on(&self) -> Option<Date> {
        self.common().date
    }

    /// What its place is called.
    fn place_label() -> String {
        tr!(form.venue).to_string()
    }

    /// What its lead organisation is called.
    fn lead_label() -> String {
        tr!(form.lead).to_string()
    }

    /// What the notes are for.
    fn notes_hint() -> String {
        tr!(form.notes_hint).to_string()
    }

    /// What its people are called.
    fn people_label() -> String {
        tr!(form.done_by).to_string()
    }

    /// The form filled with a record.
    fn of(found: &OpenRecord<Self::Record>) -> Self;

    /// Reads what belongs to the record and is kept apart from it.
    fn complete(self, _state: AppState) -> impl Future<Output = Self> {
        async { self }
    }

    /// What every form has.
    fn common(&self) -> &Common;

    /// The same, to be changed.
    fn common_mut(&mut self) -> &mut Common;

    /// What must be mended before it can be saved; `today` bounds the date.
    fn problems(&self, today: Date) -> Vec<Problem>;

    /// The edits that lead from `before` to this.
    fn edits_since(&self, before: &Self) -> Edits;

    /// The save of this record with what belongs to it: parts of it that are documents of their own.
    fn with_others(&self, _state: AppState, _before: &Self, save: Save) -> Vec<Save> {
        vec![save]
    }

    /// Where a new part of a case is written.
    fn new_address(case: &str) -> String {
        format!("/cases/{case}")
    }

    /// Where "back" leads from a new record.
    fn back(_about: Option<DocumentId>) -> String {
        "/".to_owned()
    }

    /// Where the person is led once a new record is saved.
    fn after_new(&self) -> String {
        "/".to_owned()
    }

    /// What a draft is called.
    fn title(&self, register: &Register) -> String;

    /// Whether places are private: households and position are not named.
    fn is_private(&self) -> bool {
        false
    }

    /// "Như lần trước": takes over what usually stays the same. Never a number, a note or a name.
    fn take_over(&mut self, before: &Self);

    /// The words of its screens: for a new record, for one that is edited.
    fn titles() -> (String, String);

    /// What makes a record look like this one.
    fn look(&self) -> Look {
        self.common().look(Self::Record::KIND)
    }

    /// Says when another record may be of the same event.
    fn alike(editor: Editor<Self>) -> AnyView {
        alike::alike(editor)
    }

    /// Draws its fields.
    fn draw(editor: Editor<Self>) -> AnyView;
}

/// A new record, of the case `about` for parts of one; `begin` says what its form starts from when no draft was kept.
pub fn new_record<F: RecordForm>(
    like: Option<DocumentId>,
    about: Option<DocumentId>,
    begin: impl AsyncFnOnce(AppState, &mut F) + 'static,
) -> AnyView {
    let state = AppState::get();
    Saved::get().clear();
    let editor = RwSignal::new(None::<(Editor<F>, bool)>);
    let owner = Owner::current();
    spawn_local(async move {
        let key = draft::new::<F>(about);
        let kept = state.draft(&key).await.and_then(|bytes| Draft::read(&bytes));
        let resumed = kept.is_some() && like.is_none();
        let draft = match kept.filter(|_| like.is_none()) {
            Some(draft) => draft,
            None => {
                let mut now = fresh(state, like).await;
                begin(state, &mut now).await;
                Draft { now, ..Draft::default() }
            }
        };
        let make = || Editor::new(state, None, key, draft);
        let made = owner.map(|owner| owner.with(make));
        editor.try_set(made.map(|made| (made, resumed)));
    });
    let (title, _) = F::titles();
    dynamic(move || match editor.get() {
        Some((editor, resumed)) => form_screen(editor, title.clone(), F::back(about), resumed),
        None => page(Frame::back(F::back(about)).focused(), title.clone(), (), (), None),
    })
}

/// A new record: today, in the ward and for the organisation of the person, or like another one.
async fn fresh<F: RecordForm>(state: AppState, like: Option<DocumentId>) -> F {
    let today = state.today();
    let mut form = F::default();
    let common = form.common_mut();
    common.date = Some(today);
    if let Some(me) = state.me.get_untracked() {
        common.ward = me.home_ward.filter(|ward| fields::may_log_in::<F>(state, *ward, today));
        common.lead = me.organisation.clone();
        common.done_by.insert(me.person.to_string(), me.name.clone());
    }
    if let Some(id) = like
        && let Ok(Some(found)) = state.open::<F::Record>(id).await
    {
        take_over(state, &mut form, &found);
    }
    form
}

fn take_over<F: RecordForm>(state: AppState, form: &mut F, found: &OpenRecord<F::Record>) {
    let before = F::of(found);
    form.take_over(&before);
    let common = form.common_mut();
    if let (Some(ward), Some(day)) = (found.home_ward.or(before.common().ward), common.date) {
        common.ward = Some(ward).filter(|ward| fields::may_log_in::<F>(state, *ward, day)).or(common.ward);
    }
}

/// "Như lần trước": the record saved last on this phone, else the one changed last in it.
pub(super) async fn like_last_time<F: RecordForm>(editor: Editor<F>) {
    let state = editor.state;
    let kept = state.draft(&draft::last::<F>()).await;
    let kept = kept.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    let newest = || {
        state.summaries.with_untracked(|rows| {
            rows.iter()
                .filter(|row| !row.summary.archived && row.summary.kind() == F::Record::KIND)
                .max_by_key(|row| row.summary.changed_at)
                .map(|r| r.summary.id)
        })
    };
    let Some(id) = kept.or_else(newest) else { return };
    let Ok(Some(found)) = state.open::<F::Record>(id).await else { return };
    // What was typed meanwhile stays; left meanwhile, there is no form.
    if editor.is_open() {
        editor.edit(|form| take_over(state, form, &found));
    }
}

/// Editing a record.
pub fn edit_record<F: RecordForm>(id: DocumentId) -> AnyView {
    let state = AppState::get();
    let editor = RwSignal::new(None::<Result<(Editor<F>, bool), Problem>>);
    let owner = Owner::current();
    spawn_local(async move {
        let found = load(state, id).await.and_then(|(key, draft, resumed, returned)| {
            let make = || {
                let editor = Editor::new(state, Some(id), key, draft);
                editor.problems.set(returned.into_iter().collect());
                (editor, resumed)
            };
            owner.map(|owner| owner.with(make)).ok_or_else(|| Problem::new(Code::NotFound))
        });
        editor.try_set(Some(found));
    });
    let (_, title) = F::titles();
    let back = format!("{}/{id}", F::PATH);
    dynamic(move || match editor.get() {
        Some(Ok((editor, resumed))) => form_screen(editor, title.clone(), back.clone(), resumed),
        Some(Err(problem)) => {
            let body = notice(Tone::Fail, view! { <p>{problem.sentence(language())}</p> });
            page(Frame::back(back.clone()), title.clone(), (), body, None)
        }
        None => page(Frame::back(back.clone()).focused(), title.clone(), (), (), None),
    })
}

/// The draft of a record under its key, whether it was resumed, and the field for which the record was returned.
async fn load<F: RecordForm>(
    state: AppState,
    id: DocumentId,
) -> Result<(String, Draft<F>, bool, Option<Problem>), Problem> {
    let found = state.open::<F::Record>(id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    if found.read_only {
        return Err(Problem::new(Code::FormReadOnly));
    }
    let key = draft::key::<F>(id);
    let kept = state.draft(&key).await.and_then(|bytes| Draft::read(&bytes));
    let resumed = kept.is_some();
    let mut form = F::of(&found).complete(state).await;
    let written: Option<WardRef> = form.common().ward;
    form.common_mut().ward = found.home_ward.or(written);
    let draft = kept.unwrap_or_else(|| Draft { before: form.clone(), now: form, photo_expected: false });
    let returned = match (found.confirmed.standing, found.confirmed.said.value()) {
        (Standing::Returned, Some(Confirmation::Returned { field, .. })) if !field.is_empty() => {
            Some(Problem::new(Code::FieldReturned).at(field))
        }
        _ => None,
    };
    Ok((key, draft, resumed, returned))
}

fn form_screen<F: RecordForm>(editor: Editor<F>, title: String, back: String, resumed: bool) -> AnyView {
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
        {(editor.is_new() && F::IS_ACTIVITY).then(|| dynamic(move || may_log(state).then(|| kinds(F::PATH))))}
        {F::draw(editor)}
    };
    let words = Signal::derive(move || {
        let connected =
            state.sync.with(|sync| sync.connected && sync.problem.is_none()) && dom::seems_online();
        if connected { tr!(form.send).to_string() } else { tr!(form.save_send_later).to_string() }
    });
    let save = button(Weight::Main, None, words, "save-button", move || editor.save());
    let aside = view! { <span class="soft small">{tr!(form.draft).to_string()}</span> };
    let dock = view! { {F::alike(editor)}{save} };
    page(Frame::back(back).focused(), title, aside, body, Some(dock.into_any()))
}

/// What is logged: a visit, a drive, or a model. Each keeps its draft.
fn kinds(shown: &'static str) -> AnyView {
    let one = |path: &'static str, words: String, test: &'static str| {
        let current = (path == shown).then_some("page");
        view! { <a class="kind" href=format!("{path}/new") aria-current=current data-testid=test>{words}</a> }
    };
    view! {
        <nav class="kinds" aria-label=tr!(form.kinds).to_string()>
            {one(VisitForm::PATH, tr!(visit.title).to_string(), "kind-visit")}
            {one(DriveForm::PATH, tr!(drive.title).to_string(), "kind-drive")}
            {one(ModelForm::PATH, tr!(model.short).to_string(), "kind-model")}
        </nav>
    }
    .into_any()
}

/// The id of the element that shows a field.
fn target(field: &str) -> String {
    match field {
        "venue" | "place" => "venue-button".to_owned(),
        "form" | "position" | "met" | "how" => field.to_owned(),
        "" => "page-title".to_owned(),
        other => format!("field-{other}"),
    }
}
