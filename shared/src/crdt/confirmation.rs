//! How a record stands with whoever confirms it, read from its changes. A confirmation is a change that writes the register
//! `confirmation` and nothing else; the state it names are the heads it builds on. What is merged later, also what was written
//! apart before it, was not confirmed.

use std::collections::HashSet;

use automerge::{Change, ROOT, ReadDoc as _};

use super::chunk::{Object, Op, Scalar};
use super::gate::{self, CheckedChange};
use super::reader::{parse_str, register};
use super::{Content, Document};
use crate::domain::confirmation::{Confirmation, Standing, StandingLine};
use crate::domain::organisation::OrganisationId;
use crate::domain::register::Register;
use crate::ids::ActorId;

/// The register that says it.
pub const CONFIRMATION: &str = "confirmation";
/// Registers about the record, which are no part of what it says.
const ABOUT: [&str; 2] = [CONFIRMATION, "same_as"];

/// How a record stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmed {
    /// How it stands.
    pub standing: Standing,
    /// Who logged it, by the actor of its first save; `None` before that.
    pub author: Option<ActorId>,
    /// What was said, with every claim.
    pub said: Register<Confirmation>,
}

impl Confirmed {
    /// As lists need it.
    #[must_use]
    pub fn line(&self) -> StandingLine {
        let reason = match (self.standing, self.said.value()) {
            (Standing::Returned, Some(Confirmation::Returned { reason, .. })) => Some(reason.clone()),
            _ => None,
        };
        StandingLine { standing: self.standing, author: self.author, reason }
    }
}

/// Whether a change writes what is about the record alone.
#[must_use]
pub fn is_about(change: &CheckedChange) -> bool {
    change
        .chunk
        .ops
        .iter()
        .all(|op| op.object == Object::Root && op.key.as_deref().is_some_and(|key| ABOUT.contains(&key)))
}

/// Whether a change says something of the record, or takes it back.
#[must_use]
pub fn confirms(change: &CheckedChange) -> bool {
    change.chunk.ops.iter().any(says)
}

/// Whether an operation says something of the record.
#[must_use]
pub fn says(op: &Op) -> bool {
    op.object == Object::Root && op.key.as_deref() == Some(CONFIRMATION)
}

/// What a change says of the record; `None` when it takes that back.
#[must_use]
pub fn said_in(change: &CheckedChange) -> Option<Confirmation> {
    let said = change.chunk.ops.iter().filter(|op| says(op));
    said.filter_map(|op| match &op.value {
        Scalar::Str(text) => text.parse().ok(),
        _ => None,
    })
    .next_back()
}

impl Document {
    /// How it stands with whoever confirms it, and what was said.
    #[must_use]
    pub fn confirmation(&self) -> Confirmed {
        let said = self.said();
        Confirmed { standing: self.standing_after(said.value()), author: self.author(), said }
    }

    /// How it stands with whoever confirms it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing_after(self.said().value())
    }

    /// What counts in reports of a record that was edited after it was confirmed: what it said at the heads that were
    /// confirmed. `None` for every other, of which counts what it says.
    #[must_use]
    pub fn confirmed_content(&self) -> Option<Content> {
        if self.standing() != Standing::EditedSince {
            return None;
        }
        let automerge = self.automerge.fork_at(self.says()?.deps()).ok()?;
        Some(Document::of(automerge).ok()?.content())
    }

    fn said(&self) -> Register<Confirmation> {
        register(&self.automerge, &ROOT, CONFIRMATION, parse_str)
    }

    fn standing_after(&self, said: Option<&Confirmation>) -> Standing {
        let edited = || self.says().is_some_and(|change| self.is_edited_since(&change));
        match said {
            None => Standing::Logged,
            Some(Confirmation::Confirmed) if edited() => Standing::EditedSince,
            Some(Confirmation::Confirmed) => Standing::Confirmed,
            Some(Confirmation::Returned { .. }) if edited() => Standing::Mended,
            Some(Confirmation::Returned { .. }) => Standing::Returned,
        }
    }

    /// The organisation that leads at the heads on which a change builds.
    pub(crate) fn lead_at(&self, change: &CheckedChange) -> Option<OrganisationId> {
        let deps: Vec<_> = change.deps.iter().map(|dep| automerge::ChangeHash(dep.0)).collect();
        let (value, _) = self.automerge.get_at(ROOT, "lead", &deps).ok()??;
        value.into_scalar().ok()?.as_str()?.parse().ok()
    }

    /// The change that says what counts.
    fn says(&self) -> Option<Change> {
        let (_, id) = self.automerge.get(ROOT, CONFIRMATION).ok()??;
        self.automerge.get_change_by_hash(&self.automerge.hash_for_opid(&id)?)
    }

    /// Whether the record says something that this change had not seen.
    fn is_edited_since(&self, change: &Change) -> bool {
        let unseen = self.automerge.get_changes(&[change.hash()]);
        unseen
            .into_iter()
            .any(|change| gate::check(change.raw_bytes().to_vec()).is_ok_and(|change| !is_about(&change)))
    }

    /// Who logged it: of the saves that build on nothing but the root the one that says it was first.
    fn author(&self) -> Option<ActorId> {
        let all = self.automerge.get_changes_meta(&[]);
        let roots: HashSet<_> =
            all.iter().filter(|meta| meta.deps.is_empty()).map(|meta| meta.hash).collect();
        let is_first = |meta: &&automerge::ChangeMetadata<'_>| {
            !meta.deps.is_empty() && meta.deps.iter().all(|dep| roots.contains(dep))
        };
        let first = all.iter().filter(is_first).min_by_key(|meta| (meta.timestamp, meta.hash))?;
        ActorId::from_slice(first.actor.to_bytes())
    }
}
