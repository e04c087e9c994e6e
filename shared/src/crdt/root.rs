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

/// Declares the parts that documents are made of, each with the name it has in every kind that has it.
macro_rules! containers {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// A part of a document: its own registers, a map, a long text.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Container { $($(#[$doc])* $variant),+ }

        impl Container {
            /// Its name in the document; empty for the document's own registers.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

containers! {
    /// The document's own registers: date, form, venue…
    Root = "";
    /// Typed numbers by count.
    Counts = "counts";
    /// Taps by count and actor.
    Taps = "taps";
    /// Places reached.
    Places = "places";
    /// Other wards reached, as written.
    OtherWards = "other_wards";
    /// Organisations that took part.
    CoOrganisers = "co_organisers";
    /// Topics.
    Topics = "topics";
    /// Who did it.
    DoneBy = "done_by";
    /// Photos: `<id>` with the caption, `<id>.key`.
    Photos = "photos";
    /// Things to come back to: `<id>.text`, `<id>.due`, `<id>.done`.
    FollowUps = "follow_ups";
    /// Long notes.
    Notes = "notes";
    /// Helpers, as text.
    Helpers = "helpers";
    /// What the person needs: a set of codes.
    Needs = "needs";
    /// Support given or referred: `<id>.kind`, `<id>.date`…
    Support = "support";
    /// What happened to the case: `<id>.kind`, `<id>.date`…
    Events = "events";
    /// Whom to reach: `<id>.name`, `<id>.phone`, `<id>.relation`…
    Contacts = "contacts";
    /// Where the person may be met: `<id>.text`, `<id>.from`…
    Addresses = "addresses";
    /// When to meet: `<id>.every`, `<id>.from`…
    Schedule = "schedule";
    /// Who confirmed what.
    Confirmations = "confirmations";
    /// Where and how to visit, at length.
    Visiting = "visiting";
    /// Signs of renewed use: a set of codes.
    Signs = "signs";
    /// Who was met.
    Met = "met_with";
    /// How the person is doing, by field of life: work, housing, family…
    Situation = "situation";
    /// Identity papers: `<id>.kind`, `<id>.number`…
    Papers = "papers";
    /// Decisions: `<id>.number`, `<id>.date`…
    Decisions = "decisions";
    /// Legal dates: `<id>.kind`, `<id>.date`…
    Legal = "legal";
    /// Guardians of minors.
    Guardians = "guardians";
    /// Health: `<id>.kind`, `<id>.text`…
    Health = "health";
    /// Relapses: `<id>.date`, `<id>.text`…
    Relapses = "relapses";
    /// Test results: `<id>.date`, `<id>.result`…
    Tests = "tests";
    /// Permissions that the person or a guardian gave.
    Consents = "consents";
    /// Classes, branches and other groups that sign: `<key>.name`, `<key>.signer`…
    Groups = "groups";
    /// Restricted documents with photos of signed sheets: `<id>.document`, `<id>.until`.
    Sheets = "sheets";
    /// Visits and drives that belong to a model: a set of documents.
    Activities = "activities";
    /// What each year's review found: `<year>.effective`, `<year>.date`…
    Reviews = "reviews";
    /// People who are asked to do something: person and name.
    Asked = "asked";
}

impl Container {
    /// Whether it is a long text; every other part is a map.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Notes | Self::Visiting)
    }

    /// The container of a kind that operation `counter` of its root makes.
    #[must_use]
    pub fn made_by(kind: Kind, counter: u64) -> Option<Self> {
        let index = usize::try_from(counter).ok()?.checked_sub(1)?;
        containers(kind).get(index).copied()
    }
}

/// What the root of a kind makes, in order: container `n` is operation `n + 1` of [`ROOT_ACTOR`]. Frozen with the
/// templates.
#[must_use]
pub fn containers(kind: Kind) -> &'static [Container] {
    use Container::{
        Activities, Addresses, Asked, CoOrganisers, Confirmations, Consents, Contacts, Counts, Decisions,
        DoneBy, Events, FollowUps, Groups, Guardians, Health, Helpers, Legal, Met, Needs, Notes, OtherWards,
        Papers, Photos, Places, Relapses, Reviews, Schedule, Sheets, Signs, Situation, Support, Taps, Tests,
        Topics, Visiting,
    };
    match kind {
        Kind::OutreachVisit => {
            &[Counts, Taps, Places, OtherWards, CoOrganisers, Topics, DoneBy, Photos, FollowUps, Notes]
        }
        Kind::AftercareCase => &[
            Helpers,
            Needs,
            Support,
            Events,
            Contacts,
            Addresses,
            Schedule,
            Confirmations,
            FollowUps,
            Photos,
            Visiting,
            Notes,
        ],
        Kind::AftercareRestricted => &[
            Papers,
            Decisions,
            Legal,
            Guardians,
            Health,
            Relapses,
            Tests,
            Consents,
            Events,
            Contacts,
            Confirmations,
            FollowUps,
            Photos,
            Notes,
        ],
        Kind::CheckIn => {
            &[DoneBy, Met, Topics, Situation, Needs, Support, Signs, Confirmations, FollowUps, Photos, Notes]
        }
        Kind::CheckInRestricted => {
            &[Tests, Health, Relapses, Events, Confirmations, FollowUps, Photos, Notes]
        }
        Kind::PledgeDrive => &[Counts, Taps, Groups, CoOrganisers, DoneBy, Sheets, FollowUps, Notes],
        Kind::PreventionModel => &[Counts, CoOrganisers, DoneBy, Activities, Reviews, FollowUps, Notes],
        Kind::WorkAssignment => &[Counts, Places, Asked, Notes],
    }
}

