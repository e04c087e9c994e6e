//! Records of one event: what this one is linked with, which counts, undoing it in one tap, and records of others that look
//! alike. Linking keeps both records; a person says whose counts stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use donghanh_shared::command::Edits;
use donghanh_shared::domain::kind::Kind;
use donghanh_shared::domain::same_as::Look;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Opened, Screen};
use crate::components::action::{Weight, button};
use crate::components::dialog::dialog;
use crate::components::icon::{Icon, icon};
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::naming;
use crate::state::{AppState, OpenRecord, Row, Save};

/// How many records that look alike stand at once.
const SHOWN: usize = 3;
/// Where this phone keeps which pairs are no doubles.
const APART: &str = "not-same";

/// What stands around a record.
#[derive(Clone, PartialEq, Default)]
struct Around {
    /// The record that counts for this one.
    counted: Option<Arc<Row>>,
    /// The records that this one counts for.
    doubles: Vec<Arc<Row>>,
    /// Others that may be of the same event; none for a record that does not count.
    alike: Vec<Arc<Row>>,
}

impl Around {
    fn of(state: AppState, id: DocumentId) -> Self {
        let stand_ins = state.same_as.get();
        state.summaries.with(|rows| {
            let row = |id: &DocumentId| rows.iter().find(|row| row.summary.id == *id).cloned();
            let doubles = rows.iter().filter(|row| stand_ins.get(&row.summary.id) == Some(&id));
            let (counted, doubles) = (stand_ins.get(&id).and_then(row), doubles.cloned().collect());
            let own = row(&id).filter(|own| counted.is_none() && !own.summary.archived);
            let alike = own.map(|own| look_alikes(state, rows, &Look::of(&own.summary))).unwrap_or_default();
            Self { counted, doubles, alike }
        })
    }
}

/// The records that count and may be of the same event, newest first.
pub fn look_alikes(state: AppState, rows: &[Arc<Row>], look: &Look) -> Vec<Arc<Row>> {
    let stand_ins = state.same_as.get();
    let own = look.id.and_then(|id| stand_ins.get(&id).copied());
    let is_other = |row: &&Arc<Row>| {
        let id = row.summary.id;
        look.is_like(&row.summary) && !stand_ins.contains_key(&id) && own != Some(id)
    };
    looked_at(rows, look).iter().filter(is_other).cloned().collect()
}

/// The rows among which something may be like this: activities are only like those of their own day, and rows stand by their
/// days, the newest first. This is asked with every letter that is typed and after every save; ten thousand rows would be felt.
fn looked_at<'a>(rows: &'a [Arc<Row>], look: &Look) -> &'a [Arc<Row>] {
    match (look.kind, look.date) {
        (Kind::PreventionModel, _) => rows,
        (_, None) => &[],
        (_, day) => {
            let newer = rows.partition_point(|row| row.summary.date > day);
            let others = &rows[newer..];
            &others[..others.partition_point(|row| row.summary.date == day)]
        }
    }
}

/// Which records somebody on this phone said are no doubles of this one.
pub fn apart_from(state: AppState, id: DocumentId) -> RwSignal<BTreeSet<DocumentId>> {
    let apart = RwSignal::new(BTreeSet::new());
    spawn_local(async move {
        let pairs = pairs(state).await;
        let other = |(one, two): (DocumentId, DocumentId)| match (one == id, two == id) {
            (true, _) => Some(two),
            (_, true) => Some(one),
            _ => None,
        };
        apart.try_set(pairs.into_iter().filter_map(other).collect());
    });
    apart
}

async fn pairs(state: AppState) -> Vec<(DocumentId, DocumentId)> {
    let kept = state.draft(APART).await.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let pair = |line: &str| {
        let (one, two) = line.split_once(' ')?;
        one.parse().ok().zip(two.parse().ok())
    };
    kept.lines().filter_map(pair).collect()
}

/// Remembers on this phone that two records are no doubles.
pub fn keep_apart(state: AppState, apart: RwSignal<BTreeSet<DocumentId>>, id: DocumentId, other: DocumentId) {
    apart.update(|apart| {
        apart.insert(other);
    });
    spawn_local(async move {
        let mut pairs = pairs(state).await;
        pairs.push((id, other));
        let lines: Vec<String> = pairs.iter().map(|(one, two)| format!("{one} {two}")).collect();
        // Only a convenience: without it the question is asked again.
        let _ = state.keep_draft(APART, lines.join("\n").into_bytes()).await;
    });
}

