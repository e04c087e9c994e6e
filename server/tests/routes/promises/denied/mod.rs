//! What is not somebody's is denied to them, whatever they ask and whatever they know of it; and it is denied in the words
//! in which something that does not exist is.

mod documented;
mod nothing_of_another_school;
mod nothing_of_ward_a;
mod probe;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use donghanh_shared::command::Command;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{PhotoId, PhotoKey};
use donghanh_shared::sync::wire::Answer;
use sha2::{Digest as _, Sha256};

use self::probe::{ACTIONS, PEOPLE, Where};
use crate::test_app::phone::{Phone, document};
use crate::test_app::{Reply, TestApp, person, ward_b};

/// Everything that anybody may do, and nothing else is done: for each person, per kind the first letters of what may be
/// done (r read, s see counts, c create, e edit, R return, C confirm, A archive, a assign, E ask to erase for good, m move), in the own ward and elsewhere.
fn allowed(name: &str) -> [(&'static str, &'static str); 8] {
    const NONE: (&str, &str) = ("", "");
    const COUNTS: (&str, &str) = ("s", "");
    const READ: (&str, &str) = ("rs", "");
    const OWN: (&str, &str) = ("rsceAm", "");
    const ASKED: (&str, &str) = ("r", "");
    match name {
        "thu" => {
            let own = ("rsceRCAm", "");
            [own, NONE, NONE, NONE, NONE, own, own, ASKED]
        }
        "lan" => [OWN, NONE, NONE, NONE, NONE, OWN, OWN, ASKED],
        "phuong" => {
            let own = ("rsceRAm", "");
            [own, COUNTS, COUNTS, COUNTS, COUNTS, own, own, ("rceAm", "")]
        }
        "tuan" => [READ, NONE, NONE, NONE, NONE, READ, READ, NONE],
        "thanh" => {
            let (read, counts) = (("rs", "rs"), ("s", "s"));
            [read, counts, counts, counts, counts, read, read, ("r", "r")]
        }
        "dung" => {
            let asks = ("rceAm", "");
            [NONE, ("rsceAaEm", ""), ("rsceA", ""), ("rsceRCA", ""), ("rsceA", ""), NONE, NONE, asks]
        }
        "nhung" => [NONE, NONE, NONE, NONE, NONE, ("rce", ""), NONE, NONE],
        "giang" => [NONE, ("r", ""), NONE, ("rceA", ""), NONE, NONE, NONE, ASKED],
        _ => [NONE; 8],
    }
}

#[tokio::test]
async fn everybody_does_what_is_theirs_and_nothing_else() {
    for (name, role) in PEOPLE {
        let table = probe::of(name).await;
        assert_eq!(Kind::ALL.len(), allowed(name).len(), "every kind is tried");
        for (kind, (own, other)) in Kind::ALL.iter().zip(allowed(name)) {
            for (place, expected) in [(Where::Own, own), (Where::Other, other)] {
                let letters = ACTIONS.into_iter().zip("rsceRCAaEm".chars());
                let done: String =
                    letters.filter(|(action, _)| table[&(*kind, *action, place)]).map(|(_, c)| c).collect();
                assert_eq!(done, expected, "{role:?} {kind:?} {place:?}");
            }
        }
    }
}

/// What somebody who cannot know a record may try on it, one item a try.
fn tries(phone: &mut Phone, kind: Kind, id: u8) -> Vec<donghanh_shared::sync::wire::PushItem> {
    let id = document(id);
    phone.documents.insert(id, Document::create(kind, id, 0));
    let organisation = "thanh-doan".parse().expect("organisation");
    let commands = [
        Command::MoveDocument { document: id, ward: ward_b() },
        Command::ReachWard { document: id, ward: ward_b() },
        Command::LeaveWard { document: id, ward: ward_b() },
        Command::AddOrganisation { document: id, organisation },
        Command::AddSchool { document: id, school: probe::SCHOOL },
        Command::RemoveSchool { document: id, school: probe::SCHOOL },
        Command::AssignHelper { case: id, person: person("giang") },
        Command::UnassignHelper { case: id, person: person("giang") },
        Command::NoteRead { document: id, at: 5 },
        Command::NoteExport { document: id, at: 5 },
    ];
    let root = donghanh_shared::crdt::root::change(kind, id, 0);
    let mut items: Vec<_> = commands.into_iter().map(|command| phone.command(command)).collect();
    items.push(probe::save(phone, kind, id, false));
    items.push(donghanh_shared::sync::wire::PushItem::Change {
        document: id,
        generation: 0,
        bytes: root.into(),
    });
    let part = Command::CreateInCase { document: document(id.0[0] + 100), kind: Kind::CheckIn, case: id };
    items.push(phone.command(part));
    items
}

