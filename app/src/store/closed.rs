//! The way into a store. What a start needs is read while the data key is still being made, which takes longer; it is
//! opened when the key is there.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{InstanceId, PersonId};
use donghanh_shared::seal::Key;
use donghanh_shared::sync::wire::Reference;
use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::idb::{self, Database};
use super::{
    FORM, KeptRules, Line, MARKER, META, OUTBOX, OutboxEntry, REFERENCE, STEPS, SUMMARY_PAGES, Sealer, Store,
    decode,
};
use crate::browser;

/// What a start reads.
const STORES: [&str; 4] = [META, SUMMARY_PAGES, OUTBOX, REFERENCE];

/// Everything a start needs, read in one go. No document is among it.
#[derive(Default)]
pub struct Beginning {
    /// One line a record.
    pub lines: Vec<Line>,
    /// The outbox, oldest first, with the numbers of its entries.
    pub outbox: Vec<(u64, OutboxEntry)>,
    /// The register.
    pub reference: Vec<Reference>,
    /// Small values by key.
    pub meta: HashMap<String, Vec<u8>>,
}

/// A store whose data key is not at hand.
pub struct Closed {
    database: Database,
    name: String,
    values: Vec<JsValue>,
}

/// A store that was opened.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// What a start needs of it.
    pub beginning: Beginning,
    /// Whether the browser threw away what was in it.
    pub lost: bool,
}

impl Closed {
    /// Reads the store of a person at an instance as it lies there, creating it if need be.
    ///
    /// # Errors
    /// `store_failed` when the browser refuses.
    pub async fn read(instance: InstanceId, person: PersonId) -> Result<Self, Problem> {
        let name = Store::name_of(instance, person);
        let database = Database::open(&name, STEPS).await?;
        let values = sealed_beginning(&database).await?;
        Ok(Self { database, name, values })
    }

    /// Opens it. `known` says that it was filled before.
    ///
    /// # Errors
    /// `store_failed` when it was sealed with another key.
    pub async fn open(self, data: &Key, known: bool) -> Result<Opened, Problem> {
        let Self { database, name, values } = self;
        let sealer = Sealer::new(data, browser::random_id());
        let (server, open_pack) = (RefCell::new(None), Cell::new(0));
        let rules = RefCell::new(KeptRules::shipped());
        let store = Store { database, sealer, server, name, open_pack, rules };
        let beginning = store.unsealed_beginning(&values)?;
        let lost = known && !beginning.meta.contains_key(MARKER);
        if !known || lost {
            store.put_one(META, MARKER, &[FORM]).await?;
        }
        Ok(Opened { store, beginning, lost })
    }

    /// Leaves it closed: an open database would stand in the way of its removal.
    pub fn leave(&self) {
        self.database.close();
    }
}

async fn sealed_beginning(database: &Database) -> Result<Vec<JsValue>, Problem> {
    let tx = database.read(&STORES)?;
    let mut requests = Vec::with_capacity(STORES.len() * 2);
    for store in STORES {
        requests.push(tx.all_keys(store)?);
        requests.push(tx.all(store)?);
    }
    idb::together(&requests).await
}

impl Store {
    /// Reads what a start needs, once more.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn begin(&self) -> Result<Beginning, Problem> {
        self.unsealed_beginning(&sealed_beginning(&self.database).await?)
    }

    fn unsealed_beginning(&self, values: &[JsValue]) -> Result<Beginning, Problem> {
        let rows = |at: usize| {
            let (keys, values) = (Array::from(&values[at * 2]), Array::from(&values[at * 2 + 1]));
            keys.iter().zip(values.iter()).collect::<Vec<_>>()
        };
        let mut beginning = Beginning::default();
        for (key, content) in self.walked(META, &values[0], &values[1])? {
            beginning.meta.insert(String::from_utf8_lossy(&key).into_owned(), content);
        }
        self.go_by_kept(&beginning.meta);
        for (key, value) in rows(1) {
            let number = idb::as_number(&key).unwrap_or_default();
            let number = u32::try_from(number).map_err(|_| Problem::new(Code::StoreFailed))?;
            self.open_pack.set(number.max(self.open_pack.get()));
            let pack = self.pack(number, &value)?;
            beginning.lines.reserve(pack.rows.len());
            for row in pack.rows {
                beginning.lines.push(decode(&row.line)?);
            }
        }
        for (key, value) in rows(2) {
            let number = idb::as_number(&key).unwrap_or_default();
            beginning.outbox.extend(self.entry(&value)?.map(|entry| (number, entry)));
        }
        for (_, content) in self.walked(REFERENCE, &values[6], &values[7])? {
            beginning.reference.push(decode(&content)?);
        }
        Ok(beginning)
    }
}
