//! A sealed item is changed on its way, or was never sealed by the device.

use donghanh_shared::domain::error::Code;
use donghanh_shared::sync::wire::{Answer, PushAnswer, from_bytes};

use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_a};

#[tokio::test]
async fn every_changed_byte_is_noticed() {
    let app = TestApp::init().await;
    let mut lan = app.phone("lan").await;
    let item = lan.create(document(1), ward_a());
    let good = lan.seal(&[item]);
    let length = good.items[0].len();
    let mut tampered = good.clone();
    tampered.items = (1..length)
        .map(|at| {
            let mut bytes = good.items[0].to_vec();
            bytes[at] ^= 0x80;
            bytes.into()
        })
        .collect();
    let before = app.contents();
    let reply = lan.push_sealed(&app, &tampered).await;
    let answers = from_bytes::<PushAnswer>(&reply.body).expect("an answer").answers;
    assert_eq!(answers, vec![Answer::refused(Code::SealedForged); length - 1]);
    assert_eq!(app.contents(), before);
    let line = &app.audit("sealed_push_refused").await[0];
    assert_eq!(line["note"], format!("sealed_forged {}", length - 1));
    assert_eq!(line["device"]["id"], lan.device.to_string());
}
