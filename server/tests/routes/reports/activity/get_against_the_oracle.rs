//! The report of a generated world, pushed like everything from phones, equals an independent calculation to the last
//! unit: several periods, both groupings, readers of one ward and of all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use donghanh_server::store::sqlite::Mode;
use donghanh_server::{Application, Config, demo};
use donghanh_shared::domain::report::{
    ActivityReport, Coverage, Figures, ModelFigures, PledgeFigures, SignedFigures, WardRow, WardTotal,
};
use donghanh_shared::domain::{Date, WardRef};
use donghanh_testkit::oracle::{Answer, Area, DriveFacts, Models, Oracle, Pledges, Question, Signed, Sums};
use donghanh_testkit::{DEMO_PASSWORD, Options, World};
use tempfile::TempDir;

use crate::test_app::TestApp;

fn day(text: &str) -> Date {
    text.parse().expect("day")
}

/// A demo server of these options.
pub async fn filled(options: Options) -> TestApp {
    let folder = TempDir::new().expect("folder");
    let now = options.today.start() + 9 * 3_600_000;
    let config = Config {
        data: folder.path().to_owned(),
        mode: Mode::Demo,
        master_key: None,
        ledger: None,
        settings: donghanh_server::Settings::default(),
        merger: donghanh_server::merger::Merger::here(),
        clock: Arc::new(move || now),
    };
    let application = Application::build(config).await.expect("builds");
    let visits = demo::fill(&application.state, &options).await.expect("filled");
    assert!(visits as f64 > 1_500.0 * options.scale);
    TestApp::over(application, folder)
}

struct Reader {
    name: &'static str,
    token: String,
    readable: BTreeSet<WardRef>,
}

impl Reader {
    async fn sign_in(app: &TestApp, name: &'static str) -> Self {
        let form = serde_json::json!({ "name": name, "password": DEMO_PASSWORD });
        let session = app.json(Method::POST, "/api/v1/session", None, &form).await.json();
        let scopes = session["access"]["grants"]
            .as_array()
            .expect("grants")
            .iter()
            .filter_map(|g| g["scope"].as_str());
        let readable = scopes.filter_map(|scope| scope.strip_prefix("activity/")?.parse().ok()).collect();
        Self { name, token: session["token"].as_str().expect("token").to_owned(), readable }
    }

    async fn report(
        &self,
        app: &TestApp,
        (from, to): (&str, &str),
        grouping: &str,
        records: &str,
    ) -> ActivityReport {
        let asked = format!("from={from}&to={to}&grouping={grouping}&records={records}");
        let path = format!("/api/v1/reports/activity?{asked}");
        let request = Request::get(path).header("authorization", format!("Bearer {}", self.token));
        let reply = app.send(request.body(Body::empty()).expect("request")).await;
        assert_eq!(reply.status, 200);
        serde_json::from_slice(&reply.body).expect("a report")
    }
}

fn sums(figures: &Figures) -> Sums {
    assert_eq!(figures.open_records, 0, "saves of the generated world follow one another");
    Sums {
        visits: figures.visits,
        sessions: figures.sessions,
        counts: figures.counts.clone(),
        attendance_unknown: figures.attendance_unknown,
        confirmed: figures.confirmed,
        media: figures.media,
        media_before: figures.media_before,
        action_month: figures.action_month,
        all_people_day: figures.all_people_day,
    }
}

fn pair(coverage: Coverage) -> (u32, u32) {
    (coverage.covered, coverage.registered)
}

fn signed(figures: SignedFigures) -> Signed {
    let SignedFigures { groups, unknown, signed, expected } = figures;
    Signed { groups, unknown, signed, expected }
}

fn pledges(figures: &PledgeFigures) -> Pledges {
    Pledges {
        drives: figures.drives,
        schools: pair(figures.schools),
        school_signers: signed(figures.school_signers),
        signers: figures.signers.iter().map(|(code, of)| (code.clone(), signed(*of))).collect(),
        three_no: signed(figures.three_no),
        three_no_sessions: figures.three_no_sessions,
        women: signed(figures.women),
        women_households: signed(figures.women_households),
        workers: signed(figures.workers),
        workers_reached: figures.workers_reached,
        open_records: figures.open_records,
    }
}

