//! What was found year by year, and the dialog that adds the review of a year or mends it.

use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::prevention_model as edits;
use donghanh_shared::crdt::rules::{MAX_NAME, MAX_TEXT};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::prevention_model::{PreventionModel, Review, ReviewYear, Verdict};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use crate::components::action::{Weight, button};
use crate::components::choice::one_of;
use crate::components::dialog::dialog;
use crate::components::field::{TextKind, field, no_problem, problem_at, select_field, text_field};
use crate::components::icon::Icon;
use crate::components::page::section;
use crate::components::view::{entered, text_of};
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::record::Opened;
use crate::state::OpenModel;

/// How many years back a review can still be written down.
const YEARS_BACK: i32 = 4;

/// Draws the reviews, newest year first, and how to add one.
pub fn reviews(opened: Opened<PreventionModel>, found: &OpenModel, editable: bool) -> AnyView {
    let rows: Vec<AnyView> =
        found.value.reviews.iter().rev().filter(|(_, review)| says_something(review)).map(row).collect();
    let none = rows.is_empty().then(|| view! { <p class="soft">{tr!(model.no_reviews).to_string()}</p> });
    let open = RwSignal::new(false);
    let this_year = ReviewYear::of(opened.state.today());
    let add = editable.then(|| {
        let has = found.value.reviews.get(&this_year).is_some_and(says_something);
        let words = match has {
            true => tr!(model.mend_review, year = this_year),
            false => tr!(model.add_review, year = this_year),
        };
        button(Weight::Plain, Some(Icon::Pen), words, "add-review", move || open.set(true))
    });
    let title = tr!(model.review_title).to_string();
    let entry = editable.then(|| dialog("review-dialog", open, title, move || content(opened, open)));
    section(tr!(model.reviews), view! { {none}<ul class="rows">{rows}</ul>{add}{entry} })
}

fn says_something(review: &Review) -> bool {
    review.effective.value().is_some() || review.text.value().is_some()
}

fn row((year, review): (&ReviewYear, &Review)) -> AnyView {
    let verdict = review.effective.value().map(|verdict| capital(words(*verdict)));
    let verdict = verdict.unwrap_or_else(|| tr!(common.unknown).to_string());
    let day = review.date.value().map(|day| day.for_people());
    let end = day.map(|day| view! { <span class="row-end figures">{day}</span> });
    let more = [review.text.value(), review.by.value()].into_iter().flatten().cloned().collect::<Vec<_>>();
    let more =
        (!more.is_empty()).then(|| view! { <span class="row-more"><span>{more.join(" · ")}</span></span> });
    view! {
        <li class="row" data-testid=format!("review-{year}")>
            <div class="row-inside">
                <span class="row-title">{tr!(model.review_row, year = year, verdict = verdict)}</span>
                {end}
                {more}
            </div>
        </li>
    }
    .into_any()
}

/// What a person enters.
#[derive(Clone, Copy)]
struct Entry {
    year: RwSignal<ReviewYear>,
    verdict: RwSignal<Option<Verdict>>,
    day: RwSignal<String>,
    text: RwSignal<String>,
    by: RwSignal<String>,
    problems: RwSignal<Vec<Problem>>,
}

impl Entry {
    /// Shows what stands about a year; for one that nobody reviewed, today and who is signed in.
    fn show(self, opened: Opened<PreventionModel>, year: ReviewYear) {
        let review = opened.now.with_untracked(|now| match now {
            Some(Ok(found)) => found.value.reviews.get(&year).cloned(),
            _ => None,
        });
        let review = review.unwrap_or_default();
        let is_new = !says_something(&review);
        let me = opened.state.me.with_untracked(|me| me.as_ref().map(|me| me.name.clone()));
        let today = opened.state.today();
        self.year.set(year);
        self.verdict.set(review.effective.value().copied());
        let day = review.date.value().copied().or_else(|| is_new.then_some(today));
        self.day.set(day.map(|day| day.to_string()).unwrap_or_default());
        self.text.set(review.text.value().cloned().unwrap_or_default());
        self.by.set(review.by.value().cloned().or(me.filter(|_| is_new)).unwrap_or_default());
        self.problems.set(Vec::new());
    }
}

fn content(opened: Opened<PreventionModel>, open: RwSignal<bool>) -> AnyView {
    let today = opened.state.today();
    let this_year = ReviewYear::of(today);
    let entry = Entry {
        year: RwSignal::new(this_year),
        verdict: RwSignal::new(None),
        day: RwSignal::new(String::new()),
        text: RwSignal::new(String::new()),
        by: RwSignal::new(String::new()),
        problems: RwSignal::new(Vec::new()),
    };
    entry.show(opened, this_year);
    let years = Signal::derive(move || offered(today));
    let year = Signal::derive(move || entry.year.get().to_string());
    let choose_year = Callback::new(move |text: String| {
        if let Ok(year) = text.parse() {
            entry.show(opened, year);
        }
    });
    let verdicts = Signal::derive(|| {
        Verdict::ALL.iter().map(|one| (one.code().to_owned(), capital(words(*one)))).collect::<Vec<_>>()
    });
    let verdict = Signal::derive(move || entry.verdict.get().map(|one| one.code().to_owned()));
    let choose = Callback::new(move |code: String| entry.verdict.set(Verdict::parse(&code).ok()));
    let day = view! {
        <input id="review-date" type="date" data-testid="review-date" max=today.to_string()
            aria-describedby="review-date-problem" prop:value=text_of(move || entry.day.get())
            on:change=entered(move |text| entry.day.set(text)) />
    };
    let problem = move |field| problem_at(entry.problems, field);
    view! {
        <div class="stack">
            {select_field("review-year", tr!(model.review_year), None, years, year, choose_year, no_problem())}
            {one_of("review-verdict", tr!(model.verdict), verdicts, verdict, choose, problem("effective"))}
            {field("review-date", tr!(model.reviewed_on), None, problem("date"), day)}
            {text_field("review-text", tr!(model.review_text), None, TextKind::text("review-text"), entry.text, problem("text"))}
            {text_field("review-by", tr!(model.reviewed_by), None, TextKind::text("review-by"), entry.by, problem("by"))}
            {button(Weight::Main, None, tr!(model.review_save).to_string(), "review-save", move || keep(opened, entry, open))}
        </div>
    }
    .into_any()
}

