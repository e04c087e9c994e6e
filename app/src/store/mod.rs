//! The phone's store: the only place that knows IndexedDB. One database a person and instance, so that demo data and
//! real data can never meet; everything that a person was told is saved went through one strict transaction
//! ([`Store::commit`]). It knows no screen, no network and no signal.

mod closed;
mod commit;
mod device;
mod entries;
mod idb;
mod pack;
mod photos;
mod rules;
mod seal;
mod unsealed;
mod values;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{DocumentId, InstanceId, PersonId};
use donghanh_shared::seal::Key;
use donghanh_shared::seal::outbox::Sender;
use donghanh_shared::sync::wire::{ActorName, Reference};
use js_sys::Array;
use minicbor::{Decode, Encode};
use wasm_bindgen::prelude::*;

pub use closed::{Beginning, Closed, Opened};
pub use commit::{Batch, Outcome, RecordWrite};
pub use device::{DeviceRecord, DeviceStore, Lock, OwnLock, Profile};
pub use entries::{KeptReport, OutboxEntry, Payload, Refusal, SetAside, StoredRecord};
use idb::{Database, StoreSpec, Transaction};
pub use pack::Line;
use pack::Pack;

pub use photos::StoredPhoto;
pub use rules::{KeptRules, RULES};
pub use seal::{Sealer, ServerSealer};

const META: &str = "meta";
const RECORDS: &str = "records";
const SUMMARY_PAGES: &str = "summary_pages";
const OUTBOX: &str = "outbox";
const DRAFTS: &str = "drafts";
const REFERENCE: &str = "reference";
const NAMES: &str = "names";
const REPORTS: &str = "reports";
const SET_ASIDE: &str = "set_aside";
const PHOTOS: &str = "photos";
const PHOTO_BYTES: &str = "photo_bytes";

/// The migrations of the browser's store: step `n` leads to version `n + 1`. Steps are only ever added.
const STEPS: &[&[StoreSpec]] = &[
    &[
        StoreSpec { name: META, numbered: false },
        StoreSpec { name: RECORDS, numbered: false },
        StoreSpec { name: SUMMARY_PAGES, numbered: false },
        StoreSpec { name: OUTBOX, numbered: true },
        StoreSpec { name: DRAFTS, numbered: false },
        StoreSpec { name: REFERENCE, numbered: false },
        StoreSpec { name: NAMES, numbered: false },
        StoreSpec { name: REPORTS, numbered: false },
        StoreSpec { name: SET_ASIDE, numbered: false },
    ],
    &[StoreSpec { name: PHOTOS, numbered: false }, StoreSpec { name: PHOTO_BYTES, numbered: false }],
];

/// Version of the form of every value; a later form reads all earlier ones.
const FORM: u8 = 1;
/// Proof that this database was filled before: without it, the browser threw it away.
const MARKER: &str = "marker";

/// An open store.
pub struct Store {
    database: Database,
    sealer: Sealer,
    /// Seals the server's copy of what waits; absent until the server said to which key.
    server: RefCell<Option<ServerSealer>>,
    name: String,
    /// The pack that took the last new row, as a guess that saves a round trip.
    open_pack: Cell<u32>,
    /// The rules of after-care that hold on this phone.
    rules: RefCell<Arc<KeptRules>>,
}

impl Store {
    fn name_of(instance: InstanceId, person: PersonId) -> String {
        format!("donghanh-sealed-{instance}-{person}")
    }

    /// Opens the store of a person at an instance with their data key; see [`Closed::read`] and [`Closed::open`].
    ///
    /// # Errors
    /// `store_failed` when the browser refuses, or when it was sealed with another key.
    pub async fn open(
        instance: InstanceId,
        person: PersonId,
        data: &Key,
        known: bool,
    ) -> Result<Opened, Problem> {
        Closed::read(instance, person).await?.open(data, known).await
    }

    /// From now on what waits is also sealed to the server.
    pub fn seal_to_server(&self, sender: Sender) {
        self.server.replace(Some(ServerSealer::new(sender)));
    }

