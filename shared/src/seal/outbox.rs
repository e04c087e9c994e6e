//! The second copy of what waits in the outbox, sealed to the server: it can be sent while the app is locked, and be
//! carried over in a rescue file when the phone's own key is lost. Only the server opens it; a mark proves which device
//! made it.
//!
//! One item is `version (1) | device (16) | ephemeral public key (32) | nonce (24) | ciphertext and tag | mark (16)`.
//! The key is HKDF-SHA-256 over the X25519 secret of the two keys, the mark an HMAC-SHA-256 over all before it, keyed for
//! the device.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode, decode};
use x25519_dalek::{PublicKey, StaticSecret};

use super::{Key, NONCE};
use crate::domain::date::Millis;
use crate::domain::error::{Code, Problem};
use crate::ids::{DeviceId, InstanceId};

const VERSION: u8 = 1;
const DEVICE: usize = 16;
const PUBLIC: usize = 32;
const MARK: usize = 16;
const HEAD: usize = 1 + DEVICE + PUBLIC;

/// First bytes of a rescue file.
pub const RESCUE_MAGIC: &[u8; 8] = b"DHCUUHO1";
/// Largest message of a hand-over, and of a rescue file, in bytes as they travel. A file may be larger: whoever brings it
/// sends it in parts ([`SealedItems::parts`]).
pub const MAX_RESCUE: usize = 8 << 20;
/// Bytes of one part; with a picture more it is still below [`MAX_RESCUE`].
pub const RESCUE_PART: usize = 2 << 20;
/// Most items of one message.
pub const MAX_RESCUE_ITEMS: usize = 20_000;

/// Sealed items of one device: what a locked app sends, what a revoked one hands over, what a rescue file holds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct SealedItems {
    /// [`crate::sync::wire::PROTOCOL`].
    #[n(0)]
    pub version: u32,
    /// The database they belong to.
    #[n(1)]
    pub instance: InstanceId,
    /// The device that made them.
    #[n(2)]
    pub device: DeviceId,
    /// When they were put together, by the phone's clock.
    #[n(3)]
    pub at: Millis,
    /// The items, oldest first.
    #[n(4)]
    #[cbor(decode_with = "bounded")]
    pub items: Vec<ByteVec>,
    /// Pictures that wait, sealed under the key in their record.
    #[n(5)]
    #[cbor(default, decode_with = "bounded_or_none")]
    pub photos: Option<Vec<ByteVec>>,
}

/// Reads a list of at most [`MAX_RESCUE_ITEMS`]: an empty item is one byte as it travels and many in memory.
fn bounded<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Vec<ByteVec>, decode::Error> {
    let mut items = Vec::new();
    for item in d.array_iter_with(ctx)? {
        if items.len() == MAX_RESCUE_ITEMS {
            return Err(decode::Error::message("too many items"));
        }
        items.push(item?);
    }
    Ok(items)
}

fn bounded_or_none<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Option<Vec<ByteVec>>, decode::Error> {
    if d.datatype()? == minicbor::data::Type::Null {
        return d.null().map(|()| None);
    }
    bounded(d, ctx).map(Some)
}

impl SealedItems {
    /// The bytes of a rescue file.
    #[must_use]
    pub fn to_file(&self) -> Vec<u8> {
        let mut bytes = RESCUE_MAGIC.to_vec();
        bytes.extend(crate::sync::wire::to_bytes(self));
        bytes
    }

    /// Cut into messages of about so many bytes, of one item or picture at least: the items in their order, then the
    /// pictures, which need the records that list them.
    #[must_use]
    pub fn parts(&self, bytes: usize) -> Vec<Self> {
        let of = |items: &[ByteVec], photos: Option<&[ByteVec]>| Self {
            items: items.to_vec(),
            photos: photos.map(<[ByteVec]>::to_vec),
            ..*self
        };
        let items = pieces(&self.items, bytes).into_iter().map(|items| of(items, None));
        let photos = pieces(self.photos.as_deref().unwrap_or_default(), bytes);
        items.chain(photos.into_iter().map(|photos| of(&[], Some(photos)))).collect()
    }

