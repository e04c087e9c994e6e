//! All records: search without marks, filters, pages of fifty. Instant on ten thousand rows, because rows are matched
//! as they are and only what is on screen is drawn.

use std::sync::Arc;

use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::kind::Kind;
use donghanh_shared::domain::search::folded;
use donghanh_shared::domain::ward::{WardRef, with_predecessors};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::naming;
use crate::browser;
use crate::components::action::{Weight, button};
use crate::components::address;
use crate::components::choice::some_of;
use crate::components::dom;
use crate::components::icon::{Icon, icon};
use crate::components::page::{Frame, page};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::{format, tr};
use crate::state::{AppState, Register, Row, RowState};

/// How many rows one step draws.
const STEP: usize = 50;
/// How many of them are drawn at once, more than any screen shows: the others follow when those can be seen.
const FIRST: usize = 16;

/// The kinds that have a chip and an address of their own.
const KINDS: [(&str, Kind); 2] = [("drives", Kind::PledgeDrive), ("models", Kind::PreventionModel)];

/// What narrows the list.
#[derive(Clone, PartialEq, Default)]
struct Filter {
    /// Folded words.
    question: String,
    /// Only these wards; empty = all.
    wards: Vec<WardRef>,
    from: Option<Date>,
    to: Option<Date>,
    waiting: bool,
    review: bool,
    /// Only what waits for this person to confirm it.
    confirm: bool,
    this_month: bool,
    removed: bool,
    /// Only these kinds; empty = all.
    kinds: Vec<Kind>,
}

impl Filter {
    fn takes(&self, row: &Row, register: &Register, today: Date) -> bool {
        let summary = &row.summary;
        let on_time = |date: Date| {
            self.from.is_none_or(|from| from <= date)
                && self.to.is_none_or(|to| date <= to)
                && (!self.this_month || (date.year(), date.month()) == (today.year(), today.month()))
        };
        let any_time = self.from.is_none() && self.to.is_none() && !self.this_month;
        // What was asked is no record of work: it has a list of its own.
        summary.kind() != Kind::WorkAssignment
            && summary.archived == self.removed
            && (self.kinds.is_empty() || self.kinds.contains(&summary.kind()))
            && (any_time || summary.date.is_some_and(on_time))
            && (self.wards.is_empty() || summary.ward.is_some_and(|ward| self.wards.contains(&ward)))
            && (!self.waiting || row.state != RowState::Sent)
            && (!self.review || row.needs_review())
            && row.matches(register, &self.question)
    }
}

/// What the filter takes: how many in all, and those that are drawn.
#[derive(Clone, PartialEq)]
struct Found {
    total: usize,
    rows: Vec<Arc<Row>>,
}

impl Found {
    fn of(rows: &[Arc<Row>], takes: impl Fn(&Row) -> bool, limit: usize) -> Self {
        let mut found = Self { total: 0, rows: Vec::new() };
        for row in rows.iter().filter(|row| takes(row)) {
            found.total += 1;
            if found.rows.len() < limit {
                found.rows.push(row.clone());
            }
        }
        found
    }
}

/// Draws the screen.
pub fn visit_list() -> AnyView {
    let state = AppState::get();
    let typed = RwSignal::new(String::new());
    // Home leads here with what waits to be confirmed.
    let begin = untrack(|| address::query("confirm")).map(|_| "confirm".to_owned());
    let chips = RwSignal::new(begin.into_iter().collect::<Vec<String>>());
    let shown = RwSignal::new(STEP);
    let asked = from_address(state);
    let filter = Memo::new(move |_| {
        let on = |chip: &str| chips.with(|all| all.iter().any(|one| one == chip));
        let (waiting, review, this_month, removed) =
            (on("waiting"), on("review"), on("month"), on("removed"));
        let confirm = on("confirm");
        let question = typed.with(|text| folded(text));
        let asked = asked.get();
        let mut kinds = asked.kinds.clone();
        kinds.extend(KINDS.iter().filter(|(chip, _)| on(chip)).map(|(_, kind)| *kind));
        Filter { question, waiting, review, confirm, this_month, removed, kinds, ..asked }
    });
    let found = Memo::new(move |_| {
        let (today, limit) = (state.today(), shown.get());
        let register = state.register.get();
        let access = state.me.with(|me| me.as_ref().map(|me| me.access.clone())).unwrap_or_default();
        let waits = |row: &Row| row.waits_for(&access, |actor| state.is_mine(actor));
        state.summaries.with(|rows| {
            filter.with(|filter| {
                let takes =
                    |row: &Row| filter.takes(row, &register, today) && (!filter.confirm || waits(row));
                Found::of(rows, takes, limit)
            })
        })
    });
    let body = view! {
        <div class="stack">
            {search(typed, shown)}
            {filters(state, chips, shown)}
            {narrowed(state, asked)}
        </div>
        {results(state, found, shown)}
    };
    page(Frame::default(), tr!(list.title).to_string(), (), body, Some(super::log_button(state)))
}

/// Ward and days that a figure of the report linked to.
fn from_address(state: AppState) -> Memo<Filter> {
    Memo::new(move |_| {
        let date = |name: &str| address::query(name).and_then(|text| text.parse().ok());
        let ward: Option<WardRef> = address::query("ward").and_then(|text| text.parse().ok());
        let wards = match (ward, address::query("with").is_some()) {
            (Some(ward), true) => state.register.with(|all| with_predecessors(ward, &all.wards)),
            (ward, _) => ward.into_iter().collect(),
        };
        let asked = address::query("kind");
        let kinds = KINDS.iter().filter(|(chip, _)| asked.as_deref() == Some(chip));
        let kinds = kinds.map(|(_, kind)| *kind).collect();
        Filter { wards, from: date("from"), to: date("to"), kinds, ..Filter::default() }
    })
}

