//! Which visitors are let in, and what happens to those who break the rules.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite;

use crate::client::{Client, Closed, raw, strokes};
use crate::server::Server;
use crate::wire::{self, Message};

fn server() -> (tempfile::TempDir, Server) {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    (home, server)
}

#[test]
fn a_foreign_host_gets_403_and_a_reason_on_every_path() {
    let (_home, server) = server();
    for path in ["/", "/health", "/metrics", "/ws", "/main.js", "/nothing"] {
        for host in ["Host: evil.test\r\n", "Host: localhost\r\n", ""] {
            let (head, body) = server.request(path, host);
            assert!(head.starts_with("HTTP/1.1 403 "), "{path} {host}: {head}");
            assert!(body.contains("foreign Host"), "{body}");
        }
    }
}

#[test]
fn the_page_is_served_with_its_protection() {
    let (_home, server) = server();
    let port = server.address().port();
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        let (head, body) = server.request("/", &format!("Host: {host}\r\n"));
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(body.contains("<canvas"), "{body}");
        let head = head.to_lowercase();
        assert!(head.contains("content-security-policy: default-src 'none';"), "{head}");
        assert!(!head.contains("unsafe"), "{head}");
        assert!(head.contains("x-content-type-options: nosniff"), "{head}");
        assert!(head.contains("referrer-policy: no-referrer"), "{head}");
        assert!(head.contains("frame-ancestors 'none'"), "{head}");
        assert!(head.contains("cross-origin-opener-policy: same-origin\r\n"), "{head}");
        assert!(head.contains("cross-origin-resource-policy: same-origin\r\n"), "{head}");
    }
    let host = format!("Host: localhost:{port}\r\n");
    let (head, script) = server.request("/main.js", &host);
    assert!(head.contains("text/javascript"), "{head}");
    for module in script.split("from './").skip(1) {
        let (name, _) = module.split_once('\'').expect("a module name");
        assert!(server.request(&format!("/{name}"), &host).0.starts_with("HTTP/1.1 200 "), "{name}");
    }
}

#[test]
fn no_address_leads_to_a_file_and_every_answer_is_protected() {
    let (_home, server) = server();
    let host = format!("Host: {}\r\n", server.address());
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/..%5cCargo.toml",
        "/%252e%252e/Cargo.toml",
        "//etc/passwd",
        "/main.js/../../Cargo.toml",
        "/main.js%00",
        "/board.redb",
        "/./main.js",
    ] {
        let (head, body) = server.request(path, &host);
        assert!(head.starts_with("HTTP/1.1 404 "), "{path}: {head}");
        assert!(body.contains("nothing here"), "{path}: {body}");
        assert!(head.contains("content-security-policy: default-src 'none';"), "{path}: {head}");
    }
    let (head, _) = server.request("/", "Host: evil.test\r\n");
    assert!(head.contains("content-security-policy: default-src 'none';"), "{head}");
}

#[test]
fn a_head_has_at_most_16_kib() {
    let (_home, server) = server();
    let host = format!("Host: {}\r\n", server.address());
    for (long, status) in [(15 * 1024, "200"), (17 * 1024, "431")] {
        let (head, _) = server.request("/", &format!("{host}X-Long: {}\r\n", "x".repeat(long)));
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{long}: {head}");
    }
}

#[tokio::test]
async fn a_websocket_is_never_compressed() {
    let (_home, server) = server();
    let mut stream = TcpStream::connect(server.address()).await.expect("connected");
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
        server.address()
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("the head"));
    }
    let head = String::from_utf8(head).expect("text").to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(!head.contains("sec-websocket-extensions"), "{head}");
}

#[test]
fn a_foreign_origin_gets_403_on_the_websocket() {
    let (_home, server) = server();
    let ask = |origin: &str| {
        let address = server.address();
        let headers = format!(
            "Host: {address}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nConnection: Upgrade, close\r\n"
        );
        server.ask("/ws", &headers)
    };
    for origin in ["http://evil.test", "null", "https://localhost", "http://localhost:1"] {
        let (head, body) = ask(origin);
        assert!(head.starts_with("HTTP/1.1 403 "), "{origin}: {head}");
        assert!(body.contains("foreign Origin"), "{body}");
    }
}

/// Sends one frame after the hello; how the server ends that connection.
async fn offended_by(server: &Server, frame: Vec<u8>) -> Closed {
    let mut client = Client::connect(server, 1, 0).await;
    client.send(frame).await;
    client.closed().await
}

