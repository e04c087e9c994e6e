//! A thin wrapper over the browser's IndexedDB: databases, transactions, requests. It knows no record and no format.
//!
//! Nothing may be awaited between the requests of a transaction but these requests themselves: the browser ends a
//! transaction that has nothing to do.

use donghanh_shared::domain::error::{Code, Problem};
use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    IdbDatabase, IdbKeyRange, IdbObjectStore, IdbObjectStoreParameters, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

#[wasm_bindgen(module = "/src/store/idb.js")]
extern "C" {
    fn settled(request: &IdbRequest) -> Promise;
    fn finished(transaction: &IdbTransaction) -> Promise;
    #[wasm_bindgen(catch)]
    fn closed(transaction: &IdbTransaction) -> Result<(), JsValue>;
    #[wasm_bindgen(catch)]
    fn strict(database: &IdbDatabase, stores: &Array) -> Result<IdbTransaction, JsValue>;
    fn opened(name: &str, version: u32, upgrade: &Closure<dyn FnMut(IdbDatabase, u32)>) -> Promise;
    fn removed(name: &str) -> Promise;
}

/// Turns whatever the browser threw into the problem people are told, and says the details to the console.
pub(super) fn failed(error: JsValue) -> Problem {
    web_sys::console::warn_2(&"store:".into(), &error);
    Problem::new(Code::StoreFailed)
}

/// One object store of a schema.
#[derive(Clone, Copy)]
pub(super) struct StoreSpec {
    /// Its name.
    pub name: &'static str,
    /// Whether the browser numbers its entries.
    pub numbered: bool,
}

/// An open database.
pub(super) struct Database {
    raw: IdbDatabase,
}

impl Database {
    /// Opens a database. `steps[n]` are the stores that version `n + 1` adds; versions only go forward.
    pub async fn open(name: &str, steps: &'static [&'static [StoreSpec]]) -> Result<Self, Problem> {
        let version = u32::try_from(steps.len()).map_err(|_| Problem::new(Code::StoreFailed))?;
        let upgrade = Closure::new(move |database: IdbDatabase, from: u32| {
            for spec in steps.iter().skip(from as usize).copied().flatten() {
                let parameters = IdbObjectStoreParameters::new();
                parameters.set_auto_increment(spec.numbered);
                // A failure here aborts the version change, and the opening fails with it.
                let _ = database.create_object_store_with_optional_parameters(spec.name, &parameters);
            }
        });
        let raw = JsFuture::from(opened(name, version, &upgrade)).await.map_err(failed)?;
        Ok(Self { raw: raw.unchecked_into() })
    }

    /// Removes a database with everything in it.
    pub async fn remove(name: &str) -> Result<(), Problem> {
        JsFuture::from(removed(name)).await.map(drop).map_err(failed)
    }

    /// Closes it once its transactions are through.
    pub fn close(&self) {
        self.raw.close();
    }

    /// Begins to read.
    pub fn read(&self, stores: &[&str]) -> Result<Transaction, Problem> {
        let mode = IdbTransactionMode::Readonly;
        let raw = self.raw.transaction_with_str_sequence_and_mode(&names(stores), mode).map_err(failed)?;
        Ok(Transaction::of(raw))
    }

    /// Begins to write, with strict durability.
    pub fn write(&self, stores: &[&str]) -> Result<Transaction, Problem> {
        Ok(Transaction::of(strict(&self.raw, &names(stores)).map_err(failed)?))
    }
}

fn names(stores: &[&str]) -> Array {
    stores.iter().map(|name| JsValue::from_str(name)).collect()
}

/// A transaction under way.
pub(super) struct Transaction {
    raw: IdbTransaction,
    finished: Promise,
}

impl Transaction {
    fn of(raw: IdbTransaction) -> Self {
        let finished = finished(&raw);
        Self { raw, finished }
    }

    fn store(&self, name: &str) -> Result<IdbObjectStore, Problem> {
        self.raw.object_store(name).map_err(failed)
    }

    /// Asks for one value; the promise gives `undefined` when there is none.
    pub fn get(&self, store: &str, key: &JsValue) -> Result<Promise, Problem> {
        self.store(store)?.get(key).map(|request| settled(&request)).map_err(failed)
    }

