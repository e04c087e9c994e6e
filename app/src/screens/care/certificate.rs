//! The certificate of completion as a sheet to be printed: laid out as Decree 30/2020/NĐ-CP (Appendix I) lays out papers of
//! state bodies, in Vietnamese whatever the language of the app. What the case does not say is a line of dots; which form is
//! in use, and who signs, is dated data. The sheet is noted in the access log as an export before it is shown.

use donghanh_shared::command::aftercare::restricted;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::events::Story;
use donghanh_shared::domain::aftercare::rules::FormRule;
use donghanh_shared::domain::aftercare::terms::EventKind;
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted, AftercareRules, Event};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::register::Register as Written;
use donghanh_shared::domain::vocabulary::{Language, Term as _};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::dom;
use crate::components::field::{TextKind, field, no_problem, problem_at, text_field};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice, problem_notice};
use crate::components::page::{Frame, page};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::{language, tr};
use crate::state::{AppState, OfCase, Save};

/// What stands where nobody knows.
const DOTS: &str = "……………………………";
const FEW_DOTS: &str = "………";

/// What the sheet says; `None`: a line of dots.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Certificate {
    /// The ward's name, `phường Vĩnh Yên`.
    ward: Option<String>,
    number: Option<String>,
    /// The day of the certificate.
    signed: Option<Date>,
    name: Option<String>,
    born: Option<String>,
    sex: Option<String>,
    identity_number: Option<String>,
    registered_at: Option<String>,
    lives_at: Option<String>,
    decision_number: Option<String>,
    decision_date: Option<Date>,
    from: Option<Date>,
    to: Option<Date>,
    completed: Option<Date>,
    /// The paper by the rule in force on the day of completion.
    form: Option<FormRule>,
}

/// The event by which the case was completed, when it is told and fits what came before.
pub fn completion<'a>(
    rules: &AftercareRules,
    case: &'a AftercareCase,
    hidden: &'a AftercareRestricted,
) -> Option<(Date, &'a Event)> {
    let story = Story::of(rules, [&case.events, &hidden.events]);
    let step = story.steps.iter().rev().find(|step| step.kind == EventKind::Completion && step.fits)?;
    let event = case.events.get(&step.key).or_else(|| hidden.events.get(&step.key))?;
    Some((step.date, event))
}

impl Certificate {
    fn of(
        rules: &AftercareRules,
        ward: Option<String>,
        case: &AftercareCase,
        hidden: &AftercareRestricted,
    ) -> Option<Self> {
        let (completed, event) = completion(rules, case, hidden)?;
        // A value on which people differ is nobody's to print.
        fn sure<T: Clone + PartialEq>(value: &Written<T>) -> Option<T> {
            value.value().filter(|_| !value.is_open()).cloned()
        }
        let text = |value: &Written<String>| sure(value).filter(|text| !text.trim().is_empty());
        let born = sure(&hidden.born).map(|born| match born.day {
            Some((month, day)) => format!("{day:02}/{month:02}/{}", born.year),
            None => born.year.to_string(),
        });
        Some(Self {
            ward,
            number: text(&hidden.certificate_number).or_else(|| text(&event.number)),
            signed: sure(&hidden.certificate_date),
            name: text(&hidden.full_name),
            born,
            sex: sure(&hidden.sex).map(|sex| sex.words(Language::Vietnamese).to_owned()),
            identity_number: text(&hidden.identity_number),
            registered_at: text(&hidden.registered_at),
            lives_at: text(&hidden.lives_at),
            decision_number: text(&hidden.decision_number),
            decision_date: sure(&hidden.decision_date),
            from: sure(&hidden.starts),
            to: sure(&hidden.ends),
            completed: Some(completed),
            form: rules.form_on(EventKind::Completion, completed).cloned(),
        })
    }
}

/// A certificate and where its number and day are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Sheet {
    certificate: Certificate,
    home: WardRef,
}

/// What the screen holds.
#[derive(Clone, Copy)]
struct Showing {
    state: AppState,
    id: DocumentId,
    found: RwSignal<Option<Result<Sheet, Problem>>>,
}

