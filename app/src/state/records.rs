//! Opening and saving a record of any kind. A save is one strict transaction: the document, its row, the outbox, the draft.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use donghanh_shared::access::Access;
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Command, Edits, placed};
use donghanh_shared::crdt::history::history;
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{ChangeHash, CommandId, DocumentId, PlaceId};
use donghanh_shared::sync::outbox::without;
use leptos::prelude::{GetUntracked as _, WithUntracked as _};
use minicbor::bytes::ByteVec;

use super::engine::{Engine, LookedAt};
use super::notices::{drop_rows, show_lines, show_names, show_outbox};
use super::{AppState, OpenRecord, RecordValue, schools};
use crate::browser;
use crate::store::{Batch, Line, OutboxEntry, Outcome, Payload, RecordWrite, StoredPhoto, StoredRecord};
use crate::sync::{SCOPES, Scopes, added, rebuild};

/// How often a save is done again because another tab wrote the same record in between.
const TRIES: u32 = 8;

/// A record of another kind than asked for is none.
pub(super) async fn open<V: RecordValue>(
    engine: &Engine,
    id: DocumentId,
) -> Result<Option<OpenRecord<V>>, Problem> {
    let found = engine.store.record(id).await?;
    let Some(record) = found.filter(|record| record.kind == V::KIND) else { return Ok(None) };
    let document = load(id, &record)?;
    let entries = engine.entries_of(id);
    let value = V::of(&document);
    let mut wards = value.other_wards();
    let scopes = engine.store.meta(SCOPES).await?.and_then(|bytes| minicbor::decode::<Scopes>(&bytes).ok());
    if let Some(scopes) = scopes {
        wards.extend(record.scopes.iter().filter_map(|scope| scopes.ward(*scope)));
    }
    wards.retain(|ward| Some(*ward) != record.home_ward);
    let opened = OpenRecord {
        id,
        history: history(&document),
        waiting: entries.iter().any(|(_, entry)| entry.waits()),
        archived_apart: document.is_archived_apart(),
        confirmed: document.confirmation(),
        read_only: document.is_read_only(),
        refused: entries
            .iter()
            .find_map(|(_, entry)| entry.refused.as_ref())
            .map(|refusal| refusal.problem()),
        home_ward: record.home_ward,
        case: if V::KIND == Kind::AftercareCase { Some(id) } else { record.case },
        other_wards: wards.into_iter().collect(),
        value,
    };
    engine.looked_at.replace(Some(LookedAt { id, record, document }));
    Ok(Some(opened))
}

fn load(id: DocumentId, record: &StoredRecord) -> Result<Document, Problem> {
    if browser::crashed().contains(&id) {
        return Err(Problem::new(Code::ChangeMalformed));
    }
    browser::in_hand(id, || Document::load(&record.bytes))
}

/// What a person asked to be saved.
#[derive(Clone)]
pub struct Save {
    /// The kind of record.
    pub kind: Kind,
    /// The record; what is not known on this phone is created.
    pub id: DocumentId,
    /// The ward in which it is created, or to which it belongs.
    pub ward: WardRef,
    /// The core of the case that it is part of.
    pub case: Option<DocumentId>,
    /// The place as its form has it; absent where it is saved without one.
    pub place: Option<PlaceId>,
    /// What changes in it.
    pub edits: Edits,
    /// Commands sent beside.
    pub commands: Vec<Command>,
    /// The draft that this saves.
    pub draft: Option<String>,
    /// Its identity was drawn just now: nothing can be in the store.
    pub fresh: bool,
}

/// Saves what belongs together, in one transaction.
pub(super) async fn save(state: AppState, saves: Vec<Save>) -> Result<(), Problem> {
    browser::mark("save-begin");
    let engine = state.engine()?;
    for _ in 0..TRIES {
        let mut batch = Batch::default();
        for save in &saves {
            batch.join(save.prepare(state, &engine).await?);
        }
        let Outcome::Durable(numbers) = engine.store.commit(&batch).await? else { continue };
        browser::mark("saved");
        browser::measure("save", "save-begin", "saved");
        show(state, &engine, batch, numbers);
        return Ok(());
    }
    Err(Problem::new(Code::StoreFailed))
}

