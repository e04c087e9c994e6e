//! Records that an app of before kept in clear: read once, sealed, and removed. If that is cut short it begins anew; the
//! old store goes only when everything is in the new one.

use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{InstanceId, PersonId};
use js_sys::Array;

use super::idb::{self, Database};
use super::{
    DRAFTS, META, NAMES, OUTBOX, PHOTO_BYTES, PHOTOS, RECORDS, REFERENCE, REPORTS, SET_ASIDE, STEPS,
    SUMMARY_PAGES, Store, decode, seal,
};

/// Values written in one transaction.
const PART: usize = 500;

impl Store {
    /// Takes over what this person's records were before they were sealed.
    ///
    /// # Errors
    /// `store_failed`; the old store is still there then.
    pub async fn take_unsealed(&self, instance: InstanceId, person: PersonId) -> Result<(), Problem> {
        let name = format!("donghanh-{instance}-{person}");
        let old = Database::open(&name, STEPS).await?;
        let by_key = [META, RECORDS, DRAFTS, REFERENCE, NAMES, REPORTS, SET_ASIDE, PHOTOS, PHOTO_BYTES];
        for store in by_key.into_iter().chain([SUMMARY_PAGES, OUTBOX]) {
            let tx = old.read(&[store])?;
            let results = idb::together(&[tx.all_keys(store)?, tx.all(store)?]).await?;
            let keys: Vec<_> = Array::from(&results[0]).iter().collect();
            let values: Vec<_> = Array::from(&results[1]).iter().collect();
            for (keys, values) in keys.chunks(PART).zip(values.chunks(PART)) {
                let tx = self.database.write(&[store])?;
                for (key, value) in keys.iter().zip(values) {
                    let (_, content) = seal::plain_content(idb::bytes(value).unwrap_or_default())?;
                    let bytes = idb::bytes(key).unwrap_or_default();
                    let number = idb::as_number(key).unwrap_or_default();
                    match store {
                        PHOTO_BYTES => tx.put(store, key, &seal::plain(super::FORM, &content))?,
                        OUTBOX => tx.put(store, key, &self.sealed_entry(&decode(&content)?))?,
                        SUMMARY_PAGES => {
                            let number = u32::try_from(number).unwrap_or_default();
                            tx.put(store, key, &self.sealed_at(store, number, &content))?;
                        }
                        _ => {
                            tx.put(store, &self.key(store, &bytes), &self.sealed(store, &bytes, &content))?
                        }
                    }
                }
                tx.done().await?;
            }
        }
        old.close();
        Database::remove(&name).await
    }
}
