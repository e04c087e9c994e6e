//! Two cases of one person: what a case is linked with, undoing it in one tap, and cases that look alike. Everything here goes
//! by restricted parts: a helper's phone has none, and is told nothing.

use std::collections::BTreeSet;

use donghanh_shared::command::Edits;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::aftercare::AftercareRestricted;
use donghanh_shared::domain::aftercare::same_person::{Known, look_alikes};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{CaseView, case_of, cases};
use crate::components::action::{Weight, button, link};
use crate::components::dialog::dialog;
use crate::components::icon::Icon;
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::case_form::Editor;
use crate::screens::case_form::model::born;
use crate::screens::parts::row::{RowWords, row};
use crate::screens::record::Opened;
use crate::screens::record::same_as::{apart_from, keep_apart, panel, while_asked};
use crate::state::{AppState, Care, OfCase, OpenRecord, Save};

type Restricted = OfCase<AftercareRestricted>;

/// What stands around a case: the one that counts for it, those it counts for, those that look alike.
#[derive(Clone, PartialEq, Default)]
struct Around {
    ward: Option<WardRef>,
    counted: Option<DocumentId>,
    doubles: Vec<DocumentId>,
    alike: Vec<DocumentId>,
}

impl Around {
    fn of(care: &Care, case: DocumentId) -> Self {
        let all = cases(care);
        let Some(own) = all.iter().find(|view| view.id == case) else { return Self::default() };
        let doubles = all.iter().filter(|view| view.counted == Some(case)).map(|view| view.id);
        let (ward, counted) = (own.line.ward, own.counted);
        let known = own.person.filter(|_| counted.is_none() && !own.archived).map(|person| Known {
            case: Some(case),
            ward,
            full_name: &person.full_name,
            born: person.born,
        });
        let mut alike = known.map(|known| look_alikes(care.values(), &known)).unwrap_or_default();
        alike.retain(|id| all.iter().any(|view| view.id == *id && view.counted.is_none()));
        Self { ward, counted, doubles: doubles.collect(), alike }
    }
}

/// What links are to be written: of which case, and the one that counts for it.
type Links = Vec<(DocumentId, Option<DocumentId>)>;

/// Everything the parts of the panel share.
#[derive(Clone, Copy)]
struct Shown {
    opened: Opened<Restricted>,
    case: DocumentId,
    editable: bool,
    around: Memo<Around>,
    /// Pairs that somebody on this phone said are no doubles.
    apart: RwSignal<BTreeSet<DocumentId>>,
    /// The case about which it is being asked which one counts.
    asked: RwSignal<Option<DocumentId>>,
}

/// Draws it on the screen of a case.
pub fn same_person(opened: Opened<Restricted>, found: &OpenRecord<Restricted>, editable: bool) -> AnyView {
    let (state, Some(case)) = (opened.state, found.case) else { return ().into_any() };
    let said = found.value.value.same_as.value().copied();
    let around = Memo::new(move |_| state.care.with(|care| Around::of(care, case)));
    let (apart, asked) = (apart_from(state, case), RwSignal::new(None));
    let shown = Shown { opened, case, editable, around, apart, asked };
    view! {
        {dynamic(move || shown.linked(said))}
        {dynamic(move || shown.merged())}
        {dynamic(move || shown.hints())}
        {dialog("same-dialog", while_asked(asked), tr!(same.case_which).to_string(), move || shown.which())}
    }
    .into_any()
}

impl Shown {
    /// The case that counts for this one, and undoing it.
    fn linked(self, said: Option<DocumentId>) -> Option<AnyView> {
        let counted = self.around.with(|around| around.counted);
        let other = said.or(counted)?;
        let words = match counted {
            Some(_) => tr!(same.case_linked).to_string(),
            None => tr!(same.case_linked_counts).to_string(),
        };
        Some(panel("same-as", self.with_undo(words, other, (self.case, other))))
    }

    /// The cases that this one counts for.
    fn merged(self) -> Option<AnyView> {
        let doubles = self.around.with(|around| around.doubles.clone());
        let words = tr!(same.case_merged, n = doubles.len());
        let part = |other: &DocumentId| self.with_undo(String::new(), *other, (*other, self.case));
        let parts = doubles.iter().map(part).collect_view();
        (!doubles.is_empty()).then(|| panel("same-merged", view! { <p>{words}</p>{parts} }.into_any()))
    }

    /// Words about another case, the way to it, and the button that takes back what `one` says of `of`.
    fn with_undo(self, words: String, other: DocumentId, (one, of): (DocumentId, DocumentId)) -> AnyView {
        let state = self.opened.state;
        let undo = self.editable.then(|| {
            button(Weight::Plain, Some(Icon::Undo), tr!(same.undo).to_string(), "same-undo", move || {
                self.write(taken_back(state, one, of));
            })
        });
        let words = (!words.is_empty()).then(|| view! { <p>{words}</p> });
        view! { {words}<ul class="rows">{line(state, other)}</ul><div class="line">{undo}</div> }.into_any()
    }