fn show(state: AppState, engine: &Rc<Engine>, batch: Batch, numbers: Vec<u64>) {
    engine.wrote(&batch.outbox_add);
    {
        let mut outbox = engine.outbox.borrow_mut();
        outbox.retain(|number, _| !batch.outbox_drop.contains(number));
        outbox.extend(numbers.into_iter().zip(batch.outbox_add));
    }
    if !batch.names.is_empty() {
        engine.actor_is_named();
        show_names(state, &batch.names);
    }
    let ids: Vec<String> = batch.records.iter().map(|write| write.id.to_string()).collect();
    show_lines(state, engine, batch.records.into_iter().filter_map(|write| write.line).collect());
    show_outbox(state, engine);
    engine.say("outbox");
    engine.say(&format!("rows:{}", ids.join(",")));
    engine.poke();
}

impl Save {
    /// The same with further edits of fields.
    pub fn and(self, more: Vec<FieldEdit>) -> Self {
        let edits = match self.edits {
            Edits::Fields(edits) => edits.into_iter().chain(more).collect::<Vec<_>>().into(),
            other => other,
        };
        Self { edits, ..self }
    }

    /// Edits of a record; a new one when there is none yet.
    pub fn of(kind: Kind, id: Option<DocumentId>, ward: WardRef, edits: impl Into<Edits>) -> Self {
        Self {
            kind,
            fresh: id.is_none(),
            id: id.unwrap_or_else(|| DocumentId(browser::random_id())),
            ward,
            case: None,
            place: None,
            edits: edits.into(),
            commands: Vec::new(),
            draft: None,
        }
    }

    /// As a part of a case.
    pub fn in_case(self, case: DocumentId) -> Self {
        Self { case: Some(case), ..self }
    }

    /// From a form that has this place.
    pub fn at(self, place: Option<PlaceId>) -> Self {
        Self { place, ..self }
    }

    /// With commands beside.
    pub fn with(self, commands: Vec<Command>) -> Self {
        Self { commands, ..self }
    }

    /// Which drops a draft.
    pub fn dropping(self, draft: String) -> Self {
        Self { draft: Some(draft), ..self }
    }

    /// The record as the person looked at it: their save then waits for no reading. Should it be another one by now, the
    /// commit says so, and the next try reads it.
    async fn stored(&self, engine: &Engine) -> Result<Option<(StoredRecord, Document)>, Problem> {
        if self.fresh {
            return Ok(None);
        }
        if let Some(seen) = engine.looked_at.take().filter(|seen| seen.id == self.id) {
            return Ok(Some((seen.record, seen.document)));
        }
        let Some(record) = engine.store.record(self.id).await? else { return Ok(None) };
        let document = load(self.id, &record)?;
        Ok(Some((record, document)))
    }

    async fn prepare(&self, state: AppState, engine: &Engine) -> Result<Batch, Problem> {
        let Some((record, mut document)) = self.stored(engine).await? else {
            return self.create(state, engine);
        };
        let refused = engine.entries_of(self.id).iter().any(|(_, entry)| !entry.waits());
        let mut batch = Batch::default();
        let again = match refused {
            true => self.mend(state, engine, &mut document, &mut batch).await?,
            false => None,
        };
        self.write((state, engine), &mut document, &mut batch, again)?;
        let home_ward = self.commands.iter().find_map(|command| match command {
            Command::MoveDocument { ward, .. } => Some(*ward),
            _ => None,
        });
        let expected = Some(record.revision);
        let record = StoredRecord { home_ward: home_ward.or(record.home_ward), ..record };
        self.finish(engine, &document, expected, record, &mut batch);
        Ok(batch)
    }

    fn create(&self, state: AppState, engine: &Engine) -> Result<Batch, Problem> {
        let mut document = Document::create(self.kind, self.id, 0);
        let mut batch = Batch::default();
        batch.outbox_add.push(self.command(self.creation(state)));
        self.write((state, engine), &mut document, &mut batch, None)?;
        let record = StoredRecord {
            kind: self.kind,
            generation: 0,
            home_ward: Some(self.ward),
            case: self.case,
            scopes: Vec::new(),
            digest: None,
            pack: 0,
            revision: 0,
            bytes: ByteVec::from(Vec::new()),
        };
        self.finish(engine, &document, None, record, &mut batch);
        Ok(batch)
    }

    fn creation(&self, state: AppState) -> Command {
        let (document, kind, ward) = (self.id, self.kind, self.ward);
        if let Some(case) = self.case {
            return Command::CreateInCase { document, kind, case };
        }
        let own = |access: &Access| schools::own_school(access, ward, self.place);
        match with_access(state, own).filter(|_| kind == Kind::PledgeDrive) {
            Some(school) => Command::CreateAtSchool { document, ward, school },
            None => Command::CreateDocument { document, kind, ward },
        }
    }

