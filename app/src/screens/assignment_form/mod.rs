//! The form of an assignment: what, how many or where, by when, of whom.

pub mod model;

use donghanh_shared::access::{Role, Scope};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::domain::work_assignment::{NUMBER, Work};
use donghanh_shared::ids::{DocumentId, PersonId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::form::{self, fields};
use crate::components::address;
use crate::components::choice::one_of;
use crate::components::field::{field, no_problem, problem_at, select_field};
use crate::components::stepper::{Stepper, stepper};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::state::{Account, Me, Register};
use model::{AssignmentForm, To};

/// What the parts of the form share.
pub type Editor = form::Editor<AssignmentForm>;

/// A new assignment: counted from today, of nobody yet.
pub fn new_assignment() -> AnyView {
    let like = untrack(|| address::query("like")).and_then(|text| text.parse::<DocumentId>().ok());
    form::new_record::<AssignmentForm>(like, None, async move |_, form| {
        form.common.done_by.clear();
        if like.is_none() {
            form.common.lead = None;
        }
    })
}

/// Draws the fields.
pub(super) fn draw(editor: Editor) -> AnyView {
    let more = editor.form.with_untracked(|form| !form.name.is_empty() || form.common.campaign.is_some());
    let what = editor.part(|form| form.what);
    let of_visits = move || (what.get() == Some(Work::Visit)).then(|| form_of_visits(editor));
    let at_places = move || {
        let of = fields::PlaceSet {
            test: "places-picker",
            dialog: "places-dialog",
            read: |form: &AssignmentForm| &form.places,
            write: |form| &mut form.places,
        };
        (what.get() != Some(Work::CheckIn))
            .then(|| fields::places(editor, of, tr!(assignment.places), tr!(assignment.places_hint)))
    };
    let by_number = editor.part(AssignmentForm::goes_by_number);
    view! {
        <div class="stack-wide">
            {fields::ward(editor)}
            {work(editor)}
            {dynamic(of_visits)}
            {dynamic(move || by_number.get().then(|| number(editor)))}
            {dynamic(at_places)}
            {to(editor)}
            {day(editor, "field-by", tr!(assignment.by), None, |form| form.by, |form, day| form.by = day)}
            {day(editor, "field-from", tr!(assignment.from), Some(tr!(assignment.from_hint)), |form| form.common.date,
                |form, day| form.common.date = day)}
        </div>
        <div>
            <details class="more" open=more data-testid="more-assignment">
                <summary>{tr!(assignment.more).to_string()}</summary>
                <div class="stack">{name(editor)}{fields::campaign(editor)}</div>
            </details>
        </div>
        {fields::notes(editor)}
    }
    .into_any()
}

/// Whether the person signed in asks for work of after-care alone there: an officer, who reads no activity of the ward.
fn asks_check_ins_alone(me: &Me, ward: Option<WardRef>) -> bool {
    let works = |ward| me.access.may_write(&Scope::Activity(ward));
    match ward {
        Some(ward) => !works(ward),
        None => !me.access.activity_wards().any(works),
    }
}

/// The same, as the form stands.
fn of_check_ins(editor: Editor) -> Memo<bool> {
    let (state, ward) = (editor.state(), editor.part(|form| form.common.ward));
    Memo::new(move |_| {
        let ward = ward.get();
        state.me.with(|me| me.as_ref().is_some_and(|me| asks_check_ins_alone(me, ward)))
    })
}

/// What may be asked for; in a record that is there already also what it asks for now.
fn offered(editor: Editor) -> Memo<Vec<Work>> {
    let alone = of_check_ins(editor);
    let kept = editor.form.with_untracked(|form| form.what).filter(|_| !editor.is_new());
    Memo::new(move |_| {
        let alone = alone.get();
        let may = |what: &Work| !alone || *what == Work::CheckIn || Some(*what) == kept;
        Work::ALL.iter().copied().filter(may).collect()
    })
}

fn work(editor: Editor) -> AnyView {
    let offered = offered(editor);
    Effect::new(move || {
        let only = offered.with(|all| (all.len() == 1).then(|| all[0]));
        if only.is_some() && editor.is_new() && editor.form.with_untracked(|form| form.what != only) {
            editor.form.update(|form| form.what = only);
        }
    });
    let chips = Signal::derive(move || {
        let chip = |what: &Work| (what.code().to_owned(), capital(words(*what)));
        offered.with(|all| all.iter().map(chip).collect::<Vec<_>>())
    });
    let chosen = editor.part(|form| form.what.map(|what| what.code().to_owned()));
    let choose = Callback::new(move |code: String| editor.edit(|form| form.what = Work::parse(&code).ok()));
    one_of(
        "field-what",
        tr!(assignment.what),
        chips,
        chosen.into(),
        choose,
        problem_at(editor.problems, "what"),
    )
}

fn form_of_visits(editor: Editor) -> AnyView {
    let options = Signal::derive(|| {
        let any = (String::new(), tr!(assignment.form_any).to_string());
        let forms = Form::ALL.iter().map(|form| (form.code().to_owned(), capital(words(*form))));
        std::iter::once(any).chain(forms).collect::<Vec<_>>()
    });
    let chosen = editor.part(|form| form.form.map(|form| form.code().to_owned()).unwrap_or_default());
    let choose = Callback::new(move |code: String| editor.edit(|form| form.form = Form::parse(&code).ok()));
    let label = tr!(assignment.form);
    select_field("field-form-asked", label, None, options, chosen.into(), choose, no_problem())
}

fn number(editor: Editor) -> AnyView {
    let value = editor.part(|form| form.number);
    let set = Callback::new(move |value: Option<u32>| editor.edit(|form| form.number = value));
    let stepped = Stepper {
        id: format!("field-{NUMBER}"),
        test: "count-asked".to_owned(),
        label: tr!(assignment.number).to_string(),
        step: 1,
        unknown_box: false,
    };
    stepper(stepped, value.into(), set, problem_at(editor.problems, NUMBER))
}

/// Who is asked: an organisation or a person; of check-ins a person alone.
fn to(editor: Editor) -> AnyView {
    let chips = Signal::derive(|| {
        vec![
            (To::Union.code().to_owned(), tr!(assignment.to_union).to_string()),
            (To::Person.code().to_owned(), tr!(assignment.to_person).to_string()),
        ]
    });
    let chosen = editor.part(|form| Some(form.to.code().to_owned()));
    let choose = Callback::new(move |code: String| editor.edit(|form| form.to = To::of(&code)));
    let of_person = editor.part(AssignmentForm::is_of_person);
    let may_choose = editor.part(|form| form.what != Some(Work::CheckIn));
    let choice = move || {
        may_choose
            .get()
            .then(|| one_of("field-to", tr!(assignment.to), chips, chosen.into(), choose, no_problem()))
    };
    let whom = move || if of_person.get() { person(editor) } else { fields::lead(editor) };
    view! { {dynamic(choice)}{dynamic(whom)} }.into_any()
}

/// The people whom the server lets the person manage; offline, those who are asked already. An officer asks the helpers of the
/// ward, and may ask themselves.
fn person(editor: Editor) -> AnyView {
    let state = editor.state();
    let people = RwSignal::new(Vec::<Account>::new());
    spawn_local(async move {
        people.try_set(state.people().await.unwrap_or_default());
    });
    let (alone, ward) = (of_check_ins(editor), editor.part(|form| form.common.ward));
    let known = Memo::new(move |_| {
        let (alone, ward) = (alone.get(), ward.get());
        let here = |account: &Account| state.register.with(|all| looks_after_cases(all, account, ward));
        let own = || state.me.with(|me| me.as_ref().map(|me| (me.person, me.name.clone())));
        let mut known: Vec<(PersonId, String)> = people.with(|all| {
            let fits = all.iter().filter(|account| !alone || here(account));
            fits.map(|account| (account.id, account.full_name.clone())).collect()
        });
        known.extend(own().filter(|(own, _)| alone && known.iter().all(|(other, _)| other != own)));
        known
    });
    let asked = editor.part(|form| form.people.clone());
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), tr!(assignment.person_choose).to_string())];
        let known = known.get();
        let before = asked.get().into_iter().filter(|(id, _)| known.iter().all(|(other, _)| other != id));
        options.extend(known.iter().cloned().chain(before).map(|(id, name)| (id.to_string(), name)));
        options
    });
    let chosen = editor.part(|form| form.people.keys().next().map(ToString::to_string).unwrap_or_default());
    let choose = Callback::new(move |text: String| {
        let person: Option<PersonId> = text.parse().ok();
        let name = options.with_untracked(|all| all.iter().find(|(id, _)| *id == text).cloned());
        editor.edit(|form| {
            form.people = person.zip(name).map(|(person, (_, name))| (person, name)).into_iter().collect();
        });
    });
    let label = tr!(assignment.person);
    let about = Some(tr!(assignment.person_hint).to_string());
    let problem = problem_at(editor.problems, "person");
    select_field("field-person", label, about, options, chosen.into(), choose, problem)
}

