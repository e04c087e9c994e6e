//! The fields of a case: what helpers need at the door first, what only officers read below.

use donghanh_shared::domain::aftercare::rules::rule_in_force;
use donghanh_shared::domain::aftercare::terms::{Completion, Need, Sex};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::vocabulary::Term;
use leptos::prelude::*;

use super::Editor;
use super::model::CaseForm;
use crate::components::choice::{one_of, some_of};
use crate::components::field::{field, no_problem, problem_at, select_field};
use crate::components::notice::{Tone, notice};
use crate::components::stepper::typed_number;
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::care::source_of;
use crate::screens::form::common::put;
use crate::screens::form::fields;

/// Draws them.
pub fn fields(editor: Editor) -> AnyView {
    view! {
        <div class="stack-wide">
            {line(editor, "address-as", tr!(care.address_as), Some(tr!(care.address_as_hint)), |form| &mut form.address_as)}
            {line(editor, "meet-at", tr!(care.meet_at), None, |form| &mut form.meet_at)}
            {line(editor, "meet-when", tr!(care.meet_when), None, |form| &mut form.meet_when)}
            {line(editor, "phone", tr!(care.phone), None, |form| &mut form.phone)}
            {needs(editor)}
            {line(editor, "officer", tr!(care.officer), None, |form| &mut form.officer)}
            {every_days(editor)}
        </div>
        <section class="stack-wide" data-testid="restricted-fields">
            <div>
                <h2>{tr!(care.restricted).to_string()}</h2>
                <p class="field-hint">{tr!(care.restricted_hint).to_string()}</p>
            </div>
            {line(editor, "full-name", tr!(care.full_name), None, |form| &mut form.full_name)}
            {line(editor, "born", tr!(care.born), Some(tr!(care.born_hint)), |form| &mut form.born)}
            {sex(editor)}
            {line(editor, "identity-number", tr!(care.identity_number), None, |form| &mut form.identity_number)}
            {line(editor, "registered-at", tr!(care.registered_at), None, |form| &mut form.registered_at)}
            {line(editor, "lives-at", tr!(care.lives_at), None, |form| &mut form.lives_at)}
            {completion(editor)}
            {dynamic(guardian(editor))}
            {line(editor, "decision-number", tr!(care.decision_number), None, |form| &mut form.decision_number)}
            {day(editor, "decision-date", tr!(care.decision_date), |form| &mut form.decision_date)}
            {day(editor, "starts", tr!(care.since), |form| &mut form.starts)}
            {dynamic(ends(editor))}
        </section>
        {fields::notes(editor)}
    }
    .into_any()
}

fn line(
    editor: Editor,
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    of: fn(&mut CaseForm) -> &mut String,
) -> AnyView {
    let id: &'static str = id_of(name);
    // Reading goes through the same door as writing, on a copy: one list of fields, not two.
    let text = editor.part(move |form| of(&mut form.clone()).clone());
    let control = view! {
        <input id=id type="text" data-testid=format!("{name}-input") maxlength="200" autocomplete="off"
            aria-describedby=format!("{id}-hint {id}-problem") prop:value=text_of(move || text.get())
            on:input=entered(move |typed| editor.edit(|form| *of(form) = typed)) />
    };
    field(id, label, hint.map(str::to_owned), problem_at(editor.problems, name), control)
}