/// Draws the screen.
pub fn certificate(id: DocumentId) -> AnyView {
    let showing = Showing { state: AppState::get(), id, found: RwSignal::new(None) };
    let Showing { state, found, .. } = showing;
    spawn_local(async move {
        let shown = match read(state, id).await {
            // Noted before it is shown: what cannot be noted is not shown.
            Ok(sheet) => state.note_export(id.restricted_companion()).await.map(|()| sheet),
            Err(problem) => Err(problem),
        };
        found.try_set(Some(shown));
    });
    let body = move || match found.get() {
        None => ().into_any(),
        Some(Err(problem)) => {
            notice(Tone::Wait, view! { <p data-testid="no-certificate">{said(&problem)}</p> })
        }
        Some(Ok(Sheet { certificate, home })) => view! {
            <div class="no-print stack-wide">
                {notice(Tone::Wait, hint(&certificate))}
                {numbering(showing, &certificate, home)}
            </div>
            {sheet(&certificate)}
        }
        .into_any(),
    };
    let dock = dynamic(move || {
        let ready = found.with(|found| matches!(found, Some(Ok(_))));
        ready.then(|| button(Weight::Main, None, tr!(certificate.print).to_owned(), "print", dom::print))
    });
    page(
        Frame::back(format!("/cases/{id}")).focused(),
        tr!(certificate.title).to_string(),
        (),
        dynamic(body),
        Some(dock),
    )
}

/// The number and the day of the paper, as the office gives them; kept with the case, and on the sheet at once.
fn numbering(showing: Showing, of: &Certificate, home: WardRef) -> AnyView {
    let Showing { state, id, found } = showing;
    let number = RwSignal::new(of.number.clone().unwrap_or_default());
    let day = RwSignal::new(of.signed.map(|day| day.to_string()).unwrap_or_default());
    let problems = RwSignal::new(Vec::new());
    let failure = RwSignal::new(None);
    let keep = move || {
        let on = match day.with_untracked(|day| (!day.is_empty()).then(|| day.parse::<Date>()).transpose()) {
            Ok(on) if on.is_some_and(|on| on > state.today()) => Err(Problem::new(Code::DateInFuture)),
            on => on,
        };
        let on = match on {
            Ok(on) => on,
            Err(problem) => return problems.set(vec![problem.at("date")]),
        };
        let number = Some(number.get_untracked().trim().to_owned()).filter(|number| !number.is_empty());
        let edits = restricted::certificate(number, on);
        let save = Save::of(Kind::AftercareRestricted, Some(id.restricted_companion()), home, edits);
        spawn_local(async move {
            match state.save(vec![save.in_case(id)]).await {
                Ok(()) => {
                    let now = read(state, id).await;
                    found.try_set(Some(now));
                }
                Err(problem) => drop(failure.try_set(Some(problem))),
            }
        });
    };
    let today = state.today().to_string();
    let control = view! {
        <input id="certificate-date" type="date" data-testid="certificate-date" max=today
            aria-describedby="certificate-date-problem" prop:value=text_of(move || day.get())
            on:change=entered(move |text| day.set(text)) />
    };
    view! {
        {problem_notice(failure.into())}
        {text_field("certificate-number", tr!(certificate.number), None, TextKind::text("certificate-number"), number, no_problem())}
        {field("certificate-date", tr!(certificate.signed), None, problem_at(problems, "date"), control)}
        <div class="line">{button(Weight::Plain, Some(Icon::Pen), tr!(certificate.keep).to_owned(), "certificate-keep", keep)}</div>
    }
    .into_any()
}

/// Without a completion there is nothing to certify.
fn said(problem: &Problem) -> &'static str {
    if problem.code == Code::FieldMissing {
        tr!(certificate.not_completed)
    } else {
        problem.sentence(language())
    }
}

async fn read(state: AppState, id: DocumentId) -> Result<Sheet, Problem> {
    let absent = || Problem::new(Code::NotFound);
    let case = state.open::<OfCase<AftercareCase>>(id).await?.ok_or_else(absent)?;
    let companion = id.restricted_companion();
    let hidden = state.open::<OfCase<AftercareRestricted>>(companion).await?.ok_or_else(absent)?;
    let home = case.home_ward.or(case.value.value.ward.value().copied()).ok_or_else(absent)?;
    let ward = state.register.with_untracked(|register| Some(register.ward(home)?.full_name()));
    let rules = state.rules.get_untracked();
    let certificate = Certificate::of(&rules, ward, &case.value.value, &hidden.value.value)
        .ok_or_else(|| Problem::new(Code::FieldMissing))?;
    Ok(Sheet { certificate, home })
}

fn hint(certificate: &Certificate) -> AnyView {
    let form = certificate.form.as_ref();
    let which = form.map(|form| format!("{} · {}", form.form, form.source));
    let unconfirmed = form
        .is_none_or(|form| !form.confirmed)
        .then(|| view! { <p data-testid="certificate-unconfirmed">{tr!(certificate.unconfirmed)}</p> });
    view! {
        <p data-testid="certificate-check">{tr!(certificate.check)}</p>
        {unconfirmed}
        <p class="small soft">{which}</p>
    }
    .into_any()
}

