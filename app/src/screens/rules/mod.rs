//! The dated rules of after-care for whoever keeps them: what holds since when and by which source, what nobody has verified
//! yet, who changed what. Needs the server; phones fetch what changed beside their next sync.

mod changes;
mod dialog;
mod draft;
mod event;
mod words;

use donghanh_shared::domain::error::{Code, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::changes::changes;
use self::draft::{Draft, Table};
use self::words::{Said, said};
use super::naming;
use crate::components::action::{Weight, button};
use crate::components::dom;
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Tone, not_read, notice};
use crate::components::page::{Frame, page, section};
use crate::components::view::dynamic;
use crate::i18n::{language, tr};
use crate::state::{AppState, RulesVersion};

/// What the screen shares with its dialog.
#[derive(Clone, Copy)]
struct Keeping {
    state: AppState,
    /// Every version, newest first.
    versions: RwSignal<Option<Result<Vec<RulesVersion>, Problem>>>,
    /// What came of the last change.
    told: RwSignal<Option<(Tone, String)>>,
    /// The rule being edited.
    draft: RwSignal<Option<Draft>>,
}

impl Keeping {
    fn read(self) {
        spawn_local(async move {
            self.versions.try_set(Some(self.state.rules_history().await));
        });
    }

    /// The newest version.
    fn newest(self) -> Option<RulesVersion> {
        self.versions.with_untracked(|all| all.as_ref()?.as_ref().ok()?.first().cloned())
    }

    /// What is told once a change was sent; then everything is read again. Somebody else's change in between is not
    /// overwritten: it is shown, and this one is to be made again.
    fn done(self, outcome: &Result<(), Problem>) {
        let told = match outcome {
            Ok(()) => (Tone::Good, tr!(rules.kept).to_owned()),
            Err(problem) if is_too_late(problem) => (Tone::Wait, tr!(rules.too_late).to_owned()),
            Err(problem) => (Tone::Fail, problem.sentence(language()).to_owned()),
        };
        self.told.try_set(Some(told));
        self.draft.try_set(None);
        self.read();
        dom::to_top();
    }
}

fn is_too_late(problem: &Problem) -> bool {
    problem.code == Code::DocumentExists && problem.field.as_deref() == Some("version")
}

/// Draws the screen.
pub fn rules() -> AnyView {
    let keeping = Keeping {
        state: AppState::get(),
        versions: RwSignal::new(None),
        told: RwSignal::new(None),
        draft: RwSignal::new(None),
    };
    keeping.read();
    let told = move || keeping.told.get().map(|(tone, told)| notice(tone, view! { <p>{told}</p> }));
    let shown = move || match keeping.versions.get() {
        None => view! { <p class="soft" role="status">{tr!(rules.reading)}</p> }.into_any(),
        Some(Err(problem)) => not_read(&problem),
        Some(Ok(versions)) => drawn(keeping, &versions),
    };
    let body = view! {
        <p class="soft">{tr!(rules.hint)}</p>
        <div role="status" data-testid="rules-told">{dynamic(told)}</div>
        {dynamic(shown)}
        {dialog::rule_dialog(keeping)}
    };
    page(Frame::back("/me"), tr!(rules.title).to_string(), (), body, None)
}

fn drawn(keeping: Keeping, versions: &[RulesVersion]) -> AnyView {
    let Some(newest) = versions.first() else { return ().into_any() };
    let all = said(&newest.rules);
    let table = |heading: &'static str, table: Table| {
        let rows = rows_of(keeping, &all, table);
        let add = move || keeping.draft.set(Some(Draft::new(table)));
        section(
            heading,
            view! {
                <ul class="rows">{rows}</ul>
                {button(Weight::Quiet, Some(Icon::Plus), add_words(table).to_owned(), test_of(table), add)}
            },
        )
    };
    let events = rows_of(keeping, &all, Table::Event);
    view! {
        {table(tr!(rules.terms), Table::Legal)}
        {table(tr!(rules.intervals), Table::Interval)}
        {table(tr!(rules.papers), Table::Form)}
        {table(tr!(services.title), Table::Service)}
        <details class="more">
            <summary>{tr!(rules.events)}</summary>
            <p class="field-hint">{tr!(rules.events_hint)}</p>
            <ul class="rows">{events}</ul>
        </details>
        {history(versions)}
    }
    .into_any()
}

fn add_words(table: Table) -> &'static str {
    if table == Table::Service { tr!(services.add) } else { tr!(rules.add) }
}

fn test_of(table: Table) -> &'static str {
    match table {
        Table::Legal => "add-term",
        Table::Interval => "add-interval",
        Table::Form => "add-paper",
        Table::Event => "add-event",
        Table::Service => "add-service",
    }
}

fn rows_of(keeping: Keeping, all: &[Said], table: Table) -> AnyView {
    all.iter().filter(|rule| rule.table == table).map(|rule| row(keeping, rule)).collect_view().into_any()
}

fn row(keeping: Keeping, rule: &Said) -> AnyView {
    let (id, table) = (rule.id.clone(), rule.table);
    let of = move || keeping.newest().and_then(|newest| Draft::of(&newest.rules, table, &id));
    // A rule of an event is changed from a day on by what it says now; the others are added whole.
    let since = (table == Table::Event).then(|| {
        let of = of.clone();
        let begin = move || keeping.draft.set(of().map(Draft::since_a_day));
        button(Weight::Quiet, Some(Icon::Plus), tr!(rules.from_a_day_on).to_owned(), "rule-from-a-day", begin)
    });
    let begin = move || keeping.draft.set(of());
    let edit = button(Weight::Quiet, Some(Icon::Pen), tr!(visit.edit).to_owned(), "edit-rule", begin);
    let mark = (!rule.confirmed).then(|| {
        view! { <span class="mark wait" data-testid="to-confirm">{icon(Icon::Clock)}<span>{tr!(rules.to_confirm)}</span></span> }
    });
    view! {
        <li class="row person" data-testid="rule-row">
            <p class="strong">{rule.title.clone()}</p>
            <p>{rule.says.clone()}" "<span class="soft">{rule.span.clone()}</span></p>
            <p class="soft small">{rule.source.clone()}</p>
            <div class="line">{mark}{edit}{since}</div>
        </li>
    }
    .into_any()
}

/// Who changed what, the latest first.
fn history(versions: &[RulesVersion]) -> AnyView {
    let entry = |pair: &[RulesVersion]| {
        let [now, before] = pair else { return ().into_any() };
        let lines = changes(&before.rules, &now.rules);
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        let who = now.by.clone().unwrap_or_default();
        view! {
            <li class="row person" data-testid="rules-change">
                <p><span class="strong">{who}</span>" "<span class="soft figures">{naming::moment(now.at)}</span></p>
                <ul class="plain small">{lines}</ul>
            </li>
        }
        .into_any()
    };
    let entries: Vec<AnyView> = versions.windows(2).map(entry).collect();
    let content = if entries.is_empty() {
        view! { <p class="soft">{tr!(rules.never_changed)}</p> }.into_any()
    } else {
        view! { <ul class="rows">{entries}</ul> }.into_any()
    };
    section(tr!(rules.history), content)
}
