//! What a visit may say beyond its numbers: topics, campaign, who took part, places and wards reached, who did it,
//! notes, what to come back to, position.

use donghanh_shared::domain::outreach_visit::Topic;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use super::Editor;
use super::model::{FollowUpForm, VisitForm};
use crate::components::action::{Weight, button};
use crate::components::choice::some_of;
use crate::components::dom;
use crate::components::icon::Icon;
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::form::RecordForm as _;
use crate::screens::form::common::put;
use crate::screens::form::fields::{self, PlaceSet, hexadecimal, removable};

/// Draws what is folded away.
pub fn more_fields(editor: Editor) -> AnyView {
    let about = editor.form.with_untracked(|form| !form.topics.is_empty() || form.common.campaign.is_some());
    let with = editor.form.with_untracked(|form| !form.common.co_organisers.is_empty());
    let reach = editor.form.with_untracked(|form| !form.places.is_empty() || !form.other_wards.is_empty());
    view! {
            <details class="more" open=about data-testid="more-topics">
                <summary>{tr!(form.about).to_string()}</summary>
                <div class="stack">{topics(editor)}{fields::campaign(editor)}</div>
            </details>
            <details class="more" open=with data-testid="more-people">
                <summary>{tr!(form.people).to_string()}</summary>
                <div class="stack">{fields::co_organisers(editor)}{fields::done_by(editor)}</div>
            </details>
            <details class="more" open=reach data-testid="more-reach">
                <summary>{tr!(form.reach).to_string()}</summary>
                <div class="stack">{places(editor)}{other_wards(editor)}{position(editor)}</div>
            </details>
    }
    .into_any()
}

/// Draws the end of the form: notes, and what to come back to.
pub fn last_fields(editor: Editor) -> AnyView {
    view! { {fields::notes(editor)}{follow_ups(editor)} }.into_any()
}

fn topics(editor: Editor) -> AnyView {
    let chips = Signal::derive(|| {
        Topic::ALL.iter().map(|topic| (topic.code().to_owned(), capital(words(*topic)))).collect::<Vec<_>>()
    });
    let chosen =
        editor.part(|form| form.topics.iter().map(|topic| topic.code().to_owned()).collect::<Vec<_>>());
    let change = Callback::new(move |(code, on): (String, bool)| {
        if let Ok(topic) = Topic::parse(&code) {
            editor.edit(|form| put(&mut form.topics, topic, on));
        }
    });
    some_of("topic", tr!(form.topics), chips, chosen.into(), change)
}

fn places(editor: Editor) -> AnyView {
    let of = PlaceSet {
        test: "places-picker",
        dialog: "places-dialog",
        read: |form: &VisitForm| &form.places,
        write: |form| &mut form.places,
    };
    fields::places(editor, of, tr!(form.places), tr!(form.places_hint))
}

fn other_wards(editor: Editor) -> AnyView {
    let (state, day) = (editor.state(), editor.day());
    let home = editor.part(|form| form.common.ward);
    let chips = Signal::derive(move || {
        let (day, home) = (day.get(), home.get());
        let register = state.register.get();
        let others = register.wards.iter().filter(|ward| ward.span().contains(day) && Some(ward.id) != home);
        others.map(|ward| (ward.id.to_string(), ward.full_name())).collect::<Vec<_>>()
    });
    let chosen = editor.part(|form| form.other_wards.iter().map(ToString::to_string).collect::<Vec<_>>());
    let change = Callback::new(move |(id, on): (String, bool)| {
        if let Ok(id) = id.parse() {
            editor.edit(|form| put(&mut form.other_wards, id, on));
        }
    });
    some_of("other-ward", tr!(form.other_wards), chips, chosen.into(), change)
}

/// Never offered for private forms: there is nothing to press.
fn position(editor: Editor) -> AnyView {
    let kept = editor.part(|form| form.position);
    let private = editor.part(VisitForm::is_private);
    let failed = RwSignal::new(false);
    let take = move || {
        failed.set(false);
        dom::position(move |found| match found {
            // The form may have become a private one, or closed, while the phone was looking.
            Some(place) if private.try_get_untracked() == Some(false) => {
                editor.edit(|form| form.position = Some(place))
            }
            _ => drop(failed.try_set(true)),
        });
    };
    view! {
        <div id="position" tabindex="-1" class="stack">
            {dynamic(move || (!private.get()).then(|| match kept.get() {
                Some(_) => view! {
                    <ul class="picked">{removable(tr!(form.position_kept).to_string(), move || editor.edit(|form| form.position = None))}</ul>
                }.into_any(),
                None => button(Weight::Plain, Some(Icon::Place), tr!(form.position_add).to_string(), "position-add", take),
            }))}
            {dynamic(move || failed.get().then(|| view! { <p class="soft" role="status">{tr!(form.position_failed).to_string()}</p> }))}
        </div>
    }
    .into_any()
}

fn follow_ups(editor: Editor) -> AnyView {
    let keys =
        editor.part(|form| form.follow_ups.iter().map(|follow_up| follow_up.id.clone()).collect::<Vec<_>>());
    let add = move || {
        let id = hexadecimal(&editor.state().new_id());
        let focus = format!("follow-up-{id}");
        editor.edit(|form| form.follow_ups.push(FollowUpForm { id, ..FollowUpForm::default() }));
        dom::focus_later(focus);
    };
    view! {
        <fieldset class="stack">
            <legend>{tr!(form.follow_ups).to_string()}</legend>
            {dynamic(move || keys.get().into_iter().map(|key| follow_up(editor, key)).collect_view())}
            <div>{button(Weight::Plain, Some(Icon::Plus), tr!(form.follow_up_add).to_string(), "follow-up-add", add)}</div>
        </fieldset>
    }
    .into_any()
}

fn follow_up(editor: Editor, key: String) -> AnyView {
    let find = move |form: &VisitForm, key: &str| {
        form.follow_ups.iter().find(|f| f.id == key).cloned().unwrap_or_default()
    };
    let (text_key, due_key) = (key.clone(), key.clone());
    let text = editor.part(move |form| find(form, &text_key).text);
    let due =
        editor.part(move |form| find(form, &due_key).due.map(|due| due.to_string()).unwrap_or_default());
    let change = move |key: &str, write: &dyn Fn(&mut FollowUpForm)| {
        editor
            .edit(|form| form.follow_ups.iter_mut().filter(|follow_up| follow_up.id == key).for_each(write));
    };
    let (text_key, due_key) = (key.clone(), key.clone());
    let id = format!("follow-up-{key}");
    let due_id = format!("follow-up-due-{key}");
    view! {
        <div class="follow-up">
            <div class="field">
                <label for=id.clone()>{tr!(form.follow_up_what).to_string()}</label>
                <input id=id type="text" data-testid="follow-up-text" maxlength="200" autocomplete="off"
                    prop:value=text_of(move || text.get())
                    on:input=entered(move |typed| {
                        change(&text_key, &|follow_up| follow_up.text.clone_from(&typed));
                    }) />
            </div>
            <div class="field">
                <label for=due_id.clone()>{tr!(form.follow_up_due).to_string()}</label>
                <input id=due_id type="date" data-testid="follow-up-due" prop:value=text_of(move || due.get())
                    on:change=entered(move |text| {
                        let typed = text.parse().ok();
                        change(&due_key, &|follow_up| follow_up.due = typed);
                    }) />
            </div>
        </div>
    }
    .into_any()
}