    /// Cases that may be of the same person.
    fn hints(self) -> AnyView {
        let Self { case, apart, asked, .. } = self;
        let state = self.opened.state;
        let mut alike = self.around.with(|around| around.alike.clone());
        alike.retain(|id| !apart.with(|apart| apart.contains(id)));
        let hint = |other: DocumentId| {
            let answers = self.editable.then(|| {
                view! {
                    {button(Weight::Plain, None, tr!(same.one_person).to_string(), "same-yes", move || asked.set(Some(other)))}
                    {button(Weight::Quiet, None, tr!(same.no).to_string(), "same-no", move || keep_apart(state, apart, case, other))}
                }
            });
            let content = view! {
                <p>{tr!(same.case_maybe).to_string()}</p>
                <ul class="rows">{line(state, other)}</ul>
                <div class="line">{answers}</div>
            };
            panel("same-hint", content.into_any())
        };
        alike.into_iter().map(hint).collect_view().into_any()
    }

    /// Which of the two counts.
    fn which(self) -> AnyView {
        let (case, Some(other)) = (self.case, self.asked.get()) else { return ().into_any() };
        let this = move || self.write(vec![(other, Some(case)), (case, None)]);
        let that = move || self.write(vec![(case, Some(other))]);
        view! {
            <div class="stack">
                <p>{tr!(same.case_which_hint).to_string()}</p>
                {button(Weight::Plain, None, tr!(same.case_this).to_string(), "same-count-this", this)}
                {button(Weight::Plain, None, tr!(same.case_that).to_string(), "same-count-that", that)}
            </div>
        }
        .into_any()
    }

    fn write(self, links: Links) {
        self.asked.set(None);
        if let Some(ward) = self.around.with_untracked(|around| around.ward) {
            say(self.opened, ward, links);
        }
    }
}

/// The word of a case about another, taken back; also that of the other, where each names the other.
fn taken_back(state: AppState, case: DocumentId, other: DocumentId) -> Vec<(DocumentId, Option<DocumentId>)> {
    let names = |one: DocumentId| {
        state.care.with_untracked(|care| case_of(care, one).and_then(|view| view.person?.same_as))
    };
    let back = (names(other) == Some(case)).then_some((other, None));
    [(case, None)].into_iter().chain(back).collect()
}

/// A case in a line that leads to it.
fn line(state: AppState, id: DocumentId) -> AnyView {
    state.care.with(|care| case_of(care, id).map(|view| row(words(&view), Vec::new(), "case-row"))).into_any()
}

fn words(view: &CaseView<'_>) -> RowWords {
    let person = view.person.map(|person| {
        let born = person.born.map(|year| year.to_string());
        [Some(person.full_name.clone()), born].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    RowWords {
        href: view.address(),
        title: view.line.address_as.clone(),
        detail: person.unwrap_or_default(),
        end: String::new(),
        overdue: false,
    }
}

/// Writes, in one transaction, which cases count for which; what a case says already is not written again.
fn say(opened: Opened<Restricted>, ward: WardRef, links: Links) {
    let state = opened.state;
    let saves = state.care.with_untracked(|care| {
        let save = |(case, other): (DocumentId, Option<DocumentId>)| {
            let said = case_of(care, case)?.person?.same_as;
            let edits = Edits::same_as(Kind::AftercareRestricted, other);
            let part = Some(case.restricted_companion());
            (said != other).then(|| Save::of(Kind::AftercareRestricted, part, ward, edits).in_case(case))
        };
        links.into_iter().filter_map(save).collect::<Vec<_>>()
    });
    spawn_local(async move {
        opened.failure.try_set(state.save(saves).await.err());
    });
}

/// Says, while a case is written, that there may be one of the same person already.
pub fn while_entering(editor: Editor) -> AnyView {
    let state = editor.state();
    let passed = RwSignal::new(BTreeSet::new());
    let known = editor.part(|form| {
        let year = born(&form.born).ok().flatten().map(|born| born.year);
        (form.id, form.common.ward, form.full_name.clone(), year)
    });
    let found = Memo::new(move |_| {
        let (case, ward, full_name, born) = known.get();
        let known = Known { case, ward, full_name: &full_name, born };
        let mut found = state.care.with(|care| look_alikes(care.values(), &known));
        found.retain(|id| !passed.with(|passed| passed.contains(id)));
        found
    });
    let notice = move || {
        let other = found.with(|found| found.first().copied())?;
        let (address, words) =
            state.care.with(|care| case_of(care, other).map(|view| (view.address(), words(&view))))?;
        let content = view! {
            <p class="strong">{tr!(same.case_maybe_begun).to_string()}</p>
            <p class="small">{format!("{} · {}", words.title, words.detail)}</p>
            <div class="line">
                {link(Weight::Plain, None, tr!(same.case_look), address, "alike-open")}
                {button(Weight::Quiet, None, tr!(same.case_anyway).to_string(), "alike-anyway", move || {
                    passed.update(|passed: &mut BTreeSet<DocumentId>| {
                        passed.insert(other);
                    });
                })}
            </div>
        };
        Some(panel("alike", content.into_any()))
    };
    view! { <div role="status">{dynamic(notice)}</div> }.into_any()
}
