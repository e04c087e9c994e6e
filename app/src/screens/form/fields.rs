//! The fields that every form has, each drawn the same everywhere.

use std::collections::BTreeSet;

use donghanh_shared::access::rules::{self, Action};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::PlaceId;
use leptos::prelude::*;

use super::common::put;
use super::{Editor, RecordForm};
use crate::components::action::{Weight, button};
use crate::components::choice::some_of;
use crate::components::dom;
use crate::components::field::{field, no_problem, problem_at, problem_line, select_field};
use crate::components::icon::{Icon, icon};
use crate::components::view::{dynamic, entered, holds, pressed, text_of};
use crate::i18n::tr;
use crate::screens::naming;
use crate::screens::parts::place_picker::{PlacePicker, place_picker};
use crate::state::{AppState, Me, RecordValue as _};

/// Whether the person may make such records in this ward on that day.
pub fn may_log_in<F: RecordForm>(state: AppState, ward: WardRef, day: Date) -> bool {
    let exists =
        state.register.with_untracked(|all| all.ward(ward).is_some_and(|ward| ward.span().contains(day)));
    let kind = F::Record::KIND;
    let may = |me: &Me| rules::may(&me.access, Action::Create, kind, &me.access.made_in(ward));
    exists && state.me.with_untracked(|me| me.as_ref().is_some_and(may))
}

/// The wards the person may log in on the day of the visit.
fn wards<F: RecordForm>(editor: Editor<F>) -> Memo<Vec<WardRef>> {
    let (state, day) = (editor.state(), editor.day());
    Memo::new(move |_| {
        let day = day.get();
        let me = state.me.get();
        let of = |me: &Me| {
            let contacts = me.access.contacts.iter().map(|of| of.ward);
            me.access.activity_wards().chain(me.access.assigns.iter().copied()).chain(contacts).collect()
        };
        let mut all: Vec<WardRef> = me.as_ref().map(of).unwrap_or_default();
        all.sort_unstable();
        all.dedup();
        state.register.track();
        all.into_iter().filter(|ward| may_log_in::<F>(state, *ward, day)).collect()
    })
}

/// The home ward; a choice where there are several.
pub fn ward<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let state = editor.state();
    let offered = wards(editor);
    let chosen = editor.part(|form| form.common().ward);
    let may_move = state.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.access.supervises));
    let editable = editor.is_new() || may_move;
    // A date before a merger leads to a ward of that time: the old choice does not hold there.
    Effect::new(move || {
        let offered = offered.get();
        let fits = chosen.get().is_some_and(|ward| offered.contains(&ward));
        if editable && !fits && !offered.is_empty() {
            let only = (offered.len() == 1).then(|| offered[0]);
            if only != chosen.get_untracked() {
                editor.form.update(|form| form.common_mut().ward = only);
            }
        }
    });
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), tr!(form.ward_choose).to_string())];
        let register = state.register.get();
        options
            .extend(offered.get().into_iter().map(|ward| (ward.to_string(), naming::ward(&register, ward))));
        options
    });
    let value = Signal::derive(move || chosen.get().map(|ward| ward.to_string()).unwrap_or_default());
    let choose =
        Callback::new(move |text: String| editor.edit(|form| form.common_mut().ward = text.parse().ok()));
    let problem = problem_at(editor.problems, "ward");
    let several = Memo::new(move |_| offered.with(|all| all.len() > 1));
    dynamic(move || {
        (several.get() && editable)
            .then(|| select_field("field-ward", tr!(form.ward), None, options, value, choose, problem))
    })
}