fn models(figures: &ModelFigures, wards: (u32, u32)) -> Models {
    Models {
        wards,
        models: figures.models,
        working: figures.working,
        reviewed: figures.reviewed,
        members: figures.members,
        members_unknown: figures.members_unknown,
        open_records: figures.open_records,
    }
}

fn ward(row: &WardRow) -> Area {
    Area {
        wards: (u32::from(row.reached), 1),
        sums: sums(&row.figures),
        schools: pair(row.schools),
        agencies: pair(row.agencies),
        residential_groups: pair(row.residential_groups),
        industrial_zones: pair(row.industrial_zones),
        pledges: pledges(&row.pledges),
        models: models(&row.models, (u32::from(row.models.working > 0), 1)),
    }
}

fn total(row: &WardTotal) -> Area {
    Area {
        wards: pair(row.wards),
        sums: sums(&row.figures),
        schools: pair(row.schools),
        agencies: pair(row.agencies),
        residential_groups: pair(row.residential_groups),
        industrial_zones: pair(row.industrial_zones),
        pledges: pledges(&row.pledges),
        models: models(&row.models, pair(row.model_wards)),
    }
}

fn compare(report: &ActivityReport, expected: &Answer, what: &str) {
    let wards: BTreeMap<_, _> = report.wards.iter().map(|row| (row.ward, ward(row))).collect();
    assert_eq!(wards, expected.wards, "{what}: wards");
    assert_eq!(total(&report.total), expected.total, "{what}: total");
    let organisations = report.organisations.iter().map(|row| {
        let led = donghanh_testkit::oracle::OrganisationSums {
            led: sums(&row.led),
            took_part: row.took_part,
            took_part_sessions: row.took_part_sessions,
        };
        (row.organisation.clone(), led)
    });
    assert_eq!(organisations.collect::<BTreeMap<_, _>>(), expected.organisations, "{what}: organisations");
    let months: BTreeMap<_, _> =
        report.months.iter().map(|p| (p.month, (p.sessions, p.attendance))).collect();
    assert_eq!(months, expected.months, "{what}: months");
}

/// What the comparison would not notice if no record did it.
fn is_demanding(world: &World, oracle: &Oracle<'_>) {
    let merged: BTreeSet<_> = world.places.iter().filter(|p| p.merged_into.is_some()).map(|p| p.id).collect();
    let facts = oracle.facts();
    assert!(facts.iter().any(|f| f.archived), "some are removed");
    assert!(facts.iter().any(|f| !f.reached.is_empty()), "some reach a second ward");
    assert!(
        facts.iter().any(|f| f.places.iter().any(|place| merged.contains(place))),
        "some name a merged place"
    );
    assert!(facts.iter().any(|f| f.is_media() && f.sessions() > 1), "some broadcasts are summed up");
    let drives = oracle.drives();
    let held = |d: &DriveFacts| Some((d.fields.get("place")?.clone(), d.fields.get("year")?.clone()));
    let occasions: BTreeSet<_> = drives.iter().filter_map(held).collect();
    assert!(occasions.len() < drives.len(), "some drives are held again in their year");
    assert!(drives.iter().any(|d| d.open), "some differ on a drive");
    assert!(drives.iter().any(|d| d.fields.contains_key("archived")), "some drives are removed");
    assert!(drives.iter().any(|d| d.fields.contains_key("visit")), "some go with a visit");
    let groups = || drives.iter().flat_map(|d| d.groups.values());
    assert!(groups().any(|g| g.out) && groups().any(|g| g.signed().is_none()), "some are out, some unknown");
    assert!(groups().any(|g| g.numbers.contains_key("tally")), "some are tapped");
    let models = oracle.models();
    let late = |m: &&donghanh_testkit::oracle::ModelFacts| {
        m.day("since").is_some_and(|since| since < m.home.valid_from)
    };
    assert!(models.iter().any(|m| m.open), "some differ on a model");
    assert!(models.iter().any(|m| m.fields.contains_key("archived")), "some models are removed");
    assert!(models.iter().any(|m| m.fields.contains_key("ended")), "some models ended");
    assert!(models.iter().any(|m| !m.numbers.contains_key("members")), "of some nobody knows the members");
    assert!(models.iter().filter(late).count() > 0, "some were written down in a ward that came later");
    let of_review =
        |what: &str| models.iter().flat_map(|m| m.reviews.keys()).filter(|(_, f)| f == what).count();
    assert!(of_review("date") < of_review("effective"), "some reviews have no day");
    are_linked(world, oracle);
    let whole = oracle.answer(&Question {
        from: day("2023-06-28"),
        to: day("2026-06-28"),
        by_successor: false,
        readable: world.wards.iter().map(|ward| ward.id).collect(),
        confirmed_only: false,
    });
    let pledges = &whole.total.pledges;
    for figures in [pledges.school_signers, pledges.three_no, pledges.women, pledges.women_households] {
        assert!(figures.groups > 0, "{pledges:?}");
    }
    let figures: Vec<Signed> =
        whole.wards.values().flat_map(|area| area.pledges.signers.values()).copied().collect();
    let known = figures.iter().filter(|signed| signed.expected.is_some()).count();
    assert!(known > 0 && known < figures.len(), "some wards know how many were to sign, some do not");
    assert!(pledges.workers.groups > 0 && pledges.workers_reached > 0 && pledges.three_no_sessions > 0);
}

