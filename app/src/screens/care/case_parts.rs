//! The parts of a case on its screen: check-ins, support, what happened, and the restricted part.

use std::collections::BTreeMap;

use donghanh_shared::domain::aftercare::events::Story;
use donghanh_shared::domain::aftercare::terms::{Completion, How};
use donghanh_shared::domain::aftercare::{AftercareCase, AftercareRestricted, Event, Support};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::case::call;
use crate::components::action::{Weight, link};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::page::section;
use crate::components::view::dynamic;
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::screens::parts::row::{RowWords, row};
use crate::screens::record::Opened;
use crate::screens::record::confirmation::standing_mark;
use crate::screens::record::differences::differences;
use crate::state::{AppState, OfCase, OpenRecord};

/// The check-ins of a case, the latest first.
pub fn check_ins(state: AppState, id: DocumentId) -> AnyView {
    let list = move || {
        let today = state.today();
        state.care.with(|care| {
            let lines = super::case_of(care, id).map(|view| view.check_ins).unwrap_or_default();
            if lines.is_empty() {
                return view! { <p class="soft">{tr!(care.no_check_ins).to_string()}</p> }.into_any();
            }
            let drawn = lines.into_iter().map(|(id, line)| {
                let how = How::parse(&line.how).map(|how| capital(words(how))).unwrap_or_default();
                let met = match line.seen {
                    Some(seen) if seen.met => tr!(care.was_met).to_string(),
                    _ => tr!(care.was_not_met).to_string(),
                };
                let mut detail = vec![met];
                if line.signs {
                    detail.push(tr!(care.signs_noted).to_string());
                }
                let day = line.seen.map(|seen| format::day(seen.day, today)).unwrap_or_default();
                let href = format!("/check-ins/{id}");
                let title = if how.is_empty() { tr!(care.check_in).to_string() } else { how };
                let row_words =
                    RowWords { href, title, detail: detail.join(" · "), end: day, overdue: false };
                let standing = care.get(&id).and_then(|line| line.confirmation.as_ref());
                let mark = standing.and_then(|line| standing_mark(line.standing));
                row(row_words, mark.into_iter().collect(), "check-in-row")
            });
            view! { <ul class="rows">{drawn.collect_view()}</ul> }.into_any()
        })
    };
    section(tr!(care.check_ins), dynamic(list))
}

/// Support that the core lists.
pub fn support(case: &AftercareCase) -> AnyView {
    let lines: Vec<AnyView> = support_lines(&case.support);
    let lines = (!lines.is_empty()).then(|| view! { <ul class="rows">{lines}</ul> });
    let services = case.standing().is_open().then(|| {
        let open = tr!(services.open);
        link(Weight::Quiet, Some(Icon::Search), open, "/services".to_owned(), "open-services")
    });
    let is_empty = lines.is_none() && services.is_none();
    (!is_empty).then(|| section(tr!(care.support), view! { {lines}{services} })).into_any()
}

/// Support, one line each: "Học nghề · đã hỗ trợ".
pub fn support_lines(support: &BTreeMap<String, Support>) -> Vec<AnyView> {
    let line = |support: &Support| {
        let kind = support.kind.value().map(|kind| capital(words(*kind))).unwrap_or_default();
        let how = match support.is_given() {
            true => tr!(care.given).to_string(),
            false => tr!(care.referred).to_string(),
        };
        let more = [support.by.value(), support.text.value()].into_iter().flatten().cloned();
        let detail = std::iter::once(how).chain(more).collect::<Vec<_>>().join(" · ");
        let day = support.date.value().map(|day| day.for_people()).unwrap_or_default();
        view! {
            <li class="row"><div class="row-inside">
                <span class="row-title">{kind}</span><span class="row-end figures">{day}</span>
                <span class="row-more"><span>{detail}</span></span>
            </div></li>
        }
        .into_any()
    };
    support.values().filter(|support| support.is_in()).map(line).collect()
}

/// What happened, the latest first; what does not fit what came before is said.
pub fn events(state: AppState, case: &AftercareCase, hidden: Option<&AftercareRestricted>) -> AnyView {
    let none = BTreeMap::new();
    let hidden = hidden.map_or(&none, |hidden| &hidden.events);
    let story = state.rules.with(|rules| Story::of(rules, [&case.events, hidden]));
    let register = state.register.get();
    let found: Vec<(&String, &Event)> = case.events.iter().chain(hidden).collect();
    let lines: Vec<AnyView> = story
        .steps
        .iter()
        .rev()
        .map(|step| {
            let event = found.iter().find(|(id, _)| **id == step.key).map(|(_, event)| *event);
            let paper = event.into_iter().flat_map(|event| [event.number.value(), event.by.value()]);
            let text = paper.chain([event.and_then(|event| event.text.value())]).flatten().cloned();
            let text = text.filter(|text| !text.is_empty());
            let ward = event.and_then(|event| event.ward.value()).map(|ward| naming::ward(&register, *ward));
            let misfit = (!step.fits).then(|| tr!(care.misfit).to_string());
            let detail = ward.into_iter().chain(text).chain(misfit).collect::<Vec<_>>().join(" · ");
            view! {
                <li class="row" data-testid="event-row"><div class="row-inside">
                    <span class="row-title">{capital(words(step.kind))}</span>
                    <span class="row-end figures">{step.date.for_people()}</span>
                    <span class="row-more"><span>{detail}</span></span>
                </div></li>
            }
            .into_any()
        })
        .collect();
    (!lines.is_empty()).then(|| section(tr!(care.events), view! { <ul class="rows">{lines}</ul> })).into_any()
}

