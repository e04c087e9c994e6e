//! Values on their way to the disk and back: what is sealed for which place, what a walk over a store brings, and what
//! can be taken out without the data key.

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{InstanceId, PersonId, PhotoId};
use js_sys::Array;
use minicbor::Decode;
use wasm_bindgen::prelude::*;

use super::idb::{self, Database};
use super::{FORM, OUTBOX, OutboxEntry, PHOTO_BYTES, Payload, STEPS, Store, decode, encode, seal};

/// A key as the app knows it, and the content kept under it.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// Items sealed to the server, and pictures, as bytes.
type Taken = (Vec<Vec<u8>>, Vec<Vec<u8>>);

impl Store {
    /// A value to be kept under a key of bytes.
    pub(super) fn sealed(&self, store: &str, key: &[u8], value: &[u8]) -> Vec<u8> {
        self.sealer.seal(store, &self.sealer.key(store, key), FORM, key, value)
    }

    /// A value to be kept under a number.
    pub(super) fn sealed_at(&self, store: &str, number: u32, value: &[u8]) -> Vec<u8> {
        self.sealer.seal(store, &number.to_be_bytes(), FORM, &[], value)
    }

    /// An entry of the outbox to be kept: once for the server, once for this phone.
    pub(super) fn sealed_entry(&self, entry: &OutboxEntry) -> Vec<u8> {
        let mine = self.sealer.seal(OUTBOX, &[], FORM, &[], &encode(entry));
        let for_server = match (&entry.payload, entry.item(), &*self.server.borrow()) {
            // Nobody needs a key to see which picture waits: its name is a hash of its sealed bytes.
            (Payload::Photo { photo }, ..) => photo.0.to_vec(),
            (_, Some(item), Some(server)) => server.seal(self.sealer.nonce(), &encode(&item)),
            _ => Vec::new(),
        };
        seal::twice(&for_server, &mine)
    }

    /// The content of a value that was read, with its key; nothing for `undefined`.
    pub(super) fn unsealed(
        &self,
        store: &str,
        seen: &[u8],
        value: &JsValue,
    ) -> Result<Option<seal::Opened>, Problem> {
        let Some(value) = idb::bytes(value) else { return Ok(None) };
        let opened = self.sealer.open(store, seen, &value)?;
        // A newer app wrote it; this one must not guess.
        if opened.version == FORM { Ok(Some(opened)) } else { Err(Problem::new(Code::StoreFailed)) }
    }

    /// The value kept under a key of bytes.
    pub(super) fn decoded<T: for<'b> Decode<'b, ()>>(
        &self,
        store: &str,
        key: &[u8],
        value: &JsValue,
    ) -> Result<Option<T>, Problem> {
        let opened = self.unsealed(store, &self.sealer.key(store, key), value)?;
        opened.map(|opened| decode(&opened.content)).transpose()
    }

    pub(super) fn entry(&self, value: &JsValue) -> Result<Option<OutboxEntry>, Problem> {
        let Some(value) = idb::bytes(value) else { return Ok(None) };
        let (_, mine) = seal::both(&value)?;
        let opened = self.sealer.open(OUTBOX, &[], mine)?;
        decode(&opened.content).map(Some)
    }

    /// What a walk over a store brought: keys as the app knows them, and contents.
    pub(super) fn walked(&self, store: &str, keys: &JsValue, values: &JsValue) -> Result<Vec<Pair>, Problem> {
        let (keys, values) = (Array::from(keys), Array::from(values));
        let mut found = Vec::with_capacity(values.length() as usize);
        for (seen, value) in keys.iter().zip(values.iter()) {
            let seen = idb::bytes(&seen).unwrap_or_default();
            found.extend(self.unsealed(store, &seen, &value)?.map(|opened| (opened.key, opened.content)));
        }
        Ok(found)
    }

    pub(super) async fn walk(&self, store: &'static str) -> Result<Vec<Pair>, Problem> {
        let tx = self.database.read(&[store])?;
        let results = idb::together(&[tx.all_keys(store)?, tx.all(store)?]).await?;
        self.walked(store, &results[0], &results[1])
    }

    pub(super) fn key(&self, store: &str, key: &[u8]) -> JsValue {
        idb::key(&self.sealer.key(store, key))
    }

    /// Removes the store of a person whose data key is not at hand.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn remove_of(instance: InstanceId, person: PersonId) -> Result<(), Problem> {
        Database::remove(&Self::name_of(instance, person)).await
    }

    /// How much waits in the store of a person whose data key is not at hand.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn waiting_of(instance: InstanceId, person: PersonId) -> Result<usize, Problem> {
        let database = Database::open(&Self::name_of(instance, person), STEPS).await?;
        let entries = idb::one(database.read(&[OUTBOX])?.count(OUTBOX)?).await?;
        database.close();
        Ok(idb::as_number(&entries).and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
    }

    /// What can be taken out without the data key: the copies of what waits that only the server opens, oldest first,
    /// and the pictures that wait, which are sealed under the key in their record.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn sealed_items(instance: InstanceId, person: PersonId) -> Result<Taken, Problem> {
        let database = Database::open(&Self::name_of(instance, person), STEPS).await?;
        let tx = database.read(&[OUTBOX, PHOTO_BYTES])?;
        let values = Array::from(&idb::one(tx.all(OUTBOX)?).await?);
        let (mut items, mut wanted) = (Vec::new(), Vec::new());
        for value in values.iter().filter_map(|value| idb::bytes(&value)) {
            let (for_server, _) = seal::both(&value)?;
            match PhotoId::from_slice(for_server) {
                Some(photo) => wanted.push(tx.get(PHOTO_BYTES, &idb::key(&photo.0))?),
                None if for_server.is_empty() => {}
                None => items.push(for_server.to_vec()),
            }
        }
        let photos = idb::together(&wanted).await?;
        let photos = photos.iter().filter_map(idb::bytes);
        let photos = photos.map(|value| Ok(seal::plain_content(value)?.1)).collect::<Result<_, Problem>>()?;
        database.close();
        Ok((items, photos))
    }
}