/// Draws what the record is linked with and what looks like it.
pub fn same_as<V: Screen>(opened: Opened<V>, found: &OpenRecord<V>, editable: bool) -> AnyView {
    if V::KIND.is_aftercare() {
        return ().into_any();
    }
    let (state, id) = (opened.state, found.id);
    let said = found.value.same_as();
    let apart = apart_from(state, id);
    let around = Memo::new(move |_| Around::of(state, id));
    let asked = RwSignal::new(None::<Arc<Row>>);
    view! {
        {dynamic(move || linked(opened, &around.get(), said, editable))}
        {dynamic(move || merged(opened, &around.get().doubles, editable))}
        {dynamic(move || {
            let Around { mut alike, .. } = around.get();
            alike.retain(|row| !apart.with(|apart| apart.contains(&row.summary.id)));
            let hint = |row: &Arc<Row>| hint(opened, row.clone(), editable.then_some((asked, apart)));
            alike.iter().take(SHOWN).map(hint).collect_view()
        })}
        {dialog("same-dialog", while_asked(asked), tr!(same.which).to_string(), move || {
            asked.get().map(|row| which(opened, row, asked)).into_any()
        })}
    }
    .into_any()
}

/// Whether the dialog is open: while there is something to ask. Closing it asks nothing any more.
pub fn while_asked<T: Send + Sync + 'static>(asked: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(asked.with(Option::is_some)));
    Effect::new(move || {
        if !open.get() && asked.with_untracked(Option::is_some) {
            asked.set(None);
        }
    });
    open
}

/// "Trùng với …": whose counts stand, and undoing it.
fn linked<V: Screen>(
    opened: Opened<V>,
    around: &Around,
    said: Option<DocumentId>,
    editable: bool,
) -> Option<AnyView> {
    let said = said.or(around.counted.as_ref().map(|row| row.summary.id))?;
    let words = match &around.counted {
        Some(_) => tr!(same.linked).to_string(),
        None => tr!(same.linked_counts).to_string(),
    };
    let line = around.counted.clone().map(|row| line(opened, row));
    let undo = editable.then(|| {
        button(Weight::Plain, Some(Icon::Undo), tr!(same.undo).to_string(), "same-undo", move || {
            let back = opened.state.summaries.with_untracked(|rows| {
                let other = rows.iter().find(|row| row.summary.id == said);
                other.is_some_and(|other| other.summary.same_as == id_of(opened))
            });
            let own = id_of(opened).map(|id| (id, None));
            // Each as the other: both words are taken back.
            say(opened, own.into_iter().chain(back.then_some((said, None))).collect());
        })
    });
    Some(panel("same-as", view! { <p>{words}</p>{line}<div class="line">{undo}</div> }.into_any()))
}

/// "2 bản ghi trùng được gộp vào đây", each with the way to take it apart.
fn merged<V: Screen>(opened: Opened<V>, doubles: &[Arc<Row>], editable: bool) -> Option<AnyView> {
    let lines = doubles.iter().map(|row| {
        let other = row.summary.id;
        let undo = editable.then(|| {
            button(Weight::Quiet, Some(Icon::Undo), tr!(same.undo).to_string(), "same-part", move || {
                let own = opened.now.with_untracked(|now| match now {
                    Some(Ok(found)) => found.value.same_as().filter(|said| *said == other).map(|_| found.id),
                    _ => None,
                });
                let links = [(other, None)].into_iter().chain(own.map(|id| (id, None)));
                say(opened, links.collect());
            })
        });
        view! { {line(opened, row.clone())}<div class="line">{undo}</div> }
    });
    let lines = lines.collect_view();
    let words = tr!(same.merged, n = doubles.len());
    (!doubles.is_empty()).then(|| panel("same-merged", view! { <p>{words}</p>{lines} }.into_any()))
}

type Asking = (RwSignal<Option<Arc<Row>>>, RwSignal<BTreeSet<DocumentId>>);

/// "Có thể trùng với …".
fn hint<V: Screen>(opened: Opened<V>, row: Arc<Row>, asking: Option<Asking>) -> AnyView {
    let answers = asking.map(|(asked, apart)| {
        let (other, asked_row) = (row.summary.id, row.clone());
        let no = move || {
            if let Some(id) = id_of(opened) {
                keep_apart(opened.state, apart, id, other);
            }
        };
        view! {
            <div class="line">
                {button(Weight::Plain, None, one_event(V::KIND), "same-yes", move || asked.set(Some(asked_row.clone())))}
                {button(Weight::Quiet, None, tr!(same.no).to_string(), "same-no", no)}
            </div>
        }
    });
    let content = view! { <p>{tr!(same.maybe).to_string()}</p>{line(opened, row)}{answers} };
    panel("same-hint", content.into_any())
}

