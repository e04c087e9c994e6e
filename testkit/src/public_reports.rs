//! Activities from public news (`data/public_activity_reports.csv`), entered as visits word for word: what the report
//! leaves open stays unknown, and the notes say what it was, where it is from and that it took place elsewhere.

use donghanh_shared::access::Role;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::outreach_visit::{CountKey, Form, Topic};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{DocumentId, PersonId};

use crate::places::ELSEWHERE;
use crate::random::Random;
use crate::visits::draft::{amount, organisation};
use crate::world::{GeneratedVisit, Options, Save, World};

const REPORTS: &str = include_str!("../data/public_activity_reports.csv");

/// A row of the file, as it stands there.
struct Report {
    date: Date,
    what: String,
    form: String,
    organisations: String,
    groups: String,
    attendance: Option<u32>,
    pledges: String,
    source: String,
}

/// The units that the reports name, and the units of our register that do the same work here.
const UNITS: [(&str, &str); 10] = [
    ("Thành Đoàn", "thanh-doan"),
    ("Công an thành phố", "cong-an-thanh-pho"),
    ("BCH xã Đoàn", "doan-phuong"),
    ("Công an xã", "cong-an-phuong"),
    ("BGH trường", "nha-truong"),
    ("Ban Thường vụ Huyện Đoàn", "thanh-doan"),
    ("BTV Huyện Đoàn", "thanh-doan"),
    ("Công an huyện", "cong-an-thanh-pho"),
    ("Ban quản lý mô hình", "khu-dan-cu"),
    ("Công an phường", "cong-an-phuong"),
];
const STEERING: (&str, &str) = ("Ban chỉ đạo phòng, chống ma túy", "ban-chi-dao");

/// English words of the file's columns, in Vietnamese.
const WORDS: [(&str, &str); 8] = [
    (
        "officials and teachers in charge of pupils, youth, pupils",
        "cán bộ, giáo viên phụ trách Đội, thanh niên, học sinh",
    ),
    ("officials, youth", "cán bộ, thanh niên"),
    ("youth, pupils", "thanh niên, học sinh"),
    ("pupils", "học sinh"),
    ("youth", "thanh niên"),
    ("households", "hộ dân"),
    ("5 emulation clusters signed", "5 cụm thi đua ký cam kết"),
    ("450 households signed; 450 key rings", "450 hộ ký cam kết; 450 móc khóa"),
];

/// The reports as visits of a generated world, entered by ward supervisors three weeks before its last day.
#[must_use]
pub fn public_reports(world: &World, options: &Options) -> Vec<GeneratedVisit> {
    let mut random = Random::new(options.seed, 6);
    let old: Vec<WardRef> =
        world.wards.iter().filter(|ward| ward.valid_to.is_some()).map(|ward| ward.id).collect();
    let entered = options.today.plus_days(-21);
    let known = rows().into_iter().filter(|report| report.date <= entered);
    known
        .enumerate()
        .map(|(index, report)| {
            let home = old[index % old.len()];
            let ward = world.ward_on(home, report.date);
            let minutes = 20 * 60 + i64::try_from(index).unwrap_or(0) * 7;
            let save = Save {
                at: entered.start() + minutes * 60_000,
                by: supervisor(world, world.ward_on(home, options.today)),
                edits: edits(world, &report, home, ward),
            };
            GeneratedVisit {
                document: DocumentId(random.id()),
                ward,
                other_wards: Vec::new(),
                saves: vec![save],
            }
        })
        .collect()
}

fn rows() -> Vec<Report> {
    let mut reader = csv::Reader::from_reader(REPORTS.as_bytes());
    let records = reader.records().map(|row| row.expect("a built-in file is well-formed CSV"));
    let report = |row: csv::StringRecord| Report {
        date: row[0].parse().expect("a built-in day reads"),
        what: row[1].to_owned(),
        form: row[2].to_owned(),
        organisations: row[3].to_owned(),
        groups: row[4].to_owned(),
        attendance: row[5].parse().ok(),
        pledges: row[6].to_owned(),
        source: row[7].to_owned(),
    };
    records.map(report).collect()
}

fn supervisor(world: &World, ward: WardRef) -> PersonId {
    let supervises = |role: &donghanh_shared::access::Membership| {
        role.role == Role::WardSupervisor && role.ward == Some(ward)
    };
    let person = world.people.iter().find(|person| person.memberships.iter().any(supervises));
    person.expect("every ward has a supervisor").id
}

