//! Somebody speaks a version that never was, to be treated more leniently.

use donghanh_shared::sync::wire::{deflate, to_bytes};

use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_a};

#[tokio::test]
async fn versions_that_never_were_are_refused_everywhere() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let item = lan.create(document(1), ward_a());
    let before = app.contents();
    for version in [0, 2, u32::MAX] {
        let mut push = lan.request(vec![item.clone()]);
        push.version = version;
        let mut pull = lan.pull_request(1_000);
        pull.version = version;
        let mut sealed = lan.seal(std::slice::from_ref(&item));
        sealed.version = version;
        for (path, body) in [
            ("/api/v1/push", deflate(&to_bytes(&push))),
            ("/api/v1/pull", to_bytes(&pull)),
            ("/api/v1/push/sealed", deflate(&to_bytes(&sealed))),
        ] {
            let reply = lan.post_with(&app, &lan.token, path, body).await;
            let told = (reply.status.as_u16(), reply.code());
            assert_eq!(told, (426, "version_unsupported".to_owned()), "{path} {version}");
        }
        assert_eq!(lan.rescue(&app, sealed.to_file()).await.code(), "version_unsupported");
    }
    assert_eq!(app.contents(), before);
}
