//! From what the driver and the other tabs say to signals.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use donghanh_shared::domain::aftercare::line::CareLine;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_shared::sync::session::Status;
use donghanh_shared::sync::wire::{ActorName, Reference};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::engine::Engine;
use super::types::{Activity, Row, RowState};
use super::{AppState, Me, Register};
use crate::browser;
use crate::store::{Beginning, Line};
use crate::sync::{ERASED_UNSENT, LAST_CONTACT, Notice, SCOPES, Scopes};

/// More records than this are not named one by one to other tabs.
const NAMED: usize = 200;
/// So many rows are put in their places one by one; for more of them, everything is sorted.
const FEW: usize = 16;

/// What others did, and nobody misses while they type in a dialog or press a button: that is part of what would be drawn anew. Drawn from
/// the store, as it is after that.
pub(super) enum Held {
    /// These rows are new or changed.
    Rows(Vec<DocumentId>),
    /// Pieces of the register.
    Reference(Vec<Reference>),
    /// Other rules of after-care.
    Rules,
    /// Names behind actors.
    Names(Vec<ActorName>),
    /// Where records stand.
    Outbox,
    /// What another tab said.
    Tab(String),
    /// Who is signed in, and what they may do.
    Me(Box<Me>),
}

/// Shows it, or keeps it while nothing may move.
pub(super) fn show_or_hold(state: AppState, engine: &Rc<Engine>, what: Held) {
    if state.still.get_untracked() > 0 {
        engine.held.borrow_mut().push(what);
    } else {
        show(state, engine, what);
    }
}

fn show(state: AppState, engine: &Rc<Engine>, what: Held) {
    match what {
        Held::Rows(ids) => {
            let engine = Rc::clone(engine);
            spawn_local(async move {
                if let Ok(lines) = engine.store.lines(&ids).await {
                    show_lines(state, &engine, lines);
                }
            });
        }
        Held::Reference(pieces) => show_reference(state, engine, pieces),
        Held::Rules => show_rules(state, engine),
        Held::Names(names) => show_names(state, &names),
        Held::Outbox => show_outbox(state, engine),
        Held::Tab(text) => on_tab(state, engine, &text),
        Held::Me(me) => show_me(state, *me),
    }
}

/// Shows what was held back, in its order.
pub(super) fn catch_up(state: AppState, engine: &Rc<Engine>) {
    for what in engine.held.take() {
        show_or_hold(state, engine, what);
    }
}

/// Shows what the driver says, and passes on to other tabs what they must read anew.
pub(super) fn on_notice(state: AppState, engine: &Rc<Engine>, notice: Notice) {
    match notice {
        Notice::Status(status) => show_status(state, &status),
        Notice::Waiting(until) => state.sync.update(|sync| sync.activity = Activity::Waiting { until }),
        Notice::Contact(at) => {
            state.sync.update(|sync| sync.heard(at));
            engine.say(&format!("contact:{at}"));
        }
        Notice::Complete => {
            state.sync.update(|sync| sync.ready_offline = true);
            engine.say("complete");
        }
        Notice::Lines(lines) => {
            let ids: Vec<DocumentId> = lines.iter().filter_map(Line::id).collect();
            engine.say(&naming("rows", &ids));
            match state.still.get_untracked() {
                0 => show_lines(state, engine, lines),
                _ => show_or_hold(state, engine, Held::Rows(ids)),
            }
        }
        Notice::Dropped(ids) => {
            engine.say(&naming("dropped", &ids));
            drop_rows(state, &ids);
        }
        Notice::Outbox => {
            engine.say("outbox");
            read_outbox(state, Rc::clone(engine));
        }
        Notice::Reference(pieces) => {
            engine.say("all");
            // Without wards there is nothing to choose from: a form opened before the first download waits for them.
            if state.register.with_untracked(|shown| shown.wards.is_empty()) {
                show_reference(state, engine, pieces);
            } else {
                show_or_hold(state, engine, Held::Reference(pieces));
            }
        }
        Notice::Rules => {
            engine.say("all");
            show_or_hold(state, engine, Held::Rules);
        }
        Notice::Names(names) => {
            engine.say("all");
            show_or_hold(state, engine, Held::Names(names));
        }
        Notice::LockTooWeak => {
            let engine = Rc::clone(engine);
            spawn_local(async move { super::lock::strengthen(state, &engine, true).await });
        }
        Notice::Revoked => {
            let engine = Rc::clone(engine);
            spawn_local(async move { super::lock::revoked(state, &engine).await });
        }
        Notice::Rights => {
            engine.say("rights");
            spawn_local(super::account::refresh(state, Rc::clone(engine)));
        }
        Notice::ErasedUnsent => {
            state.erased_unsent.set(true);
            engine.say("erased-unsent");
        }
        Notice::Hint => {
            state.live.update(|live| *live += 1);
            engine.say("hint");
        }
    }
}