/// Doubles of every kind, some of which do not count.
fn are_linked(world: &World, oracle: &Oracle<'_>) {
    let visits: Vec<_> = world.visits.iter().map(|visit| visit.document).collect();
    let drives: Vec<_> = world.drives.iter().map(|drive| drive.document).collect();
    let models: Vec<_> = world.models.iter().map(|model| model.document).collect();
    for (kind, records) in [("visits", visits), ("drives", drives), ("models", models)] {
        assert!(records.iter().any(|id| !oracle.counts(*id)), "some {kind} stand for others");
    }
    let facts = oracle.facts();
    let said = |id| facts.iter().find(|f| f.document == id).and_then(|f| f.same_as);
    let linked = || facts.iter().filter(|f| f.same_as.is_some());
    assert!(linked().any(|f| f.same_as.and_then(said) == Some(f.document)), "some each as the other");
    assert!(linked().any(|f| !f.archived && oracle.counts(f.document)), "some links take nothing away");
    let chain =
        |f: &&donghanh_testkit::oracle::Facts| f.same_as.and_then(said).is_some_and(|end| end != f.document);
    assert!(linked().any(|f| chain(&f)), "some one after the other");
}

#[tokio::test]
async fn every_figure_equals_the_independent_calculation() {
    let options = Options { scale: 0.3, ..Options::demo(day("2026-06-28")) };
    let app = filled(options).await;
    let world = World::generate(&options);
    let oracle = Oracle::new(&world);
    is_demanding(&world, &oracle);
    let mut readers = Vec::new();
    for name in ["thanh", "phuong", "hoa"] {
        readers.push(Reader::sign_in(&app, name).await);
    }
    assert_eq!((readers[0].readable.len(), readers[1].readable.len(), readers[2].readable.len()), (11, 5, 6));
    for (from, to) in [
        ("2023-06-28", "2026-06-28"),
        ("2025-01-01", "2025-12-31"),
        ("2024-01-01", "2024-12-31"),
        ("2025-06-30", "2025-07-01"),
        ("2025-07-01", "2026-06-28"),
        ("2026-06-01", "2026-06-30"),
        ("2024-02-29", "2024-02-29"),
        ("2021-01-01", "2023-03-31"),
        ("2010-06-26", "2010-06-26"),
        ("2030-01-01", "2030-01-31"),
    ] {
        for reader in &readers {
            for (grouping, by_successor) in [("as_then", false), ("by_successor", true)] {
                for (records, confirmed_only) in [("all", false), ("confirmed", true)] {
                    let report = reader.report(&app, (from, to), grouping, records).await;
                    let readable = reader.readable.clone();
                    let (from, to) = (day(from), day(to));
                    let question = Question { from, to, by_successor, readable, confirmed_only };
                    let what = format!("{} {from}–{to} {grouping} {records}", reader.name);
                    compare(&report, &oracle.answer(&question), &what);
                    assert_eq!((report.demo, report.confirmed_only), (true, confirmed_only));
                }
            }
        }
    }
}
