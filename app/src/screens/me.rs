//! The person: who is signed in, language, theme, the ways to sync, places and people, and signing out.

use donghanh_shared::access::{Access, Scope};
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Language;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use super::safety::safety;
use super::theme::{self, THEMES, ThemeSetting};
use crate::components::action::{Weight, button};
use crate::components::choice::one_of;
use crate::components::dialog::dialog;
use crate::components::field::no_problem;
use crate::components::notice::problem_notice;
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{self, LanguageSetting, tr, words};
use crate::screens::parts::row::{RowWords, row};
use crate::state::AppState;

/// Draws the screen.
pub fn me() -> AnyView {
    let state = AppState::get();
    let body = view! {
        {who(state)}
        {ways(state)}
        {safety(state)}
        {section(tr!(me.language), view! { <div class="quiet-legend">{language_choice("language")}</div> })}
        {section(tr!(me.theme), view! { <div class="quiet-legend">{theme_choice()}</div> })}
        {sign_out(state)}
    };
    page(Frame::default(), tr!(me.title).to_string(), (), body, None)
}

fn who(state: AppState) -> AnyView {
    let facts = move || {
        let me = state.me.get()?;
        let register = state.register.get();
        let role = me.role.map(|role| capital(words(role)));
        let ward = me.home_ward.map(|ward| naming::ward(&register, ward));
        let organisation = me.organisation.as_ref().map(|id| naming::organisation(&register, id));
        let fact = |label: String, value: Option<String>| {
            value.map(|value| view! { <div><dt>{label}</dt><dd>{value}</dd></div> })
        };
        Some(view! {
            {fact(tr!(me.name).to_string(), Some(me.name))}
            {fact(tr!(me.role).to_string(), role)}
            {fact(tr!(form.ward).to_string(), ward)}
            {fact(tr!(me.organisation).to_string(), organisation)}
        })
    };
    view! { <dl class="facts" data-testid="me">{dynamic(facts)}</dl> }.into_any()
}

fn ways(state: AppState) -> AnyView {
    let way = |href: &str, title: String, detail: String, test: &'static str| {
        row(
            RowWords { href: href.to_owned(), title, detail, end: String::new(), overdue: false },
            Vec::new(),
            test,
        )
    };
    let rows = move || {
        let access = state.me.with(|me| me.as_ref().map(|me| (me.access.supervises, me.access.administers)));
        let (supervises, administers) = access.unwrap_or_default();
        let takes_in_cases = state.me.with(|me| me.as_ref().is_some_and(|me| writes_cases(&me.access)));
        let waiting = state.register.with(|register| register.proposed().count());
        let mut rows =
            vec![way("/sync", tr!(sync.title).to_string(), tr!(me.sync_hint).to_string(), "way-sync")];
        rows.push(way(
            "/services",
            tr!(services.title).to_string(),
            tr!(services.way).to_string(),
            "way-services",
        ));
        if supervises {
            rows.push(way(
                "/places",
                tr!(places.title).to_string(),
                tr!(places.waiting, n = waiting),
                "way-places",
            ));
        }
        if state.me.with(|me| me.as_ref().is_some_and(|me| !me.access.assigns.is_empty())) {
            let (title, hint) = (tr!(assignment.title).to_string(), tr!(assignment.hint).to_string());
            rows.push(way("/assignments", title, hint, "way-assignments"));
        }
        rows.push(way(
            "/devices",
            tr!(me.devices).to_string(),
            tr!(me.devices_hint).to_string(),
            "way-devices",
        ));
        if supervises || takes_in_cases {
            rows.push(way(
                "/handed-over",
                tr!(me.handed_over).to_string(),
                tr!(me.handed_over_hint).to_string(),
                "way-handed-over",
            ));
        }
        if supervises || administers {
            rows.push(way(
                "/access-log",
                tr!(me.audit).to_string(),
                tr!(me.audit_hint).to_string(),
                "way-access-log",
            ));
            rows.push(way(
                "/people",
                tr!(people.title).to_string(),
                tr!(people.hint).to_string(),
                "way-people",
            ));
        }
        if administers {
            rows.push(way("/rules", tr!(rules.title).to_string(), tr!(rules.way).to_string(), "way-rules"));
        }
        rows
    };
    view! { <ul class="rows">{dynamic(rows)}</ul> }.into_any()
}

/// Officers of after-care decide about what phones with cases handed over.
fn writes_cases(access: &Access) -> bool {
    access.grants.iter().any(|grant| grant.write && matches!(grant.scope, Scope::Aftercare(_)))
}

/// The choice of language; also on the screens before sign-in.
pub fn language_choice(name: &'static str) -> AnyView {
    let setting = expect_context::<LanguageSetting>();
    let chips = Signal::derive(|| {
        vec![("vi".to_owned(), "Tiếng Việt".to_owned()), ("en".to_owned(), "English".to_owned())]
    });
    let chosen = Signal::derive(move || Some(i18n::code(setting.get()).to_owned()));
    let choose = Callback::new(move |code: String| {
        setting.set(if code == "en" { Language::English } else { Language::Vietnamese });
    });
    one_of(name, tr!(me.language), chips, chosen, choose, no_problem())
}

fn theme_choice() -> AnyView {
    let setting = expect_context::<ThemeSetting>();
    let chips = Signal::derive(|| {
        THEMES.iter().map(|name| ((*name).to_owned(), theme::words(name))).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || Some(setting.get()));
    let choose = Callback::new(move |name: String| setting.set(&name));
    one_of("theme", tr!(me.theme), chips, chosen, choose, no_problem())
}

fn sign_out(state: AppState) -> AnyView {
    let open = RwSignal::new(false);
    let problem = RwSignal::new(None);
    let leave = move |discard: bool| {
        spawn_local(async move {
            match state.sign_out(discard).await {
                Ok(()) => {}
                Err(found) if found.code == Code::Busy && !discard => drop(open.try_set(true)),
                Err(found) => drop(problem.try_set(Some(found))),
            }
        });
    };
    let ask = move || {
        let unsent = state.outbox.with_untracked(|outbox| outbox.entries + outbox.refused.len());
        if unsent > 0 { open.set(true) } else { leave(false) }
    };
    let content = move || {
        let unsent = state.outbox.with(|outbox| outbox.records.max(1));
        view! {
            <div class="stack">
                <p>{tr!(me.unsent, n = unsent)}</p>
                <p>{tr!(me.unsent_hint).to_string()}</p>
                <div class="line">
                    {button(Weight::Main, None, tr!(me.stay).to_string(), "sign-out-stay", move || open.set(false))}
                    {button(Weight::Remove, None, tr!(me.discard).to_string(), "sign-out-discard", move || leave(true))}
                </div>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="stack">
            {problem_notice(problem.into())}
            <div>{button(Weight::Plain, None, tr!(me.sign_out).to_string(), "sign-out", ask)}</div>
        </div>
        {dialog("sign-out-dialog", open, tr!(me.sign_out_title).to_string(), content)}
    }
    .into_any()
}
