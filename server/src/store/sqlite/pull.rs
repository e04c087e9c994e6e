//! One page of what is new for a device: stored bytes, never a loaded document.
//!
//! A scope begins with snapshots (the person's own and due records, then the others) up to a fixed place in its log, and goes
//! on with the log from there. A page may end anywhere; the cursor says where.

use std::collections::{BTreeSet, HashMap};

use donghanh_shared::access::Scope;
use donghanh_shared::crdt::{Kind as DocumentKind, bare};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ActorId, ChangeHash, DocumentId, PersonId};
use donghanh_shared::sync::wire::{ActorName, Boot, PullItem, PullPage, ScopeInfo, to_bytes};
use rusqlite::{Connection, Row, params};

use super::case_log::Delivered;
use super::cases::{CaseKeys, Sealed};
use super::log::Kind;
use super::open::{self, Open, PHASES, total};
use super::references;
use crate::store::{Key, PullQuery, StoreError};
use crate::vault::Vault;

/// Where at least so many records of others follow, the person's own ones get a page that ends with them: it is stored, and
/// can be worked with, before the rest is under way.
const MANY: i64 = 256;
/// One whole document, as [`Pager::whole`] reads it.
pub(super) const ONE: &str =
    "SELECT d.document, d.generation, d.kind, s.bytes, s.upto, d.id, s.heads, core.document, home.ward
     FROM document d JOIN snapshot s ON s.document = d.id JOIN ward home ON home.id = d.home
     LEFT JOIN document core ON core.id = d.family WHERE d.id = ?1";
/// Most scopes that one request has mended: each is summed up anew.
const MAX_MENDED: usize = 8;
/// What an item costs beside its bytes.
pub(super) const ITEM_OVERHEAD: usize = 32;

/// Makes the page; also says which parts of cases are in it.
pub fn page(
    db: &Connection,
    epoch: u32,
    vault: &Vault,
    query: &PullQuery,
) -> Result<(PullPage, Option<Delivered>), StoreError> {
    let open::Opened { scopes: mut open, ended, unknown } = open::open(db, query)?;
    let ended_numbers = ended.iter().map(|cursor| cursor.scope).collect();
    let mut pager = Pager {
        db,
        query,
        left: query.max_bytes.max(1),
        page: PullPage {
            epoch,
            ended: ended_numbers,
            unknown: (!unknown.is_empty()).then_some(unknown),
            ..PullPage::default()
        },
        actors: BTreeSet::new(),
        keys: CaseKeys::new(vault),
        delivered: BTreeSet::new(),
    };
    if open.iter().any(|scope| scope.is_new) {
        pager.page.total = Some(total(db, &open)?);
    }
    for case in open::erased(db, &ended)? {
        pager.erased(case)?;
    }
    for scope in open.iter().filter(|scope| scope.is_new) {
        let number = scope.cursor.scope;
        pager.page.scopes.push(ScopeInfo { number, scope: scope.scope.clone(), write: scope.write });
    }
    // The register first, then own records of every scope, then the others, then what was logged since.
    let is_whole = pager.fill(&mut open)?;
    pager.page.more = !is_whole;
    // Put back since: the device may have sent what it has not read again yet, and the log that it has read is still ours.
    let put_back = (1..epoch).contains(&query.epoch);
    let mut unsent = Vec::new();
    // As many as the session asks for at once; of those there is no room for only the digest is said, and they are asked for again.
    let asked = query.mend.iter().take(MAX_MENDED);
    for said in asked.clone() {
        let number = said.scope;
        let whole = |scope: &&Open| {
            scope.is_complete() && scope.cursor == scope.asked && scope.cursor.scope == number
        };
        let twice = pager.page.mended.iter().flatten().any(|mended| mended.scope == number);
        if let Some(scope) = open.iter().find(whole).filter(|_| !twice && pager.left > 0) {
            pager.mend(scope, said)?;
            if !pager.page.mended.iter().flatten().any(|mended| mended.scope == number) {
                unsent.push(number);
            }
        }
    }
    for scope in &open {
        let moved = scope.is_new || scope.cursor != scope.asked;
        if moved {
            pager.page.cursors.push(scope.cursor);
        }
        let number = scope.cursor.scope;
        let asks = asked.clone().any(|said| said.scope == number) && !unsent.contains(&number);
        if (moved || put_back || asks) && scope.is_complete() && scope.scope != Scope::Reference {
            pager.page.digests.push((scope.cursor.scope, scope.state.digest));
        }
    }
    let has_documents = pager.page.items.iter().any(|item| matches!(item, PullItem::Snapshot { .. }));
    pager.page.check = (query.bare && has_documents).then(|| pager.page.sum());
    pager.names()?;
    let delivered = pager.delivered()?;
    Ok((pager.page, delivered))
}

