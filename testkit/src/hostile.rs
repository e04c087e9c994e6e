//! Hostile bytes that are known by name: what hurt somebody before. For fuzzers and benches.

use donghanh_shared::command::outreach_visit::{VisitEdit, edit};
use donghanh_shared::crdt::{Document, Kind, gate};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::ids::{ActorId, DocumentId};
use sha2::{Digest as _, Sha256};

/// When they were made, in milliseconds since 1970.
pub const MADE: Millis = 1_781_900_000_000;

/// The chunk with a right checksum: a fuzzer would have to guess it.
#[must_use]
pub fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = bytes.to_vec();
    if chunk.len() > 8 {
        chunk[..4].copy_from_slice(&[0x85, 0x6f, 0x4a, 0x83]);
        let checksum: [u8; 32] = Sha256::digest(&chunk[8..]).into();
        chunk[4..8].copy_from_slice(&checksum[..4]);
    }
    chunk
}

/// The change as if it had been made on this new document: a change that builds on something unknown is only set aside, and
/// what it would do is never tried. The checksum is right.
#[must_use]
pub fn on_new(bytes: &[u8], kind: Kind, document: DocumentId) -> Vec<u8> {
    let chunk = with_checksum(bytes);
    let Ok(checked) = gate::check(chunk.clone()) else { return chunk };
    let root = Document::create(kind, document, 0).heads();
    let ([before], [root]) = (checked.deps.as_slice(), root.as_slice()) else { return chunk };
    let Some(at) = chunk.windows(32).position(|window| window == before.0) else { return chunk };
    with_checksum(&[&chunk[..at], &root.0, &chunk[at + 32..]].concat())
}

/// A change that any phone writes.
#[must_use]
pub fn good_change() -> Vec<u8> {
    let mut document = Document::create(Kind::OutreachVisit, DocumentId([7; 16]), 0);
    let edits = [VisitEdit::Notes("ghi chú".to_owned())];
    let change = edit(&mut document, ActorId([9; 16]), MADE, &edits);
    change.ok().flatten().map(|change| change.bytes).unwrap_or_default()
}

fn length(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        bytes.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            return bytes;
        }
    }
}

/// A chunk of this type around a body, with a right checksum.
fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    with_checksum(&[&[0; 8][..], &[kind], &length(body.len()), body].concat())
}

/// One dependency, an actor, number 1, first operation 1, time 0, no message, no others; then columns as given.
fn change_with(columns: &[u8]) -> Vec<u8> {
    let head = [&[1][..], &[7; 32], &[16], &[9; 16], &[1, 1, 0, 0, 0]].concat();
    chunk(1, &[&head[..], columns].concat())
}

/// Each by its name.
#[must_use]
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let good = good_change();
    let mut checksum = good.clone();
    if let Some(last) = checksum.last_mut() {
        *last ^= 1;
    }
    // One column: a run of 2^40 puts, in a hundred bytes.
    let bomb = change_with(&[1, 0x42, 7, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 1]);
    // Its length says more than there is.
    let lies = change_with(&[1, 0x42, 0xff, 0xff, 0xff, 0x7f, 1]);
    let dependencies = chunk(1, &[&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[7; 64]].concat());
    vec![
        ("good", good.clone()),
        ("run_length_bomb", bomb),
        ("compressed", chunk(2, &good[good.len().min(9)..])),
        ("document_chunk", chunk(0, &[0; 40])),
        ("sync_message", vec![0x42; 16]),
        ("checksum", checksum),
        ("cut", good[..good.len() / 2].to_vec()),
        ("column_length", lies),
        ("dependencies", dependencies),
        ("empty", Vec::new()),
        ("nested_cbor", vec![0x81; 10_000]),
        ("long_array", vec![0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("long_bytes", vec![0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("rescue_head", b"DHCUUHO1\x9b\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
    ]
}
