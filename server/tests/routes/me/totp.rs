//! Two-step codes: offered, proven, asked for.

use axum::http::Method;
use donghanh_shared::access::Role;
use serde_json::{Value, json};

use crate::test_app::codes::{code, secret_of, step_of};
use crate::test_app::phone::Phone;
use crate::test_app::{PASSWORD, Reply, TestApp};

async fn sign_in(app: &TestApp, name: &str, code: Option<&str>) -> Reply {
    let form = json!({ "name": name, "password": PASSWORD, "code": code });
    app.json(Method::POST, "/api/v1/session", None, &form).await
}

async fn prove(app: &TestApp, phone: &Phone, code: &str) -> Reply {
    phone.call(app, Method::PUT, "/api/v1/me/totp", &json!({ "code": code })).await
}

/// Somebody in charge whose codes were forgotten, signed in: nothing else is open to them.
async fn needing(app: &TestApp) -> Phone {
    let administrator = app.phone("quantri").await;
    let path = format!("/api/v1/people/{}/totp", TestApp::person("phuong"));
    assert_eq!(administrator.call(app, Method::DELETE, &path, &Value::Null).await.status, 204);
    Phone::of(&sign_in(app, "phuong", None).await.json())
}

#[tokio::test]
async fn somebody_in_charge_does_nothing_before_the_codes_are_proven() {
    let app = TestApp::init().await;
    let phone = needing(&app).await;
    for (method, path) in [
        (Method::GET, "/api/v1/devices"),
        (Method::GET, "/api/v1/events"),
        (Method::POST, "/api/v1/push"),
        (Method::POST, "/api/v1/pull"),
        (Method::POST, "/api/v1/push/sealed"),
        (Method::GET, "/api/v1/audit"),
        (Method::POST, "/api/v1/invitations"),
        (Method::GET, "/api/v1/reports/activity?from=2026-06-01&to=2026-06-30"),
    ] {
        let reply = phone.call(&app, method, path, &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "code_set_up_needed"), "{path}");
    }
    assert_eq!(phone.read(&app, "/api/v1/session").await["code"], "needed");
    assert_eq!(prove(&app, &phone, "123456").await.code(), "code_wrong", "nothing was offered yet");
    let offered = phone.call(&app, Method::POST, "/api/v1/me/totp", &Value::Null).await.json();
    let secret = secret_of(offered["secret"].as_str().expect("secret"));
    assert_eq!(secret.len(), 20);
    let uri = offered["uri"].as_str().expect("uri");
    assert!(uri.starts_with("otpauth://totp/") && uri.contains("phuong"), "{uri}");
    assert!(offered["qr_svg"].as_str().is_some_and(|svg| svg.starts_with("<svg ")));
    assert_eq!(sign_in(&app, "phuong", None).await.status, 200, "not proven: not asked for");
    let now = step_of(app.now());
    assert_eq!(prove(&app, &phone, &code(&secret, now - 2)).await.code(), "code_wrong", "too old");
    assert_eq!(prove(&app, &phone, &code(&secret, now)).await.status, 204);
    assert_eq!(phone.read(&app, "/api/v1/session").await["code"], "on");
    assert!(phone.read(&app, "/api/v1/devices").await.is_array());
    let again = phone.call(&app, Method::POST, "/api/v1/me/totp", &Value::Null).await;
    assert_eq!(again.code(), "not_allowed", "proven codes are not replaced without anybody else");
    assert_eq!(app.audit("codes_set_up").await.len(), 1);
}

#[tokio::test]
async fn a_code_is_asked_for_only_after_a_right_password_and_works_once() {
    let app = TestApp::init().await;
    app.pass(3_600_000);
    let form = json!({ "name": "phuong", "password": "sai-mat-khau", "code": app.code("phuong") });
    assert_eq!(app.json(Method::POST, "/api/v1/session", None, &form).await.code(), "sign_in_wrong");
    for none in [None, Some(""), Some("  ")] {
        assert_eq!(sign_in(&app, "phuong", none).await.code(), "code_needed");
    }
    let code = app.code("phuong").expect("a code");
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert_eq!(sign_in(&app, "phuong", Some(&spaced)).await.status, 200);
    assert_eq!(sign_in(&app, "phuong", Some(&code)).await.code(), "code_wrong", "used");
    for wrong in ["000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", &"1".repeat(300)] {
        assert_eq!(sign_in(&app, "phuong", Some(wrong)).await.code(), "code_wrong", "{wrong}");
    }
    let refused = app.audit("code_refused").await;
    assert_eq!((&refused[0]["about"]["name"], &refused[0]["times"]), (&json!("Lê Thu Phương"), &json!(7)));
}

#[tokio::test]
async fn ten_wrong_codes_make_the_name_wait_though_the_password_is_right() {
    let app = TestApp::init().await;
    for _ in 0..10 {
        assert_eq!(sign_in(&app, "phuong", Some("000000")).await.code(), "code_wrong");
    }
    let code = app.code("phuong");
    let blocked = sign_in(&app, "phuong", code.as_deref()).await;
    assert_eq!((blocked.status.as_u16(), blocked.code().as_str()), (429, "too_many_attempts"));
}

#[tokio::test]
async fn volunteers_may_have_codes_and_need_none() {
    let app = TestApp::init().await;
    app.add("binh", "Hồ Bình", Role::Volunteer, Some(crate::test_app::ward_a()), None).await;
    let phone = app.phone("binh").await;
    assert_eq!(phone.read(&app, "/api/v1/session").await["code"], "off");
    let offered = phone.call(&app, Method::POST, "/api/v1/me/totp", &Value::Null).await.json();
    let secret = secret_of(offered["secret"].as_str().expect("secret"));
    assert_eq!(prove(&app, &phone, &code(&secret, step_of(app.now()))).await.status, 204);
    assert_eq!(sign_in(&app, "binh", None).await.code(), "code_needed");
}