#[tokio::test]
async fn what_is_forbidden_answers_like_what_does_not_exist() {
    let (app, documents) = probe::world().await;
    for (name, _) in PEOPLE {
        let mut phone = app.phone(name).await;
        phone.pull(&app).await;
        let fetched: Vec<_> = phone.documents.keys().copied().collect();
        for kind in Kind::ALL {
            for place in Where::ALL {
                let id = place.record(*kind);
                if fetched.contains(&id) {
                    continue;
                }
                assert!(documents.contains_key(&id));
                let there = tries(&mut phone, *kind, id.0[0]);
                let absent = tries(&mut phone, *kind, 60 + id.0[0]);
                let (there, absent) = (phone.push(&app, there).await, phone.push(&app, absent).await);
                assert_eq!(there, absent, "{name} {kind:?} {place:?}");
                assert!(there.iter().all(|answer| *answer == Answer::MissingDependencies), "{there:?}");
            }
        }
    }
}

async fn put_photo(app: &TestApp, phone: &Phone, photo: PhotoId, record: u8, sealed: &[u8]) -> Reply {
    let record = document(record);
    let path = format!("/api/v1/photos/{photo}?document={record}&at=0&size={}", sealed.len());
    let request = Request::put(path)
        .header("content-type", "application/octet-stream")
        .header("authorization", format!("Bearer {}", phone.token));
    app.send(request.body(Body::from(sealed.to_vec())).expect("request")).await
}

#[tokio::test]
async fn pictures_of_others_are_neither_given_nor_taken() {
    let (app, _) = probe::world().await;
    let sealed = vec![7; 64];
    let photo = PhotoId(Sha256::digest(&sealed).into());
    let (listed, absent) = (Where::Own.record(Kind::OutreachVisit).0[0], 99);
    let mut lan = app.phone("lan").await;
    lan.pull(&app).await;
    let save = lan.save(document(listed), &[VisitEdit::Photo(photo, Some(PhotoKey([1; 32])))]);
    assert!(lan.push(&app, vec![save]).await[0].is_kept());
    let mut strangers = BTreeMap::new();
    for name in ["hoa", "ha", "dung", "giang", "quantri"] {
        strangers.insert(name, app.phone(name).await);
    }
    for (name, phone) in &strangers {
        let there = put_photo(&app, phone, photo, listed, &sealed).await;
        let nowhere = put_photo(&app, phone, photo, absent, &sealed).await;
        assert_eq!((there.status.as_u16(), &there.body), (404, &nowhere.body), "{name} sends");
    }
    // Who reads the record and does not write it sends none either.
    for name in ["thanh", "tuan"] {
        let phone = app.phone(name).await;
        assert_eq!(put_photo(&app, &phone, photo, listed, &sealed).await.status, 404, "{name} sends");
    }
    assert_eq!(put_photo(&app, &lan, photo, listed, &sealed).await.status, 200);
    let path = |photo: PhotoId| format!("/api/v1/photos/{photo}");
    for (name, phone) in &strangers {
        let there = probe::get(&app, phone, &path(photo)).await;
        let nowhere = probe::get(&app, phone, &path(PhotoId([9; 32]))).await;
        assert_eq!((there.status.as_u16(), &there.body), (404, &nowhere.body), "{name} fetches");
    }
    for name in ["phuong", "thanh", "tuan"] {
        let phone = app.phone(name).await;
        assert_eq!(probe::get(&app, &phone, &path(photo)).await.body, sealed, "{name} fetches");
    }
}