/// Where it was held.
pub fn venue<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let open = RwSignal::new(false);
    let chosen = editor.part(|form| form.common().place);
    let private = editor.part(F::is_private);
    let problem = problem_at(editor.problems, F::PLACE);
    let picker = PlacePicker {
        open,
        ward: editor.part(|form| form.common().ward).into(),
        day: editor.day(),
        private: private.into(),
        on_pick: Callback::new(move |place| editor.edit(|form| form.common_mut().place = Some(place))),
    };
    let words = move || match chosen.get() {
        Some(place) => name_of_place(editor, place),
        None => tr!(form.venue_choose).to_string(),
    };
    let hint = move || {
        private.get().then(|| view! { <p class="field-hint">{tr!(form.private_place).to_string()}</p> })
    };
    view! {
        <div class="field" class:wrong=holds(move || problem.get().is_some())>
            <span class="label" id="venue-label">{F::place_label()}</span>
            {dynamic(hint)}
            {problem_line("venue-button", problem)}
            <button type="button" id="venue-button" class="picker" data-testid="venue-picker"
                aria-labelledby="venue-label venue-button" aria-haspopup="dialog" on:click=pressed(move || open.set(true))>
                {icon(Icon::Place)}<span>{dynamic(words)}</span>{icon(Icon::Next)}
            </button>
        </div>
        {place_picker("venue-dialog", picker)}
    }
    .into_any()
}

/// A set of places.
#[derive(Clone, Copy)]
pub struct PlaceSet<F> {
    /// The name by which tests find what is pressed.
    pub test: &'static str,
    /// The id of the dialog.
    pub dialog: &'static str,
    /// The set in the form.
    pub read: fn(&F) -> &BTreeSet<PlaceId>,
    /// The same, to be changed.
    pub write: fn(&mut F) -> &mut BTreeSet<PlaceId>,
}

/// Several places: those picked, each with its "take out", and "add".
pub fn places<F: RecordForm>(
    editor: Editor<F>,
    of: PlaceSet<F>,
    label: impl Into<String>,
    hint: impl Into<String>,
) -> AnyView {
    let PlaceSet { test, dialog, read, write } = of;
    let open = RwSignal::new(false);
    let picker = PlacePicker {
        open,
        ward: editor.part(|form| form.common().ward).into(),
        day: editor.day(),
        private: editor.part(F::is_private).into(),
        on_pick: Callback::new(move |place| editor.edit(|form| put(write(form), place, true))),
    };
    let picked = editor.part(move |form| read(form).clone());
    let list = move || {
        let line = |place| {
            removable(name_of_place(editor, place), move || {
                editor.edit(|form| put(write(form), place, false))
            })
        };
        picked.get().into_iter().map(line).collect_view()
    };
    view! {
        <div class="field">
            <span class="strong">{label.into()}</span>
            <p class="field-hint">{hint.into()}</p>
            <ul class="picked">{dynamic(list)}</ul>
            <div>{button(Weight::Plain, Some(Icon::Plus), tr!(form.place_add).to_string(), test, move || open.set(true))}</div>
        </div>
        {place_picker(dialog, picker)}
    }
    .into_any()
}

/// The day.
pub fn date<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let today = editor.state().today();
    let date = editor.part(|form| form.common().date.map(|date| date.to_string()).unwrap_or_default());
    let problem = problem_at(editor.problems, "date");
    let date_input = view! {
        <input id="field-date" type="date" data-testid="date-input" max=today.to_string()
            aria-describedby="field-date-problem" prop:value=text_of(move || date.get())
            on:change=entered(move |text| {
                editor.edit(|form| form.common_mut().date = text.parse().ok());
            }) />
    };
    field("field-date", tr!(form.date), None, problem, date_input)
}

/// The organisation that leads.
pub fn lead<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let (state, day) = (editor.state(), editor.day());
    let options = Signal::derive(move || {
        let day = day.get();
        let register = state.register.get();
        let mut options = vec![(String::new(), tr!(form.lead_choose).to_string())];
        let living = register.organisations.iter().filter(|organisation| organisation.span.contains(day));
        options.extend(living.map(|o| (o.id.to_string(), naming::organisation(&register, &o.id))));
        options
    });
    let chosen = editor.part(|form| form.common().lead.as_ref().map(ToString::to_string).unwrap_or_default());
    let choose =
        Callback::new(move |text: String| editor.edit(|form| form.common_mut().lead = text.parse().ok()));
    select_field(
        "field-lead",
        F::lead_label(),
        None,
        options,
        chosen.into(),
        choose,
        problem_at(editor.problems, "lead"),
    )
}

