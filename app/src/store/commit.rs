//! The one way records are written: a batch in one strict transaction, with every revision checked inside it. Either
//! all of it is on the disk, or nothing of it.

use std::collections::HashMap;

use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{DocumentId, PhotoId};
use donghanh_shared::sync::wire::{ActorName, Reference};
use minicbor::bytes::ByteVec;

use super::idb::{self, Transaction};
use super::pack::{Line, Pack, PackRow};
use super::{
    DRAFTS, META, NAMES, OUTBOX, OutboxEntry, PHOTO_BYTES, PHOTOS, RECORDS, REFERENCE, SET_ASIDE,
    SUMMARY_PAGES, SetAside, Store, StoredPhoto, StoredRecord, encode,
};
use crate::browser;

/// Key of the number of the pack that takes new rows.
const OPEN_PACK: &str = "open_pack";

/// A record to be written.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordWrite {
    /// The record.
    pub id: DocumentId,
    /// The revision it was read at; `None` when it was not there.
    pub expected: Option<u64>,
    /// What to keep. Its pack and its revision are set by the store.
    pub record: StoredRecord,
    /// Its row, if it has one.
    pub line: Option<Line>,
}

/// Everything that must become durable together.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Batch {
    /// Records written.
    pub records: Vec<RecordWrite>,
    /// Records dropped, each with the revision it was read at.
    pub dropped: Vec<(DocumentId, u64)>,
    /// New entries of the outbox, in this order.
    pub outbox_add: Vec<OutboxEntry>,
    /// Entries of the outbox that changed.
    pub outbox_put: Vec<(u64, OutboxEntry)>,
    /// Entries of the outbox that are done.
    pub outbox_drop: Vec<u64>,
    /// Drafts dropped: what this saves.
    pub drafts_drop: Vec<String>,
    /// Small values by key.
    pub meta: Vec<(&'static str, Vec<u8>)>,
    /// Names behind actors.
    pub names: Vec<ActorName>,
    /// Pieces of the register.
    pub reference: Vec<Reference>,
    /// Documents that cannot be read, kept as they came.
    pub set_aside: Vec<SetAside>,
    /// What is known of pictures.
    pub photos: Vec<(PhotoId, StoredPhoto)>,
    /// Pictures dropped.
    pub photos_drop: Vec<PhotoId>,
}

/// What became of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Durable; the numbers of the new entries of the outbox, in order.
    Durable(Vec<u64>),
    /// A record is no longer what it was when it was read: read again, do it again. Nothing was written.
    Stale,
}

impl Batch {
    /// Takes in what must become durable together with this.
    pub fn join(&mut self, other: Self) {
        self.records.extend(other.records);
        self.dropped.extend(other.dropped);
        self.outbox_add.extend(other.outbox_add);
        self.outbox_put.extend(other.outbox_put);
        self.outbox_drop.extend(other.outbox_drop);
        self.drafts_drop.extend(other.drafts_drop);
        self.meta.extend(other.meta);
        self.names.extend(other.names);
        self.reference.extend(other.reference);
        self.set_aside.extend(other.set_aside);
        self.photos.extend(other.photos);
        self.photos_drop.extend(other.photos_drop);
    }

    fn stores(&self) -> Vec<&'static str> {
        let records = !self.records.is_empty() || !self.dropped.is_empty();
        let outbox =
            !self.outbox_add.is_empty() || !self.outbox_put.is_empty() || !self.outbox_drop.is_empty();
        let used = [
            (META, records || !self.meta.is_empty()),
            (RECORDS, records),
            (SUMMARY_PAGES, records),
            (OUTBOX, outbox),
            (DRAFTS, !self.drafts_drop.is_empty()),
            (NAMES, !self.names.is_empty()),
            (REFERENCE, !self.reference.is_empty()),
            (SET_ASIDE, !self.set_aside.is_empty()),
            (PHOTOS, !self.photos.is_empty() || !self.photos_drop.is_empty()),
            (PHOTO_BYTES, !self.photos_drop.is_empty()),
        ];
        used.into_iter().filter_map(|(store, used)| used.then_some(store)).collect()
    }
}