pub(super) struct Pager<'a> {
    pub(super) db: &'a Connection,
    query: &'a PullQuery,
    pub(super) left: usize,
    pub(super) page: PullPage,
    actors: BTreeSet<Key>,
    keys: CaseKeys<'a>,
    /// Parts of cases in the page.
    delivered: BTreeSet<Key>,
}

impl Pager<'_> {
    /// Fills the page; `false` when it is full before everything was in.
    fn fill(&mut self, open: &mut [Open]) -> Result<bool, StoreError> {
        for scope in open.iter_mut().filter(|scope| scope.scope == Scope::Reference) {
            if !self.tail(scope)? {
                return Ok(false);
            }
        }
        for phase in 0..PHASES {
            let before = self.page.items.len();
            for scope in open.iter_mut() {
                if scope.cursor.boot.is_some_and(|boot| boot.phase == phase)
                    && !self.snapshots(scope, phase)?
                {
                    return Ok(false);
                }
            }
            let booting = open.iter().filter(|scope| scope.cursor.boot.is_some());
            let follow: i64 = booting.map(|scope| scope.state.documents).sum();
            if self.page.items.len() > before && follow >= MANY {
                return Ok(false);
            }
        }
        for scope in open.iter_mut() {
            if !self.tail(scope)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether an item of this size still fits; the first one always does.
    fn fits(&mut self, bytes: usize) -> bool {
        let cost = bytes + ITEM_OVERHEAD;
        if cost > self.left && !self.page.items.is_empty() {
            self.left = 0;
            return false;
        }
        self.left = self.left.saturating_sub(cost);
        true
    }

    /// Snapshots of one phase of a scope's beginning.
    fn snapshots(&mut self, scope: &mut Open, phase: u8) -> Result<bool, StoreError> {
        let Some(boot) = scope.cursor.boot else { return Ok(true) };
        let mut query = self.db.prepare_cached(
            "SELECT d.document, d.generation, d.kind, s.bytes, s.upto, d.id, s.heads, core.document, home.ward
             FROM placement p JOIN document d ON d.id = p.document JOIN snapshot s ON s.document = d.id
             JOIN ward home ON home.id = d.home LEFT JOIN document core ON core.id = d.family
             WHERE p.scope = ?1 AND p.document > ?2 AND (d.created_by = ?3 OR ?5) = ?4 ORDER BY p.document",
        )?;
        let own = phase == 0;
        let (after, person) = (boot.after.cast_signed(), self.query.person);
        let mut rows = query.query(params![scope.state.id, after, person, own, scope.is_due()])?;
        let mut after = boot.after;
        while let Some(row) = rows.next()? {
            if !self.fits(row.get_ref(3)?.as_blob().map_or(0, <[u8]>::len)) {
                scope.cursor.boot = Some(Boot { phase, after });
                return Ok(false);
            }
            let (key, _) = self.whole(row, scope.cursor.scope)?;
            after = key.unsigned_abs();
        }
        scope.cursor.boot = (phase + 1 < PHASES).then_some(Boot { phase: phase + 1, after: 0 });
        Ok(true)
    }

    /// Puts a whole document in the page; gives its row and the last change in it.
    pub(super) fn whole(&mut self, row: &Row<'_>, scope: u32) -> Result<(Key, Key), StoreError> {
        let (document, key) = (DocumentId(row.get(0)?), row.get(5)?);
        let kind = DocumentKind::parse(&row.get::<_, String>(2)?)?;
        let mut bytes: Vec<u8> = row.get(3)?;
        if kind.is_aftercare() {
            let heads: Vec<u8> = row.get(6)?;
            bytes = self.keys.open(self.db, key, Sealed::Snapshot(document, &heads), &bytes)?;
            self.delivered.insert(key);
        }
        let generation = row.get(1)?;
        let case = row.get::<_, Option<[u8; 16]>>(7)?.map(DocumentId);
        let home = match kind.is_aftercare() {
            true => Some(row.get::<_, String>(8)?.parse()?),
            false => None,
        };
        if let Some(bare) = self.query.bare.then(|| bare::strip(&bytes)).flatten() {
            bytes = bare;
        }
        let bytes = bytes.into();
        self.page.items.push(PullItem::Snapshot { scope, document, generation, kind, bytes, case, home });
        self.mention(key)?;
        Ok((key, row.get(4)?))
    }

    fn mention(&mut self, document: Key) -> Result<(), StoreError> {
        let mut query = self.db.prepare_cached("SELECT actor FROM change WHERE document = ?1")?;
        for actor in query.query_map([document], |row| row.get(0))? {
            self.actors.insert(actor?);
        }
        Ok(())
    }

    /// The log from the cursor on.
    fn tail(&mut self, scope: &mut Open) -> Result<bool, StoreError> {
        if scope.cursor.boot.is_some() || scope.is_complete() {
            return Ok(true);
        }
        let mut query = self.db.prepare_cached(
            "SELECT seq, kind, subject, change, device, chain FROM scope_log WHERE scope = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        let mut rows = query.query(params![scope.state.id, scope.cursor.seq.cast_signed()])?;
        let mut seen = Seen::default();
        while let Some(row) = rows.next()? {
            let entry = LogEntry::read(row)?;
            if !self.entry(scope, &entry, &mut seen)? {
                return Ok(false);
            }
            (scope.cursor.seq, scope.cursor.chain) = (entry.seq.unsigned_abs(), entry.chain.cast_unsigned());
        }
        Ok(true)
    }

    /// Puts one entry in the page, unless the device has it or it went away again; `false` when it no longer fits.
    fn entry(&mut self, scope: &Open, entry: &LogEntry, seen: &mut Seen) -> Result<bool, StoreError> {
        match entry.kind {
            Kind::Ward | Kind::Place | Kind::Organisation | Kind::Campaign => self.reference(entry, seen),
            Kind::Leave => self.leave(scope, entry),
            Kind::Erase => self.erased(entry.subject),
            Kind::Enter if entry.device == Some(self.query.device) => self.joined(scope, entry, seen),
            Kind::Put if entry.device == Some(self.query.device) => Ok(true),
            Kind::Enter => self.enter(scope, entry, seen),
            Kind::Put => self.put(scope, entry, seen),
        }
    }

    fn reference(&mut self, entry: &LogEntry, seen: &mut Seen) -> Result<bool, StoreError> {
        if seen.references.contains(&(entry.kind as i64, entry.subject)) {
            return Ok(true);
        }
        let Some(reference) = references::piece(self.db, entry.kind, entry.subject)? else { return Ok(true) };
        if !self.fits(to_bytes(&reference).len()) {
            return Ok(false);
        }
        seen.references.insert((entry.kind as i64, entry.subject));
        self.page.items.push(PullItem::Reference(reference));
        Ok(true)
    }

    fn leave(&mut self, scope: &Open, entry: &LogEntry) -> Result<bool, StoreError> {
        // It came back later: the entry about that follows.
        if self.is_placed(scope, entry.subject)? {
            return Ok(true);
        }
        if !self.fits(16) {
            return Ok(false);
        }
        let document = self.identity(entry.subject)?;
        self.page.items.push(PullItem::Leave { scope: scope.cursor.scope, document });
        Ok(true)
    }

    fn erased(&mut self, document: Key) -> Result<bool, StoreError> {
        if !self.fits(16) {
            return Ok(false);
        }
        let (document, generation) = self
            .db
            .prepare_cached("SELECT document, generation FROM document WHERE id = ?1")?
            .query_row([document], |row| Ok((DocumentId(row.get(0)?), row.get(1)?)))?;
        self.page.items.push(PullItem::Erase { document, generation });
        Ok(true)
    }

    fn identity(&self, document: Key) -> Result<DocumentId, StoreError> {
        let mut query = self.db.prepare_cached("SELECT document FROM document WHERE id = ?1")?;
        Ok(query.query_row([document], |row| row.get(0).map(DocumentId))?)
    }

    /// Whether the document is in the scope now; what has left it must not be sent.
    fn is_placed(&self, scope: &Open, document: Key) -> Result<bool, StoreError> {
        let mut query =
            self.db.prepare_cached("SELECT 1 FROM placement WHERE scope = ?1 AND document = ?2")?;
        Ok(query.exists(params![scope.state.id, document])?)
    }

    fn enter(&mut self, scope: &Open, entry: &LogEntry, seen: &mut Seen) -> Result<bool, StoreError> {
        if seen.whole.contains_key(&entry.subject) || !self.is_placed(scope, entry.subject)? {
            return Ok(true);
        }
        let mut query = self.db.prepare_cached(ONE)?;
        let mut rows = query.query([entry.subject])?;
        let Some(row) = rows.next()? else { return Ok(true) };
        if !self.fits(row.get_ref(3)?.as_blob().map_or(0, <[u8]>::len)) {
            return Ok(false);
        }
        let (key, upto) = self.whole(row, scope.cursor.scope)?;
        seen.whole.insert(key, upto);
        Ok(true)
    }

    /// The device placed it there itself and has its content; it still has to learn through which scope it holds it.
    fn joined(&mut self, scope: &Open, entry: &LogEntry, seen: &mut Seen) -> Result<bool, StoreError> {
        let known = seen.whole.contains_key(&entry.subject) || seen.changes.contains_key(&entry.subject);
        if known || !self.is_placed(scope, entry.subject)? {
            return Ok(true);
        }
        if !self.fits(16) {
            return Ok(false);
        }
        self.begin_changes(scope, entry.subject, seen)?;
        Ok(true)
    }

    /// An item for new changes of a document, still without any; gives its place in the page.
    fn begin_changes(&mut self, scope: &Open, subject: Key, seen: &mut Seen) -> Result<usize, StoreError> {
        let (document, generation): ([u8; 16], u32) = self
            .db
            .prepare_cached("SELECT document, generation FROM document WHERE id = ?1")?
            .query_row([subject], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let at = self.page.items.len();
        seen.changes.insert(subject, at);
        let (scope, document) = (scope.cursor.scope, DocumentId(document));
        self.page.items.push(PullItem::Changes { scope, document, generation, changes: Vec::new() });
        Ok(at)
    }

    fn put(&mut self, scope: &Open, entry: &LogEntry, seen: &mut Seen) -> Result<bool, StoreError> {
        let Some(change) = entry.change else { return Ok(true) };
        let is_in_snapshot = seen.whole.get(&entry.subject).is_some_and(|upto| change <= *upto);
        if is_in_snapshot || !self.is_placed(scope, entry.subject)? {
            return Ok(true);
        }
        let (mut bytes, actor, hash): (Vec<u8>, Key, _) = self
            .db
            .prepare_cached("SELECT bytes, actor, hash FROM change WHERE id = ?1")?
            .query_row([change], |row| Ok((row.get(0)?, row.get(1)?, ChangeHash(row.get(2)?))))?;
        if !self.fits(bytes.len()) {
            return Ok(false);
        }
        self.actors.insert(actor);
        if scope.is_aftercare() {
            let what = Sealed::Change(self.identity(entry.subject)?, hash);
            bytes = self.keys.open(self.db, entry.subject, what, &bytes)?;
            self.delivered.insert(entry.subject);
        }
        let at = match seen.changes.get(&entry.subject) {
            Some(at) => *at,
            None => self.begin_changes(scope, entry.subject, seen)?,
        };
        if let Some(PullItem::Changes { changes, .. }) = self.page.items.get_mut(at) {
            changes.push(bytes.into());
        }
        Ok(true)
    }

    /// The parts of cases in the page, for the access log.
    fn delivered(&self) -> Result<Option<Delivered>, StoreError> {
        if self.delivered.is_empty() {
            return Ok(None);
        }
        let mut query = self.db.prepare_cached(
            "SELECT document, ward.ward FROM document JOIN ward ON ward.id = home WHERE document.id = ?1",
        )?;
        let part = |key: &Key| query.query_row([key], |row| Ok((DocumentId(row.get(0)?), row.get(1)?)));
        let parts = self.delivered.iter().map(part).collect::<Result<_, _>>()?;
        let PullQuery { person, device, at, .. } = *self.query;
        Ok(Some(Delivered { person, device, at, parts }))
    }

    /// Who stands behind the actors of the page.
    fn names(&mut self) -> Result<(), StoreError> {
        let mut query = self.db.prepare_cached(
            "SELECT actor.actor, person.person, person.full_name FROM actor JOIN person ON person.id = actor.person
             WHERE actor.id = ?1",
        )?;
        for actor in &self.actors {
            let name = query.query_row([actor], |row| {
                let (actor, person, name) = (ActorId(row.get(0)?), PersonId(row.get(1)?), row.get(2)?);
                Ok(ActorName { actor, person, name })
            })?;
            self.page.names.push(name);
        }
        Ok(())
    }
}

/// What one scope's part of the page has said already.
#[derive(Default)]
struct Seen {
    /// Documents sent whole, with the last change in them.
    whole: HashMap<Key, Key>,
    /// Where the changes of a document stand in the page.
    changes: HashMap<Key, usize>,
    /// Pieces of the register.
    references: BTreeSet<(i64, Key)>,
}

struct LogEntry {
    seq: i64,
    kind: Kind,
    subject: Key,
    change: Option<Key>,
    device: Option<Key>,
    chain: i64,
}

impl LogEntry {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let kind: i64 = row.get(1)?;
        Ok(Self {
            seq: row.get(0)?,
            kind: Kind::of(kind)
                .ok_or_else(|| StoreError::Failed(format!("log entry of unknown kind {kind}")))?,
            subject: row.get(2)?,
            change: row.get(3)?,
            device: row.get(4)?,
            chain: row.get(5)?,
        })
    }
}
