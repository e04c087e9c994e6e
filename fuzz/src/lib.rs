//! Targets for the fuzzer: each takes any bytes and must come back. `cargo xtask fuzz TARGET --time S` throws mutations of
//! the corpus at one; `cargo xtask test` throws the corpus itself at all.
//!
//! What a target finds is a file: put it into `corpus/<target>` with the mend, and it is tried for ever after.

pub mod push;

use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Document, Kind, bare, gate, rules};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DeviceId, DocumentId};
use donghanh_shared::seal::Key;
use donghanh_shared::seal::outbox::{Receiver, SealedItems};
use donghanh_shared::sync::wire::{self, PullPage, PullRequest, PushAnswer, PushItem, PushRequest};
use donghanh_testkit::hostile::{on_new, with_checksum};

/// A moment at which everything arrives, in milliseconds since 1970.
pub const NOW: i64 = donghanh_testkit::hostile::MADE;

/// What takes any bytes, and comes back.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: [(&str, Target); 6] = [
    ("wire", wire_messages),
    ("inflate", inflate),
    ("change", change),
    ("bare", bare_document),
    ("sealed", sealed),
    ("push", push::whole),
];

/// Every message that travels, read as CBOR; what can be read is written and read again.
pub fn wire_messages(bytes: &[u8]) {
    if let Ok(request) = wire::from_bytes::<PushRequest>(bytes) {
        assert_eq!(wire::from_bytes(&wire::to_bytes(&request)).as_ref(), Ok(&request));
    }
    if let Ok(page) = wire::from_bytes::<PullPage>(bytes) {
        assert_eq!(wire::from_bytes(&wire::to_bytes(&page)).as_ref(), Ok(&page));
    }
    drop(wire::from_bytes::<PullRequest>(bytes));
    drop(wire::from_bytes::<PushAnswer>(bytes));
    drop(wire::from_bytes::<PushItem>(bytes));
}

/// A compressed body: never more than its limit comes out.
pub fn inflate(bytes: &[u8]) {
    const LIMIT: usize = 1 << 20;
    if let Ok(out) = wire::inflate(bytes, LIMIT) {
        assert!(out.len() <= LIMIT);
    }
}

/// A change through the gate, the rules of every kind, and the merge into a document that has only its root. What is taken
/// loads again.
pub fn change(bytes: &[u8]) {
    drop(gate::check(bytes.to_vec()));
    for kind in Kind::ALL {
        let Ok(checked) = gate::check(on_new(bytes, *kind, DocumentId([7; 16]))) else { return };
        let allowed = rules::check_change(*kind, &checked, NOW).is_ok();
        let base = Base { kind: *kind, id: DocumentId([7; 16]), generation: 0, bytes: None };
        let Ok(merged) = merge(base, &[&checked]) else { continue };
        if allowed && !merged.accepted.is_empty() {
            assert!(Document::load(&merged.bytes).is_ok(), "what is taken loads again");
        }
    }
}

/// A saved document, left bare and filled again: nothing but the hashes of its heads is lost. The checksum is right.
pub fn bare_document(bytes: &[u8]) {
    drop(bare::fill(bytes));
    let whole = with_checksum(bytes);
    let Some(left) = bare::strip(&whole) else { return };
    let filled = bare::fill(&left).expect("what was left bare can be filled");
    assert!(filled.len() <= whole.len(), "nothing is put in");
    assert_eq!(bare::strip(&filled), Some(left), "and left bare again");
}

/// A rescue file, and each sealed item in it.
pub fn sealed(bytes: &[u8]) {
    let receiver = Receiver::new(&Key::new([3; 32]));
    drop(receiver.open(DeviceId([1; 16]), &Key::new([4; 32]), bytes));
    if let Ok(items) = SealedItems::from_file(bytes) {
        for item in &items.items {
            drop(receiver.open(items.device, &Key::new([4; 32]), item));
        }
    }
}