fn naming(what: &str, ids: &[DocumentId]) -> String {
    if ids.len() > NAMED {
        return "all".to_owned();
    }
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("{what}:{}", names.join(","))
}

/// Does what another tab asks for.
pub(super) fn on_tab(state: AppState, engine: &Rc<Engine>, text: &str) {
    let (what, about) = text.split_once(':').unwrap_or((text, ""));
    if matches!(what, "rows" | "all") && state.still.get_untracked() > 0 {
        engine.held.borrow_mut().push(Held::Tab(text.to_owned()));
        return;
    }
    let ids = || about.split(',').filter_map(|id| id.parse().ok()).collect::<Vec<DocumentId>>();
    match what {
        "wake" => {
            if let Some(driver) = &*engine.driver.borrow() {
                driver.wake();
            }
        }
        "hold" | "go-on" => {
            if let Some(driver) = &*engine.driver.borrow() {
                driver.hold(what == "hold");
            }
        }
        "rows" => {
            let (engine, ids) = (Rc::clone(engine), ids());
            spawn_local(async move {
                if let Ok(lines) = engine.store.lines(&ids).await {
                    show_lines(state, &engine, lines);
                }
            });
        }
        "dropped" => drop_rows(state, &ids()),
        "outbox" => read_outbox(state, Rc::clone(engine)),
        "rights" => spawn_local(super::account::refresh(state, Rc::clone(engine))),
        "erased-unsent" => state.erased_unsent.set(true),
        "hint" => state.live.update(|live| *live += 1),
        "complete" => state.sync.update(|sync| sync.ready_offline = true),
        "contact" => state.sync.update(|sync| {
            about.parse().into_iter().for_each(|at| sync.heard(at));
        }),
        "all" => {
            let engine = Rc::clone(engine);
            spawn_local(async move {
                if let Ok(beginning) = engine.store.begin().await {
                    show_beginning(state, &engine, beginning);
                }
                read_names(state, &engine).await;
            });
        }
        "signed-out" => browser::reload(),
        _ => {}
    }
}

fn show_status(state: AppState, status: &Status) {
    state.sync.update(|sync| match status {
        Status::Sending(_) => sync.activity = Activity::Sending,
        Status::Receiving { received, total } => {
            sync.activity = Activity::Receiving { received: *received, total: *total };
        }
        Status::Held => sync.activity = Activity::Held,
        Status::UpToDate => {
            sync.activity = Activity::Idle;
            sync.problem = None;
        }
        Status::Unreachable => {
            sync.problem = Some(Problem::new(Code::NoConnection));
            sync.connected = false;
        }
        Status::Stopped(problem) => {
            sync.activity = Activity::Idle;
            sync.problem = Some(problem.clone());
        }
        Status::Differs(scope) => browser::warn(&format!("scope {scope} differs from the server's")),
    });
}