    /// Whether the server is told with which school the drive is placed: whenever its form, or its place, is saved.
    fn tells_school(&self, state: AppState) -> bool {
        (self.place.is_some() || self.edits.name_place())
            && with_access(state, |access| schools::tells(access, self.kind, self.ward))
    }

    /// Something of the record was refused: what is good of it is done again by a fresh author, under this save. Gives what
    /// was refused and belongs into the change of this save.
    async fn mend(
        &self,
        state: AppState,
        engine: &Engine,
        document: &mut Document,
        batch: &mut Batch,
    ) -> Result<Option<Edits>, Problem> {
        // Read anew: the answer may have come to another tab.
        let mut entries = engine.store.outbox().await?;
        entries.retain(|(_, entry)| entry.document == Some(self.id));
        let actor = engine.renew_actor();
        let rebuilt = rebuild(document, &entries, actor)?;
        for (number, entry) in entries.iter().filter(|(_, entry)| !entry.waits()) {
            match &entry.payload {
                Payload::Change { .. } => continue,
                Payload::Command { command, .. } if command.creates() => {
                    batch.outbox_add.push(self.command(self.creation(state)));
                }
                Payload::Command { .. } => {}
                Payload::Photo { photo } => {
                    batch.outbox_add.push(self.entry(Payload::Photo { photo: *photo }));
                }
            }
            batch.outbox_drop.push(*number);
        }
        let Some(rebuilt) = rebuilt else { return Ok(None) };
        batch.outbox_drop.extend(rebuilt.drop);
        batch.outbox_add.extend(added(&rebuilt.document, rebuilt.add));
        *document = rebuilt.document;
        Ok(rebuilt.again)
    }

    fn write(
        &self,
        (state, engine): (AppState, &Engine),
        document: &mut Document,
        batch: &mut Batch,
        again: Option<Edits>,
    ) -> Result<(), Problem> {
        let actor = engine.actor(document);
        let is_new = batch
            .outbox_add
            .iter()
            .any(|entry| matches!(&entry.payload, Payload::Command { command, .. } if command.creates()));
        let mut edits = again.map_or_else(|| self.edits.clone(), |again| again.then(&self.edits));
        // The parts of a case are where it is.
        if is_new && self.case.is_none() {
            edits = edits.made_in(self.ward);
        }
        let took_part =
            |document: &Document| edits.name_organisations().then(|| placed::organisations(document));
        let before = took_part(document);
        let named = self.tells_school(state).then(|| schools::named(document));
        if let Some(change) = edits.apply(document, actor, browser::now())? {
            let (hash, bytes) = (change.hash, ByteVec::from(change.bytes));
            batch.outbox_add.push(self.entry(Payload::Change { hash, bytes, edits: edits.clone() }));
        }
        let took = before.zip(took_part(document));
        let took = took.map(|(before, after)| placed_with(self.id, &before, &after)).unwrap_or_default();
        let placed = named.map(|before| {
            let (register, after) = (state.register.get_untracked(), schools::named(document));
            schools::placed(&register, self.id, &before, &after)
        });
        let told = took.into_iter().chain(placed.unwrap_or_default());
        for command in placements(self.id, &self.edits, &self.commands).into_iter().chain(told) {
            batch.outbox_add.push(self.command(command));
        }
        self.photos(engine, batch);
        let wrote = batch.outbox_add.iter().any(|entry| matches!(entry.payload, Payload::Change { .. }));
        batch.names.extend(engine.name_of_actor().filter(|_| wrote));
        batch.drafts_drop.extend(self.draft.clone());
        Ok(())
    }

    /// Pictures that came to the record are sent behind it; those taken out of it are let go of.
    fn photos(&self, engine: &Engine, batch: &mut Batch) {
        let Edits::Visit(edits) = &self.edits else { return };
        for edit in edits {
            let VisitEdit::Photo(photo, key) = edit else { continue };
            if key.is_some() {
                let about = StoredPhoto { document: Some(self.id), at: browser::now(), sent: false };
                batch.photos.push((*photo, about));
                batch.outbox_add.push(self.entry(Payload::Photo { photo: *photo }));
                continue;
            }
            let sends = |payload: &Payload| *payload == Payload::Photo { photo: *photo };
            batch.outbox_add.retain(|entry| !sends(&entry.payload));
            let waiting = engine.entries_of(self.id).into_iter().filter(|(_, entry)| sends(&entry.payload));
            batch.outbox_drop.extend(waiting.map(|(number, _)| number));
            batch.photos_drop.push(*photo);
        }
    }