    /// Reads a rescue file.
    ///
    /// # Errors
    /// [`Code::RescueUnreadable`].
    pub fn from_file(bytes: &[u8]) -> Result<Self, Problem> {
        let unreadable = |_| Problem::new(Code::RescueUnreadable);
        let body = bytes.strip_prefix(RESCUE_MAGIC).ok_or(()).map_err(unreadable)?;
        crate::sync::wire::from_bytes(body).map_err(|_| unreadable(()))
    }
}

fn pieces(all: &[ByteVec], most: usize) -> Vec<&[ByteVec]> {
    let mut pieces = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (at, one) in all.iter().enumerate() {
        if at > from && bytes + one.len() > most {
            pieces.push(&all[from..at]);
            (from, bytes) = (at, 0);
        }
        bytes += one.len();
    }
    if from < all.len() {
        pieces.push(&all[from..]);
    }
    pieces
}

/// Seals items of one device to the server. The agreed key is made once a start: a save only costs a cipher.
#[derive(Clone, Debug)]
pub struct Sender {
    head: [u8; HEAD],
    key: Key,
    mark: Key,
}

impl Sender {
    /// A sender of `device` to the server with this public key; `ephemeral` is random and used for this start alone,
    /// `mark` proves the device.
    #[must_use]
    pub fn new(device: DeviceId, server: [u8; 32], mark: Key, ephemeral: [u8; 32]) -> Self {
        let secret = StaticSecret::from(ephemeral);
        let public = PublicKey::from(&secret).to_bytes();
        let key = agreed(&secret, &PublicKey::from(server), &public, &server);
        let mut head = [VERSION; HEAD];
        head[1..=DEVICE].copy_from_slice(&device.0);
        head[1 + DEVICE..].copy_from_slice(&public);
        Self { head, key, mark }
    }

    /// Seals one item.
    #[must_use]
    pub fn seal(&self, nonce: [u8; NONCE], item: &[u8]) -> Vec<u8> {
        let mut bytes = self.head.to_vec();
        bytes.extend(self.key.seal(nonce, &self.head, item));
        let mark = self.mark.mark(&[&bytes]);
        bytes.extend(mark);
        bytes
    }
}

/// What the server holds: opens what was sealed to it.
pub struct Receiver {
    secret: StaticSecret,
    public: [u8; 32],
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Receiver(…)")
    }
}

impl Receiver {
    /// With this secret.
    #[must_use]
    pub fn new(secret: &Key) -> Self {
        let secret = StaticSecret::from(*secret.expose());
        let public = PublicKey::from(&secret).to_bytes();
        Self { secret, public }
    }

    /// What phones seal to.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// Opens an item of `device`, whose marks are made with `mark`.
    ///
    /// # Errors
    /// [`Code::SealedForged`] when another device made it or it was changed, [`Code::RescueUnreadable`] when it is not
    /// such an item at all.
    pub fn open(&self, device: DeviceId, mark: &Key, sealed: &[u8]) -> Result<Vec<u8>, Problem> {
        let unreadable = || Problem::new(Code::RescueUnreadable);
        let forged = || Problem::new(Code::SealedForged);
        let (bytes, made) = sealed.split_last_chunk::<MARK>().ok_or_else(unreadable)?;
        let (head, body) = bytes.split_first_chunk::<HEAD>().ok_or_else(unreadable)?;
        if head[0] != VERSION {
            return Err(unreadable());
        }
        if head[1..=DEVICE] != device.0 || !mark.is_mark(&[bytes], made) {
            return Err(forged());
        }
        let mut public = [0; PUBLIC];
        public.copy_from_slice(&head[1 + DEVICE..]);
        let key = agreed(&self.secret, &PublicKey::from(public), &public, &self.public);
        key.open(head, body).map_err(|_| forged())
    }
}