impl Store {
    /// Makes a batch durable.
    ///
    /// # Errors
    /// `store_failed`; nothing was written then.
    pub async fn commit(&self, batch: &Batch) -> Result<Outcome, Problem> {
        let stores = batch.stores();
        if stores.is_empty() {
            return Ok(Outcome::Durable(Vec::new()));
        }
        let tx = self.database.write(&stores)?;
        if !self.write_records(&tx, batch).await? {
            tx.abort();
            return Ok(Outcome::Stale);
        }
        let mut added = Vec::with_capacity(batch.outbox_add.len());
        for entry in &batch.outbox_add {
            added.push(tx.add(OUTBOX, &self.sealed_entry(entry))?);
        }
        for (number, entry) in &batch.outbox_put {
            tx.put(OUTBOX, &idb::number(*number), &self.sealed_entry(entry))?;
        }
        for number in &batch.outbox_drop {
            tx.delete(OUTBOX, &idb::number(*number))?;
        }
        self.write_small(&tx, batch)?;
        let numbers = tx.done_with(&added).await?;
        Ok(Outcome::Durable(numbers.iter().filter_map(idb::as_number).collect()))
    }

    fn write_small(&self, tx: &Transaction, batch: &Batch) -> Result<(), Problem> {
        let put = |store: &str, key: &[u8], value: &[u8]| {
            tx.put(store, &self.key(store, key), &self.sealed(store, key, value))
        };
        for draft in &batch.drafts_drop {
            tx.delete(DRAFTS, &self.key(DRAFTS, draft.as_bytes()))?;
        }
        for (key, value) in &batch.meta {
            put(META, key.as_bytes(), value)?;
        }
        for name in &batch.names {
            put(NAMES, &name.actor.0, &encode(name))?;
        }
        for piece in &batch.reference {
            put(REFERENCE, reference_key(piece).as_bytes(), &encode(piece))?;
        }
        for aside in &batch.set_aside {
            put(SET_ASIDE, &aside.document.0, &encode(aside))?;
        }
        for (id, about) in &batch.photos {
            put(PHOTOS, &id.0, &encode(about))?;
        }
        for id in &batch.photos_drop {
            tx.delete(PHOTOS, &self.key(PHOTOS, &id.0))?;
            tx.delete(PHOTO_BYTES, &idb::key(&id.0))?;
        }
        Ok(())
    }

    /// The records as they are now, the number of the open pack, and the packs that will change: those of the records, and
    /// the open one when a record is new. One round trip when they are those expected: a person waits for this.
    async fn before(
        &self,
        tx: &Transaction,
        batch: &Batch,
        ids: &[DocumentId],
    ) -> Result<(Vec<Option<StoredRecord>>, u32, HashMap<u32, Pack>), Problem> {
        let (known, new): (Vec<_>, Vec<_>) = batch.records.iter().partition(|write| write.expected.is_some());
        let open_pack = (!new.is_empty()).then(|| self.open_pack.get());
        let mut likely: Vec<u32> = known.iter().map(|write| write.record.pack).chain(open_pack).collect();
        likely.sort_unstable();
        likely.dedup();
        let mut requests = vec![tx.get(META, &self.key(META, OPEN_PACK.as_bytes()))?];
        for number in &likely {
            requests.push(tx.get(SUMMARY_PAGES, &idb::number(u64::from(*number)))?);
        }
        for id in ids {
            requests.push(tx.get(RECORDS, &self.key(RECORDS, &id.0))?);
        }
        let values = idb::together(&requests).await?;
        let open: u32 = self.decoded(META, OPEN_PACK.as_bytes(), &values[0])?.unwrap_or(0);
        let (found, records) = values[1..].split_at(likely.len());
        let decoded = ids.iter().zip(records).map(|(id, value)| self.decoded(RECORDS, &id.0, value));
        let now: Vec<Option<StoredRecord>> = decoded.collect::<Result<_, Problem>>()?;
        let takes_new = (!new.is_empty()).then_some(open);
        let wanted: Vec<u32> = now.iter().flatten().map(|record| record.pack).chain(takes_new).collect();
        let mut packs = HashMap::new();
        for (number, value) in likely.iter().zip(found).filter(|(number, _)| wanted.contains(number)) {
            packs.insert(*number, self.pack(*number, value)?);
        }
        let missing: Vec<u32> = wanted.into_iter().filter(|number| !packs.contains_key(number)).collect();
        packs.extend(self.packs_in(tx, missing).await?);
        Ok((now, open, packs))
    }

