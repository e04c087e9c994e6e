//! Small bodies that want to become large: deflated zeros, deep nesting, lengths that lie.

use std::io::Write as _;

use donghanh_shared::sync::wire::deflate;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::test_app::TestApp;
use crate::test_app::phone::Phone;

/// What a gigabyte of zeros is when deflated: a megabyte.
fn deflated_zeros() -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..1 << 10 {
        encoder.write_all(&zeros).expect("written");
    }
    encoder.finish().expect("finished")
}

/// The most memory this process ever held, in MiB.
fn peak_mib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a line");
    line.split_whitespace().nth(1).expect("a number").parse::<usize>().expect("KiB") / 1024
}

/// Sends a body to each route that inflates, and tells what each said.
async fn sent(app: &TestApp, phones: [&Phone; 2], body: &[u8]) -> Vec<(u16, String)> {
    let [living, revoked] = phones;
    let mut told = Vec::new();
    for (phone, path) in
        [(living, "/api/v1/push"), (living, "/api/v1/push/sealed"), (revoked, "/api/v1/hand-over")]
    {
        let reply = phone.post_with(app, &phone.token, path, body.to_vec()).await;
        told.push((reply.status.as_u16(), reply.code()));
    }
    told
}

async fn phones(app: &TestApp) -> [Phone; 2] {
    let (living, revoked) = (app.phone("minh").await, app.phone("lan").await);
    assert_eq!(app.phone("phuong").await.revoke(app, &revoked).await.status, 204);
    [living, revoked]
}

fn all(status: u16, code: &str) -> Vec<(u16, String)> {
    vec![(status, code.to_owned()); 3]
}

#[tokio::test]
async fn a_gigabyte_of_zeros_is_not_unpacked() {
    let app = TestApp::init().await;
    let [living, revoked] = phones(&app).await;
    let bomb = deflated_zeros();
    assert!(bomb.len() < 1 << 20, "it passes as a body: {}", bomb.len());
    let before = peak_mib();
    assert_eq!(sent(&app, [&living, &revoked], &bomb).await, all(413, "body_too_large"));
    let grown = peak_mib() - before;
    assert!(grown < 64, "{grown} MiB more");
}

#[tokio::test]
async fn nesting_and_lying_lengths_are_refused() {
    let app = TestApp::init().await;
    let [living, revoked] = phones(&app).await;
    let deep = |byte: u8| vec![byte; 4 << 20];
    // A map of one unknown field, which holds what follows.
    let field = |bytes: Vec<u8>| [vec![0xa1, 0x18, 99], bytes].concat();
    let lying = |head: u8| vec![head, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    // The list of items (push: 5, sealed: 4) says that it has 2^64 - 1 of them.
    let list = |key: u8| [vec![0xa1, key], lying(0x9b)].concat();
    let before = peak_mib();
    for bomb in [
        deep(0x81),
        deep(0xa1),
        deep(0xc0),
        deep(0x9f),
        field(deep(0x81)),
        field(deep(0x9f)),
        field(deep(0xc0)),
        lying(0xbb),
        field(lying(0x5b)),
        field(lying(0x9b)),
        list(4),
        list(5),
        [vec![0xa1, 4], vec![0x9f], vec![0x40; 4 << 20], vec![0xff]].concat(),
    ] {
        let told = sent(&app, [&living, &revoked], &deflate(&bomb)).await;
        assert_eq!(told, all(400, "body_malformed"), "{:?}…", &bomb[..4]);
    }
    let grown = peak_mib() - before;
    assert!(grown < 64, "{grown} MiB more");
}
