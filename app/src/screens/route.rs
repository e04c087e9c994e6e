//! Which address shows which screen.

use donghanh_shared::domain::aftercare::{AftercareCase, CheckIn};
use donghanh_shared::domain::outreach_visit::{CountKey, Visit};
use donghanh_shared::domain::pledge_drive::PledgeDrive;
use donghanh_shared::domain::prevention_model::PreventionModel;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::work_assignment::WorkAssignment;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::AnyView;

use super::assignment_form::model::AssignmentForm;
use super::case_form::model::CaseForm;
use super::check_in_form::model::CheckInForm;
use super::drive_form::model::DriveForm;
use super::model_form::model::ModelForm;
use super::visit_form::model::VisitForm;
use super::{
    access_log, assignment, assignment_form, care, case_form, check_in_form, devices, drive_form, form,
    handed_over, home, me, model_form, new_secret, people, places, record, report, review, rules, safety,
    services, sign_in, sync_status, tally, visit_form, visit_list,
};
use crate::state::OfCase;

/// A screen, by its address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// `/`
    Home,
    /// `/visits`
    Visits,
    /// `/visits/new`
    NewVisit,
    /// `/visits/:id`
    Visit(DocumentId),
    /// `/visits/:id/edit`
    EditVisit(DocumentId),
    /// `/visits/:id/tally`
    Tally(DocumentId),
    /// `/drives/new`
    NewDrive,
    /// `/drives/:id`
    Drive(DocumentId),
    /// `/drives/:id/edit`
    EditDrive(DocumentId),
    /// `/drives/:id/count/:group`
    CountDrive(DocumentId, String),
    /// `/models/new`
    NewModel,
    /// `/models/:id`
    Model(DocumentId),
    /// `/models/:id/edit`
    EditModel(DocumentId),
    /// `/assignments`
    Assignments,
    /// `/assignments/new`
    NewAssignment,
    /// `/assignments/:id`
    Assignment(DocumentId),
    /// `/assignments/:id/edit`
    EditAssignment(DocumentId),
    /// `/cases`
    Cases,
    /// `/cases/new`
    NewCase,
    /// `/cases/:id`
    Case(DocumentId),
    /// `/cases/:id/edit`
    EditCase(DocumentId),
    /// `/cases/:id/certificate`
    Certificate(DocumentId),
    /// `/cases/:id/check-in`
    NewCheckIn(DocumentId),
    /// `/check-ins`: those that wait to be confirmed
    CheckIns,
    /// `/check-ins/:id`
    CheckIn(DocumentId),
    /// `/check-ins/:id/edit`
    EditCheckIn(DocumentId),
    /// `/review`
    Review,
    /// `/sync`
    Sync,
    /// `/report`
    Report,
    /// `/places`
    Places,
    /// `/people`
    People,
    /// `/me`
    Me,
    /// `/me/secret`
    Secret,
    /// `/me/password`
    Password,
    /// `/devices`
    Devices,
    /// `/handed-over`
    HandedOver,
    /// `/access-log`
    AccessLog,
    /// `/rules`
    Rules,
    /// `/services`
    Services,
    /// `/sign-in`: again, when the session has run out
    SignIn,
    /// `/styleguide`
    Styleguide,
    /// Anything else.
    Unknown,
}

