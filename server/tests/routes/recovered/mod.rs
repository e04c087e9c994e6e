//! `/api/v1/recovered`.
mod get;
mod post;

use serde_json::Value;

use crate::promises::recovered::{offered, world};
use crate::test_app::TestApp;
use crate::test_app::phone::{Phone, document};

/// The server was put back; Minh brought back what Lan, whose phone is gone, wrote of two visits. He and the supervisor of the ward.
async fn brought_back() -> (TestApp, Phone, Phone) {
    let (app, mut minh, phuong) = world().await;
    for id in [document(1), document(2)] {
        let items = offered(&mut minh, id);
        minh.push(&app, items).await;
    }
    (app, minh, phuong)
}

async fn listed(app: &TestApp, who: &Phone) -> Vec<Value> {
    who.read(app, "/api/v1/recovered").await.as_array().expect("records").clone()
}
