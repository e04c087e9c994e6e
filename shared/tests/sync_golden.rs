//! The wire is frozen: messages of version 1 read and write as they always did, and what a newer protocol adds is passed over.

use donghanh_shared::access::Scope;
use donghanh_shared::command::Command;
use donghanh_shared::ids::{CommandId, DeviceId, Digest, DocumentId, InstanceId, PlaceId};
use donghanh_shared::sync::wire::{self, Cursor, PullItem, PullPage, PushItem, PushRequest, ScopeInfo};

#[test]
fn golden_messages_still_read_and_write_the_same() {
    let request = PushRequest {
        version: 1,
        instance: InstanceId([1; 16]),
        device: DeviceId([2; 16]),
        epoch: 3,
        batch: 4,
        items: vec![
            PushItem::Change { document: DocumentId([5; 16]), generation: 0, bytes: vec![1, 2, 3].into() },
            PushItem::Command {
                id: CommandId([6; 16]),
                at: 0,
                command: Command::ApprovePlace { place: PlaceId([9; 16]) },
            },
        ],
    };
    let page = PullPage {
        epoch: 3,
        items: vec![
            PullItem::Leave { scope: 1, document: DocumentId([5; 16]) },
            PullItem::Changes {
                scope: 1,
                document: DocumentId([5; 16]),
                generation: 0,
                changes: vec![vec![9].into()],
            },
        ],
        cursors: vec![Cursor { scope: 1, seq: 9, chain: 7, boot: None }],
        digests: vec![(1, Digest::EMPTY)],
        ..PullPage::default()
    };
    for (name, bytes) in [("push_request", wire::to_bytes(&request)), ("pull_page", wire::to_bytes(&page))] {
        let path = format!("{}/tests/golden/v1/{name}.cbor", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
            std::fs::write(&path, &bytes).expect("write");
        }
        assert_eq!(std::fs::read(&path).expect("golden file"), bytes, "{name}");
    }
    assert_eq!(wire::from_bytes::<PushRequest>(&wire::to_bytes(&request)), Ok(request));
    assert_eq!(wire::from_bytes::<PullPage>(&wire::to_bytes(&page)), Ok(page));
}

#[test]
fn golden_commands_about_schools_still_read_and_write_the_same() {
    let (document, school) = (DocumentId([5; 16]), PlaceId([6; 16]));
    let commands = vec![
        Command::CreateAtSchool { document, ward: "08707@2025-07-01".parse().expect("ward"), school },
        Command::AddSchool { document, school },
        Command::RemoveSchool { document, school },
    ];
    let bytes = wire::to_bytes(&commands);
    let path = format!("{}/tests/golden/v1/school_commands.cbor", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("DONGHANH_MAKE_GOLDEN").is_some() {
        std::fs::write(&path, &bytes).expect("write");
    }
    assert_eq!(std::fs::read(&path).expect("golden file"), bytes);
    assert_eq!(wire::from_bytes::<Vec<Command>>(&bytes), Ok(commands));
}

#[test]
fn a_field_of_a_newer_protocol_is_passed_over() {
    let mut bytes = wire::to_bytes(&PullPage::default());
    assert_eq!(bytes[0] & 0xe0, 0xa0, "a map");
    bytes[0] += 1;
    bytes.extend_from_slice(&[0x18, 99, 0x81, 0x01]);
    assert_eq!(wire::from_bytes::<PullPage>(&bytes), Ok(PullPage::default()));
}

#[test]
fn a_page_that_names_a_scope_of_a_newer_server_still_reads() {
    let known = ScopeInfo { number: 2, scope: Scope::Reference, write: false };
    let page = PullPage { scopes: vec![known.clone(), known.clone()], more: true, ..PullPage::default() };
    let (mut bytes, name) = (wire::to_bytes(&page), b"reference");
    let at = bytes.windows(name.len()).position(|window| window == name).expect("named");
    bytes[at..at + name.len()].copy_from_slice(b"pond/0870");
    let read: PullPage = wire::from_bytes(&bytes).expect("reads");
    assert_eq!((read.scopes, read.more), (vec![known], true));
    assert!(wire::from_bytes::<PullPage>(&bytes[..at + 3]).is_err(), "what is cut off does not");
}