/// Everything a start read, into the signals.
pub(super) fn show_beginning(state: AppState, engine: &Rc<Engine>, beginning: Beginning) {
    let Beginning { lines, outbox, reference, meta } = beginning;
    engine.outbox.replace(outbox.into_iter().collect());
    state.outbox.set(engine.outbox_status());
    show_rules(state, engine);
    let states = engine.row_states();
    let (mut rows, care) = parted(lines, &states);
    // Ten thousand rows lie all over the memory: each is looked at once.
    rows.sort_by_cached_key(|row| place(row));
    state.care.set(Arc::new(care.into_iter().map(|line| (line.id, line)).collect()));
    state.register.set(Arc::new(Register::of(reference.iter().cloned())));
    engine.reference.replace(reference);
    let complete = meta
        .get(SCOPES)
        .and_then(|bytes| minicbor::decode::<Scopes>(bytes).ok())
        .is_some_and(|scopes| scopes.complete);
    let kept = meta.get(LAST_CONTACT).and_then(|bytes| bytes.as_slice().try_into().ok());
    // By a clock that ran ahead then, it would lie in the future now.
    let last_contact = kept.map(|at| Millis::from_be_bytes(at).min(browser::now()));
    state.sync.update(|sync| {
        sync.ready_offline = complete;
        sync.last_contact = sync.last_contact.max(last_contact);
    });
    state.erased_unsent.set(meta.get(ERASED_UNSENT).is_some_and(|told| !told.is_empty()));
    state.summaries.set(Arc::new(rows));
    state.revision.update(|revision| *revision += 1);
}

/// Shows who is signed in. Nothing is drawn again when that did not change: every round may bring it.
pub(super) fn show_me(state: AppState, me: Me) {
    if state.me.with_untracked(|shown| shown.as_ref() != Some(&me)) {
        state.me.set(Some(me));
    }
}

fn show_rules(state: AppState, engine: &Rc<Engine>) {
    let kept = engine.store.rules();
    if state.rules.with_untracked(|shown| **shown != kept.rules) {
        state.rules.set(Arc::new(kept.rules.clone()));
    }
}

/// Rows of activity, and lines of cases.
fn parted(lines: Vec<Line>, states: &BTreeMap<DocumentId, RowState>) -> (Vec<Arc<Row>>, Vec<CareLine>) {
    let (mut rows, mut care) = (Vec::with_capacity(lines.len()), Vec::new());
    for line in lines {
        match (line.summary, line.care) {
            (_, Some(line)) => care.push(*line),
            (Some(summary), None) => {
                let state = states.get(&summary.id).copied().unwrap_or(RowState::Sent);
                rows.push(Arc::new(Row { summary, folded: line.folded, state }));
            }
            (None, None) => {}
        }
    }
    (rows, care)
}

/// Newest date first, records without a date last.
fn order(a: &Row, b: &Row) -> std::cmp::Ordering {
    place(a).cmp(&place(b))
}

fn place(row: &Row) -> Reverse<(Option<Date>, Millis, DocumentId)> {
    Reverse((row.summary.date, row.summary.changed_at, row.summary.id))
}

pub(super) fn show_lines(state: AppState, engine: &Rc<Engine>, lines: Vec<Line>) {
    let states = engine.row_states();
    let (fresh, care) = parted(lines, &states);
    if !care.is_empty() {
        state.care.update(|all| {
            Arc::make_mut(all).extend(care.into_iter().map(|line| (line.id, line)));
        });
    }
    if !fresh.is_empty() {
        let rows = replaced(&state.summaries.get_untracked(), fresh);
        state.summaries.set(Arc::new(rows));
    }
    state.revision.update(|revision| *revision += 1);
}

/// The rows with these in their places. A save brings one row to ten thousand: it is put where it belongs, and nothing is
/// sorted anew.
fn replaced(old: &[Arc<Row>], fresh: Vec<Arc<Row>>) -> Vec<Arc<Row>> {
    let mut changed: Vec<DocumentId> = fresh.iter().map(|row| row.summary.id).collect();
    changed.sort_unstable();
    let kept = old.iter().filter(|row| changed.binary_search(&row.summary.id).is_err()).cloned();
    let mut rows: Vec<Arc<Row>> = Vec::with_capacity(old.len() + fresh.len());
    rows.extend(kept);
    if fresh.len() > FEW {
        rows.extend(fresh);
        rows.sort_by(|a, b| order(a, b));
        return rows;
    }
    for row in fresh {
        let at = rows.partition_point(|other| order(other, &row).is_lt());
        rows.insert(at, row);
    }
    rows
}

