//! Many phones at the same record at the same moment: everything is kept, and in the end all are equal.

use std::sync::Arc;

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::sync::wire::Answer;
use tokio::task::JoinSet;

use crate::test_app::phone::document;
use crate::test_app::{TestApp, ward_a};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_phones_tap_in_one_record_at_once() {
    let app = Arc::new(TestApp::init().await);
    let mut lan = app.phone("lan").await;
    lan.log_visit(&app, document(1), ward_a()).await;
    let mut phones = Vec::new();
    for _ in 0..12 {
        let mut phone = app.phone("minh").await;
        phone.pull(&app).await;
        phones.push(phone);
    }
    let mut sending = JoinSet::new();
    for mut phone in phones {
        let app = Arc::clone(&app);
        sending.spawn(async move {
            let mut items: Vec<_> =
                (1..=5).map(|_| phone.save(document(1), &[VisitEdit::Tap(CountKey::Women, 1)])).collect();
            while !items.is_empty() {
                let answers = phone.push(&app, items.clone()).await;
                items = items
                    .into_iter()
                    .zip(answers)
                    .filter(|(_, a)| *a == Answer::RetryLater)
                    .map(|(i, _)| i)
                    .collect();
            }
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.expect("sent");
    }
    lan.pull(&app).await;
    assert_eq!(lan.documents[&document(1)].visit().count(CountKey::Women), Some(60));
}
