//! A push names the device of somebody else.

use donghanh_shared::sync::wire::{deflate, to_bytes};

use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_a};

#[tokio::test]
async fn it_is_refused_as_a_whole_and_noted() {
    let app = TestApp::init().await;
    let (lan, mut minh) = (app.phone("lan").await, app.phone("minh").await);
    let item = minh.create(document(1), ward_a());
    let sealed = lan.seal(std::slice::from_ref(&item));
    let mut request = minh.request(vec![item]);
    request.device = lan.device;
    let before = app.contents();
    let push = minh.post(&app, "/api/v1/push", deflate(&to_bytes(&request))).await;
    assert_eq!((push.status.as_u16(), push.code().as_str()), (403, "not_allowed"));
    let sealed = minh.push_sealed(&app, &sealed).await;
    assert_eq!((sealed.status.as_u16(), sealed.code().as_str()), (403, "not_allowed"));
    assert_eq!(app.contents(), before);
    let line = &app.audit("device_foreign").await[0];
    assert_eq!((&line["person"]["name"], &line["times"]), (&"Trần Văn Minh".into(), &2.into()));
}
