//! Odd bytes in headers and names, to split a response or to be reflected in one.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request};
use donghanh_server::http::Limits;
use serde_json::json;
use tokio::net::TcpListener;

use crate::test_app::{PASSWORD, TestApp};

#[tokio::test]
async fn tokens_of_odd_bytes_are_no_tokens() {
    let app = TestApp::init().await;
    let odd: [&[u8]; 6] = [
        b"Bearer \xff\xfe",
        b"Bearer \t\t",
        b"Bearer 0000000000000000000000000000000000000000000000000000000000000000\t",
        b"bearer",
        "Bearer é".as_bytes(),
        &[b'a'; 20_000],
    ];
    for value in odd {
        let value = HeaderValue::from_bytes(value).expect("a header");
        let request = Request::get("/api/v1/session").header("authorization", value.clone());
        let reply = app.send(request.body(Body::empty()).expect("request")).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "not_signed_in"), "{value:?}");
    }
}

#[tokio::test]
async fn what_is_typed_comes_back_in_no_header() {
    let app = TestApp::init().await;
    let split = "máy\r\nset-cookie: a=b\u{0}\u{7f}";
    let form = json!({ "name": "lan", "password": PASSWORD, "device_name": split });
    let reply = app.json(Method::POST, "/api/v1/session", None, &form).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.headers.contains_key("set-cookie"));
    assert!(!format!("{:?}", reply.headers).contains("a=b"));
    let lan = crate::test_app::phone::Phone::of(&reply.json());
    assert_eq!(lan.read(&app, "/api/v1/devices").await[0]["name"], "máyset-cookie: a=b");
}

/// Sends these bytes over a real connection and reads what comes back until it ends.
async fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("address");
    let router = app.application.router.clone();
    let serving = tokio::spawn(donghanh_server::http::serve(
        listener,
        router,
        Limits::default(),
        std::future::pending(),
    ));
    let bytes = bytes.to_vec();
    let answer = tokio::task::spawn_blocking(move || exchange(address, &bytes)).await.expect("ends");
    serving.abort();
    answer
}

fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.write_all(bytes).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn split_headers_are_refused_on_the_wire() {
    let app = TestApp::init().await;
    let odd: [&[u8]; 4] = [
        b"GET /api/v1/session HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\rset-cookie: a=b\r\n\r\n",
        b"GET /api/v1/session HTTP/1.1\r\nhost: x\r\nx\0y: z\r\n\r\n",
        b"GET /api/v1/session\r\nset-cookie: a=b HTTP/1.1\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\n{}{}{",
    ];
    for bytes in odd {
        let answer = raw(&app, bytes).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{bytes:?}: {answer}");
        assert!(!answer.contains("set-cookie"), "{answer}");
    }
    let good = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(raw(&app, good).await.starts_with("HTTP/1.1 200 "));
}
