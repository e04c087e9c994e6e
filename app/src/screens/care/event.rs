//! Recording what happened to a case. Which events may follow, who records them and where they are written is dated data; a
//! transfer moves the case with all its parts to the other ward.

use donghanh_shared::command::Command;
use donghanh_shared::command::aftercare::{NewEvent, record};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::events::Story;
use donghanh_shared::domain::aftercare::terms::EventKind;
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted, CaseStatus};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::address;
use crate::components::dialog::dialog;
use crate::components::field::{TextKind, field, no_problem, problem_at, select_field, text_field};
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::form::fields::hexadecimal;
use crate::screens::record::Opened;
use crate::state::{AppState, OfCase, OpenCase, Save};

/// The dialog; it opens with `open`.
pub fn event_dialog(opened: Opened<OfCase<AftercareCase>>, open: RwSignal<bool>) -> AnyView {
    dialog("event-dialog", open, tr!(care.add_event).to_string(), move || content(opened, open))
}

/// What a person enters.
#[derive(Clone, Copy)]
struct Entry {
    kind: RwSignal<Option<EventKind>>,
    day: RwSignal<String>,
    ward: RwSignal<String>,
    number: RwSignal<String>,
    by: RwSignal<String>,
    text: RwSignal<String>,
    problems: RwSignal<Vec<Problem>>,
    failure: RwSignal<Option<Problem>>,
}

fn content(opened: Opened<OfCase<AftercareCase>>, open: RwSignal<bool>) -> AnyView {
    let state = opened.state;
    let entry = Entry {
        kind: RwSignal::new(None),
        day: RwSignal::new(state.today().to_string()),
        ward: RwSignal::new(String::new()),
        number: RwSignal::new(String::new()),
        by: RwSignal::new(String::new()),
        text: RwSignal::new(String::new()),
        problems: RwSignal::new(Vec::new()),
        failure: RwSignal::new(None),
    };
    let offered = RwSignal::new(Vec::<EventKind>::new());
    spawn_local(async move {
        if let Some(found) = opened.now.get_untracked().and_then(Result::ok) {
            let story = story_of(state, &found).await;
            offered.try_set(state.rules.with_untracked(|rules| story.may_follow(rules, state.today())));
        }
    });
    let kinds = Signal::derive(move || {
        let mut options = vec![(String::new(), tr!(care.choose_event).to_string())];
        options.extend(offered.get().into_iter().map(|kind| (kind.code().to_owned(), capital(words(kind)))));
        options
    });
    let chosen =
        Signal::derive(move || entry.kind.get().map(|kind| kind.code().to_owned()).unwrap_or_default());
    let choose = Callback::new(move |code: String| entry.kind.set(EventKind::parse(&code).ok()));
    let today = state.today().to_string();
    let day = view! {
        <input id="event-date" type="date" data-testid="event-date" max=today
            aria-describedby="event-date-problem" prop:value=text_of(move || entry.day.get())
            on:change=entered(move |text| entry.day.set(text)) />
    };
    let save = move || keep(opened, entry, open);
    view! {
        <div class="stack">
            {problem_notice(entry.failure.into())}
            {select_field("event-kind", tr!(care.event), None, kinds, chosen, choose, problem_at(entry.problems, "kind"))}
            {field("event-date", tr!(form.date), None, problem_at(entry.problems, "date"), day)}
            {dynamic(move || (entry.kind.get() == Some(EventKind::Transfer)).then(|| to_ward(state, entry)))}
            {dynamic(move || has_paper(state, entry).then(|| paper(entry)))}
            {text_field("event-text", tr!(care.event_text), None, TextKind::text("event-text"), entry.text, no_problem())}
            {button(Weight::Main, None, tr!(care.event_save).to_string(), "event-save", save)}
        </div>
    }
    .into_any()
}

/// Whether the chosen event comes with a paper, by the rule in force on its day.
fn has_paper(state: AppState, entry: Entry) -> bool {
    let day = entry.day.with(|day| day.parse().ok());
    let of = entry.kind.get().zip(day);
    of.is_some_and(|(kind, day)| state.rules.with(|rules| rules.form_on(kind, day).is_some()))
}

