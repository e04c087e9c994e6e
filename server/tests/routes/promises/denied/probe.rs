//! Tries everything on everything, and notes what the server really answered.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use donghanh_shared::access::Role;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Command, Edits, confirmation};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::confirmation::Confirmation;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::report::{ActivityReport, AftercareReport, WardRow};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PlaceId};
use donghanh_shared::sync::wire::{Answer, PushItem};

use crate::test_app::phone::{Phone, document, first_drive, first_edits};
use crate::test_app::{Reply, TestApp, person, ward_a, ward_b, ward_before_a};

/// Who is tried: one person of each role.
pub const PEOPLE: [(&str, Role); 9] = [
    ("lan", Role::Volunteer),
    ("thu", Role::UnionHead),
    ("phuong", Role::WardSupervisor),
    ("tuan", Role::OrganisationLead),
    ("thanh", Role::AreaSupervisor),
    ("dung", Role::AftercareOfficer),
    ("giang", Role::Helper),
    ("nhung", Role::SchoolContact),
    ("quantri", Role::Administrator),
];

/// What is tried, in an order in which nothing spoils what follows.
pub const ACTIONS: [&str; 10] =
    ["read", "see_counts", "create", "edit", "return", "confirm", "archive", "assign", "erase", "move"];

/// Where: in ward A, which is theirs if any is, or in ward B.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Where {
    Own,
    Other,
}

impl Where {
    pub const ALL: [Self; 2] = [Self::Own, Self::Other];

    pub fn ward(self) -> WardRef {
        if self == Self::Own { ward_a() } else { ward_b() }
    }

    /// The record of a kind there.
    pub fn record(self, kind: Kind) -> DocumentId {
        document(if self == Self::Own { 1 } else { 11 } + u8::try_from(kind.index()).expect("few kinds"))
    }
}

