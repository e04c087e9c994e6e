//! Whoever connects and says nothing, or half of something, holds a place for a while and not for ever.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use donghanh_server::http::Limits;
use tokio::net::TcpListener;

use crate::test_app::TestApp;

/// Longer than anything here takes; only for a test that fails.
const STUCK: Duration = Duration::from_secs(30);
const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

async fn listening(limits: Limits) -> SocketAddr {
    let app = TestApp::empty().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        let router = app.application.router.clone();
        donghanh_server::http::serve(listener, router, limits, std::future::pending()).await;
        drop(app);
    });
    address
}

fn connected(address: SocketAddr, said: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.write_all(said).expect("writes");
    stream.set_read_timeout(Some(STUCK)).expect("a socket");
    stream
}

/// What comes until the server closes; a read that waits too long fails.
async fn answer(mut stream: TcpStream) -> String {
    let read = move || {
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes);
        assert!(!end.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "still open");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    tokio::task::spawn_blocking(read).await.expect("an end")
}

#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let limits = Limits { connections: 8, head: Duration::from_millis(200) };
    let address = listening(limits).await;
    for said in [&b""[..], b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-never: en"] {
        let told = answer(connected(address, said)).await;
        assert!(!told.starts_with("HTTP/1.1 200"), "{told}");
    }
    assert!(answer(connected(address, ASK)).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn places_taken_by_the_silent_come_free_again() {
    let limits = Limits { connections: 2, head: Duration::from_millis(300) };
    let address = listening(limits).await;
    let silent = [connected(address, b""), connected(address, b"GET / HT")];
    let told = answer(connected(address, ASK)).await;
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    drop(silent);
}
