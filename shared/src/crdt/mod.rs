//! Records as Automerge documents: their fixed roots, reading and gating. Whoever edits goes through
//! [`crate::command`]; whoever merges bytes from outside goes through [`gate`], [`rules`] and [`merge`].
//!
//! ```
//! use donghanh_shared::crdt::{Document, Kind};
//! use donghanh_shared::ids::DocumentId;
//!
//! let one = Document::create(Kind::OutreachVisit, DocumentId([7; 16]), 0);
//! let two = Document::create(Kind::OutreachVisit, DocumentId([7; 16]), 0);
//! assert_eq!(one.heads(), two.heads()); // created apart, they share their root
//! ```

pub mod bare;
pub mod chunk;
pub mod confirmation;
pub mod count;
pub mod fields;
pub mod gate;
pub mod history;
pub mod merge;
pub mod outreach_visit;
pub mod reader;
pub mod root;
pub mod rules;
pub mod schema;

use automerge::{Automerge, Change, ROOT, ReadDoc as _};

use crate::domain::date::Millis;
use crate::domain::error::{Code, Problem};
use crate::domain::fields::Fields;
use crate::domain::outreach_visit::Visit;
use crate::domain::pledge_drive::PledgeDrive;
use crate::domain::prevention_model::PreventionModel;
use crate::domain::summary::Summary;
use crate::domain::vocabulary::Term as _;
use crate::domain::work_assignment::WorkAssignment;
use crate::ids::{ActorId, ChangeHash, Digest, DocumentId};

pub use crate::domain::kind::Kind;

/// The newest major form of a document that this build may edit; a newer one opens read-only.
pub const FORM: u64 = 1;

/// One record, loaded.
#[derive(Clone)]
pub struct Document {
    pub(crate) automerge: Automerge,
    kind: Kind,
    id: DocumentId,
    generation: u32,
    form: u64,
    /// Set while it is as a page brought it, [`bare`]: Automerge was not told its heads then, so what depends on them is kept here.
    sent: Option<bare::Reckoned>,
}

/// What a record says, by its kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// An outreach visit.
    Visit(Box<Visit>),
    /// Any other record, by its fields.
    Fields(Fields),
}

/// One change of a document, as it travels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Who made it.
    pub actor: ActorId,
    /// When, by that phone's clock.
    pub at: Millis,
    /// The uncompressed chunk.
    pub bytes: Vec<u8>,
}

impl Document {
    /// A new document with nothing but its fixed root. Two devices that create "the same" one share it.
    #[must_use]
    pub fn create(kind: Kind, id: DocumentId, generation: u32) -> Self {
        let mut automerge = Automerge::new();
        let root = root::change(kind, id, generation);
        let applied = Change::from_bytes(root).map(|change| automerge.apply_changes([change]));
        debug_assert!(matches!(applied, Ok(Ok(()))), "the fixed root applies");
        Self { automerge, kind, id, generation, form: FORM, sent: None }
    }

    /// Loads bytes that [`Document::save`] made: the phone's own store, or a snapshot of our server.
    ///
    /// # Errors
    /// [`Code::ChangeMalformed`] when they are damaged, [`Code::KindUnknown`] for a kind this build does not know.
    pub fn load(bytes: &[u8]) -> Result<Self, Problem> {
        let automerge = Automerge::load(bytes).map_err(|_| Problem::new(Code::ChangeMalformed))?;
        Self::of(automerge)
    }

    /// Loads a snapshot as a page says it, whole or [`bare`].
    ///
    /// # Errors
    /// As of [`Self::load`].
    pub fn load_sent(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.first() != Some(&bare::MARK) {
            return Self::load(bytes);
        }
        let (automerge, reckoned) = bare::load(bytes)?;
        Ok(Self { sent: Some(reckoned), ..Self::of(automerge)? })
    }

    /// Automerge's document, to write to.
    ///
    /// # Errors
    /// [`Code::ChangeMalformed`] when the document came [`bare`] and is not what its heads say.
    pub(crate) fn writable(&mut self) -> Result<&mut Automerge, Problem> {
        if let Some(sent) = &self.sent {
            self.automerge = Automerge::load(&sent.whole).map_err(|_| Problem::new(Code::ChangeMalformed))?;
            self.sent = None;
        }
        Ok(&mut self.automerge)
    }

    pub(crate) fn of(automerge: Automerge) -> Result<Self, Problem> {
        let scalar = |key: &str| {
            automerge.get(ROOT, key).ok().flatten().and_then(|(value, _)| value.into_scalar().ok())
        };
        let malformed = || Problem::new(Code::ChangeMalformed);
        let kind = scalar("_kind").ok_or_else(malformed)?;
        let kind =
            Kind::parse(kind.as_str().ok_or_else(malformed)?).map_err(|_| Problem::new(Code::KindUnknown))?;
        let id = scalar("_id").and_then(|v| DocumentId::from_slice(v.as_bytes()?)).ok_or_else(malformed)?;
        let generation = scalar("_generation")
            .and_then(|v| <[u8; 4]>::try_from(v.as_bytes()?).ok())
            .map(u32::from_be_bytes)
            .ok_or_else(malformed)?;
        let form = scalar("_form").and_then(|v| v.as_u64()).ok_or_else(malformed)?;
        Ok(Self { automerge, kind, id, generation, form, sent: None })
    }