/// Whether somebody is a helper or an officer of the ward, as it is called today.
fn looks_after_cases(register: &Register, account: &Account, ward: Option<WardRef>) -> bool {
    let today = |ward: WardRef| register.ward_today(ward);
    matches!(account.role, Some(Role::Helper | Role::AftercareOfficer))
        && account.ward.is_some()
        && account.ward.map(today) == ward.map(today)
}

/// A day; it may be one to come.
fn day(
    editor: Editor,
    id: &'static str,
    label: &str,
    hint: Option<&str>,
    read: fn(&AssignmentForm) -> Option<Date>,
    write: fn(&mut AssignmentForm, Option<Date>),
) -> AnyView {
    let shown = editor.part(move |form| read(form).map(|day| day.to_string()).unwrap_or_default());
    let control = view! {
        <input id=id type="date" data-testid=id aria-describedby=format!("{id}-hint {id}-problem")
            prop:value=text_of(move || shown.get())
            on:change=entered(move |text| editor.edit(|form| write(form, text.parse().ok()))) />
    };
    let problem = problem_at(editor.problems, id.trim_start_matches("field-"));
    field(id, label, hint.map(str::to_owned), problem, control)
}

fn name(editor: Editor) -> AnyView {
    let name = editor.part(|form| form.name.clone());
    let control = view! {
        <input id="field-name" type="text" data-testid="assignment-name" autocomplete="off" maxlength="120"
            aria-describedby="field-name-hint field-name-problem" prop:value=text_of(move || name.get())
            on:input=entered(move |text| editor.edit(|form| form.name = text)) />
    };
    let hint = Some(tr!(assignment.name_hint).to_string());
    field("field-name", tr!(assignment.name), hint, problem_at(editor.problems, "name"), control)
}
