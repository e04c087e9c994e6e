//! Photos of a visit: what is known of one, and the limits that phone and server keep to. The picture itself travels
//! apart from the record, sealed; whoever may read the record finds the key in it.

use crate::ids::PhotoKey;

/// Largest sealed picture, in bytes.
pub const MAX_PHOTO_BYTES: usize = 1 << 20;
/// Largest piece of an upload, in bytes: what a bad link carries in one go, so that a cut costs little.
pub const MAX_PIECE_BYTES: usize = 64 << 10;
/// Most photos of one record.
pub const MAX_PHOTOS: usize = 12;
/// Longer side of a picture at most, in pixels. The phone draws it anew at this size, which also drops what cameras
/// write beside a picture: place, time, make.
pub const MAX_SIDE_PIXELS: u32 = 1600;

/// A photo as its record tells it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Photo {
    /// What it shows; may be empty.
    pub caption: String,
    /// What opens it; absent in a record that was damaged.
    pub key: Option<PhotoKey>,
}
