//! The figures of prevention models (D1), rule by rule.

use donghanh_shared::command::Command;
use donghanh_shared::command::fields::FieldEdit;
use donghanh_shared::command::prevention_model as model;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::prevention_model::{ModelCount, ReviewYear, Verdict};
use donghanh_shared::domain::report::{ActivityReport, Coverage, ModelFigures};

use super::get::{YEAR, report};
use crate::test_app::phone::{amount, document};
use crate::test_app::{TestApp, ward_a, ward_b, ward_before_a};

fn since(day: &str) -> FieldEdit {
    model::since(Some(day.parse().expect("day")))
}

fn ended(day: &str) -> FieldEdit {
    model::ended(Some(day.parse().expect("day")))
}

/// The review of a year, said on a day if any.
fn review(year: &str, verdict: Verdict, day: Option<&str>) -> Vec<FieldEdit> {
    let year: ReviewYear = year.parse().expect("year");
    let day = day.map(|day| day.parse().expect("day"));
    vec![model::effective(year, Some(verdict)), model::reviewed_on(year, day)]
}

/// `(models, working, reviewed)`.
fn counted(figures: &ModelFigures) -> (u32, u32, u32) {
    (figures.models, figures.working, figures.reviewed)
}

fn of(report: &ActivityReport, ward: WardRef) -> Option<(u32, u32, u32)> {
    report.wards.iter().find(|row| row.ward == ward).map(|row| counted(&row.models))
}

/// The totals of a period as the area supervisor sees them.
async fn total(app: &TestApp, from: &str, to: &str) -> (u32, u32, u32) {
    counted(&report(app, "thanh", &format!("from={from}&to={to}")).await.total.models)
}

#[tokio::test]
async fn a_model_counts_from_its_first_day_to_its_last() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_model(&app, document(1), ward_a(), &[since("2025-09-15"), ended("2026-03-31")]).await;
    for (from, to, expected) in [
        ("2025-07-01", "2025-09-14", 0),
        ("2025-07-01", "2025-09-15", 1),
        ("2026-03-31", "2026-12-31", 1),
        ("2026-04-01", "2026-12-31", 0),
        ("2025-10-01", "2025-10-02", 1),
    ] {
        assert_eq!(total(&app, from, to).await, (expected, expected, 0), "{from}–{to}");
    }
    let undated = lan.write(document(1), &[model::since(None), model::ended(None)]);
    assert!(lan.push(&app, vec![undated]).await[0].is_kept());
    assert_eq!(total(&app, "2025-01-01", "2026-12-31").await, (0, 0, 0), "nobody says since when");
}

#[tokio::test]
async fn the_latest_review_by_the_end_of_the_period_says_whether_it_works() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_model(&app, document(1), ward_a(), &[since("2025-07-01")]).await;
    assert_eq!(total(&app, "2026-01-01", "2026-12-31").await, (1, 1, 0), "never reviewed");
    let edits =
        [review("2025", Verdict::NotEffective, None), review("2026", Verdict::Partly, Some("2026-05-20"))];
    let edits = lan.write(document(1), &edits.concat());
    assert!(lan.push(&app, vec![edits]).await[0].is_kept());
    assert_eq!(total(&app, "2025-07-01", "2025-12-30").await, (1, 1, 0), "said on the last day of its year");
    assert_eq!(total(&app, "2025-07-01", "2025-12-31").await, (1, 0, 1));
    assert_eq!(
        total(&app, "2026-01-01", "2026-05-19").await,
        (1, 0, 0),
        "the review of the year before stands"
    );
    assert_eq!(total(&app, "2026-01-01", "2026-05-20").await, (1, 1, 1), "partly is no no");
    // Said late about an earlier year: the later year stands.
    let late = lan.write(document(1), &review("2025", Verdict::NotEffective, Some("2026-06-01")));
    assert!(lan.push(&app, vec![late]).await[0].is_kept());
    assert_eq!(total(&app, "2026-01-01", "2026-06-30").await, (1, 1, 1));
    // Taken back: only words are left, and they are no review.
    let year: ReviewYear = "2026".parse().expect("year");
    let words = [model::effective(year, None), model::review_text(year, Some("Sẽ họp lại".to_owned()))];
    let words = lan.write(document(1), &words);
    assert!(lan.push(&app, vec![words]).await[0].is_kept());
    assert_eq!(total(&app, "2026-01-01", "2026-06-30").await, (1, 0, 0));
}

#[tokio::test]
async fn members_are_summed_as_far_as_known_and_parts_never_add() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let women = [model::count(ModelCount::Women, amount(9)), model::count(ModelCount::Youth, amount(20))];
    lan.log_model(&app, document(1), ward_a(), &women).await;
    lan.log_model(&app, document(2), ward_a(), &[model::count(ModelCount::Members, None)]).await;
    let found = report(&app, "thanh", YEAR).await.total.models;
    assert_eq!((found.models, found.members, found.members_unknown), (2, 24, 1));
}