impl Route {
    /// The screen of a path.
    pub fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => Self::Home,
            ["visits"] => Self::Visits,
            ["visits", "new"] => Self::NewVisit,
            ["visits", id, rest @ ..] => match (id.parse(), rest) {
                (Ok(id), []) => Self::Visit(id),
                (Ok(id), ["edit"]) => Self::EditVisit(id),
                (Ok(id), ["tally"]) => Self::Tally(id),
                _ => Self::Unknown,
            },
            ["drives", "new"] => Self::NewDrive,
            ["drives", id, rest @ ..] => match (id.parse(), rest) {
                (Ok(id), []) => Self::Drive(id),
                (Ok(id), ["edit"]) => Self::EditDrive(id),
                (Ok(id), ["count", group]) => Self::CountDrive(id, (*group).to_owned()),
                _ => Self::Unknown,
            },
            ["models", "new"] => Self::NewModel,
            ["models", id, rest @ ..] => match (id.parse(), rest) {
                (Ok(id), []) => Self::Model(id),
                (Ok(id), ["edit"]) => Self::EditModel(id),
                _ => Self::Unknown,
            },
            ["assignments"] => Self::Assignments,
            ["assignments", "new"] => Self::NewAssignment,
            ["assignments", id, rest @ ..] => match (id.parse(), rest) {
                (Ok(id), []) => Self::Assignment(id),
                (Ok(id), ["edit"]) => Self::EditAssignment(id),
                _ => Self::Unknown,
            },
            ["cases"] => Self::Cases,
            ["cases", "new"] => Self::NewCase,
            ["cases", id, rest @ ..] => match (id.parse(), rest) {
                (Ok(id), []) => Self::Case(id),
                (Ok(id), ["edit"]) => Self::EditCase(id),
                (Ok(id), ["certificate"]) => Self::Certificate(id),
                (Ok(id), ["check-in"]) => Self::NewCheckIn(id),
                _ => Self::Unknown,
            },
            ["check-ins"] => Self::CheckIns,
            ["check-ins", id, rest @ ..] => match (id.parse(), rest) {
                (Ok(id), []) => Self::CheckIn(id),
                (Ok(id), ["edit"]) => Self::EditCheckIn(id),
                _ => Self::Unknown,
            },
            ["review"] => Self::Review,
            ["sync"] => Self::Sync,
            ["report"] => Self::Report,
            ["places"] => Self::Places,
            ["people"] => Self::People,
            ["me"] => Self::Me,
            ["me", "secret"] => Self::Secret,
            ["me", "password"] => Self::Password,
            ["devices"] => Self::Devices,
            ["handed-over"] => Self::HandedOver,
            ["access-log"] => Self::AccessLog,
            ["rules"] => Self::Rules,
            ["services"] => Self::Services,
            ["sign-in"] => Self::SignIn,
            ["styleguide"] => Self::Styleguide,
            _ => Self::Unknown,
        }
    }

    /// A screen with one task has no navigation on a phone.
    pub fn is_one_task(&self) -> bool {
        matches!(
            self,
            Self::NewVisit
                | Self::EditVisit(_)
                | Self::Tally(_)
                | Self::NewDrive
                | Self::EditDrive(_)
                | Self::CountDrive(..)
                | Self::NewModel
                | Self::EditModel(_)
                | Self::NewAssignment
                | Self::EditAssignment(_)
                | Self::NewCase
                | Self::EditCase(_)
                | Self::Certificate(_)
                | Self::NewCheckIn(_)
                | Self::EditCheckIn(_)
        )
    }

    /// Draws the screen.
    pub fn draw(self) -> AnyView {
        match self {
            Self::Home => home::home(),
            Self::Visits => visit_list::visit_list(),
            Self::NewVisit => visit_form::new_visit(),
            Self::Visit(id) => record::record::<Visit>(id),
            Self::EditVisit(id) => form::edit_record::<VisitForm>(id),
            Self::Tally(id) => {
                tally::tally::<Visit>(id, format!("/visits/{id}"), CountKey::Attendance.code().to_owned())
            }
            Self::NewDrive => drive_form::new_drive(),
            Self::Drive(id) => record::record::<PledgeDrive>(id),
            Self::EditDrive(id) => form::edit_record::<DriveForm>(id),
            Self::CountDrive(id, group) => tally::tally::<PledgeDrive>(id, format!("/drives/{id}"), group),
            Self::NewModel => model_form::new_model(),
            Self::Model(id) => record::record::<PreventionModel>(id),
            Self::EditModel(id) => form::edit_record::<ModelForm>(id),
            Self::Assignments => assignment::list::assignments(),
            Self::NewAssignment => assignment_form::new_assignment(),
            Self::Assignment(id) => record::record::<WorkAssignment>(id),
            Self::EditAssignment(id) => form::edit_record::<AssignmentForm>(id),
            Self::Cases => care::list::case_list(),
            Self::NewCase => case_form::new_case(),
            Self::Case(id) => record::record::<OfCase<AftercareCase>>(id),
            Self::EditCase(id) => form::edit_record::<CaseForm>(id),
            Self::Certificate(id) => care::certificate::certificate(id),
            Self::NewCheckIn(id) => check_in_form::new_check_in(id),
            Self::CheckIns => care::waiting::waiting_list(),
            Self::CheckIn(id) => record::record::<OfCase<CheckIn>>(id),
            Self::EditCheckIn(id) => form::edit_record::<CheckInForm>(id),
            Self::Review => review::review(),
            Self::Sync => sync_status::sync_status(),
            Self::Report => report::report(),
            Self::Places => places::places(),
            Self::People => people::people(),
            Self::Me => me::me(),
            Self::Secret => new_secret::change(),
            Self::Password => safety::password(),
            Self::Devices => devices::devices(),
            Self::HandedOver => handed_over::handed_over(),
            Self::AccessLog => access_log::access_log(),
            Self::Rules => rules::rules(),
            Self::Services => services::services(),
            Self::SignIn => sign_in::sign_in(),
            Self::Styleguide => super::styleguide::styleguide(),
            Self::Unknown => super::not_found(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Route;
    use donghanh_shared::ids::DocumentId;

    #[test]
    fn every_address_has_its_screen() {
        let id = DocumentId([7; 16]);
        assert_eq!(Route::of("/"), Route::Home);
        assert_eq!(Route::of("/visits/new"), Route::NewVisit);
        assert_eq!(Route::of(&format!("/visits/{id}")), Route::Visit(id));
        assert_eq!(Route::of(&format!("/visits/{id}/tally/")), Route::Tally(id));
        assert_eq!(Route::of("/visits/07"), Route::Unknown);
        assert_eq!(Route::of(&format!("/drives/{id}")), Route::Drive(id));
        let counting = Route::CountDrive(id, "pupils-7a2".to_owned());
        assert_eq!(Route::of(&format!("/drives/{id}/count/pupils-7a2")), counting);
        assert!(counting.is_one_task() && !Route::Drive(id).is_one_task());
        assert_eq!(Route::of("/models/new"), Route::NewModel);
        assert_eq!(Route::of(&format!("/models/{id}")), Route::Model(id));
        assert_eq!(Route::of(&format!("/models/{id}/edit")), Route::EditModel(id));
        assert_eq!(Route::of("/assignments"), Route::Assignments);
        assert_eq!(Route::of(&format!("/assignments/{id}/edit")), Route::EditAssignment(id));
        assert_eq!(Route::of("/check-ins"), Route::CheckIns);
        assert_eq!(Route::of(&format!("/check-ins/{id}")), Route::CheckIn(id));
        assert_eq!(Route::of("/sign-in"), Route::SignIn);
        assert_eq!(Route::of("/nowhere"), Route::Unknown);
        assert!(Route::EditVisit(id).is_one_task() && !Route::Visit(id).is_one_task());
    }
}
