//! Whatever is done in ward A, in whatever order: no byte of it reaches a device of ward B.

use donghanh_shared::access::Role;
use donghanh_shared::command::Command;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{
    pledge_drive as drive, prevention_model as model, work_assignment as assignment,
};
use donghanh_shared::crdt::{Document, Kind, gate, history};
use donghanh_shared::domain::pledge_drive::Signer;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{Answer, PullItem, PullPage, PushItem, from_bytes, to_bytes};

use super::probe;
use crate::test_app::phone::{Phone, document, group};
use crate::test_app::{TestApp, person, ward_a, ward_b, ward_before_a};

/// What every text of ward A has in it.
const SECRET: &str = "chỉ phường Vĩnh Yên";
/// What every text of ward B has in it.
const OPEN: &str = "của phường Vĩnh Phúc";

/// Numbers that look drawn and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }
}

/// The people who work in one ward, with what they made.
struct Team {
    volunteer: Phone,
    officer: Phone,
    helper: &'static str,
    text: &'static str,
    wards: Vec<donghanh_shared::domain::WardRef>,
    /// Visits, and the pledge drives that went with them.
    visits: Vec<DocumentId>,
    drives: Vec<DocumentId>,
    models: Vec<DocumentId>,
    assignments: Vec<DocumentId>,
    cases: Vec<DocumentId>,
    next: u8,
}

impl Team {
    /// One thing that people do, drawn from all there are.
    async fn act(&mut self, app: &TestApp, numbers: &mut Numbers) {
        let id = document(self.next);
        let ward = self.wards[numbers.below(self.wards.len())];
        let what = numbers.below(7);
        let items = match (what, self.visits.len(), self.cases.len()) {
            (0, ..) | (1..=2, 0, _) => {
                let with = document(self.next + 1);
                self.next += 2;
                self.visits.push(id);
                self.drives.push(with);
                let note = VisitEdit::Notes(self.text.to_owned());
                let mut edits = group(Signer::Pupils, self.text, (Some(31), None));
                edits.extend([drive::visit(Some(id)), drive::notes(self.text)]);
                let mut items = vec![
                    self.volunteer.create(id, ward),
                    self.volunteer.save(id, &[note]),
                    self.volunteer.begin(Kind::PledgeDrive, with, ward),
                    self.volunteer.write(with, &edits),
                ];
                if numbers.below(3) == 0 {
                    items.extend(self.model(id, ward));
                }
                items
            }
            (1, some, _) => {
                let note = VisitEdit::Notes(format!("{} {}", self.text, numbers.below(100_000)));
                vec![self.volunteer.save(self.visits[numbers.below(some)], &[note])]
            }
            (2, some, _) => {
                let of = [&self.visits, &self.drives, &self.models][numbers.below(3)];
                let document = of.get(numbers.below(some)).copied().unwrap_or(self.visits[0]);
                vec![self.volunteer.command(Command::MoveDocument { document, ward })]
            }
            (3, ..) | (4.., _, 0) => {
                self.next += 1;
                self.cases.push(id);
                let mut items = vec![
                    self.officer.create_case(id, ward),
                    self.officer.save_fields(id, &[("meet_at", self.text)]),
                ];
                items.extend(self.assignment(id, ward));
                items
            }
            (4, _, some) => {
                self.next += 1;
                let kind =
                    [Kind::AftercareRestricted, Kind::CheckIn, Kind::CheckInRestricted][numbers.below(3)];
                let case = self.cases[numbers.below(some)];
                let create = self.officer.create_part(id, kind, case);
                vec![create, self.officer.save_fields(id, &[("remark", self.text)])]
            }
            (5, _, some) => {
                let (case, person) = (self.cases[numbers.below(some)], person(self.helper));
                let assign = Command::AssignHelper { case, person };
                let unassign = Command::UnassignHelper { case, person };
                vec![self.officer.command(if numbers.below(2) == 0 { assign } else { unassign })]
            }
            (_, _, some) => {
                let document = self.cases[numbers.below(some)];
                vec![self.officer.command(Command::MoveDocument { document, ward })]
            }
        };
        let phone = if what < 3 { &mut self.volunteer } else { &mut self.officer };
        let answers = phone.push(app, items).await;
        assert!(answers.iter().all(Answer::is_kept), "{what}: {answers:?}");
    }
}

impl Team {
    /// A model that the activity is linked to; its identity is one byte apart.
    fn model(&mut self, activity: DocumentId, ward: donghanh_shared::domain::WardRef) -> [PushItem; 2] {
        let mut id = activity;
        id.0[15] ^= 0xff;
        self.models.push(id);
        let name = model::name(Some(self.text.to_owned()));
        let edits = [name, model::activity(activity, true), model::notes(self.text)];
        [self.volunteer.begin(Kind::PreventionModel, id, ward), self.volunteer.write(id, &edits)]
    }
}