/// The restricted part: officers only, and only on phones that hold it.
pub fn restricted(
    opened: Opened<OfCase<AftercareRestricted>>,
    found: &OpenRecord<OfCase<AftercareRestricted>>,
    editable: bool,
) -> AnyView {
    let of = &found.value.value;
    opened.state.note_read(found.id);
    let mut facts = Vec::new();
    let mut say = |label: &str, value: Option<String>, test: &'static str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let label = label.to_owned();
            facts.push(view! { <div><dt>{label}</dt><dd data-testid=test>{value}</dd></div> }.into_any());
        }
    };
    let text = |register: &donghanh_shared::domain::register::Register<String>| register.value().cloned();
    say(tr!(care.full_name), text(&of.full_name), "fact-full-name");
    let born = of.born.value().map(|born| match born.day {
        Some((month, day)) => format!("{day:02}/{month:02}/{}", born.year),
        None => born.year.to_string(),
    });
    say(tr!(care.born), born, "fact-born");
    say(tr!(care.identity_number), text(&of.identity_number), "fact-identity");
    say(tr!(care.lives_at), text(&of.lives_at), "fact-lives-at");
    say(tr!(care.registered_at), text(&of.registered_at), "fact-registered-at");
    say(tr!(care.completion), of.completion.value().map(|way| capital(words(*way))), "fact-completion");
    let number = text(&of.decision_number).unwrap_or_default();
    let decided = of.decision_date.value().map(|day| day.for_people()).unwrap_or_default();
    say(tr!(care.decision), Some(format!("{number} {decided}").trim().to_owned()), "fact-decision");
    let rules = opened.state.rules.get();
    if let Some((rule, _)) = of.term(&rules.legal) {
        say(tr!(care.rule), Some(super::source_of(rule)), "fact-rule");
    }
    let contact = of.guardian_contact();
    let relation =
        contact.and_then(|contact| contact.relation.value()).map(|relation| format!("({relation})"));
    let guardian = text(&of.guardian).into_iter().chain(relation).collect::<Vec<_>>().join(" ");
    say(tr!(care.guardian), Some(guardian), "fact-guardian");
    let is_minor = is_minor(of);
    let asked = of.may_contact_guardian.value().map(|may| match may {
        true => tr!(care.may_contact_yes),
        false => tr!(care.may_contact_no),
    });
    let asked = is_minor.then(|| asked.unwrap_or(tr!(care.not_asked)).to_owned());
    say(tr!(care.may_contact_guardian), asked, "fact-may-contact");
    // Their number is there to be called only where that is allowed.
    let allowed = of.may_contact_guardian.value() == Some(&true);
    let phone = contact.and_then(|contact| contact.phone.value()).filter(|_| allowed);
    facts.extend(phone.map(|phone| call(tr!(care.guardian_phone), phone, "fact-guardian-phone")));
    let minor = is_minor.then(|| {
        notice(Tone::Wait, view! { <p data-testid="minor-note">{tr!(care.minor_note).to_string()}</p> })
    });
    let otherwise = of
        .ends_otherwise(&rules.legal)
        .then(|| notice(Tone::Wait, view! { <p>{tr!(care.ends_otherwise).to_string()}</p> }));
    let waiting = found
        .refused
        .clone()
        .map(|problem| notice(Tone::Fail, view! { <p>{problem.sentence(crate::i18n::language())}</p> }));
    view! {
        <section class="stack" data-testid="restricted">
            <h2>{tr!(care.restricted).to_string()}</h2>
            <p class="soft small">{tr!(care.restricted_hint).to_string()}</p>
            {waiting}
            {differences(opened, found, |_| editable)}
            {otherwise}
            {minor}
            <dl class="facts">{facts}</dl>
        </section>
    }
    .into_any()
}

/// Aged 12–17 when after-care began, by the way of treatment or by birth.
fn is_minor(of: &AftercareRestricted) -> bool {
    let by_birth =
        of.born.value().zip(of.starts.value()).is_some_and(|(born, starts)| born.age_on(*starts).0 < 18);
    of.completion.value() == Some(&Completion::CompulsoryMinor) || by_birth
}

/// "Mở hồ sơ", where the person may begin one.
pub fn new_case(state: AppState) -> AnyView {
    dynamic(move || {
        (!super::own_wards(state).is_empty())
            .then(|| link(Weight::Main, None, tr!(care.new_case), "/cases/new".to_owned(), "new-case"))
    })
}