fn paper(entry: Entry) -> AnyView {
    let text = |id: &'static str, label: &'static str, typed| {
        text_field(id, label, None, TextKind::text(id), typed, no_problem())
    };
    view! {
        {text("event-number", tr!(care.paper_number), entry.number)}
        {text("event-by", tr!(care.paper_by), entry.by)}
    }
    .into_any()
}

fn to_ward(state: AppState, entry: Entry) -> AnyView {
    let options = Signal::derive(move || {
        let (register, today) = (state.register.get(), state.today());
        let mut options = vec![(String::new(), tr!(form.ward_choose).to_string())];
        let living = register.wards.iter().filter(|ward| ward.span().contains(today));
        options.extend(living.map(|ward| (ward.id.to_string(), ward.full_name())));
        options
    });
    let choose = Callback::new(move |text: String| entry.ward.set(text));
    let problem = problem_at(entry.problems, "ward");
    view! {
        {select_field("event-ward", tr!(care.to_ward), None, options, entry.ward.into(), choose, problem)}
        {notice(Tone::Wait, view! { <p>{tr!(care.transfer_hint).to_string()}</p> })}
    }
    .into_any()
}

/// What happened so far, the restricted events among it.
async fn story_of(state: AppState, found: &OpenCase) -> Story {
    let hidden = state.open::<OfCase<AftercareRestricted>>(found.id.restricted_companion()).await;
    let hidden = hidden.ok().flatten().map(|hidden| hidden.value.value.events).unwrap_or_default();
    state.rules.with_untracked(|rules| Story::of(rules, [&found.value.value.events, &hidden]))
}

fn keep(opened: Opened<OfCase<AftercareCase>>, entry: Entry, open: RwSignal<bool>) {
    let state = opened.state;
    let Some(found) = opened.now.get_untracked().and_then(Result::ok) else { return };
    let wrong = |code: Code, at: &str| entry.problems.set(vec![Problem::new(code).at(at)]);
    let Some(kind) = entry.kind.get_untracked() else { return wrong(Code::FieldMissing, "kind") };
    let Ok(date) = entry.day.get_untracked().parse() else { return wrong(Code::DateMissing, "date") };
    if date > state.today() {
        return wrong(Code::DateInFuture, "date");
    }
    let home = found.home_ward.or(found.value.value.ward.value().copied());
    let to: Option<WardRef> = entry.ward.get_untracked().parse().ok().filter(|to| Some(*to) != home);
    if kind == EventKind::Transfer && to.is_none() {
        return wrong(Code::FieldMissing, "ward");
    }
    let ward = to.filter(|_| kind == EventKind::Transfer);
    let Some(home) = home else { return };
    let typed = |text: RwSignal<String>| text.get_untracked().trim().to_owned();
    let with_paper = state.rules.with_untracked(|rules| rules.form_on(kind, date).is_some());
    let [number, by] =
        [entry.number, entry.by].map(|text| if with_paper { typed(text) } else { String::new() });
    let new = NewEvent { kind, date, ward, number, by, text: typed(entry.text) };
    spawn_local(async move {
        match state.save(saves(state, &found, home, &new).await).await {
            Ok(()) => {
                open.try_set(false);
                if ward.is_some() {
                    address::replace("/cases");
                }
            }
            Err(problem) => drop(entry.failure.try_set(Some(problem))),
        }
    });
}

/// The edits where the rule says, and the command that moves the case.
async fn saves(state: AppState, found: &OpenCase, home: WardRef, new: &NewEvent) -> Vec<Save> {
    let rules = state.rules.get_untracked();
    let becomes = rules.event_on(new.kind, new.date).and_then(|rule| rule.becomes);
    let after: CaseStatus = becomes.unwrap_or_else(|| found.value.value.standing());
    let edits = record(&rules, &hexadecimal(&state.new_id()), new, after);
    let moved = new.ward.map(|ward| Command::MoveDocument { document: found.id, ward });
    let core = Save::of(Kind::AftercareCase, Some(found.id), home, edits.core);
    let mut saves = vec![core.with(moved.into_iter().collect())];
    if !edits.restricted.is_empty() {
        let companion = found.id.restricted_companion();
        let save = Save::of(Kind::AftercareRestricted, Some(companion), home, edits.restricted);
        saves.insert(0, save.in_case(found.id));
    }
    saves
}
