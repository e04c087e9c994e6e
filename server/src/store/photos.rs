//! What the routes of photos ask the store: whether a record lists a photo and where that record is placed, pieces as
//! they arrive, and a whole picture. Nothing here decides who may do what, and nobody here can open a picture.

use donghanh_shared::access::Scope;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{DocumentId, PhotoId};

use super::{Key, Pending};

/// A record that lists a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPhoto {
    /// Every scope the record is in.
    pub scopes: Vec<Scope>,
    /// How many photos the record lists.
    pub photos: usize,
    /// Whether the record is one that keeps no photos: households, counselling, people at high risk.
    pub private: bool,
}

/// A piece of an upload.
#[derive(Clone, Debug)]
pub struct NewPiece {
    /// The photo.
    pub photo: PhotoId,
    /// The record that lists it.
    pub document: DocumentId,
    /// The sending device.
    pub device: Key,
    /// Bytes of the whole picture.
    pub size: usize,
    /// Place of the piece's first byte.
    pub at: usize,
    /// The piece.
    pub bytes: Vec<u8>,
    /// When it was received.
    pub received: Millis,
}

/// How much of a photo the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Bytes from the start on.
    pub have: usize,
    /// All of them, and their hash is right.
    pub whole: bool,
    /// All of them had come, and they were not the picture that was announced: they are dropped, `have` is 0.
    pub damaged: bool,
}

/// Most pictures of one device that no record lists yet.
pub const MAX_LOOSE: usize = 200;
/// Most bytes of them.
pub const MAX_LOOSE_BYTES: usize = 64 << 20;

/// A whole picture that came without its record, its name found right.
#[derive(Clone, Debug)]
pub struct LoosePhoto {
    /// The photo.
    pub photo: PhotoId,
    /// The sealed picture.
    pub bytes: Vec<u8>,
}

/// Photos of records.
pub trait Photos {
    /// The photo as this record lists it; `None` when it does not, or the record does not exist.
    fn listed(&self, document: DocumentId, photo: PhotoId) -> Pending<'_, Option<ListedPhoto>>;
    /// Keeps a piece if it is the next one; any other changes nothing. The last one is checked against the photo's id.
    /// Refuses what the record does not list (any more) with `not_found`. Uploads given up long ago are let go of.
    fn put_piece(&self, piece: NewPiece) -> Pending<'_, Arrived>;
    /// Keeps whole pictures of a device for the records that list them, now or later. All or none; gives how many are
    /// here now, wherever.
    ///
    /// Refuses with `hand_over_full` beyond [`MAX_LOOSE`] or [`MAX_LOOSE_BYTES`].
    fn keep_loose(&self, device: Key, photos: Vec<LoosePhoto>, at: Millis) -> Pending<'_, usize>;
    /// The records that list the photo and for which it is whole.
    fn records_of(&self, photo: PhotoId) -> Pending<'_, Vec<DocumentId>>;
    /// The whole picture as it was sent for this record.
    fn photo(&self, document: DocumentId, photo: PhotoId) -> Pending<'_, Option<Vec<u8>>>;
}
