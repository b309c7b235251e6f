//! Attacks on the cookie, on the origin, and on what answers carry.

use tokio::net::TcpSocket;

use super::doors::open;
use crate::client::knock;
use crate::server::Server;

/// The answer to this request, which names the server's host and this origin besides.
fn ask(server: &Server, request: &str, origin: &str, headers: &str, body: &str) -> (String, String) {
    let host = server.address();
    let origin = if origin.is_empty() { String::new() } else { format!("Origin: {origin}\r\n") };
    let head = format!("{request} HTTP/1.1\r\nHost: {host}\r\n{origin}{headers}");
    server.send(&format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()))
}

/// The cookie that the token is exchanged for, as `NAME=VALUE`.
fn cookie(server: &Server) -> String {
    let own = format!("http://{}", server.address());
    let (head, _) = ask(server, "POST /session", &own, "", server.token());
    let line = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    line.split(';').next().expect("a value").to_owned()
}

#[tokio::test]
async fn a_cookie_of_a_neighbour_locks_nobody_out() {
    let (_home, server) = open();
    let mine = cookie(&server);
    for theirs in
        ["name=J\u{fc}rgen", "name=\u{1f44d}", "whiteboard=forged", "whiteboard=", "=;;;", "whiteboard=J\u{fc}rgen"]
    {
        for line in [format!("{theirs}; {mine}"), format!("{mine}; {theirs}")] {
            let (head, _) = server.request("/health", &format!("Host: {}\r\nCookie: {line}\r\n", server.address()));
            assert!(head.starts_with("HTTP/1.1 200 "), "{line}: {head}");
        }
        let (head, _) = server.request("/health", &format!("Host: {}\r\nCookie: {theirs}\r\n", server.address()));
        assert!(head.starts_with("HTTP/1.1 401 "), "{theirs}: {head}");
    }
}

#[test]
fn who_signs_out_is_outside_and_nobody_is_signed_out_by_another_site() {
    let (_home, server) = open();
    let (own, mine) = (format!("http://{}", server.address()), format!("Cookie: {}\r\n", cookie(&server)));
    let (head, _) = ask(&server, "DELETE /session", "http://evil.test", &mine, "");
    assert!(head.starts_with("HTTP/1.1 403 ") && !head.contains("set-cookie"), "{head}");
    let (head, body) = ask(&server, "DELETE /session", &own, &mine, "");
    assert!(head.starts_with("HTTP/1.1 204 ") && head.contains("no-store") && body.is_empty(), "{head}");
    assert!(head.contains("set-cookie: whiteboard=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0\r\n"), "{head}");
}

#[tokio::test]
async fn a_page_without_tls_is_none_of_a_name_that_has_it() {
    let home = tempfile::tempdir().expect("a directory");
    let hosts = ["--host", "board.example", "--host", "https://tls.example:8443", "--host", "http://lan.example"];
    let options = [&["--listen", "127.0.0.1:0"][..], &hosts].concat();
    let server = Server::start_with(&home.path().join("board"), &options, &[]);
    for (origin, status) in [
        ("https://board.example", 101),
        ("http://board.example", 403),
        ("https://tls.example:8443", 101),
        ("http://tls.example:8443", 403),
        ("http://lan.example", 101),
        ("https://lan.example", 403),
    ] {
        let answer = knock(TcpSocket::new_v4().expect("a socket"), &server, &[("origin", origin)]).await;
        let found = answer.map_or_else(|answer| answer.status().as_u16(), |_| 101);
        assert_eq!(found, status, "{origin}");
    }
}

#[test]
fn every_answer_of_the_server_is_protected() {
    let (_home, server) = open();
    let own = format!("http://{}", server.address());
    let bearer = format!("Authorization: Bearer {}\r\n", server.token());
    let broken = "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 1\r\n";
    for (request, origin, headers, status) in [
        ("GET /", "", "", 200),
        ("GET /nothing", "", "", 404),
        ("POST /", "", "", 405),
        ("GET /health", "", "", 401),
        ("GET /health", "http://evil.test", "", 403),
        ("GET /metrics", "", "", 401),
        ("GET /metrics", "http://evil.test", "", 403),
        ("GET /b/Wrong", "", "", 404),
        ("GET /ws", "", &bearer, 400),
        ("GET /ws", "", &format!("{bearer}{broken}"), 400),
        ("DELETE /session", &own, "", 204),
        ("BREW /", "", "", 405),
    ] {
        let (head, _) = ask(&server, request, origin, headers, "");
        assert_eq!(head[9..12].parse(), Ok(status), "{request}: {head}");
        for protection in ["content-security-policy: default-src 'none';", "x-content-type-options: nosniff"] {
            assert!(head.contains(protection), "{request}: {head}");
        }
    }
    // What is no request is answered before all that, with nothing that a browser could show.
    for wrong in ["nonsense\r\n\r\n", &format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(17 * 1024))] {
        let (head, body) = server.send(wrong);
        assert!(head.starts_with("HTTP/1.1 4") && head.contains("content-length: 0"), "{head}");
        assert_eq!(body, "");
    }
}
