//! The fixed first change of each kind: bytes that never change, with the document's identity filled in.
//! Two devices that create "the same" document thereby share its root.

use sha2::{Digest as _, Sha256};

use super::Kind;
use crate::ids::{ChangeHash, DocumentId};

/// The actor of every root. Nobody else may write as it.
pub const ROOT_ACTOR: [u8; 16] = *b"donghanh/root\0\0\0";

/// Where the template of a root has the document's identity and its generation.
const ID_MARK: [u8; 16] = [0xd0; 16];
const GENERATION_MARK: [u8; 4] = [0xe0; 4];

/// Made once by automerge 0.12 from the list below and frozen: never edited, never made again.
const OUTREACH_VISIT_V1: &[u8] = include_bytes!("templates/outreach_visit.v1.bin");

/// The containers that a root makes, in order: container `n` is operation `n + 1` of [`ROOT_ACTOR`].
pub const CONTAINERS: [(&str, Container); 10] = [
    ("counts", Container::Counts),
    ("taps", Container::Taps),
    ("places", Container::Places),
    ("other_wards", Container::OtherWards),
    ("co_organisers", Container::CoOrganisers),
    ("topics", Container::Topics),
    ("done_by", Container::DoneBy),
    ("photos", Container::Photos),
    ("follow_ups", Container::FollowUps),
    ("notes", Container::Notes),
];

/// A part of a visit's document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Container {
    /// The document's own registers: date, form, venue…
    Root,
    /// Typed numbers by count.
    Counts,
    /// Taps by count and actor.
    Taps,
    /// Places reached.
    Places,
    /// Other wards reached, as written.
    OtherWards,
    /// Organisations that took part.
    CoOrganisers,
    /// Topics.
    Topics,
    /// Who did it.
    DoneBy,
    /// Photos: `<id>` with the caption, `<id>.key`.
    Photos,
    /// Things to come back to: `<id>.text`, `<id>.due`, `<id>.done`.
    FollowUps,
    /// Long notes.
    Notes,
}

impl Container {
    /// The container made by operation `counter` of the root.
    #[must_use]
    pub fn made_by(counter: u64) -> Option<Self> {
        let index = usize::try_from(counter).ok()?.checked_sub(1)?;
        CONTAINERS.get(index).map(|(_, container)| *container)
    }
}

/// Whether an actor's name is kept for roots and migrations.
#[must_use]
pub fn is_reserved(actor: &[u8]) -> bool {
    actor.starts_with(b"donghanh")
}

/// The bytes of the root of a document.
#[must_use]
pub fn change(kind: Kind, id: DocumentId, generation: u32) -> Vec<u8> {
    let template = match kind {
        Kind::OutreachVisit => OUTREACH_VISIT_V1,
    };
    let mut bytes = template.to_vec();
    fill(template, &mut bytes, &ID_MARK, &id.0);
    fill(template, &mut bytes, &GENERATION_MARK, &generation.to_be_bytes());
    let digest = Sha256::digest(&bytes[8..]);
    bytes[4..8].copy_from_slice(&digest[..4]);
    bytes
}

/// The hash of that root.
#[must_use]
pub fn hash(kind: Kind, id: DocumentId, generation: u32) -> ChangeHash {
    ChangeHash(Sha256::digest(&change(kind, id, generation)[8..]).into())
}

/// Puts a value where the template has its mark. Looked up in the template itself: what is filled in may look like a mark.
fn fill(template: &[u8], bytes: &mut [u8], mark: &[u8], value: &[u8]) {
    if let Some(at) = template.windows(mark.len()).position(|window| window == mark) {
        bytes[at..at + value.len()].copy_from_slice(value);
    }
}

#[cfg(test)]
mod tests {
    use automerge::transaction::{CommitOptions, Transactable as _};
    use automerge::{ActorId, Automerge, ObjType, ROOT, ScalarValue};

    use super::*;

    /// How the template was made.
    fn made_by_automerge(id: &[u8; 16], generation: [u8; 4]) -> Vec<u8> {
        let mut document = Automerge::new().with_actor(ActorId::from(ROOT_ACTOR));
        let mut tx = document.transaction();
        for (name, container) in CONTAINERS {
            let object = if container == Container::Notes { ObjType::Text } else { ObjType::Map };
            tx.put_object(ROOT, name, object).expect("container");
        }
        tx.put(ROOT, "_kind", "outreach_visit").expect("kind");
        tx.put(ROOT, "_id", ScalarValue::Bytes(id.to_vec())).expect("id");
        tx.put(ROOT, "_generation", ScalarValue::Bytes(generation.to_vec())).expect("generation");
        tx.put(ROOT, "_form", ScalarValue::Uint(1)).expect("form");
        tx.commit_with(CommitOptions::default().with_time(0));
        document.get_last_local_change().expect("change").raw_bytes().to_vec()
    }

    #[test]
    fn the_frozen_template_is_what_automerge_made() {
        let made = made_by_automerge(&ID_MARK, GENERATION_MARK);
        if std::env::var_os("DONGHANH_MAKE_ROOT").is_some() {
            std::fs::write("src/crdt/templates/outreach_visit.v1.bin", &made).expect("write");
        }
        assert_eq!(OUTREACH_VISIT_V1, made);
    }

    #[test]
    fn filled_in_it_is_the_change_automerge_would_make() {
        // Identities that look like the marks among them.
        for byte in [0x3c, 0xd0, 0xe0] {
            let id = [byte; 16];
            let made = made_by_automerge(&id, [0, 0, 0xe0, 7]);
            assert_eq!(change(Kind::OutreachVisit, DocumentId(id), 0xe007), made);
        }
    }

    #[test]
    fn two_hashes_that_must_never_change() {
        let hash =
            |byte, generation| hash(Kind::OutreachVisit, DocumentId([byte; 16]), generation).to_string();
        assert_eq!(hash(1, 0), include_str!("templates/outreach_visit.v1.hash-1-0.txt").trim());
        assert_eq!(hash(2, 9), include_str!("templates/outreach_visit.v1.hash-2-9.txt").trim());
    }
}