fn search(typed: RwSignal<String>, shown: RwSignal<usize>) -> AnyView {
    view! {
        <div class="search" role="search">
            {icon(Icon::Search)}
            <input type="search" id="search" data-testid="search-input" autocomplete="off" enterkeyhint="search"
                aria-label=tr!(list.search).to_string() placeholder=tr!(list.search).to_string()
                prop:value=text_of(move || typed.get())
                on:input=entered(move |text| {
                    shown.set(STEP);
                    typed.set(text);
                }) />
        </div>
    }
    .into_any()
}

fn filters(state: AppState, chosen: RwSignal<Vec<String>>, shown: RwSignal<usize>) -> AnyView {
    let chips = Signal::derive(move || {
        let confirms = state.me.with(|me| me.as_ref().is_some_and(|me| !me.access.confirms.is_empty()));
        let mut chips = vec![
            ("waiting".to_owned(), tr!(list.waiting).to_string()),
            ("review".to_owned(), tr!(list.review).to_string()),
            ("month".to_owned(), tr!(list.this_month).to_string()),
            ("removed".to_owned(), tr!(list.removed).to_string()),
        ];
        if !super::is_of_school_alone(state) {
            let kinds = [("drives", tr!(drive.short)), ("models", tr!(model.short))];
            chips.splice(3..3, kinds.map(|(chip, words)| (chip.to_owned(), words.to_string())));
        }
        if confirms {
            chips.insert(0, ("confirm".to_owned(), tr!(confirmation.filter).to_string()));
        }
        chips
    });
    let change = Callback::new(move |(chip, on): (String, bool)| {
        shown.set(STEP);
        chosen.update(|all| {
            all.retain(|one| *one != chip);
            if on {
                all.push(chip);
            }
        });
    });
    view! { <div class="quiet-legend">{some_of("filter", tr!(list.filters), chips, chosen.into(), change)}</div> }.into_any()
}

/// Says what the address narrows the list to, with a way out.
fn narrowed(state: AppState, asked: Memo<Filter>) -> AnyView {
    let all = || address::go("/visits");
    dynamic(move || {
        let filter = asked.get();
        let mut parts = Vec::new();
        if let Some(ward) = filter.wards.first() {
            parts.push(state.register.with(|register| naming::ward(register, *ward)));
        }
        if let (Some(from), Some(to)) = (filter.from, filter.to) {
            parts.push(format!("{} – {}", from.for_people(), to.for_people()));
        }
        (!parts.is_empty()).then(|| {
            view! {
                <div class="line" data-testid="narrowed">
                    <span class="strong">{parts.join(" · ")}</span>
                    {button(Weight::Quiet, Some(Icon::Close), tr!(list.show_all).to_string(), "show-all", all)}
                </div>
            }
        })
    })
}

fn results(state: AppState, found: Memo<Found>, shown: RwSignal<usize>) -> AnyView {
    let total = move || found.with(|found| found.total);
    let settled = RwSignal::new(false);
    let drawn = move || {
        let shown = if settled.get() { usize::MAX } else { FIRST };
        request_animation_frame(|| dom::mark("list-usable"));
        found.with(|found| found.rows.iter().take(shown).cloned().collect())
    };
    spawn_local(async move {
        browser::painted().await;
        settled.try_set(true);
    });
    let more = move || {
        (total() > shown.get()).then(|| {
            button(Weight::Plain, None, tr!(list.more, n = STEP), "more-rows", move || {
                shown.update(|n| *n += STEP)
            })
        })
    };
    view! {
        <section class="stack" aria-label=tr!(list.results).to_string()>
            <p class="soft small" role="status" data-testid="result-count">
                {dynamic(move || tr!(list.count, n = format::number(total() as u64)))}
            </p>
            <ul class="rows">{naming::record_rows(state, drawn)}</ul>
            {dynamic(more)}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use donghanh_shared::domain::outreach_visit::Visit;
    use donghanh_shared::domain::summary::Summary;
    use donghanh_shared::ids::DocumentId;

    fn row(date: &str, ward: &str) -> Row {
        let mut summary = Summary::of_visit(DocumentId([1; 16]), &Visit::default(), 0);
        summary.date = date.parse().ok();
        summary.ward = ward.parse().ok();
        Row { summary: Box::new(summary), folded: "lan noi chuyen".into(), state: RowState::Sent }
    }

    #[test]
    fn each_filter_narrows_by_itself() {
        let (register, today) = (Register::default(), "2026-06-26".parse().expect("day"));
        let one = row("2026-06-01", "08707@2025-07-01");
        let takes = |filter: Filter| filter.takes(&one, &register, today);
        assert!(takes(Filter::default()));
        assert!(takes(Filter { question: "chuyen lan".into(), ..Filter::default() }));
        assert!(!takes(Filter { question: "minh".into(), ..Filter::default() }));
        assert!(!takes(Filter { waiting: true, ..Filter::default() }));
        assert!(takes(Filter { this_month: true, ..Filter::default() }));
        assert!(!takes(Filter { from: "2026-06-02".parse().ok(), ..Filter::default() }));
        assert!(!takes(Filter {
            wards: vec!["08707@2004-07-08".parse().expect("ward")],
            ..Filter::default()
        }));
        assert!(!takes(Filter { removed: true, ..Filter::default() }));
        let (drives, visits) = (vec![Kind::PledgeDrive], vec![Kind::PledgeDrive, Kind::OutreachVisit]);
        assert!(!takes(Filter { kinds: drives, ..Filter::default() }));
        assert!(takes(Filter { kinds: visits, ..Filter::default() }));
    }
}
