//! Inviting somebody new.

use axum::http::Method;
use donghanh_server::store::Register as _;
use donghanh_server::store::directory::Directory as _;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus, PlaceWard};
use donghanh_shared::ids::PlaceId;
use donghanh_shared::sync::wire::Reference;
use serde_json::{Value, json};

use crate::test_app::phone::Phone;
use crate::test_app::{Reply, TestApp, ward_a, ward_b};

async fn invite(app: &TestApp, who: &Phone, form: &Value) -> Reply {
    who.call(app, Method::POST, "/api/v1/invitations", form).await
}

fn form() -> Value {
    json!({ "full_name": " Nguyễn Thị Lan ", "role": "volunteer", "ward": "08707@2025-07-01" })
}

#[tokio::test]
async fn an_invitation_adds_a_person_without_a_password_under_a_name_made_for_them() {
    let app = TestApp::init().await;
    let administrator = app.phone("quantri").await;
    for name in ["nguyen.thi.lan", "nguyen.thi.lan2"] {
        let reply = invite(&app, &administrator, &form()).await;
        assert_eq!(reply.status, 201, "{}", String::from_utf8_lossy(&reply.body));
        let made = reply.json();
        let token = made["token"].as_str().expect("token");
        assert_eq!((made["name"].as_str(), token.len()), (Some(name), 64));
        assert_eq!(made["path"], format!("/#/join/{token}"));
        assert_eq!(made["expires_at"], app.now() + 7 * 24 * 3_600_000);
        assert!(made["qr_svg"].as_str().is_some_and(|svg| svg.starts_with("<svg ")));
        let sign_in = json!({ "name": name, "password": "" });
        assert_eq!(app.json(Method::POST, "/api/v1/session", None, &sign_in).await.code(), "sign_in_wrong");
    }
    let people = app.application.sqlite.people().await.expect("people");
    assert_eq!(people.last().map(|person| person.full_name.as_str()), Some("Nguyễn Thị Lan"));
    assert_eq!(app.audit("invitation_made").await.len(), 2);
    assert_eq!(app.audit("account_added").await[0]["note"], "volunteer");
}

#[tokio::test]
async fn supervisors_invite_volunteers_and_helpers_of_their_wards() {
    let app = TestApp::init().await;
    let supervisor = app.phone("phuong").await;
    let with = |role: &str, ward: Value| json!({ "full_name": "Kim Thơm", "role": role, "ward": ward });
    let (here, there) = (json!("08707@2025-07-01"), json!("08716@2025-07-01"));
    for role in ["volunteer", "helper"] {
        assert_eq!(invite(&app, &supervisor, &with(role, here.clone())).await.status, 201, "{role}");
        assert_eq!(invite(&app, &supervisor, &with(role, there.clone())).await.code(), "not_allowed");
    }
    for (role, ward) in [
        ("ward_supervisor", here.clone()),
        ("aftercare_officer", here.clone()),
        ("administrator", Value::Null),
        ("area_supervisor", Value::Null),
        ("volunteer", Value::Null),
    ] {
        assert_eq!(invite(&app, &supervisor, &with(role, ward)).await.code(), "not_allowed", "{role}");
    }
    // A ward that went into theirs takes nobody any more.
    let before = invite(&app, &supervisor, &with("volunteer", json!("08722@2004-07-08"))).await;
    assert_eq!(before.code(), "ward_unknown");
    for name in ["lan", "thanh"] {
        let who = app.phone(name).await;
        assert_eq!(
            invite(&app, &who, &with("volunteer", here.clone())).await.code(),
            "not_allowed",
            "{name}"
        );
    }
}

/// A school of the ward, or what is none.
fn school(byte: u8, ward: WardRef, kind: PlaceKind, status: PlaceStatus) -> Reference {
    let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
    let (name, level, merged_into) = (format!("THCS {byte}"), "THCS".to_owned(), None);
    let wards = vec![PlaceWard { ward, span }];
    Reference::Place(Place { id: PlaceId([byte; 16]), kind, name, level, wards, status, merged_into })
}

#[tokio::test]
async fn the_contact_person_of_a_school_is_invited_for_a_registered_school_of_the_ward() {
    let app = TestApp::init().await;
    let (of_ward, elsewhere) = (PlaceStatus::Registered, ward_b());
    let places = vec![
        school(1, ward_a(), PlaceKind::School, of_ward),
        school(2, elsewhere, PlaceKind::School, of_ward),
        school(3, ward_a(), PlaceKind::Market, of_ward),
        school(4, ward_a(), PlaceKind::School, PlaceStatus::Proposed),
    ];
    app.application.sqlite.put_references(places).await.expect("places");
    let form = |role: &str, ward: WardRef, place: Option<u8>| {
        let place = place.map(|byte| PlaceId([byte; 16]).to_string());
        json!({ "full_name": "Vũ Hồng Nhung", "role": role, "ward": ward.to_string(), "place": place })
    };
    for name in ["phuong", "quantri"] {
        let who = app.phone(name).await;
        let made = invite(&app, &who, &form("school_contact", ward_a(), Some(1))).await;
        assert_eq!(made.status, 201, "{name}");
        for (place, code) in [
            (None, "field_missing"),
            (Some(2), "place_unknown"),
            (Some(3), "place_unknown"),
            (Some(4), "place_unknown"),
            (Some(9), "place_unknown"),
        ] {
            let reply = invite(&app, &who, &form("school_contact", ward_a(), place)).await;
            assert_eq!((reply.code().as_str(), &reply.json()["field"]), (code, &json!("place")), "{place:?}");
        }
        let reply = invite(&app, &who, &form("volunteer", ward_a(), Some(1))).await;
        assert_eq!((reply.code().as_str(), &reply.json()["field"]), ("not_allowed", &json!("place")));
    }
    let supervisor = app.phone("phuong").await;
    let there = invite(&app, &supervisor, &form("school_contact", elsewhere, Some(2))).await;
    assert_eq!(there.code(), "not_allowed", "of another ward");
    let held = app.application.sqlite.people().await.expect("people").pop().expect("invited").memberships;
    assert_eq!(held.iter().map(|held| held.place).collect::<Vec<_>>(), [Some(PlaceId([1; 16]))]);
    let volunteer = app.phone("lan").await;
    let reply = invite(&app, &volunteer, &form("school_contact", ward_a(), Some(1))).await;
    assert_eq!(reply.code(), "not_allowed");
    let listed = supervisor.read(&app, "/api/v1/people").await;
    let contact = listed.as_array().expect("people").iter().find(|one| one["role"] == "school_contact");
    assert_eq!(contact.expect("listed")["place"], PlaceId([1; 16]).to_string());
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field() {
    let app = TestApp::init().await;
    let administrator = app.phone("quantri").await;
    for (change, code, field) in [
        (json!({ "ward": null }), "field_missing", "ward"),
        (json!({ "full_name": " " }), "text_empty", "full_name"),
        (json!({ "name": "lan" }), "document_exists", "name"),
        (json!({ "name": "x".repeat(200) }), "text_too_long", "name"),
        (json!({ "organisation": "khong-co" }), "organisation_invalid", "organisation"),
    ] {
        let mut form = form();
        for (key, value) in change.as_object().expect("changes") {
            form[key] = value.clone();
        }
        let reply = invite(&app, &administrator, &form).await;
        assert_eq!((reply.code().as_str(), &reply.json()["field"]), (code, &json!(field)), "{change}");
    }
    assert_eq!(app.application.sqlite.people().await.expect("people").len(), 6);
}
