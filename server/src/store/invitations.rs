//! Invitations, which make a person's device, and what takes a second person.

use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::terms::ErasureReason;
use donghanh_shared::domain::date::{Date, Millis, Span};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::ids::{ApprovalId, DocumentId, PersonId, PlaceId};

use super::{Key, NewPerson, NewSession, Pending};

/// A new invitation.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// SHA-256 of the token.
    pub token: [u8; 32],
    /// Whom it is for.
    pub person: PersonId,
    /// Who made it; `None`: whoever runs the machine.
    pub made_by: Option<Key>,
    /// When.
    pub at: Millis,
    /// Until when it can be used.
    pub expires_at: Millis,
}

/// Whom an invitation that can be used is for.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The person's row.
    pub key: Key,
    /// The person.
    pub person: PersonId,
    /// The name people read.
    pub full_name: String,
    /// Every role they hold or held.
    pub memberships: Vec<Membership>,
}

/// A role as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAt {
    /// What the person will be.
    pub role: Role,
    /// Where.
    pub ward: Option<WardRef>,
    /// For whom.
    pub organisation: Option<OrganisationId>,
    /// At which school, of a contact person.
    pub place: Option<PlaceId>,
}

impl RoleAt {
    /// The role held from a day on.
    #[must_use]
    pub fn from(self, day: Date) -> Membership {
        let Self { role, ward, organisation, place } = self;
        Membership { role, ward, organisation, place, span: Span { from: day, to: None } }
    }
}

/// What somebody asks a second person for.
#[derive(Clone, Debug)]
pub struct NewApproval {
    /// Its identity outside.
    pub approval: ApprovalId,
    /// What it is about.
    pub kind: String,
    /// The role asked for, when it is about one.
    pub role: Option<RoleAt>,
    /// The case to be erased, when it is about one.
    pub erasure: Option<NewErasure>,
    /// About whom; whoever asks, when it is about a case.
    pub about: Key,
    /// Who asks.
    pub by: Key,
    /// When.
    pub at: Millis,
}

/// A case that is to be erased for good.
#[derive(Clone, Copy, Debug)]
pub struct NewErasure {
    /// Its core.
    pub case: DocumentId,
    /// Where it is.
    pub ward: WardRef,
    /// Why.
    pub reason: ErasureReason,
}

/// A case that is to be erased, as far as the second person is told.
#[derive(Clone, Copy, Debug)]
pub struct Erasure {
    /// Its core.
    pub case: DocumentId,
    /// Where it is.
    pub ward: WardRef,
    /// Why.
    pub reason: ErasureReason,
    /// When it was created.
    pub created_at: Millis,
}

/// What somebody asked a second person for.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Its identity outside.
    pub approval: ApprovalId,
    /// What it is about.
    pub kind: String,
    /// The role asked for, when it is about one.
    pub role: Option<RoleAt>,
    /// The case to be erased, when it is about one.
    pub erasure: Option<Erasure>,
    /// About whom.
    pub person_key: Key,
    /// About whom.
    pub person: PersonId,
    /// The name people read.
    pub person_name: String,
    /// Who asked.
    pub asked_by_key: Key,
    /// Who asked.
    pub asked_by: PersonId,
    /// The name people read.
    pub asked_by_name: String,
    /// When.
    pub asked_at: Millis,
}

/// Invitations and approvals.
pub trait Invitations {
    /// Makes an invitation, for a person added just now or for one who has an account. Older ones of that person that
    /// were not used end. Refuses a name that is taken with `document_exists` at `name`.
    fn invite(&self, added: Option<NewPerson>, invitation: NewInvitation) -> Pending<'_, ()>;
    /// Whom the invitation is for, if it can be used.
    fn invited(&self, token: [u8; 32], now: Millis) -> Pending<'_, Option<Invited>>;
    /// Uses the invitation up for this person; `false` when it can no longer be used.
    fn use_invitation(&self, token: [u8; 32], person: Key, now: Millis) -> Pending<'_, bool>;
    /// Uses the invitation up, begins its session and sets the password if there is one, all or none; `false` when it
    /// can no longer be used.
    fn join(&self, token: [u8; 32], session: NewSession, password: Option<String>) -> Pending<'_, bool>;
    /// Whether one of these sign-in names is taken, in their order.
    fn taken(&self, names: Vec<String>) -> Pending<'_, Vec<bool>>;
    /// Asks for a second person; nothing happens while the same is asked already.
    fn ask_approval(&self, asked: NewApproval) -> Pending<'_, ()>;
    /// What nobody has decided yet, oldest first.
    fn approvals(&self) -> Pending<'_, Vec<Approval>>;
    /// Decides; `false` when somebody did before.
    fn decide_approval(&self, approval: ApprovalId, by: Key, granted: bool, at: Millis) -> Pending<'_, bool>;
}
