//! Adding accounts: which role needs a ward, which an organisation. What a name and a password must be is in
//! `crate::auth::people`.

use donghanh_shared::access::Role;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus};
use donghanh_shared::ids::PersonId;

use super::second_person;
use crate::auth::SignedIn;
use crate::auth::people::{Application, add};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::invitations::RoleAt;

/// An account as an administrator asks for it.
pub struct NewAccount {
    /// Name people read.
    pub full_name: String,
    /// Name to sign in with.
    pub sign_in: String,
    /// First password.
    pub password: String,
    /// What the person is.
    pub role: RoleAt,
}

/// Adds an account whose role holds from today on. One that takes a second person is invited instead.
///
/// # Errors
/// [`Code::FieldMissing`] at `ward`, `place` or `organisation` when the role needs one, [`Code::NotAllowed`] at `ward` when the
/// role is over the whole area, and at `place` when it is held at no school, [`Code::WardUnknown`], [`Code::PlaceUnknown`] when
/// that is no registered school of the ward, [`Code::OrganisationInvalid`], [`Code::NotAllowed`] at `role`, and
/// those of [`add`].
pub async fn add_account(state: &AppState, who: &SignedIn, account: NewAccount) -> Result<PersonId, Problem> {
    check_role(state, &account.role).await?;
    if second_person::makes(state, who, account.role.role).await? {
        return Err(Problem::new(Code::NotAllowed).at("role"));
    }
    let application = Application {
        id: None,
        sign_in: account.sign_in,
        full_name: account.full_name,
        password: account.password,
        memberships: vec![account.role.from(state.today())],
    };
    let added = add(state, vec![application]).await?;
    added.first().copied().ok_or_else(|| Problem::new(Code::Internal))
}

/// Roles held in one ward. Without a ward they would reach all of them.
fn is_of_a_ward(role: Role) -> bool {
    match role {
        Role::Volunteer
        | Role::UnionHead
        | Role::Helper
        | Role::AftercareOfficer
        | Role::WardSupervisor
        | Role::SchoolContact => true,
        Role::OrganisationLead | Role::AreaSupervisor | Role::Administrator => false,
    }
}

/// Checks that a role has the ward, the school and the organisation that it needs, and that they exist.
///
/// # Errors
/// Those of [`add_account`] that are about them.
pub async fn check_role(state: &AppState, wanted: &RoleAt) -> Result<(), Problem> {
    check_ward(state, wanted.role, wanted.ward).await?;
    check_place(state, wanted).await?;
    check_organisation(state, wanted.role, wanted.organisation.as_ref()).await
}

async fn check_ward(state: &AppState, role: Role, ward: Option<WardRef>) -> Result<(), Problem> {
    let at_ward = |code: Code| Err(Problem::new(code).at("ward"));
    match ward {
        None if is_of_a_ward(role) => at_ward(Code::FieldMissing),
        None => Ok(()),
        Some(_) if !is_of_a_ward(role) => at_ward(Code::NotAllowed),
        Some(wanted) => {
            let today = state.today();
            let wards = state.store().wards().await.map_err(logged)?;
            let exists = wards.iter().any(|ward| ward.id == wanted && ward.span().contains(today));
            if exists { Ok(()) } else { at_ward(Code::WardUnknown) }
        }
    }
}

/// Whoever the school is of is in charge of it: it must be in the register, and lie in the ward of the role.
async fn check_place(state: &AppState, wanted: &RoleAt) -> Result<(), Problem> {
    let at_place = |code: Code| Err(Problem::new(code).at("place"));
    match (wanted.role == Role::SchoolContact, wanted.place, wanted.ward) {
        (false, None, _) => Ok(()),
        (false, Some(_), _) => at_place(Code::NotAllowed),
        (true, Some(school), Some(ward)) => {
            let today = state.today();
            let day = Span { from: today, to: Some(today) };
            let is_school = |place: &Place| {
                place.id == school
                    && place.kind == PlaceKind::School
                    && place.status == PlaceStatus::Registered
                    && place.lies_in(ward, &day)
            };
            let places = state.store().places().await.map_err(logged)?;
            if places.iter().any(is_school) { Ok(()) } else { at_place(Code::PlaceUnknown) }
        }
        (true, ..) => at_place(Code::FieldMissing),
    }
}

async fn check_organisation(
    state: &AppState,
    role: Role,
    organisation: Option<&OrganisationId>,
) -> Result<(), Problem> {
    let at_organisation = |code: Code| Err(Problem::new(code).at("organisation"));
    match organisation {
        None if matches!(role, Role::OrganisationLead | Role::UnionHead) => {
            at_organisation(Code::FieldMissing)
        }
        None => Ok(()),
        Some(wanted) => {
            let known = state.store().organisations().await.map_err(logged)?;
            let exists = known.iter().any(|organisation| organisation.id == *wanted);
            if exists { Ok(()) } else { at_organisation(Code::OrganisationInvalid) }
        }
    }
}