fn day_in_words(day: Option<Date>) -> String {
    match day {
        Some(day) => format!("ngày {:02} tháng {:02} năm {}", day.day(), day.month(), day.year()),
        None => "ngày …… tháng …… năm ………".to_owned(),
    }
}

fn or_dots(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| DOTS.to_owned())
}

fn sheet(of: &Certificate) -> AnyView {
    let body_name = format!("Ủy ban nhân dân {}", of.ward.clone().unwrap_or_else(|| DOTS.to_owned()));
    // Of "Phường Vĩnh Yên" the place is "Vĩnh Yên".
    let place = of.ward.as_ref().and_then(|ward| ward.split_once(' ')).map_or(FEW_DOTS, |(_, name)| name);
    let dated = format!("{place}, {}", day_in_words(of.signed));
    let number = format!("Số: {}", of.number.clone().unwrap_or_else(|| format!("{FEW_DOTS}/{FEW_DOTS}")));
    let signer = of.form.as_ref().map_or_else(|| DOTS.to_owned(), |form| form.signer.clone());
    view! {
        <article class="sheet" lang="vi" data-testid="sheet">
            <header class="sheet-head">
                <div>
                    <p class="sheet-upper sheet-strong sheet-ruled">{body_name.clone()}</p>
                    <p data-testid="sheet-number">{number}</p>
                </div>
                <div>
                    <p class="sheet-upper sheet-strong">"Cộng hòa xã hội chủ nghĩa Việt Nam"</p>
                    <p class="sheet-strong sheet-ruled">"Độc lập - Tự do - Hạnh phúc"</p>
                    <p class="sheet-dated">{dated}</p>
                </div>
            </header>
            <h2 class="sheet-title">
                <span class="sheet-upper">"Giấy chứng nhận"</span>
                <span>"Hoàn thành thời hạn quản lý sau cai nghiện ma túy"</span>
            </h2>
            <p class="sheet-body-name sheet-upper sheet-strong">{body_name}</p>
            <p class="sheet-certifies">"Chứng nhận:"</p>
            {facts(of)}
            <footer class="sheet-foot">
                <div class="sheet-to">
                    <p>"Nơi nhận:"</p>
                    <ul><li>"- Người có tên trên;"</li><li>"- Lưu: VT, hồ sơ."</li></ul>
                </div>
                <div class="sheet-signature">
                    <p class="sheet-upper sheet-strong" data-testid="sheet-signer">{signer}</p>
                    <p class="sheet-hint">"(Chữ ký, dấu, họ và tên)"</p>
                </div>
            </footer>
        </article>
    }
    .into_any()
}

fn facts(of: &Certificate) -> AnyView {
    let line = |label: &'static str, value: String| view! { <p>{label}": "{value}</p> };
    let decision = format!("{} {}", or_dots(of.decision_number.as_ref()), day_in_words(of.decision_date));
    view! {
        <div class="sheet-facts">
            <p>"Ông (bà): "<span class="sheet-strong" data-testid="sheet-name">{or_dots(of.name.as_ref())}</span></p>
            {line("Ngày, tháng, năm sinh", or_dots(of.born.as_ref()))}
            {line("Giới tính", or_dots(of.sex.as_ref()))}
            {line("Số giấy tờ tùy thân", or_dots(of.identity_number.as_ref()))}
            {line("Nơi thường trú", or_dots(of.registered_at.as_ref()))}
            {line("Nơi ở hiện nay", or_dots(of.lives_at.as_ref()))}
            {line("Quyết định quản lý sau cai số", decision)}
            {line("Thời hạn quản lý", format!("từ {} đến {}", day_in_words(of.from), day_in_words(of.to)))}
            <p>"Đã hoàn thành thời hạn quản lý sau cai nghiện ma túy "<span data-testid="sheet-completed">{day_in_words(of.completed)}</span>"."</p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_completion_there_is_no_certificate() {
        let rules = AftercareRules::shipped();
        let (case, hidden) = (AftercareCase::default(), AftercareRestricted::default());
        assert_eq!(Certificate::of(&rules, None, &case, &hidden), None);
    }

    #[test]
    fn what_nobody_knows_is_dots() {
        assert_eq!(day_in_words(None), "ngày …… tháng …… năm ………");
        assert_eq!(day_in_words("2026-02-03".parse().ok()), "ngày 03 tháng 02 năm 2026");
        assert_eq!(or_dots(None), DOTS);
    }
}