    /// Asks for every value in key order.
    pub fn all(&self, store: &str) -> Result<Promise, Problem> {
        self.store(store)?.get_all().map(|request| settled(&request)).map_err(failed)
    }

    /// Asks for every key, in order.
    pub fn all_keys(&self, store: &str) -> Result<Promise, Problem> {
        self.store(store)?.get_all_keys().map(|request| settled(&request)).map_err(failed)
    }

    /// Asks how many values there are.
    pub fn count(&self, store: &str) -> Result<Promise, Problem> {
        self.store(store)?.count().map(|request| settled(&request)).map_err(failed)
    }

    /// Asks for at most `count` values beyond a key, in order.
    pub fn after(
        &self,
        store: &str,
        key: Option<&JsValue>,
        count: u32,
        keys: bool,
    ) -> Result<Promise, Problem> {
        let range = match key {
            Some(key) => IdbKeyRange::lower_bound_with_open(key, true).map_err(failed)?.into(),
            None => JsValue::UNDEFINED,
        };
        let store = self.store(store)?;
        let request = if keys {
            store.get_all_keys_with_key_and_limit(&range, count)
        } else {
            store.get_all_with_key_and_limit(&range, count)
        };
        request.map(|request| settled(&request)).map_err(failed)
    }

    /// Writes one value. A failure aborts the transaction, so that [`Transaction::done`] tells it.
    pub fn put(&self, store: &str, key: &JsValue, value: &[u8]) -> Result<(), Problem> {
        let value = Uint8Array::from(value);
        self.store(store)?.put_with_key(&value, key).map(drop).map_err(failed)
    }

    /// Adds one value to a numbered store; the promise gives its number.
    pub fn add(&self, store: &str, value: &[u8]) -> Result<Promise, Problem> {
        let value = Uint8Array::from(value);
        self.store(store)?.add(&value).map(|request| settled(&request)).map_err(failed)
    }

    /// Removes one value.
    pub fn delete(&self, store: &str, key: &JsValue) -> Result<(), Problem> {
        self.store(store)?.delete(key).map(drop).map_err(failed)
    }

    /// Takes everything back.
    pub fn abort(self) {
        // It fails only when the transaction is over already.
        let _ = self.raw.abort();
    }

    /// Waits until the browser says that the transaction is complete.
    pub async fn done(self) -> Result<(), Problem> {
        self.done_with(&[]).await.map(drop)
    }

    /// The same, and gives what these requests brought. Nothing more comes: the browser need not wait for another turn of
    /// ours before it begins to commit.
    pub async fn done_with(self, requests: &[Promise]) -> Result<Vec<JsValue>, Problem> {
        closed(&self.raw).map_err(failed)?;
        let results = together(requests).await?;
        let outcome = JsFuture::from(self.finished).await.map_err(failed)?;
        if outcome.is_null() { Ok(results) } else { Err(failed(outcome)) }
    }
}

/// Waits for requests of one transaction together.
pub(super) async fn together(requests: &[Promise]) -> Result<Vec<JsValue>, Problem> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let all: Array = requests.iter().collect();
    let results = JsFuture::from(Promise::all(&all)).await.map_err(failed)?;
    Ok(Array::from(&results).iter().collect())
}

/// Waits for one request.
pub(super) async fn one(request: Promise) -> Result<JsValue, Problem> {
    JsFuture::from(request).await.map_err(failed)
}

/// The bytes of a value or a key read; `None` for `undefined`. Keys of bytes come back as bare buffers.
pub(super) fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    let is_bytes = value.is_instance_of::<Uint8Array>() || value.is_instance_of::<ArrayBuffer>();
    is_bytes.then(|| Uint8Array::new(value).to_vec())
}

/// A key of bytes.
pub(super) fn key(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// A key that is a number (exact below 2^53).
#[allow(clippy::cast_precision_loss, reason = "numbers of the browser count from 1")]
pub(super) fn number(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

/// The number that a key is.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of the browser count from 1"
)]
pub(super) fn as_number(value: &JsValue) -> Option<u64> {
    value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64)
}