    /// Removes the store with everything in it.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn remove(&self) -> Result<(), Problem> {
        self.database.close();
        Database::remove(&self.name).await
    }

    async fn get_one(&self, store: &'static str, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let tx = self.database.read(&[store])?;
        let value = idb::one(tx.get(store, &self.key(store, key.as_bytes()))?).await?;
        let opened = self.unsealed(store, &self.sealer.key(store, key.as_bytes()), &value)?;
        Ok(opened.map(|opened| opened.content))
    }

    async fn put_one(&self, store: &'static str, key: &str, value: &[u8]) -> Result<(), Problem> {
        let tx = self.database.write(&[store])?;
        tx.put(store, &self.key(store, key.as_bytes()), &self.sealed(store, key.as_bytes(), value))?;
        tx.done().await
    }

    /// Names behind actors.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn names(&self) -> Result<Vec<ActorName>, Problem> {
        self.walk(NAMES).await?.iter().map(|(_, content)| decode(content)).collect()
    }

    /// The register.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn reference(&self) -> Result<Vec<Reference>, Problem> {
        self.walk(REFERENCE).await?.iter().map(|(_, content)| decode(content)).collect()
    }

    /// One record.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn record(&self, id: DocumentId) -> Result<Option<StoredRecord>, Problem> {
        Ok(self.records(&[id]).await?.pop().flatten())
    }

    /// Several records, in the order asked for.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn records(&self, ids: &[DocumentId]) -> Result<Vec<Option<StoredRecord>>, Problem> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let tx = self.database.read(&[RECORDS])?;
        self.records_in(&tx, ids).await
    }

    async fn records_in(
        &self,
        tx: &Transaction,
        ids: &[DocumentId],
    ) -> Result<Vec<Option<StoredRecord>>, Problem> {
        let mut requests = Vec::with_capacity(ids.len());
        for id in ids {
            requests.push(tx.get(RECORDS, &self.key(RECORDS, &id.0))?);
        }
        let values = idb::together(&requests).await?;
        ids.iter().zip(&values).map(|(id, value)| self.decoded(RECORDS, &id.0, value)).collect()
    }

    /// At most `count` records beyond `after`, in an order of this phone's own: for walks over everything.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn records_after(
        &self,
        after: Option<DocumentId>,
        count: u32,
    ) -> Result<Vec<(DocumentId, StoredRecord)>, Problem> {
        let tx = self.database.read(&[RECORDS])?;
        let beyond = after.map(|id| self.key(RECORDS, &id.0));
        let requests = [
            tx.after(RECORDS, beyond.as_ref(), count, true)?,
            tx.after(RECORDS, beyond.as_ref(), count, false)?,
        ];
        let results = idb::together(&requests).await?;
        let read = |(key, content): values::Pair| {
            let id = DocumentId::from_slice(&key).ok_or_else(|| Problem::new(Code::StoreFailed))?;
            Ok((id, decode(&content)?))
        };
        self.walked(RECORDS, &results[0], &results[1])?.into_iter().map(read).collect()
    }

    /// The whole outbox, oldest first.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn outbox(&self) -> Result<Vec<(u64, OutboxEntry)>, Problem> {
        let tx = self.database.read(&[OUTBOX])?;
        let results = idb::together(&[tx.all_keys(OUTBOX)?, tx.all(OUTBOX)?]).await?;
        let (keys, values) = (Array::from(&results[0]), Array::from(&results[1]));
        let mut entries = Vec::with_capacity(values.length() as usize);
        for (key, value) in keys.iter().zip(values.iter()) {
            let number = idb::as_number(&key).unwrap_or_default();
            entries.extend(self.entry(&value)?.map(|entry| (number, entry)));
        }
        Ok(entries)
    }

    /// The line of one record, as it lies in its pack.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn lines(&self, ids: &[DocumentId]) -> Result<Vec<Line>, Problem> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let tx = self.database.read(&[RECORDS, SUMMARY_PAGES])?;
        let records = self.records_in(&tx, ids).await?;
        let packs = self.packs_in(&tx, records.iter().flatten().map(|record| record.pack)).await?;
        let rows = packs.into_values().flat_map(|pack| pack.rows).filter(|row| ids.contains(&row.id));
        rows.map(|row| decode(&row.line)).collect()
    }

    async fn packs_in(
        &self,
        tx: &Transaction,
        numbers: impl IntoIterator<Item = u32>,
    ) -> Result<HashMap<u32, Pack>, Problem> {
        let mut wanted: Vec<u32> = numbers.into_iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut requests = Vec::with_capacity(wanted.len());
        for number in &wanted {
            requests.push(tx.get(SUMMARY_PAGES, &idb::number(u64::from(*number)))?);
        }
        let values = idb::together(&requests).await?;
        wanted
            .into_iter()
            .zip(&values)
            .map(|(number, value)| Ok((number, self.pack(number, value)?)))
            .collect()
    }

    fn pack(&self, number: u32, value: &JsValue) -> Result<Pack, Problem> {
        let opened = self.unsealed(SUMMARY_PAGES, &number.to_be_bytes(), value)?;
        Ok(opened.map(|opened| decode(&opened.content)).transpose()?.unwrap_or_default())
    }

    /// A small value by key.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        self.get_one(META, key).await
    }

    /// Keeps a small value.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn keep_meta(&self, key: &str, value: &[u8]) -> Result<(), Problem> {
        self.put_one(META, key, value).await
    }

    /// A draft.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn draft(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        self.get_one(DRAFTS, key).await
    }

    /// Keeps a draft.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn keep_draft(&self, key: &str, bytes: &[u8]) -> Result<(), Problem> {
        self.put_one(DRAFTS, key, bytes).await
    }

    /// Drops a draft.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn drop_draft(&self, key: &str) -> Result<(), Problem> {
        let tx = self.database.write(&[DRAFTS])?;
        tx.delete(DRAFTS, &self.key(DRAFTS, key.as_bytes()))?;
        tx.done().await
    }

    /// Every draft.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn drafts(&self) -> Result<Vec<(String, Vec<u8>)>, Problem> {
        let drafts = self.walk(DRAFTS).await?;
        Ok(drafts
            .into_iter()
            .map(|(key, content)| (String::from_utf8_lossy(&key).into_owned(), content))
            .collect())
    }

    /// The copy of a report kept for this question.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn report(&self, question: &str) -> Result<Option<KeptReport>, Problem> {
        self.get_one(REPORTS, question).await?.map(|plain| decode(&plain)).transpose()
    }

    /// Keeps a copy of a report.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn keep_report(&self, question: &str, report: &KeptReport) -> Result<(), Problem> {
        self.put_one(REPORTS, question, &encode(report)).await
    }
}

fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    donghanh_shared::sync::wire::to_bytes(value)
}

fn decode<T: for<'b> Decode<'b, ()>>(plain: &[u8]) -> Result<T, Problem> {
    minicbor::decode(plain).map_err(|error| {
        web_sys::console::warn_1(&format!("store: a value cannot be read: {error}").into());
        Problem::new(Code::StoreFailed)
    })
}