/// Made once by automerge 0.12 from the lists above and frozen: never edited, never made again.
fn template(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::OutreachVisit => include_bytes!("templates/outreach_visit.v1.bin"),
        Kind::AftercareCase => include_bytes!("templates/aftercare_case.v1.bin"),
        Kind::AftercareRestricted => include_bytes!("templates/aftercare_restricted.v1.bin"),
        Kind::CheckIn => include_bytes!("templates/check_in.v1.bin"),
        Kind::CheckInRestricted => include_bytes!("templates/check_in_restricted.v1.bin"),
        Kind::PledgeDrive => include_bytes!("templates/pledge_drive.v1.bin"),
        Kind::PreventionModel => include_bytes!("templates/prevention_model.v1.bin"),
        Kind::WorkAssignment => include_bytes!("templates/work_assignment.v1.bin"),
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
    let template = template(kind);
    let mut bytes = template.to_vec();
    fill(template, &mut bytes, &ID_MARK, &id.0);
    fill(template, &mut bytes, &GENERATION_MARK, &generation.to_be_bytes());
    let digest = Sha256::digest(&bytes[8..]);
    bytes[4..8].copy_from_slice(&digest[..4]);
    bytes
}

/// Whether these bytes are the root of that document, byte for byte. Most bytes are told apart by their length.
#[must_use]
pub fn is_root(bytes: &[u8], kind: Kind, id: DocumentId, generation: u32) -> bool {
    bytes.len() == template(kind).len() && bytes == change(kind, id, generation)
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
    use crate::domain::vocabulary::Term as _;

    /// How the templates were made.
    fn made_by_automerge(kind: Kind, id: &[u8; 16], generation: [u8; 4]) -> Vec<u8> {
        let mut document = Automerge::new().with_actor(ActorId::from(ROOT_ACTOR));
        let mut tx = document.transaction();
        for container in containers(kind) {
            let object = if container.is_text() { ObjType::Text } else { ObjType::Map };
            tx.put_object(ROOT, container.name(), object).expect("container");
        }
        tx.put(ROOT, "_kind", kind.code()).expect("kind");
        tx.put(ROOT, "_id", ScalarValue::Bytes(id.to_vec())).expect("id");
        tx.put(ROOT, "_generation", ScalarValue::Bytes(generation.to_vec())).expect("generation");
        tx.put(ROOT, "_form", ScalarValue::Uint(1)).expect("form");
        tx.commit_with(CommitOptions::default().with_time(0));
        document.get_last_local_change().expect("change").raw_bytes().to_vec()
    }

    /// A frozen file beside the templates; one that is not there yet is written when asked for.
    fn frozen(name: &str, made: &[u8]) -> Vec<u8> {
        let path = format!("{}/src/crdt/templates/{name}", env!("CARGO_MANIFEST_DIR"));
        let is_new = std::fs::metadata(&path).is_ok_and(|file| file.len() > 0);
        if std::env::var_os("DONGHANH_MAKE_ROOT").is_some() && !is_new {
            std::fs::write(&path, made).expect("write");
        }
        std::fs::read(path).expect("frozen file")
    }

    #[test]
    fn the_frozen_templates_are_what_automerge_made() {
        for kind in Kind::ALL {
            let made = made_by_automerge(*kind, &ID_MARK, GENERATION_MARK);
            assert_eq!(frozen(&format!("{}.v1.bin", kind.code()), &made), made, "{kind:?}");
            assert_eq!(template(*kind), made, "{kind:?}");
        }
    }

    #[test]
    fn filled_in_they_are_the_changes_automerge_would_make() {
        // Identities that look like the marks among them.
        for (kind, byte) in Kind::ALL.iter().flat_map(|kind| [0x3c, 0xd0, 0xe0].map(|byte| (*kind, byte))) {
            let id = [byte; 16];
            let made = made_by_automerge(kind, &id, [0, 0, 0xe0, 7]);
            assert_eq!(change(kind, DocumentId(id), 0xe007), made);
            assert!(is_root(&made, kind, DocumentId(id), 0xe007));
            assert!(!is_root(&made, kind, DocumentId(id), 0xe008));
        }
    }

    #[test]
    fn hashes_that_must_never_change() {
        for kind in Kind::ALL {
            for (byte, generation) in [(1, 0), (2, 9)] {
                let hash = hash(*kind, DocumentId([byte; 16]), generation).to_string();
                let name = format!("{}.v1.hash-{byte}-{generation}.txt", kind.code());
                assert_eq!(String::from_utf8_lossy(&frozen(&name, hash.as_bytes())).trim(), hash, "{kind:?}");
            }
        }
    }
}
