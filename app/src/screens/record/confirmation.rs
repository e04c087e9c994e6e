//! "Xác nhận" and "Trả lại": how a record stands with whoever confirms it, and the two things that one can say of it.

use donghanh_shared::access::rules::{Action, may_say};
use donghanh_shared::access::{Access, Placement};
use donghanh_shared::command::confirmation::said;
use donghanh_shared::domain::confirmation::{Confirmation, MAX_REASON, Standing};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::register::Claim;
use leptos::prelude::*;

use super::{Opened, Screen};
use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::field::{TextKind, no_problem, problem_at, select_field, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Tone, notice};
use crate::i18n::{format, tr, words};
use crate::screens::naming;
use crate::state::{AppState, OpenRecord};

/// The mark of a standing that people should see; none while nobody has said anything.
pub fn standing_mark(standing: Standing) -> Option<AnyView> {
    let (class, drawing) = match standing {
        Standing::Logged => return None,
        Standing::Confirmed => ("mark confirmed", Icon::Check),
        Standing::EditedSince | Standing::Mended => ("mark wait", Icon::Pen),
        Standing::Returned => ("mark wait", Icon::Undo),
    };
    let words = words(standing);
    Some(
        view! { <span class=class data-testid="standing">{icon(drawing)}<span>{words}</span></span> }
            .into_any(),
    )
}

/// Whether the signed-in person may say this of the record. The phone knows no placement: the server has the last word.
fn may<V: Screen>(state: AppState, found: &OpenRecord<V>, action: Action) -> bool {
    let Some(ward) = found.home_ward.or_else(|| found.value.ward()) else { return false };
    let mut place = found.case.map_or_else(|| Placement::new(ward), |case| Placement::of_case(ward, case));
    let lead = found.value.lead();
    place.organisations.extend(lead.cloned());
    let own = found.confirmed.author.is_some_and(|author| state.is_mine(author));
    let says = |access: &Access| may_say(access, action, V::KIND, &place, (lead, own));
    // What waits to be mended must not be confirmed as it stands.
    found.refused.is_none()
        && !found.read_only
        && state.me.with(|me| me.as_ref().is_some_and(|me| says(&me.access)))
}

/// Draws what was said, and what the person may say.
pub fn confirmation<V: Screen>(opened: Opened<V>, found: &OpenRecord<V>) -> AnyView {
    let standing = found.confirmed.standing;
    let told = told(opened, found);
    let confirm = may(opened.state, found, Action::Confirm) && standing != Standing::Confirmed;
    let returns = may(opened.state, found, Action::Return) && standing != Standing::Returned;
    let open = RwSignal::new(false);
    let confirm = confirm.then(|| {
        button(
            Weight::Plain,
            Some(Icon::Check),
            tr!(confirmation.confirm).to_string(),
            "confirm",
            move || {
                opened.save(said(V::KIND, Some(&Confirmation::Confirmed)));
            },
        )
    });
    let returns = returns.then(|| {
        view! {
            {button(Weight::Quiet, Some(Icon::Undo), tr!(confirmation.give_back).to_string(), "return-button", move || open.set(true))}
            {return_dialog(opened, found, open)}
        }
    });
    let says = (confirm.is_some() || returns.is_some())
        .then(|| view! { <div class="line" data-testid="confirmation">{confirm}{returns}</div> });
    view! { {told}{says} }.into_any()
}