fn agreed(mine: &StaticSecret, theirs: &PublicKey, ephemeral: &[u8; 32], server: &[u8; 32]) -> Key {
    let shared = mine.diffie_hellman(theirs);
    Key::new(*shared.as_bytes()).derive("donghanh outbox 1", &[&ephemeral[..], &server[..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Sender, Receiver, Key) {
        let receiver = Receiver::new(&Key::new([5; 32]));
        let mark = Key::new([6; 32]);
        (Sender::new(DeviceId([1; 16]), receiver.public(), mark.clone(), [7; 32]), receiver, mark)
    }

    #[test]
    fn the_server_alone_opens_what_the_device_sealed() {
        let (sender, receiver, mark) = pair();
        let sealed = sender.seal([3; NONCE], b"an item");
        assert_eq!(receiver.open(DeviceId([1; 16]), &mark, &sealed), Ok(b"an item".to_vec()));
        let forged = Err(Problem::new(Code::SealedForged));
        assert_eq!(receiver.open(DeviceId([2; 16]), &mark, &sealed), forged);
        assert_eq!(receiver.open(DeviceId([1; 16]), &Key::new([8; 32]), &sealed), forged);
        let other = Receiver::new(&Key::new([9; 32]));
        assert_eq!(other.open(DeviceId([1; 16]), &mark, &sealed), forged);
        for at in 1..sealed.len() {
            let mut tampered = sealed.clone();
            tampered[at] ^= 1;
            assert_eq!(receiver.open(DeviceId([1; 16]), &mark, &tampered), forged, "byte {at}");
        }
        for length in 0..HEAD + MARK {
            let cut = receiver.open(DeviceId([1; 16]), &mark, &sealed[..length]);
            assert_eq!(cut, Err(Problem::new(Code::RescueUnreadable)));
        }
    }

    #[test]
    fn a_rescue_file_reads_what_it_wrote() {
        let items = SealedItems {
            version: 1,
            instance: InstanceId([1; 16]),
            device: DeviceId([2; 16]),
            at: 5,
            items: vec![vec![1, 2, 3].into()],
            photos: None,
        };
        let file = items.to_file();
        assert_eq!(SealedItems::from_file(&file), Ok(items.clone()));
        let many = SealedItems { items: vec![Vec::new().into(); MAX_RESCUE_ITEMS + 1], ..items.clone() };
        assert_eq!(SealedItems::from_file(&many.to_file()), Err(Problem::new(Code::RescueUnreadable)));
        let photos = SealedItems { photos: Some(vec![vec![4].into()]), ..items.clone() };
        assert_eq!(SealedItems::from_file(&photos.to_file()), Ok(photos));
        for bad in [&b""[..], b"DHCUUHO1", b"PK\x03\x04", &file[..file.len() - 1]] {
            assert_eq!(SealedItems::from_file(bad), Err(Problem::new(Code::RescueUnreadable)));
        }
    }

    #[test]
    fn parts_hold_every_item_once_in_order_then_the_pictures() {
        const PART: usize = 1_000;
        let sized = |sizes: &[usize]| sizes.iter().map(|size| vec![0u8; *size].into()).collect::<Vec<_>>();
        let whole = SealedItems {
            version: 1,
            instance: InstanceId([1; 16]),
            device: DeviceId([2; 16]),
            at: 3,
            items: sized(&[10, PART, 5, PART - 5, 1, 2 * PART]),
            photos: Some(sized(&[PART, 1])),
        };
        let lengths = |list: &[ByteVec]| list.iter().map(|one| one.len()).collect::<Vec<_>>();
        let parts = whole.parts(PART);
        let items: Vec<_> = parts.iter().map(|part| lengths(&part.items)).collect();
        assert_eq!(items, [vec![10], vec![PART], vec![5, PART - 5], vec![1], vec![2 * PART], vec![], vec![]]);
        let photos: Vec<_> = parts.iter().map(|part| part.photos.as_deref().map(lengths)).collect();
        assert_eq!(photos[4..], [None, Some(vec![PART]), Some(vec![1])]);
        assert!(SealedItems { items: Vec::new(), photos: None, ..whole }.parts(PART).is_empty());
    }
}
