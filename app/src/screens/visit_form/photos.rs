//! Photos in the form: taken or chosen, looked at, taken out. Never for private forms. A small phone may end the app while
//! its camera is open, so the draft is kept before, with the word that a picture was on its way.

use donghanh_shared::domain::photo::MAX_PHOTOS;
use donghanh_shared::ids::{PhotoId, PhotoKey};
use leptos::ev::Event;
use leptos::prelude::*;

use crate::screens::form::RecordForm as _;
use leptos::task::spawn_local;

use super::Editor;
use super::model::VisitForm;
use crate::components::action::Weight;
use crate::components::field::{problem_at, problem_line};
use crate::components::icon::{Icon, icon};
use crate::components::view::{dynamic, pressed};
use crate::i18n::{language, tr};
use crate::screens::parts::photo::photo;
use crate::state::{ChosenPhoto, chosen_photos};

/// Draws them.
pub fn photos(editor: Editor) -> AnyView {
    let all = editor.part(|form| form.photos.clone());
    let private = editor.part(VisitForm::is_private);
    let trouble = RwSignal::new(None::<&'static str>);
    let busy = RwSignal::new(false);
    let list = move || {
        let photos = all.get().into_iter().enumerate();
        photos.map(|(nth, (id, key))| one(editor, nth + 1, id, key)).collect_view()
    };
    let adding = move || {
        let (room, private) = (all.with(|all| all.len()) < MAX_PHOTOS, private.get());
        (room && !private).then(|| add(editor, trouble, busy))
    };
    let hint = move || {
        let words = if private.get() { tr!(photo.private) } else { tr!(photo.hint) };
        view! { <p class="field-hint" id="field-photos-hint">{words}</p> }
    };
    view! {
        <fieldset class="stack" id="field-photos" tabindex="-1">
            <legend>{tr!(visit.photos).to_string()}</legend>
            {dynamic(hint)}
            {problem_line("field-photos", problem_at(editor.problems, "photos"))}
            <ul class="photos">{dynamic(list)}</ul>
            <div role="status">
                {dynamic(move || busy.get().then(|| view! { <p class="soft">{tr!(photo.keeping).to_string()}</p> }))}
                {dynamic(move || trouble.get().map(|words| view! { <p class="field-problem">{icon(Icon::Alert)}<span>{words}</span></p> }))}
            </div>
            {dynamic(adding)}
        </fieldset>
    }
    .into_any()
}

fn one(editor: Editor, nth: usize, id: PhotoId, key: PhotoKey) -> AnyView {
    let words = tr!(photo.nth, n = nth);
    let label = format!("{} {nth}", tr!(photo.remove));
    let remove = move || {
        editor.edit(|form| {
            form.photos.remove(&id);
        });
    };
    view! {
        <li>
            {photo(editor.state(), id, key, words)}
            <button type="button" class="button quiet" data-testid="photo-remove" aria-label=label on:click=pressed(remove)>
                {icon(Icon::Close)}<span>{tr!(photo.remove).to_string()}</span>
            </button>
        </li>
    }
    .into_any()
}

fn add(editor: Editor, trouble: RwSignal<Option<&'static str>>, busy: RwSignal<bool>) -> AnyView {
    let chosen = move |event: Event| {
        let files = event.target().map(|input| chosen_photos(&input)).unwrap_or_default();
        trouble.set(None);
        busy.set(true);
        editor.begin_taking();
        spawn_local(async move {
            trouble.try_set(take(editor, files).await);
            busy.try_set(false);
            editor.end_taking();
        });
    };
    let chosen: Box<dyn FnMut(Event)> = Box::new(chosen);
    let given_up: Box<dyn FnMut(Event)> = Box::new(move |_| editor.expect_no_photo());
    view! {
        <label class=format!("{} file", Weight::Plain.class()) data-testid="photo-add">
            {icon(Icon::Plus)}<span>{tr!(photo.add).to_string()}</span>
            <input type="file" accept="image/*" multiple class="visually-hidden" data-testid="photo-input" aria-describedby="field-photos-hint"
                on:click=pressed(move || editor.expect_photo()) on:change=chosen on:cancel=given_up />
        </label>
    }
    .into_any()
}

/// Keeps what was chosen, one after the other; the first that cannot be kept is told, the rest go on.
async fn take(editor: Editor, files: Vec<ChosenPhoto>) -> Option<&'static str> {
    let mut trouble = None;
    for file in &files {
        match editor.state().keep_photo(file).await {
            Ok((id, key)) => editor.add_photo(id, key),
            Err(problem) => trouble = trouble.or(Some(problem.sentence(language()))),
        }
    }
    trouble
}