    /// Writes records and rows; `false` when a record is not what it was.
    async fn write_records(&self, tx: &Transaction, batch: &Batch) -> Result<bool, Problem> {
        if batch.records.is_empty() && batch.dropped.is_empty() {
            return Ok(true);
        }
        let written = batch.records.iter().map(|write| (write.id, write.expected));
        let dropped = batch.dropped.iter().map(|(id, revision)| (*id, Some(*revision)));
        let (ids, expected): (Vec<_>, Vec<_>) = written.chain(dropped).unzip();
        let (now, open, packs) = self.before(tx, batch, &ids).await?;
        if now.iter().map(|record| record.as_ref().map(|record| record.revision)).ne(expected) {
            return Ok(false);
        }
        let mut packs = Packs { packs, open };
        for (write, before) in batch.records.iter().zip(&now) {
            // One that was here before and is back must not pass for what it was: its numbers begin elsewhere.
            let revision = write.expected.map_or_else(|| browser::now().unsigned_abs(), |before| before + 1);
            let at = before.as_ref().map(|before| before.pack);
            let pack = match &write.line {
                Some(line) => {
                    packs.put(at, PackRow { id: write.id, revision, line: ByteVec::from(encode(line)) })
                }
                None => at.unwrap_or(open),
            };
            let record = StoredRecord { pack, revision, ..write.record.clone() };
            let sealed = self.sealed(RECORDS, &write.id.0, &encode(&record));
            tx.put(RECORDS, &self.key(RECORDS, &write.id.0), &sealed)?;
        }
        for ((id, _), before) in batch.dropped.iter().zip(now.iter().skip(batch.records.len())) {
            packs.remove(before.as_ref().map_or(open, |before| before.pack), *id);
            tx.delete(RECORDS, &self.key(RECORDS, &id.0))?;
        }
        for (number, pack) in &packs.packs {
            let sealed = self.sealed_at(SUMMARY_PAGES, *number, &encode(pack));
            tx.put(SUMMARY_PAGES, &idb::number(u64::from(*number)), &sealed)?;
        }
        self.open_pack.set(packs.open);
        if packs.open != open {
            let value = self.sealed(META, OPEN_PACK.as_bytes(), &encode(&packs.open));
            tx.put(META, &self.key(META, OPEN_PACK.as_bytes()), &value)?;
        }
        Ok(true)
    }
}

/// The packs of a transaction, and which of them takes new rows.
struct Packs {
    packs: HashMap<u32, Pack>,
    open: u32,
}

impl Packs {
    fn put(&mut self, at: Option<u32>, row: PackRow) -> u32 {
        let at = at.unwrap_or_else(|| {
            if self.packs.get(&self.open).is_some_and(|pack| !pack.has_room()) {
                // Numbers only grow, so the next one is free.
                self.open += 1;
            }
            self.open
        });
        self.packs.entry(at).or_default().put(row);
        at
    }

    fn remove(&mut self, at: u32, id: DocumentId) {
        self.packs.entry(at).or_default().remove(id);
    }
}

fn reference_key(piece: &Reference) -> String {
    match piece {
        Reference::Ward(ward) => format!("ward/{}", ward.id),
        Reference::Place(place) => format!("place/{}", place.id),
        Reference::Organisation(organisation) => format!("organisation/{}", organisation.id),
        Reference::Campaign(campaign) => format!("campaign/{}", campaign.id),
    }
}

#[cfg(test)]
mod tests {
    use super::super::pack::ROWS;
    use super::*;

    fn row(id: u16) -> PackRow {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&id.to_be_bytes());
        PackRow { id: DocumentId(bytes), revision: 1, line: ByteVec::from(Vec::new()) }
    }

    #[test]
    fn new_rows_fill_one_pack_after_the_other_and_old_rows_stay() {
        let mut packs = Packs { packs: HashMap::new(), open: 0 };
        let rows = u16::try_from(ROWS).expect("small");
        for id in 0..=rows {
            packs.put(None, row(id));
        }
        assert_eq!((packs.open, packs.packs[&0].rows.len(), packs.packs[&1].rows.len()), (1, ROWS, 1));
        assert_eq!(packs.put(Some(0), row(3)), 0);
        assert_eq!(packs.packs[&0].rows.len(), ROWS);
        packs.remove(0, row(3).id);
        assert_eq!(packs.put(None, row(900)), 1);
    }

    #[test]
    fn a_batch_names_the_stores_it_needs() {
        assert!(Batch::default().stores().is_empty());
        let batch = Batch { drafts_drop: vec!["new".to_owned()], outbox_drop: vec![4], ..Batch::default() };
        assert_eq!(batch.stores(), [OUTBOX, DRAFTS]);
    }
}