#[tokio::test]
async fn a_malformed_frame_closes_its_connection_with_a_reason_and_no_other() {
    let (_home, server) = server();
    let mut witness = Client::connect(&server, 9, 0).await;
    witness.live().await;
    let mut not_a_number = wire::stroke(1, 3);
    not_a_number[33..37].copy_from_slice(&f32::NAN.to_le_bytes());
    let cases = [
        (vec![], 1007, "empty frame"),
        (vec![250], 1008, "unknown kind 250"),
        (wire::hello(1, 0, "main"), 1008, "a second hello"),
        (not_a_number, 1007, "coordinate"),
        (wire::stroke(1, 0), 1007, "points"),
        (wire::stroke(1, 3)[..40].to_vec(), 1007, "points"),
        (wire::chat(1, ""), 1007, "text"),
        (wire::here("a\u{202e}b"), 1007, "name"),
        ([wire::ask(), vec![0]].concat(), 1007, "length"),
        (wire::action(6, 1, &[0; 7]), 1007, "revisions"),
        (vec![1; 20 * 1024 + 1], 1009, "20480"),
        (vec![1; 200 * 1024], 1009, "20480"),
    ];
    for (frame, code, reason) in cases {
        let closed = offended_by(&server, frame).await;
        assert_eq!(closed.code, code, "{closed:?}");
        assert!(closed.reason.contains(reason), "{closed:?}");
    }
    let mut client = Client::connect(&server, 1, 0).await;
    client.send_text("hello").await;
    assert_eq!(client.closed().await.code, 1003);

    witness.submit(strokes(0..1, 5)).await;
    assert_eq!(server.health()["store"]["actions"], 1);
}

#[tokio::test]
async fn what_comes_first_must_be_a_hello_of_this_version() {
    let (_home, server) = server();
    let mut other_version = wire::hello(1, 0, "main");
    other_version[1] = 1;
    for (frame, reason) in [(wire::cursor(0.0, 0.0), "must be a hello"), (other_version, "wire version 1")] {
        let mut socket = raw(TcpSocket::new_v4().expect("a socket"), &server).await;
        socket.send(tungstenite::Message::Binary(frame.into())).await.expect("sent");
        match socket.next().await {
            Some(Ok(tungstenite::Message::Close(Some(frame)))) => {
                assert_eq!(u16::from(frame.code), 1008);
                assert!(frame.reason.contains(reason), "{frame:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_stroke_that_fits_no_pool_is_refused_with_a_reason_and_the_connection_lives() {
    let (_home, server) = server();
    let mut client = Client::connect(&server, 1, 0).await;
    client.send(wire::stroke(5, 1815)).await;
    let refused = client.until(|message| match message {
        Message::Refused { action: 5, reason } => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(refused.await, "a stroke of 1815 points; at most 1814");
    client.send(wire::chat(6, &"x".repeat(961))).await;
    client.until(|message| matches!(message, Message::Refused { action: 6, .. }).then_some(())).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
    let sized = [&[0; 8][..], &1f32.to_le_bytes(), &1f32.to_le_bytes(), &svg[..]].concat();
    client.send(wire::action(4, 8, &sized)).await;
    let refused = client.until(|message| match message {
        Message::Refused { action: 8, reason } => Some(reason.clone()),
        _ => None,
    });
    assert!(refused.await.contains("neither PNG"));
    assert_eq!(client.submit(strokes(7..8, 1814)).await.len(), 1);
}

#[tokio::test]
async fn a_page_that_closes_is_answered() {
    let (_home, server) = server();
    for hello in [true, false] {
        let mut socket = raw(TcpSocket::new_v4().expect("a socket"), &server).await;
        if hello {
            socket.send(tungstenite::Message::Binary(wire::hello(1, 0, "main").into())).await.expect("sent");
            socket.next().await.expect("a welcome").expect("a welcome");
        }
        let code = tungstenite::protocol::frame::coding::CloseCode::Away;
        let goodbye = tungstenite::protocol::CloseFrame { code, reason: "".into() };
        socket.close(Some(goodbye.clone())).await.expect("sent");
        let mut answer = None;
        while let Some(message) = socket.next().await {
            if let tungstenite::Message::Close(frame) = message.expect("the socket is not dropped") {
                answer = frame;
            }
        }
        assert_eq!(answer, Some(goodbye), "after a hello: {hello}");
    }
}

#[tokio::test]
async fn a_text_keeps_the_marks_of_its_direction() {
    let (_home, server) = server();
    let mut client = Client::connect(&server, 1, 0).await;
    let text = "\u{5e9}\u{5dc}\u{5d5}\u{5dd} C++\u{200f}";
    client.submit([(1, wire::chat(1, text))]).await;
    client.send(wire::here("Me\u{200f}")).await;
    client.send(wire::chat(2, "a\u{202e}b")).await;
    let refused = client.until(|message| match message {
        Message::Refused { action: 2, reason } => Some(reason.clone()),
        _ => None,
    });
    assert!(refused.await.contains("direction"));
    let mut other = Client::connect(&server, 2, 0).await;
    let body = other.until(|message| match message {
        Message::Action { action: 1, body, .. } => Some(body.clone()),
        _ => None,
    });
    assert!(body.await.ends_with(text.as_bytes()));
}