impl Team {
    /// What the officer asks in the ward of a case; its identity is one byte apart.
    fn assignment(&mut self, case: DocumentId, ward: donghanh_shared::domain::WardRef) -> [PushItem; 2] {
        let mut id = case;
        id.0[14] ^= 0xff;
        self.assignments.push(id);
        let edits = [assignment::name(Some(self.text.to_owned())), assignment::notes(self.text)];
        [self.officer.begin(Kind::WorkAssignment, id, ward), self.officer.write(id, &edits)]
    }
}

/// Everything that a page lets somebody read, in words.
fn read(page: &PullPage, phone: &Phone) -> String {
    let mut words = format!("{:?} {:?}", page.scopes, page.names);
    for item in &page.items {
        match item {
            PullItem::Snapshot { bytes, .. } => {
                let document = Document::load_sent(bytes).expect("loads");
                words += &format!("{:?} {:?}", document.content(), history::history(&document));
            }
            PullItem::Changes { document, changes, .. } => {
                let kind = phone.documents[document].kind();
                for change in changes {
                    let change = gate::check(change.to_vec()).expect("a change");
                    words += &format!("{:?}", history::edits(kind, &change));
                }
            }
            other => words += &format!("{other:?}"),
        }
    }
    words
}

/// Fetches what is new and looks at every byte of it.
async fn inspect(app: &TestApp, phone: &mut Phone, max_bytes: u32, ids_of_a: &[DocumentId]) -> bool {
    let mut has_own = false;
    loop {
        let reply = phone.post(app, "/api/v1/pull", to_bytes(&phone.pull_request(max_bytes))).await;
        let has = |what: &[u8]| reply.body.windows(what.len()).any(|window| window == what);
        assert!(!has(SECRET.as_bytes()), "a text of ward A");
        assert!(!ids_of_a.iter().any(|id| has(&id.0)), "an identity of ward A");
        let page: PullPage = from_bytes(&reply.body).expect("a page");
        phone.store(&page);
        let words = read(&page, phone);
        for name in ["Nguyễn Thị Lan", "Đỗ Văn Dũng", SECRET] {
            assert!(!words.contains(name), "{name}");
        }
        has_own |= has(OPEN.as_bytes()) && words.contains(OPEN);
        if !page.more {
            return has_own;
        }
    }
}

#[tokio::test]
async fn a_device_of_ward_b_receives_no_byte_of_ward_a() {
    let app = TestApp::with_aftercare().await;
    app.add("binh", "Cao Thanh Bình", Role::Helper, Some(ward_b()), None).await;
    let team = |volunteer, officer, helper, text, wards, next| Team {
        volunteer,
        officer,
        helper,
        text,
        wards,
        visits: Vec::new(),
        drives: Vec::new(),
        models: Vec::new(),
        assignments: Vec::new(),
        cases: Vec::new(),
        next,
    };
    let wards_of_a = vec![ward_a(), ward_before_a()];
    let mut a = team(app.phone("lan").await, app.phone("dung").await, "giang", SECRET, wards_of_a, 1);
    // Drives name their visit in hexadecimal digits, which as bytes must not look like an identity of ward A: no `8888…`.
    let mut b = team(app.phone("hoa").await, app.phone("ha").await, "binh", OPEN, vec![ward_b()], 160);
    let mut watching = Vec::new();
    for name in ["hoa", "ha", "binh"] {
        watching.push((name, app.phone(name).await, false));
    }
    let mut numbers = Numbers(20_260_620);
    for round in 0..12 {
        for _ in 0..10 {
            a.act(&app, &mut numbers).await;
            b.act(&app, &mut numbers).await;
        }
        let derived = a.models.iter().chain(&a.assignments).copied();
        let ids_of_a: Vec<DocumentId> = (1..a.next).map(document).chain(derived).collect();
        for (_, phone, has_own) in &mut watching {
            let max_bytes = [1, 4_000, 1 << 20][round % 3];
            *has_own |= inspect(&app, phone, max_bytes, &ids_of_a).await;
            for path in [
                "reports/activity?from=2020-01-01&to=2026-12-31",
                "reports/aftercare",
                "reports/aftercare?from=2020-01-01&to=2026-12-31",
                "aftercare/rules",
                "session",
            ] {
                let reply = probe::get(&app, phone, &format!("/api/v1/{path}")).await;
                let text = String::from_utf8_lossy(&reply.body);
                assert!(
                    !text.contains("08707") && !text.contains("08722") && !text.contains(SECRET),
                    "{path}: {text}"
                );
            }
        }
    }
    for (name, _, has_own) in &watching {
        assert!(has_own, "{name} has received what is theirs");
    }
    assert!(a.visits.len() > 10 && a.cases.len() > 10 && a.models.len() > 3, "enough was done");
}