/// What was said that somebody must act upon; who confirmed, in a line.
fn told<V: Screen>(opened: Opened<V>, found: &OpenRecord<V>) -> Option<AnyView> {
    let of = &found.confirmed;
    let (names, today) = (opened.state.names.get(), opened.state.today());
    let by = |claim: &Claim<Confirmation>| {
        format!("{} · {}", naming::person(&names, claim.actor), format::moment(claim.at, today))
    };
    if of.said.is_open() {
        let line = |claim: &Claim<Confirmation>| {
            let what = sentence(&found.value, &claim.value);
            view! { <li><span class="strong">{what}</span><span class="small">{by(claim)}</span></li> }
        };
        let lines = of.said.claims.iter().map(line).collect_view();
        return Some(notice(
            Tone::Wait,
            view! {
                <p class="strong">{tr!(confirmation.differ).to_string()}</p>
                <ul class="claims" data-testid="confirmation-differs">{lines}</ul>
                <p class="small">{tr!(confirmation.differ_hint).to_string()}</p>
            },
        ));
    }
    let claim = of.said.claims.first()?;
    match of.standing {
        Standing::Returned => Some(notice(Tone::Wait, view! {
            <p class="strong">{words(of.standing)}</p>
            <p data-testid="returned-because">{sentence(&found.value, &claim.value)}</p>
            <p class="small">{by(claim)}</p>
        })),
        Standing::EditedSince => Some(notice(Tone::Wait, view! {
            <p class="strong" data-testid="edited-since">{words(of.standing)}</p>
            <p>{tr!(confirmation.edited_since).to_string()}</p>
            <p class="small">{tr!(confirmation.confirmed_by, who = by(claim))}</p>
        })),
        Standing::Confirmed => Some(
            view! { <p class="soft small" data-testid="confirmed-by">{tr!(confirmation.confirmed_by, who = by(claim))}</p> }
                .into_any(),
        ),
        Standing::Mended | Standing::Logged => None,
    }
}

/// "Lượt người dự: chưa khớp với danh sách", or that it is right.
fn sentence<V: Screen>(value: &V, said: &Confirmation) -> String {
    match said {
        Confirmation::Confirmed => words(Standing::Confirmed).to_owned(),
        Confirmation::Returned { field, reason } if field.is_empty() => reason.clone(),
        Confirmation::Returned { field, reason } => format!("{}: {reason}", value.field(field)),
    }
}

/// What the history says of it.
pub fn history_line<V: Screen>(value: &V, text: Option<&str>) -> String {
    match text.and_then(|text| text.parse::<Confirmation>().ok()) {
        Some(Confirmation::Confirmed) => tr!(confirmation.did_confirm).to_string(),
        Some(said) => tr!(confirmation.did_return, why = sentence(value, &said)),
        None => tr!(confirmation.taken_back).to_string(),
    }
}

fn return_dialog<V: Screen>(opened: Opened<V>, found: &OpenRecord<V>, open: RwSignal<bool>) -> AnyView {
    let reason = RwSignal::new(String::new());
    let field = RwSignal::new(String::new());
    let problems = RwSignal::new(Vec::new());
    let mut options = vec![(String::new(), tr!(confirmation.whole).to_string())];
    options.extend(V::looked_at().iter().map(|name| ((*name).to_owned(), found.value.field(name))));
    let options = Signal::derive(move || options.clone());
    let send = move || {
        let why = reason.get_untracked().trim().to_owned();
        let code = if why.is_empty() { Some(Code::TextEmpty) } else { None };
        let code = code.or_else(|| (why.len() > MAX_REASON).then_some(Code::TextTooLong));
        if let Some(code) = code {
            problems.set(vec![Problem::new(code).at("reason")]);
            return;
        }
        open.set(false);
        let what = Confirmation::Returned { field: field.get_untracked(), reason: why };
        opened.save(said(V::KIND, Some(&what)));
    };
    let content = move || {
        let choose = Callback::new(move |name: String| field.set(name));
        view! {
            <div class="stack">
                <p>{tr!(confirmation.return_hint).to_string()}</p>
                {select_field("return-field", tr!(confirmation.field), None, options, field.into(), choose, no_problem())}
                {text_field("return-reason", tr!(confirmation.reason), None, TextKind::text("return-reason"), reason, problem_at(problems, "reason"))}
                <div class="line">
                    {button(Weight::Plain, Some(Icon::Undo), tr!(confirmation.give_back).to_string(), "return-confirm", send)}
                    {button(Weight::Quiet, None, tr!(common.cancel).to_string(), "return-cancel", move || open.set(false))}
                </div>
            </div>
        }
        .into_any()
    };
    dialog("return-dialog", open, tr!(confirmation.return_title).to_string(), content)
}
