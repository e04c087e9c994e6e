//! The certificate of completion as a sheet to be printed: laid out as Decree 30/2020/NĐ-CP (Appendix I) lays out papers of
//! state bodies, in Vietnamese whatever the language of the app. What the case does not say is a line of dots; which form is
//! in use, and who signs, is dated data. The sheet is noted in the access log as an export before it is shown.

use donghanh_shared::domain::aftercare::events::Story;
use donghanh_shared::domain::aftercare::rules::FormRule;
use donghanh_shared::domain::aftercare::terms::EventKind;
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted, AftercareRules, Event};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::register::Register as Written;
use donghanh_shared::domain::vocabulary::{Language, Term as _};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::dom;
use crate::components::notice::{Tone, notice};
use crate::components::page::{Frame, page};
use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::{AppState, OfCase};

/// What stands where nobody knows.
const DOTS: &str = "……………………………";
const FEW_DOTS: &str = "………";

/// What the sheet says; `None`: a line of dots.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Certificate {
    /// `phường Vĩnh Yên`.
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

/// Draws the screen.
pub fn certificate(id: DocumentId) -> AnyView {
    let state = AppState::get();
    let found = RwSignal::new(None::<Result<Certificate, Problem>>);
    spawn_local(async move {
        let read = read(state, id).await;
        found.try_set(Some(read));
    });
    let body = move || match found.get() {
        None => ().into_any(),
        Some(Err(problem)) => {
            notice(Tone::Wait, view! { <p data-testid="no-certificate">{said(&problem)}</p> })
        }
        Some(Ok(certificate)) => view! {
            <div class="no-print stack">{notice(Tone::Wait, hint(&certificate))}</div>
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

/// Without a completion there is nothing to certify.
fn said(problem: &Problem) -> &'static str {
    if problem.code == Code::FieldMissing {
        tr!(certificate.not_completed)
    } else {
        problem.sentence(language())
    }
}

async fn read(state: AppState, id: DocumentId) -> Result<Certificate, Problem> {
    let absent = || Problem::new(Code::NotFound);
    let case = state.open::<OfCase<AftercareCase>>(id).await?.ok_or_else(absent)?;
    let companion = id.restricted_companion();
    let hidden = state.open::<OfCase<AftercareRestricted>>(companion).await?.ok_or_else(absent)?;
    let ward = case.home_ward.or(case.value.value.ward.value().copied());
    let ward = state.register.with_untracked(|register| {
        let ward = register.ward(ward?)?;
        Some(ward.full_name())
    });
    let rules = state.rules.get_untracked();
    let certificate = Certificate::of(&rules, ward, &case.value.value, &hidden.value.value)
        .ok_or_else(|| Problem::new(Code::FieldMissing))?;
    state.note_export(companion).await?;
    Ok(certificate)
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