fn edits(world: &World, report: &Report, home: WardRef, ward: WardRef) -> Vec<VisitEdit> {
    let elsewhere = world
        .places
        .iter()
        .find(|p| p.name == ELSEWHERE && p.wards.first().is_some_and(|stay| stay.ward == home));
    let mut edits = vec![
        VisitEdit::Date(Some(report.date)),
        VisitEdit::Ward(ward),
        VisitEdit::Form(Some(form(&report.form))),
        VisitEdit::Venue(elsewhere.map(|place| place.id)),
    ];
    let mut units = report.organisations.split("; ").map(unit);
    edits.push(VisitEdit::Lead(units.next().map(organisation)));
    edits.extend(units.map(|code| VisitEdit::CoOrganiser(organisation(code), true)));
    if report.what.contains("Tháng hành động") {
        edits.push(VisitEdit::Campaign(Some("thang-hanh-dong".parse().expect("a built-in code reads"))));
    } else if report.what.contains("3 không với ma túy") {
        edits.push(VisitEdit::Campaign(Some("ba-khong".parse().expect("a built-in code reads"))));
    }
    if report.what.contains("tác hại") {
        edits.push(VisitEdit::Topic(Topic::Harm, true));
    }
    edits.extend(counts(report));
    edits.push(VisitEdit::Notes(notes(report)));
    edits
}

/// Only numbers that the report gives for that very thing.
fn counts(report: &Report) -> Vec<VisitEdit> {
    let mut edits = Vec::new();
    if let Some(number) = report.attendance {
        // A number of households is no number of people.
        let key = if report.groups == "households" { CountKey::Households } else { CountKey::Attendance };
        edits.push(VisitEdit::Count(key, amount(number)));
    }
    for part in report.pledges.split("; ") {
        if let Some(number) = part.strip_suffix(" key rings").and_then(|number| number.parse().ok()) {
            edits.push(VisitEdit::Count(CountKey::Keepsakes, amount(number)));
        }
    }
    edits
}

fn notes(report: &Report) -> String {
    let mut notes = format!(
        "{}. Theo tin công khai ({}); diễn ra ở nơi khác, nhập lại làm dữ liệu thử.",
        report.what, report.source
    );
    notes.push_str(&format!(
        " Đơn vị: {}. Thành phần: {}.",
        report.organisations,
        vietnamese(&report.groups)
    ));
    if report.attendance.is_none() {
        notes.push_str(" Tin không nêu số người dự.");
    }
    if !report.pledges.is_empty() {
        notes.push_str(&format!(" Cam kết, tài liệu: {}.", vietnamese(&report.pledges)));
    }
    notes
}

fn vietnamese(text: &str) -> &str {
    WORDS.iter().find(|(english, _)| *english == text).map_or(text, |(_, words)| words)
}

fn unit(name: &str) -> &'static str {
    let known = UNITS.iter().chain([&STEERING]).find(|(unit, _)| *unit == name);
    known.expect("every unit of the built-in reports is known").1
}

fn form(text: &str) -> Form {
    match text {
        "talk" => Form::Talk,
        "themed meeting" => Form::ThemedMeeting,
        "door to door + pledge" => Form::DoorToDoor,
        "event" => Form::ArtSportEvent,
        other => unreachable!("no built-in report has the form {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::replay;

    #[test]
    fn every_report_is_a_visit_and_nothing_is_made_up() {
        let options = Options::demo("2025-11-20".parse().expect("day"));
        let world = World::without_visits(&options);
        let visits = public_reports(&world, &options);
        let facts: Vec<_> = visits.iter().map(replay).collect();
        let attendance: Vec<_> = facts.iter().map(|f| f.count(CountKey::Attendance)).collect();
        assert_eq!(attendance, [Some(200), Some(80), Some(20), None, None, Some(100)]);
        assert_eq!(facts[4].count(CountKey::Households), Some(450));
        assert_eq!(facts[4].count(CountKey::Keepsakes), Some(450));
        for (visit, facts) in visits.iter().zip(&facts) {
            assert!(CountKey::GROUPS.iter().all(|group| facts.count(*group).is_none()));
            let date = facts.date.expect("dated");
            assert!(
                world.wards.iter().any(|ward| ward.id == visit.ward && ward.span().contains(date)),
                "{date}"
            );
            assert!(facts.notes.contains("Theo tin công khai ("));
        }
    }
}
