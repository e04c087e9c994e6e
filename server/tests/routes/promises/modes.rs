//! Demo data and real data never mix.

use donghanh_server::store::StoreError;
use donghanh_server::store::sqlite::Mode;
use donghanh_server::{Application, Config, demo};
use donghanh_shared::crdt::{Document, Kind};
use donghanh_testkit::{Options, World};
use tempfile::TempDir;

use crate::test_app::phone::Phone;
use crate::test_app::{TestApp, today};

async fn open(folder: &TempDir, mode: Mode) -> Result<Application, StoreError> {
    let clock = std::sync::Arc::new(|| today().start() + 9 * 3_600_000);
    Application::build(Config { clock, ..Config::new(folder.path().to_owned(), mode) }).await
}

#[tokio::test]
async fn a_directory_is_never_opened_as_the_other() {
    for (first, second) in [(Mode::Demo, Mode::Real), (Mode::Real, Mode::Demo)] {
        let folder = TempDir::new().expect("folder");
        assert!(
            matches!(open(&folder, Mode::AsFound).await, Err(StoreError::Unsuitable(_))),
            "nothing there yet"
        );
        open(&folder, first).await.expect("made");
        assert!(
            matches!(open(&folder, second).await, Err(StoreError::Unsuitable(_))),
            "{first:?} as {second:?}"
        );
        open(&folder, first).await.expect("opened again");
        open(&folder, Mode::AsFound).await.expect("as it is");
    }
}

#[tokio::test]
async fn the_demo_is_filled_once_and_only_where_it_belongs() {
    let options = Options { scale: 0.02, ..Options::demo(today()) };
    let real = TestApp::empty().await;
    assert!(demo::fill(&real.application.state, &options).await.is_err());
    let folder = TempDir::new().expect("folder");
    let application = open(&folder, Mode::Demo).await.expect("made");
    let made = demo::fill(&application.state, &options).await.expect("filled");
    assert!(made > 10, "{made}");
    assert_eq!(demo::fill(&application.state, &options).await, Ok(0));
    let rows = application.sqlite.dump_projections().await.expect("dump");
    let kinds = ["visit_row", "drive_row", "model_row"];
    // What was asked has no row: how far it has come is reckoned from the records.
    let asked = World::generate(&options).assignments.len();
    assert!(asked > 0);
    assert_eq!(kinds.iter().map(|table| rows[*table].len()).sum::<usize>() + asked, made);
    assert!(kinds.iter().all(|table| !rows[*table].is_empty()), "drives and models are among them");
    let app = TestApp::over(application, folder);
    for shown in app.application.state.demo_sign_ins().to_vec() {
        let phone = Phone::sign_in(&app, &shown.name).await;
        assert_ne!(phone.instance, real.application.state.store().instance().id);
    }
    // Lan's union is asked for something that is still under way.
    let mut lan = Phone::sign_in(&app, "lan").await;
    lan.pull(&app).await;
    let asks = |document: &Document| {
        let (kind, ask) = (document.kind(), document.assignment().ask());
        let lead = ask.lead.is_some_and(|lead| lead.as_str() == "doan-phuong-xa");
        kind == Kind::WorkAssignment && lead && ask.by > Some(options.today)
    };
    assert!(lan.documents.values().any(asks));
    // The helper of the demo looks after three people, and has seen them.
    let mut giang = Phone::sign_in(&app, "giang").await;
    giang.pull(&app).await;
    let of = |kind: Kind| giang.documents.values().filter(|document| document.kind() == kind).count();
    assert_eq!(of(Kind::AftercareCase), 3);
    assert!(of(Kind::CheckIn) > 3 && of(Kind::AftercareRestricted) == 0);
}