/// Which counts stand: two buttons with the numbers of each.
fn which<V: Screen>(opened: Opened<V>, row: Arc<Row>, asked: RwSignal<Option<Arc<Row>>>) -> AnyView {
    let Some(id) = id_of(opened) else { return ().into_any() };
    let other = row.summary.id;
    let own = opened.state.summaries.with_untracked(|rows| {
        rows.iter().find(|row| row.summary.id == id).map(|row| naming::numbers(&row.summary))
    });
    let choose = move |links: Vec<(DocumentId, Option<DocumentId>)>| {
        asked.set(None);
        say(opened, links);
    };
    let mine = tr!(same.count_this, what = own.unwrap_or_default());
    let theirs = tr!(same.count_that, what = naming::numbers(&row.summary));
    view! {
        <div class="stack">
            <p>{tr!(same.which_hint).to_string()}</p>
            {button(Weight::Plain, None, mine, "same-count-this", move || choose(vec![(other, Some(id)), (id, None)]))}
            {button(Weight::Plain, None, theirs, "same-count-that", move || choose(vec![(id, Some(other))]))}
        </div>
    }
    .into_any()
}

fn one_event(kind: Kind) -> String {
    match kind {
        Kind::PledgeDrive => tr!(same.one_drive).to_string(),
        Kind::PreventionModel => tr!(same.one_model).to_string(),
        _ => tr!(same.one_visit).to_string(),
    }
}

/// A calm box: nothing is wrong.
pub fn panel(test: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="notice same" data-testid=test>
            {icon(Icon::People)}
            <div class="notice-body">{content}</div>
        </section>
    }
    .into_any()
}

/// The other record in a line that leads to it: what it is, its number, who wrote it when.
fn line<V: Screen>(opened: Opened<V>, row: Arc<Row>) -> AnyView {
    let state = opened.state;
    let who = who::<V>(state, &row);
    let title = state.register.with(|register| naming::title(register, &row.summary));
    let (href, numbers) = (naming::address(&row.summary), naming::numbers(&row.summary));
    view! {
        <div>
            <p><a class="strong" href=href data-testid="same-open">{title}</a></p>
            <p class="small" data-testid="same-who">{numbers}" · "{dynamic(move || who.get())}</p>
        </div>
    }
    .into_any()
}

/// "Nguyễn Thị Lan · ghi hôm nay 10:42"; the names are read from the record itself.
pub fn who<V: Screen>(state: AppState, row: &Row) -> RwSignal<String> {
    let when = tr!(same.written, when = naming::moment(row.summary.changed_at));
    let said = RwSignal::new(when.clone());
    let id = row.summary.id;
    spawn_local(async move {
        let Ok(Some(found)) = state.open::<V>(id).await else { return };
        let people = found.value.people();
        if !people.is_empty() {
            said.try_set(format!("{} · {when}", people.join(", ")));
        }
    });
    said
}

fn id_of<V: Screen>(opened: Opened<V>) -> Option<DocumentId> {
    opened.now.with_untracked(|now| match now {
        Some(Ok(found)) => Some(found.id),
        _ => None,
    })
}

/// Writes, in one transaction, whose counts stand for which records; what a record says already is not written again.
fn say<V: Screen>(opened: Opened<V>, links: Vec<(DocumentId, Option<DocumentId>)>) {
    let state = opened.state;
    let saves = state.summaries.with_untracked(|rows| {
        let save = |(id, other): (DocumentId, Option<DocumentId>)| {
            let row = rows.iter().find(|row| row.summary.id == id)?;
            let ward = row.summary.ward?;
            let differs = row.summary.same_as != other;
            differs.then(|| Save::of(V::KIND, Some(id), ward, Edits::same_as(V::KIND, other)))
        };
        links.into_iter().filter_map(save).collect::<Vec<_>>()
    });
    spawn_local(async move {
        opened.failure.try_set(state.save(saves).await.err());
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::RowState;
    use donghanh_shared::domain::outreach_visit::Visit;
    use donghanh_shared::domain::summary::Summary;

    fn row(id: u8, day: Option<&str>) -> Arc<Row> {
        let mut summary = Summary::of_visit(DocumentId([id; 16]), &Visit::default(), 0);
        summary.date = day.map(|day| day.parse().expect("day"));
        Arc::new(Row { summary: Box::new(summary), folded: String::new(), state: RowState::Sent })
    }

    #[test]
    fn activities_are_looked_for_on_their_own_day_and_models_on_all() {
        let days = ["2026-06-03", "2026-06-02", "2026-06-02", "2026-05-30"];
        let mut rows: Vec<Arc<Row>> = (1..).zip(days).map(|(id, day)| row(id, Some(day))).collect();
        rows.push(row(5, None));
        let found = |kind, day: Option<&str>| {
            let look = Look { kind, ..Look::of(&row(9, day).summary) };
            looked_at(&rows, &look).iter().map(|row| row.summary.id.0[0]).collect::<Vec<_>>()
        };
        assert_eq!(found(Kind::OutreachVisit, Some("2026-06-02")), [2, 3]);
        assert_eq!(found(Kind::PledgeDrive, Some("2026-06-03")), [1]);
        assert!(found(Kind::OutreachVisit, Some("2026-06-01")).is_empty());
        assert!(found(Kind::OutreachVisit, None).is_empty(), "what has no day is like nothing");
        assert_eq!(found(Kind::PreventionModel, None).len(), 5);
    }
}
