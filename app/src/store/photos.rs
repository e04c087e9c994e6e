//! Sealed pictures on the phone (under a key that stands in their record, so they are not sealed once more): what is known of each, read without the pictures, and the pictures themselves. One
//! made here is kept from the moment it was chosen; once sent, the newest stay for the time without a connection.

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::ids::{DocumentId, PhotoId};
use minicbor::{Decode, Encode};

use super::seal::{plain, plain_content};
use super::values::Pair;
use super::{FORM, PHOTO_BYTES, PHOTOS, Store, decode, encode, idb};

/// What is known of a picture on this phone.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct StoredPhoto {
    /// The record that lists it; absent while its form is a draft.
    #[n(0)]
    pub document: Option<DocumentId>,
    /// When it was chosen.
    #[n(1)]
    pub at: Millis,
    /// Whether the server has it.
    #[n(2)]
    pub sent: bool,
}

impl Store {
    /// Keeps a picture that a person just chose.
    ///
    /// # Errors
    /// `store_failed`; nothing is kept then.
    pub async fn keep_photo(&self, id: PhotoId, at: Millis, bytes: &[u8]) -> Result<(), Problem> {
        let tx = self.database.write(&[PHOTOS, PHOTO_BYTES])?;
        let about = StoredPhoto { document: None, at, sent: false };
        tx.put(PHOTOS, &self.key(PHOTOS, &id.0), &self.sealed(PHOTOS, &id.0, &encode(&about)))?;
        tx.put(PHOTO_BYTES, &idb::key(&id.0), &plain(FORM, bytes))?;
        tx.done().await
    }

    /// A picture, if this phone holds it.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn photo(&self, id: PhotoId) -> Result<Option<Vec<u8>>, Problem> {
        let tx = self.database.read(&[PHOTO_BYTES])?;
        let value = idb::one(tx.get(PHOTO_BYTES, &idb::key(&id.0))?).await?;
        idb::bytes(&value).map(|value| Ok(plain_content(value)?.1)).transpose()
    }

    /// What is known of every picture.
    ///
    /// # Errors
    /// `store_failed`.
    pub async fn photos(&self) -> Result<Vec<(PhotoId, StoredPhoto)>, Problem> {
        let read = |(key, content): Pair| {
            let id = PhotoId::from_slice(&key).ok_or_else(|| Problem::new(Code::StoreFailed))?;
            Ok((id, decode(&content)?))
        };
        self.walk(PHOTOS).await?.into_iter().map(read).collect()
    }
}