    fn finish(
        &self,
        engine: &Engine,
        document: &Document,
        expected: Option<u64>,
        record: StoredRecord,
        batch: &mut Batch,
    ) {
        let bytes = ByteVec::from(document.save());
        let line = Line::of_record(document, record.case, &engine.store.rules().rules);
        let record = StoredRecord { bytes, ..record };
        batch.records.push(RecordWrite { id: self.id, expected, record, line });
    }

    fn entry(&self, payload: Payload) -> OutboxEntry {
        OutboxEntry { document: Some(self.id), generation: 0, payload, at: browser::now(), refused: None }
    }

    fn command(&self, command: Command) -> OutboxEntry {
        self.entry(Payload::Command { id: CommandId(browser::random_id()), command })
    }
}

/// Once since the app was opened: a screen is drawn again with every change.
pub(super) async fn note_read(state: AppState, id: DocumentId) -> Result<(), Problem> {
    if !state.engine()?.noted.borrow_mut().insert(id) {
        return Ok(());
    }
    command(state, Command::NoteRead { document: id, at: browser::now() }).await
}

/// Each time: every paper is one more that may lie about.
pub(super) async fn note_export(state: AppState, id: DocumentId) -> Result<(), Problem> {
    command(state, Command::NoteExport { document: id, at: browser::now() }).await
}

/// A command that belongs to no edit.
pub(super) async fn command(state: AppState, command: Command) -> Result<(), Problem> {
    let engine = state.engine()?;
    let payload = Payload::Command { id: CommandId(browser::random_id()), command };
    let entry = OutboxEntry { document: None, generation: 0, payload, at: browser::now(), refused: None };
    let batch = Batch { outbox_add: vec![entry], ..Batch::default() };
    if let Outcome::Durable(numbers) = engine.store.commit(&batch).await? {
        show(state, &engine, batch, numbers);
    }
    Ok(())
}

/// Asks what the person may do.
fn with_access<T: Default>(state: AppState, ask: impl FnOnce(&Access) -> T) -> T {
    state.me.with_untracked(|me| me.as_ref().map(|me| ask(&me.access)).unwrap_or_default())
}

/// Gives up what the server did not take.
pub(super) async fn discard_refused(state: AppState, id: Option<DocumentId>) -> Result<(), Problem> {
    let engine = state.engine()?;
    for _ in 0..TRIES {
        let mut entries = engine.store.outbox().await?;
        entries.retain(|(_, entry)| entry.document == id);
        let mut batch = Batch::default();
        batch
            .outbox_drop
            .extend(entries.iter().filter(|(_, entry)| !entry.waits()).map(|(number, _)| *number));
        if let Some(id) = id {
            give_up(&engine, id, &entries, &mut batch).await?;
        }
        if engine.store.commit(&batch).await? == Outcome::Stale {
            continue;
        }
        engine.outbox.borrow_mut().retain(|number, _| !batch.outbox_drop.contains(number));
        let gone: Vec<DocumentId> = batch.dropped.iter().map(|(id, _)| *id).collect();
        drop_rows(state, &gone);
        show_lines(state, &engine, batch.records.into_iter().filter_map(|write| write.line).collect());
        show_outbox(state, &engine);
        engine.say("all");
        return Ok(());
    }
    Err(Problem::new(Code::StoreFailed))
}