/// Its campaign.
pub fn campaign<F: RecordForm>(editor: Editor<F>) -> AnyView {
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
    let chosen =
        editor.part(|form| form.common().campaign.as_ref().map(ToString::to_string).unwrap_or_default());
    let choose =
        Callback::new(move |text: String| editor.edit(|form| form.common_mut().campaign = text.parse().ok()));
    select_field("field-campaign", tr!(form.campaign), None, options, chosen.into(), choose, no_problem())
}

/// Organisations that took part.
pub fn co_organisers<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let (state, day) = (editor.state(), editor.day());
    let lead = editor.part(|form| form.common().lead.clone());
    let chips = Signal::derive(move || {
        let (day, lead) = (day.get(), lead.get());
        let register = state.register.get();
        let others =
            register.organisations.iter().filter(|o| o.span.contains(day) && Some(&o.id) != lead.as_ref());
        others.map(|o| (o.id.to_string(), naming::organisation(&register, &o.id))).collect::<Vec<_>>()
    });
    let chosen =
        editor.part(|form| form.common().co_organisers.iter().map(ToString::to_string).collect::<Vec<_>>());
    let change = Callback::new(move |(id, on): (String, bool)| {
        if let Ok(id) = id.parse() {
            editor.edit(|form| put(&mut form.common_mut().co_organisers, id, on));
        }
    });
    some_of("co-organiser", tr!(form.co_organisers), chips, chosen.into(), change)
}

/// Who did it.
pub fn done_by<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let add = move || {
        let name = typed.get_untracked().trim().to_owned();
        if !name.is_empty() {
            let key = hexadecimal(&editor.state().new_id());
            editor.edit(|form| drop(form.common_mut().done_by.insert(key, name)));
            typed.set(String::new());
            dom::focus_later("field-done-by");
        }
    };
    let people = editor.part(|form| form.common().done_by.clone());
    let list = move || {
        let line = |(key, name): (String, String)| {
            let remove = move || editor.edit(|form| drop(form.common_mut().done_by.remove(&key)));
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
    field("field-done-by", F::people_label(), Some(tr!(form.done_by_hint).to_string()), no_problem(), control)
}

/// A picked thing with its "take out".
pub fn removable(name: String, remove: impl Fn() + 'static) -> AnyView {
    let label = tr!(form.take_out, what = name.clone());
    view! {
        <li>
            <span>{name}</span>
            <button type="button" class="button quiet" aria-label=label on:click=pressed(remove)>{icon(Icon::Close)}</button>
        </li>
    }
    .into_any()
}

/// Long notes.
pub fn notes<F: RecordForm>(editor: Editor<F>) -> AnyView {
    let notes = editor.part(|form| form.common().notes.clone());
    let private = editor.part(F::is_private);
    let problem = problem_at(editor.problems, "notes");
    let control = view! {
        <p class="field-hint" id="field-notes-hint">
            {dynamic(move || if private.get() { tr!(form.notes_private).to_string() } else { F::notes_hint() })}
        </p>
        <textarea id="field-notes" data-testid="notes-input" rows="4" maxlength="4000"
            aria-describedby="field-notes-hint field-notes-problem" prop:value=text_of(move || notes.get())
            on:input=entered(move |text| {
                editor.edit(|form| form.common_mut().notes = text);
            })></textarea>
    };
    field("field-notes", tr!(form.notes), None, problem, control)
}

/// The name of a place, for the parts of the form.
pub fn name_of_place<F: RecordForm>(editor: Editor<F>, id: PlaceId) -> String {
    editor.state.register.with(|register| naming::place(register, id))
}

/// Bytes as a key.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
