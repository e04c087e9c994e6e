//! A change bears the actor of somebody else's device.

use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::Answer;

use crate::test_app::phone::{document, first_edits};
use crate::test_app::{TestApp, ward_a};

#[tokio::test]
async fn it_is_refused_and_noted_and_nothing_is_written_in_anothers_name() {
    let app = TestApp::init().await;
    let (mut lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    lan.log_visit(&app, document(1), ward_a()).await;
    minh.actor = lan.actor;
    let create = minh.create(document(2), ward_a());
    assert!(minh.push(&app, vec![create]).await[0].is_kept());
    let forged = minh.save(document(2), &first_edits());
    let before = app.contents();
    assert_eq!(minh.push(&app, vec![forged]).await, [Answer::refused(Code::ActorForeign)]);
    assert_eq!(app.contents(), before);
    let line = &app.audit("actor_foreign").await[0];
    assert_eq!(
        (&line["person"]["name"], &line["note"]),
        (&"Trần Văn Minh".into(), &"actor_foreign 1".into())
    );
    assert_eq!(line["device"]["id"], minh.device.to_string());
}