    /// The document's bytes, for our own store and for snapshots. Not compressed inside: whoever sends them
    /// compresses many together, which is much smaller.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.sent.as_ref().map_or_else(|| self.automerge.save_nocompress(), |sent| sent.whole.clone())
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// Its generation; it rises when a record was erased and begun anew.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether a newer app gave it a form that this build must not edit.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.form > FORM
    }

    /// The changes that nothing builds on yet.
    #[must_use]
    pub fn heads(&self) -> Vec<ChangeHash> {
        let ours = || self.automerge.get_heads().iter().map(|hash| ChangeHash(hash.0)).collect();
        self.sent.as_ref().map_or_else(ours, |sent| sent.heads.clone())
    }

    /// What it adds to the digest of its scopes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_document(self.id, self.generation, &self.heads())
    }

    /// Whether it contains the change.
    #[must_use]
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.automerge.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).is_some()
    }

    /// What it says, by its kind.
    #[must_use]
    pub fn content(&self) -> Content {
        match self.kind {
            Kind::OutreachVisit => Content::Visit(Box::new(self.visit())),
            _ => Content::Fields(self.fields()),
        }
    }

    /// Its registers by name, whatever its kind.
    #[must_use]
    pub fn fields(&self) -> Fields {
        fields::read(&self.automerge, self.kind)
    }

    /// Its value as an outreach visit; for visits only.
    #[must_use]
    pub fn visit(&self) -> Visit {
        outreach_visit::read(&self.automerge)
    }

    /// Its value as a pledge drive; for drives only.
    #[must_use]
    pub fn drive(&self) -> PledgeDrive {
        PledgeDrive::of(&self.fields())
    }

    /// Its value as a prevention model; for models only.
    #[must_use]
    pub fn model(&self) -> PreventionModel {
        PreventionModel::of(&self.fields())
    }

    /// Its value as an assignment; for assignments only.
    #[must_use]
    pub fn assignment(&self) -> WorkAssignment {
        WorkAssignment::of(&self.fields())
    }

    /// The line that lists need; parts of after-care have none, they are read when somebody opens the case.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        let mut summary = match self.kind {
            Kind::OutreachVisit => Summary::of_visit(self.id, &self.visit(), self.changed_at()),
            Kind::PledgeDrive => Summary::of_drive(self.id, &self.drive(), self.changed_at()),
            Kind::PreventionModel => Summary::of_model(self.id, &self.model(), self.changed_at()),
            Kind::WorkAssignment => Summary::of_assignment(self.id, &self.assignment(), self.changed_at()),
            Kind::AftercareCase | Kind::AftercareRestricted | Kind::CheckIn | Kind::CheckInRestricted => {
                return None;
            }
        };
        let confirmed = self.confirmation();
        summary.open_fields += u32::from(summary.archived && self.is_archived_apart());
        summary.open_fields += u32::from(confirmed.said.is_open());
        summary.confirmation = Some(confirmed.line());
        Some(summary)
    }

    /// The latest time that any of its changes claims; 0 for a bare root.
    #[must_use]
    pub fn changed_at(&self) -> Millis {
        self.automerge.get_changes_meta(&[]).iter().map(|change| change.timestamp).max().unwrap_or(0)
    }

    /// Whether somebody edited the record while somebody else, apart, removed it: the edit is in the document, and whether it
    /// stays removed is for a person to decide. Whoever writes after both has decided.
    #[must_use]
    pub fn is_archived_apart(&self) -> bool {
        let Ok(Some((_, id))) = self.automerge.get(ROOT, "archived") else { return false };
        let Some(removal) = self.automerge.hash_for_opid(&id) else { return false };
        // What the removal had not seen, and has not seen the removal either.
        let unseen = self.automerge.get_changes(&[removal]);
        let mut after = std::collections::HashSet::from([removal]);
        let mut apart = false;
        for change in &unseen {
            if change.deps().iter().any(|dep| after.contains(dep)) {
                after.insert(change.hash());
            } else {
                apart = true;
            }
        }
        // A head that has seen the removal and what was apart is a decision.
        let has_seen =
            |head: &ChangeHash| head.0 != removal.0 && after.contains(&automerge::ChangeHash(head.0));
        apart && !self.heads().iter().all(has_seen)
    }

    /// Every change but the root, dependencies first.
    #[must_use]
    pub fn changes(&self) -> Vec<RawChange> {
        self.automerge
            .get_changes(&[])
            .into_iter()
            .filter(|change| !root::is_reserved(change.actor_id().to_bytes()))
            .filter_map(|change| {
                Some(RawChange {
                    hash: ChangeHash(change.hash().0),
                    actor: ActorId::from_slice(change.actor_id().to_bytes())?,
                    at: change.timestamp(),
                    bytes: change.raw_bytes().to_vec(),
                })
            })
            .collect()
    }

    /// Applies changes that came from our server. They pass the gate all the same; those already there are passed over.
    ///
    /// # Errors
    /// The gate's code for the first damaged one, or [`Code::DocumentUnknown`] when something they build on is missing;
    /// nothing is changed then.
    pub fn apply(&mut self, changes: &[Vec<u8>]) -> Result<(), Problem> {
        let mut parsed = Vec::with_capacity(changes.len());
        for bytes in changes {
            let checked = gate::check(bytes.clone())?;
            if !self.contains(&checked.hash) {
                parsed.push(
                    Change::from_bytes(checked.bytes).map_err(|_| Problem::new(Code::ChangeMalformed))?,
                );
            }
        }
        let mut scratch = self.writable()?.clone();
        scratch.apply_changes(parsed).map_err(|_| Problem::new(Code::ChangeMalformed))?;
        if !scratch.get_missing_deps(&[]).is_empty() {
            return Err(Problem::new(Code::DocumentUnknown));
        }
        self.automerge = scratch;
        Ok(())
    }
}