pub(super) fn drop_rows(state: AppState, ids: &[DocumentId]) {
    let gone: HashSet<&DocumentId> = ids.iter().collect();
    if state.care.with_untracked(|all| ids.iter().any(|id| all.contains_key(id))) {
        state.care.update(|all| Arc::make_mut(all).retain(|id, _| !gone.contains(id)));
    }
    let old = state.summaries.get_untracked();
    let rows = old.iter().filter(|row| !gone.contains(&row.summary.id)).cloned().collect();
    state.summaries.set(Arc::new(rows));
    state.revision.update(|revision| *revision += 1);
}

fn read_outbox(state: AppState, engine: Rc<Engine>) {
    spawn_local(async move {
        if let Ok(outbox) = engine.store.outbox().await {
            engine.outbox.replace(outbox.into_iter().collect());
            show_or_hold(state, &engine, Held::Outbox);
        }
    });
}

/// Shows the outbox and where each record stands, from what the engine knows.
pub(super) fn show_outbox(state: AppState, engine: &Rc<Engine>) {
    state.outbox.set(engine.outbox_status());
    let states = engine.row_states();
    let old = state.summaries.get_untracked();
    let now = |row: &Row| states.get(&row.summary.id).copied().unwrap_or(RowState::Sent);
    if old.iter().all(|row| now(row) == row.state) {
        return;
    }
    let rows = old.iter().map(|row| match now(row) {
        same if same == row.state => Arc::clone(row),
        other => Arc::new(Row { state: other, ..Row::clone(row) }),
    });
    state.summaries.set(Arc::new(rows.collect()));
    state.revision.update(|revision| *revision += 1);
}

pub(super) fn show_reference(state: AppState, engine: &Rc<Engine>, pieces: Vec<Reference>) {
    let mut all = engine.reference.borrow_mut();
    all.extend(pieces);
    state.register.set(Arc::new(Register::of(all.iter().cloned())));
}

/// Reads the names behind actors. Every start of every phone is an actor, so they are many, and no list shows them.
pub(super) async fn read_names(state: AppState, engine: &Rc<Engine>) {
    if let Ok(names) = engine.store.names().await {
        show_names(state, &names);
    }
}

pub(super) fn show_names(state: AppState, names: &[ActorName]) {
    let me = state.me.with_untracked(|me| me.as_ref().map(|me| me.person));
    let mine: Vec<ActorId> =
        names.iter().filter(|name| Some(name.person) == me).map(|name| name.actor).collect();
    if !mine.is_empty() {
        state.mine.update(|known| Arc::make_mut(known).extend(mine));
    }
    state.names.update(|known| {
        let known = Arc::make_mut(known);
        known.extend(names.iter().map(|name| (name.actor, name.name.clone())));
    });
}

#[cfg(test)]
mod tests {
    use donghanh_shared::domain::outreach_visit::Visit;
    use donghanh_shared::domain::summary::Summary;

    use super::*;

    fn row(id: u8, changed_at: i64) -> Arc<Row> {
        let summary = Summary::of_visit(DocumentId([id; 16]), &Visit::default(), changed_at);
        Arc::new(Row { summary: Box::new(summary), folded: String::new(), state: RowState::Sent })
    }

    #[test]
    fn few_rows_and_many_find_the_same_places() {
        let mut old: Vec<Arc<Row>> = (1..200).map(|id| row(id, i64::from(id) % 50)).collect();
        old.sort_by(|a, b| order(a, b));
        let fresh = |count: u8| (0..count).map(|n| row(n * 3 + 1, 25 + i64::from(n))).collect::<Vec<_>>();
        for count in [0, 1, 3, 16, 17, 60] {
            let rows = replaced(&old, fresh(count));
            assert_eq!(rows.len(), 199, "each record has one row");
            assert!(rows.is_sorted_by(|a, b| order(a, b).is_le()));
            assert!(fresh(count).iter().all(|row| rows.contains(row)));
        }
    }
}
