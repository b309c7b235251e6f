//! A board that a proxy shows below a path.

use tokio::net::TcpSocket;

use crate::client::knock_at;
use crate::server::{Server, run};

const TOKEN: &str = "abcdefghijklmnopqrst-_";

#[tokio::test]
async fn below_its_base_a_board_is_served_whether_the_proxy_takes_the_base_off_or_not() {
    let home = tempfile::tempdir().expect("a directory");
    let options = ["--listen", "127.0.0.1:0", "--base", "/team/board"];
    let server = Server::start_with(&home.path().join("board"), &options, &[("WHITEBOARD_TOKEN", TOKEN)]);
    assert_eq!(server.page(), format!("http://{}/team/board/#token={TOKEN}", server.address()));
    let host = format!("Host: {}\r\n", server.address());
    let get = |path: &str| server.request(path, &host);
    for page in ["/team/board/", "/", "/team/board/b/sketch", "/b/sketch"] {
        let (head, body) = get(page);
        assert!(head.starts_with("HTTP/1.1 200 "), "{page}: {head}");
        assert!(body.contains("<base href=\"/team/board/\">") && body.contains("src=\"main.js\""), "{page}");
        assert!(head.to_lowercase().contains("base-uri 'self'"), "{head}");
    }
    for file in ["/team/board/main.js", "/main.js", "/team/board/style.css"] {
        assert!(get(file).0.starts_with("HTTP/1.1 200 "), "{file}");
    }
    let (head, _) = get("/team/board");
    assert!(head.starts_with("HTTP/1.1 308 ") && head.contains("location: /team/board/\r\n"), "{head}");
    assert!(head.contains("content-security-policy: default-src 'none';"), "{head}");
    assert!(server.request("/team/board", "Host: evil.test\r\n").0.starts_with("HTTP/1.1 403 "));
    for nothing in ["/team/", "/team/boards/", "/team/board/team/board/", "/team/board/../main.js"] {
        let (head, body) = get(nothing);
        assert!(
            head.starts_with("HTTP/1.1 404 ") && body.contains("the board is at /team/board/"),
            "{nothing}: {body}"
        );
    }
    let origin = format!("http://{}", server.address());
    let exchange = format!(
        "POST /team/board/session HTTP/1.1\r\n{host}Origin: {origin}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{TOKEN}",
        TOKEN.len()
    );
    let (head, _) = server.send(&exchange);
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(cookie.contains("; Path=/team/board/;"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a value");
    for (path, status) in [
        ("/team/board/health", "200"),
        ("/health", "200"),
        ("/team/board/metrics", "200"),
        ("/metrics", "200"),
        ("/team/board/session", "204"),
    ] {
        let (head, _) = server.request(path, &format!("{host}Cookie: {cookie}\r\n"));
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
    }
    for path in ["/team/board/ws", "/ws"] {
        let socket = || TcpSocket::new_v4().expect("a socket");
        let headers = [("cookie", cookie), ("origin", &*origin)];
        assert!(knock_at(path, socket(), &server, &headers).await.is_ok(), "{path}");
        assert_eq!(knock_at(path, socket(), &server, &[]).await.expect_err("locked").status(), 401, "{path}");
    }
}

#[test]
fn a_base_is_a_path_and_the_boards_are_not_below_one_another() {
    for (base, told) in [("board", "/board/"), ("/a b/", "/board/"), ("/b/", "below /b/ are the boards")] {
        let output = run(&["--base", base]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(told), "{error}");
    }
}