/// The record without what was refused; a record that the server never took goes whole.
async fn give_up(
    engine: &Engine,
    id: DocumentId,
    entries: &[(u64, OutboxEntry)],
    batch: &mut Batch,
) -> Result<(), Problem> {
    let Some(record) = engine.store.record(id).await? else { return Ok(()) };
    let creation_refused = entries.iter().any(|(_, entry)| {
        matches!(&entry.payload, Payload::Command { command, .. } if command.creates()) && !entry.waits()
    });
    let waits = entries.iter().any(|(_, entry)| entry.waits());
    if goes_whole(record.digest.is_some(), record.scopes.len(), creation_refused, waits) {
        batch.outbox_drop = entries.iter().map(|(number, _)| *number).collect();
        batch.dropped.push((id, record.revision));
        return Ok(());
    }
    let given_up: HashSet<ChangeHash> = entries
        .iter()
        .filter(|(_, entry)| !entry.waits())
        .filter_map(|(_, entry)| match &entry.payload {
            Payload::Change { hash, .. } => Some(*hash),
            Payload::Command { .. } | Payload::Photo { .. } => None,
        })
        .collect();
    if given_up.is_empty() {
        return Ok(());
    }
    let document = without(&load(id, &record)?, &given_up)?;
    let line = Line::of_record(&document, record.case, &engine.store.rules().rules);
    let bytes = ByteVec::from(document.save());
    let expected = Some(record.revision);
    batch.records.push(RecordWrite { id, expected, record: StoredRecord { bytes, ..record }, line });
    Ok(())
}

/// Whether a record whose refused edits are given up goes whole: the server never took it, or it left the last scope and nothing else
/// keeps it here. `was_covered`: the server has named a scope of it.
fn goes_whole(was_covered: bool, scopes: usize, creation_refused: bool, waits: bool) -> bool {
    let left = was_covered && scopes == 0;
    (creation_refused && (!was_covered || left)) || (left && !waits)
}

/// The commands given, and those that go with wards reached or not after all; each once.
fn placements(document: DocumentId, edits: &Edits, given: &[Command]) -> Vec<Command> {
    let edits = match edits {
        Edits::Visit(edits) => edits.as_slice(),
        Edits::Fields(_) => &[],
    };
    let of_edit = |edit: &VisitEdit| match edit {
        VisitEdit::OtherWard(ward, true) => Some(Command::ReachWard { document, ward: *ward }),
        VisitEdit::OtherWard(ward, false) => Some(Command::LeaveWard { document, ward: *ward }),
        _ => None,
    };
    let mut commands: Vec<Command> = Vec::new();
    for command in given.iter().cloned().chain(edits.iter().filter_map(of_edit)) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}

/// Tells the server with which organisations a record is placed: their leads read it. Naming one in the record alone shows
/// it to nobody.
fn placed_with(
    document: DocumentId,
    before: &BTreeSet<OrganisationId>,
    after: &BTreeSet<OrganisationId>,
) -> Vec<Command> {
    let added = after.difference(before).cloned();
    let added = added.map(|organisation| Command::AddOrganisation { document, organisation });
    let gone = before.difference(after).cloned();
    added.chain(gone.map(|organisation| Command::RemoveOrganisation { document, organisation })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ward_reached_is_told_to_the_server_once() {
        let document = DocumentId([1; 16]);
        let ward: WardRef = "08707@2025-07-01".parse().expect("ward");
        let other: WardRef = "08716@2025-07-01".parse().expect("ward");
        let reach = Command::ReachWard { document, ward };
        let edits = vec![VisitEdit::OtherWard(ward, true), VisitEdit::OtherWard(other, false)].into();
        let commands = placements(document, &edits, std::slice::from_ref(&reach));
        assert_eq!(commands, [reach, Command::LeaveWard { document, ward: other }]);
    }

    #[test]
    fn what_is_given_up_of_a_record_that_left_takes_it_along() {
        assert!(goes_whole(false, 0, true, true), "the server never took it");
        assert!(!goes_whole(false, 0, false, false), "a page has not named its scopes yet");
        assert!(goes_whole(true, 0, true, true), "the server lost it and takes it from nobody here");
        assert!(goes_whole(true, 0, false, false), "it stayed for what was refused alone");
        assert!(!goes_whole(true, 0, false, true), "something of it still waits");
        assert!(!goes_whole(true, 1, true, false), "it is read as before");
    }

    #[test]
    fn another_lead_takes_the_place_of_the_first() {
        let document = DocumentId([1; 16]);
        let all = |ids: &[&str]| ids.iter().map(|id| id.parse().expect("id")).collect::<BTreeSet<_>>();
        let (before, after) = (all(&["thanh-doan", "mttq"]), all(&["hoi-lhpn", "mttq"]));
        let add = Command::AddOrganisation { document, organisation: "hoi-lhpn".parse().expect("id") };
        let remove =
            Command::RemoveOrganisation { document, organisation: "thanh-doan".parse().expect("id") };
        assert_eq!(placed_with(document, &before, &after), [add, remove]);
        assert!(placed_with(document, &before, &before).is_empty());
    }
}