fn id_of(name: &'static str) -> &'static str {
    match name {
        "address-as" => "field-address-as",
        "meet-at" => "field-meet-at",
        "meet-when" => "field-meet-when",
        "phone" => "field-phone",
        "officer" => "field-officer",
        "full-name" => "field-full-name",
        "born" => "field-born",
        "identity-number" => "field-identity-number",
        "lives-at" => "field-lives-at",
        "registered-at" => "field-registered-at",
        "guardian" => "field-guardian",
        "guardian-relation" => "field-guardian-relation",
        "guardian-phone" => "field-guardian-phone",
        "decision-number" => "field-decision-number",
        "decision-date" => "field-decision-date",
        "starts" => "field-starts",
        "ends" => "field-ends",
        other => other,
    }
}

fn day(
    editor: Editor,
    name: &'static str,
    label: &'static str,
    of: fn(&mut CaseForm) -> &mut Option<Date>,
) -> AnyView {
    let id = id_of(name);
    let text = editor.part(move |form| of(&mut form.clone()).map(|day| day.to_string()).unwrap_or_default());
    let control = view! {
        <input id=id type="date" data-testid=format!("{name}-input") aria-describedby=format!("{id}-problem")
            prop:value=text_of(move || text.get())
            on:change=entered(move |typed| editor.edit(|form| *of(form) = typed.parse().ok())) />
    };
    field(id, label, None, problem_at(editor.problems, name), control)
}

fn needs(editor: Editor) -> AnyView {
    let chips = Signal::derive(|| {
        Need::ALL.iter().map(|need| (need.code().to_owned(), capital(words(*need)))).collect::<Vec<_>>()
    });
    let chosen = editor.part(|form| form.needs.iter().map(|need| need.code().to_owned()).collect::<Vec<_>>());
    let change = Callback::new(move |(code, on): (String, bool)| {
        if let Ok(need) = Need::parse(&code) {
            editor.edit(|form| put(&mut form.needs, need, on));
        }
    });
    some_of("need", tr!(care.needs), chips, chosen.into(), change)
}

fn every_days(editor: Editor) -> AnyView {
    let days = editor.part(|form| form.every_days.map(|days| days.to_string()).unwrap_or_default());
    let control = view! {
        <input id="field-every-days" type="text" inputmode="numeric" data-testid="every-days-input" autocomplete="off"
            aria-describedby="field-every-days-hint" prop:value=text_of(move || days.get())
            on:input=entered(move |text| {
                let days = typed_number(&text).and_then(|n| u16::try_from(n).ok()).filter(|n| (1..=366).contains(n));
                editor.edit(|form| form.every_days = days);
            }) />
    };
    let hint = Some(tr!(care.every_days_hint).to_string());
    field("field-every-days", tr!(care.every_days), hint, no_problem(), control)
}

fn options_of<T: Term>(none: &'static str) -> Signal<Vec<(String, String)>> {
    Signal::derive(move || {
        let mut options = vec![(String::new(), none.to_owned())];
        options.extend(T::ALL.iter().map(|term| (term.code().to_owned(), capital(words(*term)))));
        options
    })
}

fn sex(editor: Editor) -> AnyView {
    let sex = editor.part(|form| form.sex.map(|sex| sex.code().to_owned()).unwrap_or_default());
    let choose = Callback::new(move |code: String| editor.edit(|form| form.sex = Sex::parse(&code).ok()));
    let options = options_of::<Sex>(tr!(common.unknown));
    select_field("field-sex", tr!(care.sex), None, options, sex.into(), choose, no_problem())
}

fn completion(editor: Editor) -> AnyView {
    let way = editor.part(|form| form.completion.map(|way| way.code().to_owned()).unwrap_or_default());
    let choose = Callback::new(move |code: String| {
        editor.edit(|form| form.completion = Completion::parse(&code).ok())
    });
    let options = options_of::<Completion>(tr!(care.choose_completion));
    let problem = problem_at(editor.problems, "completion");
    select_field("field-completion", tr!(care.completion), None, options, way.into(), choose, problem)
}

fn guardian(editor: Editor) -> impl Fn() -> Option<AnyView> + Send + 'static {
    let minor = editor.part(CaseForm::is_minor);
    move || {
        minor.get().then(|| {
            view! {
                {line(editor, "guardian", tr!(care.guardian), Some(tr!(care.guardian_hint)), |form| &mut form.guardian)}
                {line(editor, "guardian-relation", tr!(care.guardian_relation), None, |form| &mut form.guardian_relation)}
                {line(editor, "guardian-phone", tr!(care.guardian_phone), None, |form| &mut form.guardian_phone)}
                {may_contact(editor)}
            }
            .into_any()
        })
    }
}

fn may_contact(editor: Editor) -> AnyView {
    let chips = Signal::derive(|| {
        let chip = |code: &str, words: &str| (code.to_owned(), words.to_owned());
        vec![
            chip("yes", tr!(care.may_contact_yes)),
            chip("no", tr!(care.may_contact_no)),
            chip("", tr!(care.not_asked)),
        ]
    });
    let code = |may: Option<bool>| may.map_or("", |may| if may { "yes" } else { "no" }).to_owned();
    let chosen = editor.part(move |form| Some(code(form.may_contact_guardian)));
    let choose = Callback::new(move |code: String| {
        let may = (!code.is_empty()).then_some(code == "yes");
        editor.edit(|form| form.may_contact_guardian = may);
    });
    one_of("may-contact", tr!(care.may_contact_guardian), chips, chosen.into(), choose, no_problem())
}

/// The last day by the rule, with where it stands; to be typed where no rule was in force.
fn ends(editor: Editor) -> impl Fn() -> Option<AnyView> + Send + 'static {
    let state = editor.state();
    let by_rule = editor.part(move |form| {
        let end = state.rules.with(|rules| form.ends_by_rule(rules));
        end.zip(form.completion.zip(form.starts))
    });
    let stands = editor.part(|form| form.ends);
    let begun = editor.part(|form| form.starts.is_some() && form.completion.is_some());
    move || match by_rule.get() {
        Some((end, (completion, starts))) => {
            let rules = state.rules.get();
            let source = source_of(rule_in_force(&rules.legal, completion, starts)?);
            let said = tr!(care.ends_by_rule, day = end.for_people(), source = source);
            let said = view! { <p class="strong" data-testid="ends-by-rule">{said}</p> };
            let other = stands.get().filter(|stands| *stands != end).map(|stands| {
                let changes = tr!(care.ends_changes, day = stands.for_people());
                notice(Tone::Wait, view! { <p data-testid="ends-changes">{changes}</p> })
            });
            Some(view! { {said}{other} }.into_any())
        }
        None => begun.get().then(|| day(editor, "ends", tr!(care.until), |form| &mut form.ends)),
    }
}