/// This year and those before it, as choices.
fn offered(today: Date) -> Vec<(String, String)> {
    (0..=YEARS_BACK).map(|back| (today.year() - back).to_string()).map(|year| (year.clone(), year)).collect()
}

fn keep(opened: Opened<PreventionModel>, entry: Entry, open: RwSignal<bool>) {
    let wrong = |code: Code, at: &str| entry.problems.set(vec![Problem::new(code).at(at)]);
    let Some(verdict) = entry.verdict.get_untracked() else {
        return wrong(Code::VerdictMissing, "effective");
    };
    let Ok(day) = entry.day.get_untracked().parse::<Date>() else { return wrong(Code::DateMissing, "date") };
    if day > opened.state.today() {
        return wrong(Code::DateInFuture, "date");
    }
    let typed =
        |text: RwSignal<String>| Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty());
    let (text, by) = (typed(entry.text), typed(entry.by));
    if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
        return wrong(Code::TextTooLong, "text");
    }
    if by.as_ref().is_some_and(|by| by.len() > MAX_NAME) {
        return wrong(Code::TextTooLong, "by");
    }
    let before = opened.now.with_untracked(|now| match now {
        Some(Ok(found)) => found.value.reviews.get(&entry.year.get_untracked()).cloned(),
        _ => None,
    });
    let now = Said { verdict, day, text, by };
    let edits = now.edits_since(entry.year.get_untracked(), &before.unwrap_or_default());
    open.set(false);
    if !edits.is_empty() {
        opened.save(edits);
    }
}

/// A review as it was entered.
struct Said {
    verdict: Verdict,
    day: Date,
    text: Option<String>,
    by: Option<String>,
}

impl Said {
    /// Only what differs is written, so that what somebody else wrote meanwhile stays; where people differ, what is entered
    /// settles it.
    fn edits_since(self, year: ReviewYear, before: &Review) -> Vec<FieldEdit> {
        let mut found = Vec::new();
        if before.effective.value() != Some(&self.verdict) || before.effective.is_open() {
            found.push(edits::effective(year, Some(self.verdict)));
        }
        if before.date.value() != Some(&self.day) || before.date.is_open() {
            found.push(edits::reviewed_on(year, Some(self.day)));
        }
        if before.text.value() != self.text.as_ref() || before.text.is_open() {
            found.push(edits::review_text(year, self.text));
        }
        if before.by.value() != self.by.as_ref() || before.by.is_open() {
            found.push(edits::reviewed_by(year, self.by));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use donghanh_shared::domain::register::{Claim, Register};
    use donghanh_shared::ids::ActorId;

    fn claimed<T>(values: Vec<T>) -> Register<T> {
        let claim = |value| Claim { value, actor: ActorId([1; 16]), at: 0 };
        Register { claims: values.into_iter().map(claim).collect(), unreadable: 0 }
    }

    #[test]
    fn only_what_differs_is_written_and_what_is_open_is_settled() {
        let year: ReviewYear = "2026".parse().expect("year");
        let day: Date = "2026-11-20".parse().expect("day");
        let said = |text: Option<&str>| Said {
            verdict: Verdict::Partly,
            day,
            text: text.map(str::to_owned),
            by: None,
        };
        let first = said(None).edits_since(year, &Review::default());
        assert_eq!(
            first,
            [edits::effective(year, Some(Verdict::Partly)), edits::reviewed_on(year, Some(day))]
        );
        let stands = Review {
            effective: claimed(vec![Verdict::Partly]),
            date: claimed(vec![day]),
            ..Review::default()
        };
        assert!(said(None).edits_since(year, &stands).is_empty());
        assert_eq!(said(Some("Ít người")).edits_since(year, &stands).len(), 1);
        let open = Review { effective: claimed(vec![Verdict::Partly, Verdict::Effective]), ..stands };
        assert_eq!(said(None).edits_since(year, &open), [edits::effective(year, Some(Verdict::Partly))]);
    }

    #[test]
    fn this_year_is_offered_first() {
        let offered = offered("2026-11-26".parse().expect("day"));
        assert_eq!(offered.first().map(|(year, _)| year.as_str()), Some("2026"));
        assert_eq!(offered.len(), 5);
    }
}