/// What the server did, by kind, action and place.
pub type Table = BTreeMap<(Kind, &'static str, Where), bool>;

/// The school whose contact person is `nhung`. Every drive of [`world`] names it; the one of ward A is placed with it.
pub const SCHOOL: PlaceId = PlaceId([4; 16]);

/// A server with a record of every kind in both wards. Visit, drive and model of ward A are led by, and placed with, the
/// organisation of `tuan` and `thu`; its case is assigned to `giang`, whose check-in is there.
pub async fn world() -> (TestApp, BTreeMap<DocumentId, Document>) {
    let app = TestApp::with_aftercare().await;
    app.add("sau", "Đinh Thị Sáu", Role::WardSupervisor, Some(ward_b()), None).await;
    app.add_contact("nhung", "Vũ Hồng Nhung", ward_a(), SCHOOL).await;
    let mut documents = BTreeMap::new();
    let teams = [(Where::Own, "lan", "dung", "phuong"), (Where::Other, "hoa", "ha", "sau")];
    for (place, volunteer, officer, supervisor) in teams {
        let (mut volunteer, mut officer) = (app.phone(volunteer).await, app.phone(officer).await);
        let visit = place.record(Kind::OutreachVisit);
        volunteer.log_visit(&app, visit, place.ward()).await;
        let organisation: OrganisationId = "thanh-doan".parse().expect("organisation");
        let drive = place.record(Kind::PledgeDrive);
        volunteer.log_drive(&app, drive, place.ward(), &first_drive()).await;
        let model = place.record(Kind::PreventionModel);
        volunteer.log_model(&app, model, place.ward(), &[]).await;
        let mut supervisor = app.phone(supervisor).await;
        let assignment = place.record(Kind::WorkAssignment);
        supervisor.ask(&app, assignment, place.ward()).await;
        documents.extend(supervisor.documents);
        for document in [visit, drive, model].into_iter().filter(|_| place == Where::Own) {
            let organisation = organisation.clone();
            let add = volunteer.command(Command::AddOrganisation { document, organisation });
            assert!(volunteer.push(&app, vec![add]).await[0].is_kept());
        }
        if place == Where::Own {
            let add = volunteer.command(Command::AddSchool { document: drive, school: SCHOOL });
            assert!(volunteer.push(&app, vec![add]).await[0].is_kept());
        }
        let case = place.record(Kind::AftercareCase);
        let mut items = vec![officer.create_case(case, place.ward())];
        let by_helper = |kind: &Kind| place == Where::Own && *kind == Kind::CheckIn;
        for kind in Kind::ALL.iter().filter(|kind| kind.is_part_of_case() && !by_helper(kind)) {
            items.push(officer.create_part(place.record(*kind), *kind, case));
        }
        if place == Where::Own {
            items.push(officer.command(Command::AssignHelper { case, person: person("giang") }));
        }
        assert!(officer.push(&app, items).await.iter().all(Answer::is_kept));
        if place == Where::Own {
            let mut helper = app.phone("giang").await;
            let check_in = helper.create_part(place.record(Kind::CheckIn), Kind::CheckIn, case);
            assert!(helper.push(&app, vec![check_in]).await[0].is_kept());
            documents.extend(helper.documents);
        }
        documents.extend(volunteer.documents);
        documents.extend(officer.documents);
    }
    (app, documents)
}

/// Tries everything as one person, on a server of their own.
pub async fn of(name: &str) -> Table {
    let (app, documents) = world().await;
    let mut phone = app.phone(name).await;
    phone.pull(&app).await;
    let fetched = phone.documents.clone();
    // Whoever has the bytes from somewhere has no right for that.
    for (id, document) in documents {
        phone.documents.entry(id).or_insert(document);
    }
    let at_school = name == "nhung";
    let mut probe = Probe { app, phone, fresh: 100, at_school };
    let mut table = Table::new();
    for action in ACTIONS {
        for place in Where::ALL {
            // Parts before their case: moving it would take them along.
            for kind in Kind::ALL.iter().rev() {
                let done = match action {
                    "read" => fetched.contains_key(&place.record(*kind)),
                    "see_counts" => probe.sees_counts(*kind, place).await,
                    "erase" => probe.asks_to_erase(place.record(*kind)).await,
                    _ => probe.does(action, *kind, place).await,
                };
                table.insert((*kind, action, place), done);
            }
        }
    }
    table
}

pub async fn get(app: &TestApp, phone: &Phone, path: &str) -> Reply {
    let request = Request::get(path).header("authorization", format!("Bearer {}", phone.token));
    app.send(request.body(Body::empty()).expect("request")).await
}

struct Probe {
    app: TestApp,
    phone: Phone,
    fresh: u8,
    /// Creates drives at the school, as its contact person does.
    at_school: bool,
}

impl Probe {
    async fn sees_counts(&self, kind: Kind, place: Where) -> bool {
        let ward = place.ward();
        let path = if kind.is_aftercare() {
            "/api/v1/reports/aftercare"
        } else {
            "/api/v1/reports/activity?from=2026-01-01&to=2026-12-31"
        };
        let reply = get(&self.app, &self.phone, path).await;
        if reply.status == 403 {
            return false;
        }
        if kind.is_aftercare() {
            let report: AftercareReport = serde_json::from_slice(&reply.body).expect("a report");
            return report.wards.iter().any(|row| row.ward == ward);
        }
        let report: ActivityReport = serde_json::from_slice(&reply.body).expect("a report");
        let counted = |row: &WardRow| match kind {
            Kind::PledgeDrive => row.pledges.drives,
            Kind::PreventionModel => row.models.models,
            // No report counts what was asked.
            Kind::WorkAssignment => 0,
            _ => row.figures.visits,
        };
        report.wards.iter().any(|row| row.ward == ward && counted(row) > 0)
    }

    /// Asking is all that one person can do.
    async fn asks_to_erase(&self, id: DocumentId) -> bool {
        let (path, form) =
            (format!("/api/v1/cases/{id}/erasure"), serde_json::json!({ "reason": "asked_for" }));
        let reply = self.phone.call(&self.app, axum::http::Method::POST, &path, &form).await;
        assert!([202, 403, 404].contains(&reply.status.as_u16()), "{}", reply.status);
        reply.status == 202
    }

    async fn does(&mut self, action: &str, kind: Kind, place: Where) -> bool {
        let id = place.record(kind);
        let before = self.phone.documents.get(&id).cloned();
        let item = match action {
            "create" => self.create(kind, place),
            "edit" | "archive" => save(&mut self.phone, kind, id, action == "archive"),
            "return" => say(&mut self.phone, kind, id, &returned()),
            "confirm" => say(&mut self.phone, kind, id, &Confirmation::Confirmed),
            "assign" => self.phone.command(Command::AssignHelper { case: id, person: person("giang") }),
            // To a ward that is theirs as well, if any is.
            _ => self.phone.command(Command::MoveDocument { document: id, ward: ward_before_a() }),
        };
        let answer = self.phone.push(&self.app, vec![item]).await.remove(0);
        match answer {
            Answer::Ok(_) => true,
            Answer::MissingDependencies => self.undo(id, before),
            refused if refused == Answer::refused(Code::NotAllowed) => self.undo(id, before),
            other => panic!("{action} {kind:?} {place:?}: {other:?}"),
        }
    }

    fn undo(&mut self, id: DocumentId, before: Option<Document>) -> bool {
        self.phone.documents.extend(before.map(|document| (id, document)));
        false
    }

    fn create(&mut self, kind: Kind, place: Where) -> PushItem {
        self.fresh += 1;
        let id = document(self.fresh);
        match kind {
            Kind::PledgeDrive if self.at_school => self.phone.begin_at_school(id, place.ward(), SCHOOL),
            Kind::OutreachVisit
            | Kind::PledgeDrive
            | Kind::PreventionModel
            | Kind::WorkAssignment
            | Kind::AftercareCase => self.phone.begin(kind, id, place.ward()),
            _ => self.phone.create_part(id, kind, place.record(Kind::AftercareCase)),
        }
    }
}

fn returned() -> Confirmation {
    Confirmation::Returned { field: String::new(), reason: "thiếu số người".to_owned() }
}

/// Something said of a record by who confirms it.
fn say(phone: &mut Phone, kind: Kind, id: DocumentId, what: &Confirmation) -> PushItem {
    match confirmation::said(kind, Some(what)) {
        Edits::Visit(edits) => phone.save(id, &edits),
        Edits::Fields(edits) => phone.write(id, &edits),
    }
}

/// An edit, or the removal, of a record of any kind.
pub fn save(phone: &mut Phone, kind: Kind, id: DocumentId, archive: bool) -> PushItem {
    if kind == Kind::OutreachVisit {
        let note = VisitEdit::Notes("sửa".to_owned());
        let edit = if archive { VisitEdit::Archived(Some("ghi nhầm".to_owned())) } else { note };
        return phone.save(id, &[first_edits(), vec![edit]].concat());
    }
    phone.save_fields(id, &[if archive { ("archived", "ghi nhầm") } else { ("remark", "sửa") }])
}
