//! What a visit may say beyond its numbers: topics, campaign, who took part, places and wards reached, who did it,
//! notes, what to come back to, position.

use std::collections::BTreeSet;

use donghanh_shared::domain::outreach_visit::Topic;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use super::model::{FollowUpForm, VisitForm};
use super::{Editor, name_of_place};
use crate::components::action::{Weight, button};
use crate::components::choice::some_of;
use crate::components::dom;
use crate::components::field::{field, no_problem, problem_at, select_field};
use crate::components::icon::{Icon, icon};
use crate::components::view::{dynamic, entered, pressed, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::screens::parts::place_picker::{PlacePicker, place_picker};

/// Draws what is folded away.
pub fn more_fields(editor: Editor) -> AnyView {
    let about = editor.form.with_untracked(|form| !form.topics.is_empty() || form.campaign.is_some());
    let with = editor.form.with_untracked(|form| !form.co_organisers.is_empty());
    let reach = editor.form.with_untracked(|form| !form.places.is_empty() || !form.other_wards.is_empty());
    view! {
            <details class="more" open=about data-testid="more-topics">
                <summary>{tr!(form.about).to_string()}</summary>
                <div class="stack">{topics(editor)}{campaign(editor)}</div>
            </details>
            <details class="more" open=with data-testid="more-people">
                <summary>{tr!(form.people).to_string()}</summary>
                <div class="stack">{co_organisers(editor)}{done_by(editor)}</div>
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
    view! { {notes(editor)}{follow_ups(editor)} }.into_any()
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

fn campaign(editor: Editor) -> AnyView {
    let (state, day) = (editor.state(), editor.day());
    let options = Signal::derive(move || {
        let day = day.get();
        let register = state.register.get();
        let mut options = vec![(String::new(), tr!(form.campaign_none).to_string())];
        let open = register.campaigns.iter().filter(|campaign| campaign.span.contains(day));
        options.extend(
            open.map(|campaign| (campaign.id.to_string(), naming::campaign(&register, &campaign.id))),
        );
        options
    });
    let chosen = editor.part(|form| form.campaign.as_ref().map(ToString::to_string).unwrap_or_default());
    let choose = Callback::new(move |text: String| editor.edit(|form| form.campaign = text.parse().ok()));
    select_field("field-campaign", tr!(form.campaign), None, options, chosen.into(), choose, no_problem())
}

fn co_organisers(editor: Editor) -> AnyView {
    let (state, day) = (editor.state(), editor.day());
    let lead = editor.part(|form| form.lead.clone());
    let chips = Signal::derive(move || {
        let (day, lead) = (day.get(), lead.get());
        let register = state.register.get();
        let others =
            register.organisations.iter().filter(|o| o.span.contains(day) && Some(&o.id) != lead.as_ref());
        others.map(|o| (o.id.to_string(), naming::organisation(&register, &o.id))).collect::<Vec<_>>()
    });
    let chosen = editor.part(|form| form.co_organisers.iter().map(ToString::to_string).collect::<Vec<_>>());
    let change = Callback::new(move |(id, on): (String, bool)| {
        if let Ok(id) = id.parse() {
            editor.edit(|form| put(&mut form.co_organisers, id, on));
        }
    });
    some_of("co-organiser", tr!(form.co_organisers), chips, chosen.into(), change)
}

fn done_by(editor: Editor) -> AnyView {
    let typed = RwSignal::new(String::new());
    let add = move || {
        let name = typed.get_untracked().trim().to_owned();
        if !name.is_empty() {
            let key = hexadecimal(&editor.state().new_id());
            editor.edit(|form| drop(form.done_by.insert(key, name)));
            typed.set(String::new());
            dom::focus_later("field-done-by");
        }
    };
    let people = editor.part(|form| form.done_by.clone());
    let list = move || {
        let line = |(key, name): (String, String)| {
            let remove = move || editor.edit(|form| drop(form.done_by.remove(&key)));
            removable(name, remove)
        };
        people.get().into_iter().map(line).collect_view()
    };
    let control = view! {
        <ul class="picked">{dynamic(list)}</ul>
        <div class="add-line">
            <input id="field-done-by" type="text" data-testid="done-by-input" autocomplete="off" maxlength="80"
                aria-describedby="field-done-by-hint"
                prop:value=text_of(move || typed.get()) on:input=entered(move |text| typed.set(text)) />
            {button(Weight::Plain, None, tr!(common.add).to_string(), "done-by-add", add)}
        </div>
    };
    field("field-done-by", tr!(form.done_by), Some(tr!(form.done_by_hint).to_string()), no_problem(), control)
}

/// A picked thing with its "take out".
fn removable(name: String, remove: impl Fn() + 'static) -> AnyView {
    let label = tr!(form.take_out, what = name.clone());
    view! {
        <li>
            <span>{name}</span>
            <button type="button" class="button quiet" aria-label=label on:click=pressed(remove)>{icon(Icon::Close)}</button>
        </li>
    }
    .into_any()
}

fn places(editor: Editor) -> AnyView {
    let open = RwSignal::new(false);
    let picker = PlacePicker {
        open,
        ward: editor.part(|form| form.ward).into(),
        day: editor.day(),
        private: editor.part(VisitForm::is_private).into(),
        on_pick: Callback::new(move |place| editor.edit(|form| put(&mut form.places, place, true))),
    };
    let reached = editor.part(|form| form.places.clone());
    let list = move || {
        let line = |place| {
            removable(name_of_place(editor, place), move || {
                editor.edit(|form| put(&mut form.places, place, false))
            })
        };
        reached.get().into_iter().map(line).collect_view()
    };
    view! {
        <div class="field">
            <span class="strong">{tr!(form.places).to_string()}</span>
            <p class="field-hint">{tr!(form.places_hint).to_string()}</p>
            <ul class="picked">{dynamic(list)}</ul>
            <div>{button(Weight::Plain, Some(Icon::Plus), tr!(form.place_add).to_string(), "places-picker", move || open.set(true))}</div>
        </div>
        {place_picker("places-dialog", picker)}
    }
    .into_any()
}

fn other_wards(editor: Editor) -> AnyView {
    let (state, day) = (editor.state(), editor.day());
    let home = editor.part(|form| form.ward);
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

fn notes(editor: Editor) -> AnyView {
    let notes = editor.part(|form| form.notes.clone());
    let private = editor.part(VisitForm::is_private);
    let problem = problem_at(editor.problems, "notes");
    let control = view! {
        <p class="field-hint" id="field-notes-hint">
            {dynamic(move || if private.get() { tr!(form.notes_private).to_string() } else { tr!(form.notes_hint).to_string() })}
        </p>
        <textarea id="field-notes" data-testid="notes-input" rows="4" maxlength="4000"
            aria-describedby="field-notes-hint field-notes-problem" prop:value=text_of(move || notes.get())
            on:input=entered(move |text| {
                editor.edit(|form| form.notes = text);
            })></textarea>
    };
    field("field-notes", tr!(form.notes), None, problem, control)
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

/// Puts an item into a set or takes it out.
fn put<T: Ord>(set: &mut BTreeSet<T>, item: T, on: bool) {
    if on {
        set.insert(item);
    } else {
        set.remove(&item);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