#[tokio::test]
async fn a_ward_has_its_model_when_one_of_its_own_works() {
    let app = TestApp::init().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    lan.log_model(&app, document(1), ward_a(), &[]).await;
    hoa.log_model(&app, document(2), ward_b(), &review("2026", Verdict::NotEffective, Some("2026-02-02")))
        .await;
    let drawn = report(&app, "thanh", YEAR).await;
    assert_eq!((of(&drawn, ward_a()), of(&drawn, ward_b())), (Some((1, 1, 0)), Some((1, 0, 1))));
    assert_eq!(drawn.total.model_wards, Coverage { covered: 1, registered: 2 });
    assert_eq!(counted(&drawn.total.models), (2, 1, 1));
    let removed = lan.write(document(1), &[model::archived(Some("Ghi trùng".to_owned()))]);
    assert!(lan.push(&app, vec![removed]).await[0].is_kept());
    let drawn = report(&app, "thanh", YEAR).await;
    assert_eq!(drawn.total.model_wards, Coverage { covered: 0, registered: 2 });
    assert_eq!(of(&drawn, ward_a()), Some((0, 0, 0)));
}

#[tokio::test]
async fn a_model_goes_on_when_its_ward_goes_into_another() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_model(&app, document(1), ward_before_a(), &[since("2023-03-26")]).await;
    let before = report(&app, "phuong", "from=2024-01-01&to=2024-12-31").await;
    assert_eq!(of(&before, ward_before_a()), Some((1, 1, 0)), "in the ward that it was made in");
    let across = report(&app, "phuong", "from=2025-01-01&to=2025-12-31").await;
    assert_eq!((of(&across, ward_before_a()), of(&across, ward_a())), (Some((1, 1, 0)), Some((0, 0, 0))));
    let after = report(&app, "phuong", YEAR).await;
    assert_eq!((of(&after, ward_before_a()), of(&after, ward_a())), (None, Some((1, 1, 0))));
    assert_eq!(after.total.model_wards, Coverage { covered: 1, registered: 1 });
    for query in ["from=2024-01-01&to=2024-12-31", "from=2025-01-01&to=2025-12-31", YEAR] {
        let regrouped = report(&app, "phuong", &format!("{query}&grouping=by_successor")).await;
        assert_eq!(of(&regrouped, ward_a()), Some((1, 1, 0)), "{query}");
        assert_eq!(counted(&regrouped.total.models), (1, 1, 0), "{query}");
    }
}

#[tokio::test]
async fn of_a_ward_that_came_later_nobody_can_tell_where_its_model_was() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_model(&app, document(1), ward_a(), &[since("2023-03-26")]).await;
    let then = report(&app, "phuong", "from=2024-01-01&to=2024-12-31").await;
    assert_eq!(of(&then, ward_a()), None, "no row of a ward that was not there");
    assert_eq!((counted(&then.total.models), then.total.model_wards.covered), ((0, 0, 0), 0));
    let regrouped = report(&app, "phuong", "from=2024-01-01&to=2024-12-31&grouping=by_successor").await;
    assert_eq!(of(&regrouped, ward_a()), Some((1, 1, 0)));
}

#[tokio::test]
async fn models_on_which_people_differ_are_told() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    lan.log_model(&app, document(1), ward_a(), &[]).await;
    let mut minh = app.phone("minh").await;
    minh.pull(&app).await;
    for (phone, verdict) in [(&mut lan, Verdict::Effective), (&mut minh, Verdict::NotEffective)] {
        let said = phone.write(document(1), &review("2026", verdict, Some("2026-05-20")));
        assert!(phone.push(&app, vec![said]).await[0].is_kept());
    }
    let found = report(&app, "phuong", YEAR).await.total.models;
    assert_eq!((found.models, found.reviewed, found.open_records), (1, 1, 1));
}

#[tokio::test]
async fn a_reader_counts_the_models_of_the_own_wards_and_an_organisation_its_own() {
    let app = TestApp::with_aftercare().await;
    let (mut lan, mut hoa) = (app.phone("lan").await, app.phone("hoa").await);
    lan.log_model(&app, document(1), ward_a(), &[]).await;
    lan.log_model(&app, document(2), ward_a(), &[]).await;
    hoa.log_model(&app, document(3), ward_b(), &[]).await;
    for (name, expected) in [("hoa", 1), ("phuong", 2), ("thanh", 3), ("tuan", 0)] {
        let found = report(&app, name, YEAR).await.total.models;
        assert_eq!(found.models, expected, "{name}");
    }
    let organisation = "thanh-doan".parse().expect("organisation");
    let add = lan.command(Command::AddOrganisation { document: document(2), organisation });
    assert!(lan.push(&app, vec![add]).await[0].is_kept());
    let own = report(&app, "tuan", YEAR).await;
    assert_eq!((counted(&own.total.models), of(&own, ward_a())), ((1, 1, 0), Some((1, 1, 0))));
}
