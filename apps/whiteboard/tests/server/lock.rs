//! A board that others reach: nothing of it without the token.

use tokio::net::TcpSocket;

use crate::client::knock;
use crate::server::{self, Server};

const TOKEN: &str = "abcdefghijklmnopqrst-_";
const OTHER: &str = "abcdefghijklmnopqrst-A";
const OPEN: [&str; 2] = ["--listen", "0.0.0.0:0"];

fn home() -> (tempfile::TempDir, std::path::PathBuf) {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    (home, data)
}

/// One that is locked by [`TOKEN`].
fn locked() -> (tempfile::TempDir, Server) {
    let (home, data) = home();
    (home, Server::start_with(&data, &OPEN, &[("WHITEBOARD_TOKEN", TOKEN)]))
}

/// The answer to `GET` of this path with this header line.
fn get(server: &Server, path: &str, header: &str) -> (String, String) {
    server.request(path, &format!("Host: {}\r\n{header}", server.address()))
}

/// The answer to `POST /session` with this body and these header lines.
fn exchange(server: &Server, token: &str, headers: &str) -> (String, String) {
    let (host, length) = (server.address(), token.len());
    server.send(&format!(
        "POST /session HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{token}"
    ))
}

fn own_origin(server: &Server) -> String {
    format!("Origin: http://{}\r\n", server.address())
}

/// The line of the cookie that the answer sets.
fn cookie(head: &str) -> String {
    let line = head.lines().find(|line| line.starts_with("set-cookie: ")).expect("a cookie");
    line.trim_start_matches("set-cookie: ").to_owned()
}

fn as_header(cookie: &str) -> String {
    format!("Cookie: {}\r\n", cookie.split(';').next().expect("a value"))
}

async fn websocket(server: &Server, headers: &[(&'static str, &str)]) -> u16 {
    match knock(TcpSocket::new_v4().expect("a socket"), server, headers).await {
        Ok(_) => 101,
        Err(response) => response.status().as_u16(),
    }
}

#[tokio::test]
async fn without_the_token_there_is_nothing_but_the_page_itself() {
    let (_home, data) = home();
    let server = Server::start_with(&data, &OPEN, &[]);
    let token = server.token();
    assert_eq!(token.len(), 43, "256 bits");
    let by_query = ["/health", "/metrics", "/ws"].map(|path| format!("{path}?token={token}"));
    for path in ["/health", "/metrics", "/session", "/ws"].into_iter().chain(by_query.iter().map(String::as_str)) {
        for header in
            ["", "Cookie: whiteboard=\r\n", &format!("Cookie: whiteboard={token}\r\n"), "Authorization: Basic x\r\n"]
        {
            let (head, body) = get(&server, path, header);
            assert!(head.starts_with("HTTP/1.1 401 "), "{path} {header}: {head}");
            assert!(head.contains("www-authenticate: Bearer"), "{head}");
            assert!(body.contains("this board is locked") && !body.contains(token), "{body}");
        }
    }
    assert_eq!(websocket(&server, &[]).await, 401);
    let (head, body) = get(&server, "/", "");
    assert!(head.starts_with("HTTP/1.1 200 ") && body.contains("<canvas"), "{head}");
    assert!(!head.contains(token) && !body.contains(token));

    let bearer = format!("Bearer {token}");
    for path in ["/health", "/metrics"] {
        assert!(get(&server, path, &format!("Authorization: {bearer}\r\n")).0.starts_with("HTTP/1.1 200 "), "{path}");
        let foreign = format!("Origin: http://evil.test\r\nAuthorization: {bearer}\r\n");
        assert!(get(&server, path, &foreign).0.starts_with("HTTP/1.1 403 "), "{path}");
    }
    assert_eq!(websocket(&server, &[("authorization", &bearer)]).await, 101);
    assert_eq!(websocket(&server, &[("authorization", &bearer), ("origin", "http://evil.test")]).await, 403);
}

#[tokio::test]
async fn the_token_is_exchanged_for_a_cookie_that_lives_as_long_as_the_token() {
    let (_home, data) = home();
    let start = |token| Server::start_with(&data, &OPEN, &[("WHITEBOARD_TOKEN", token)]);
    let server = start(TOKEN);
    assert_eq!(server.token(), TOKEN);
    let (head, body) = exchange(&server, TOKEN, &own_origin(&server));
    assert!(head.starts_with("HTTP/1.1 204 ") && head.contains("no-store"), "{head}");
    let cookie = cookie(&head);
    assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"), "{cookie}");
    assert!(!head.contains(TOKEN) && body.is_empty());
    let header = as_header(&cookie);
    let value = header.trim_start_matches("Cookie: ").trim_end().to_owned();
    assert!(get(&server, "/health", &header).0.starts_with("HTTP/1.1 200 "));
    assert!(get(&server, "/session", &header).0.starts_with("HTTP/1.1 204 "));
    assert_eq!(websocket(&server, &[("cookie", &value)]).await, 101);
    drop(server);

    let again = start(TOKEN);
    assert!(get(&again, "/health", &header).0.starts_with("HTTP/1.1 200 "), "the same token");
    drop(again);
    let another = start(OTHER);
    assert!(get(&another, "/health", &header).0.starts_with("HTTP/1.1 401 "), "another token");
}

#[test]
fn after_ten_wrong_tokens_an_address_is_told_to_wait_but_whoever_is_in_stays_in() {
    let (_home, server) = locked();
    let origin = own_origin(&server);
    let inside = as_header(&cookie(&exchange(&server, TOKEN, &origin).0));
    for wrong in 0..5 {
        let (head, body) = exchange(&server, &format!("{OTHER}{wrong}"), &origin);
        assert!(head.starts_with("HTTP/1.1 401 ") && !head.contains("set-cookie"), "{wrong}: {head}");
        assert!(!body.contains(OTHER), "{body}");
        let bearer = format!("Authorization: Bearer {OTHER}{wrong}\r\n");
        assert!(get(&server, "/health", &bearer).0.starts_with("HTTP/1.1 401 "));
    }
    let (head, _) = exchange(&server, OTHER, &origin);
    assert!(head.starts_with("HTTP/1.1 429 "), "{head}");
    let seconds = head.lines().find_map(|line| line.strip_prefix("retry-after: ")?.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{head}");
    assert!(get(&server, "/health", &format!("Authorization: Bearer {OTHER}\r\n")).0.starts_with("HTTP/1.1 429 "));
    assert!(exchange(&server, TOKEN, &origin).0.starts_with("HTTP/1.1 204 "), "the right one");
    assert!(get(&server, "/health", &inside).0.starts_with("HTTP/1.1 200 "));
    assert!(get(&server, "/health", "").0.starts_with("HTTP/1.1 401 "), "no token is no try");
}

#[test]
fn only_pages_of_this_server_exchange_a_token() {
    let (_home, server) = locked();
    for origin in ["http://evil.test", "null", "http://localhost:1", &format!("https://{}", server.address())] {
        let (head, body) = exchange(&server, TOKEN, &format!("Origin: {origin}\r\n"));
        assert!(head.starts_with("HTTP/1.1 403 ") && !head.contains("set-cookie"), "{origin}: {head}");
        assert!(body.contains("foreign Origin"), "{body}");
    }
    let (head, _) = exchange(&server, TOKEN, "");
    assert!(head.starts_with("HTTP/1.1 401 ") && !head.contains("set-cookie"), "{head}");
    let (head, _) = exchange(&server, TOKEN, &format!("Authorization: Bearer {TOKEN}\r\n"));
    assert!(head.starts_with("HTTP/1.1 204 "), "a program that is known: {head}");
    let (head, _) = exchange(&server, &"a".repeat(1025), &own_origin(&server));
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
}

#[tokio::test]
async fn a_server_on_all_addresses_goes_by_the_one_that_was_asked_and_by_the_names_it_was_given() {
    let (_home, data) = home();
    let options = ["--listen", "0.0.0.0:0", "--host", "board.example", "--host", "other.example:8443"];
    let server = Server::start_with(&data, &options, &[("WHITEBOARD_TOKEN", TOKEN)]);
    let port = server.address().port();
    for host in [
        server.address().to_string(),
        format!("localhost:{port}"),
        "board.example".to_owned(),
        "other.example:8443".to_owned(),
    ] {
        assert!(server.request("/", &format!("Host: {host}\r\n")).0.starts_with("HTTP/1.1 200 "), "{host}");
    }
    for host in
        [format!("board.example:{port}"), "other.example".to_owned(), format!("0.0.0.0:{port}"), "evil.test".to_owned()]
    {
        let (head, body) = server.request("/", &format!("Host: {host}\r\n"));
        assert!(head.starts_with("HTTP/1.1 403 "), "{host}: {head}");
        assert!(body.contains("foreign Host") && !body.contains("example"), "{body}");
    }
    let (head, _) = exchange(&server, TOKEN, "Origin: https://board.example\r\n");
    assert!(cookie(&head).ends_with("; Secure"), "{head}");
    let bearer = ("authorization", &*format!("Bearer {TOKEN}"));
    for (origin, status) in [
        ("https://board.example", 101),
        ("http://board.example", 403),
        ("https://other.example:8443", 101),
        ("https://evil.test", 403),
    ] {
        assert_eq!(websocket(&server, &[bearer, ("origin", origin)]).await, status, "{origin}");
    }
}

#[tokio::test]
async fn on_this_machine_alone_a_token_locks_only_if_it_is_given() {
    let (_home, data) = home();
    let server = Server::start_with(&data, &["--listen", "127.0.0.1:0"], &[]);
    assert!(get(&server, "/session", "").0.starts_with("HTTP/1.1 204 "));
    assert_eq!(websocket(&server, &[]).await, 101);
    let (head, _) = exchange(&server, "anything", &own_origin(&server));
    assert!(head.starts_with("HTTP/1.1 204 ") && !head.contains("set-cookie"), "{head}");
    drop(server);
    let server = Server::start_with(&data, &["--listen", "127.0.0.1:0"], &[("WHITEBOARD_TOKEN", TOKEN)]);
    for path in ["/health", "/metrics"] {
        assert!(get(&server, path, "").0.starts_with("HTTP/1.1 401 "), "{path}");
    }
    assert_eq!(websocket(&server, &[]).await, 401, "a program without a token is nobody");
}

#[test]
fn a_token_file_is_made_once_and_then_kept() {
    let (home, data) = home();
    let file = home.path().join("token").display().to_string();
    let options = [&OPEN[..], &["--token-file", &file]].concat();
    let first = Server::start_with(&data, &options, &[]).token().to_owned();
    assert_eq!(std::fs::read_to_string(&file).expect("made").trim(), first);
    assert_eq!(Server::start_with(&data, &options, &[]).token(), first);
}

#[cfg(unix)]
#[test]
fn what_is_no_token_ends_the_start_with_a_reason_that_does_not_show_it() {
    use std::os::unix::fs::PermissionsExt;
    let (home, data) = home();
    let (file, data) = (home.path().join("token"), data.display().to_string());
    let start = || {
        let output =
            server::run(&["--listen", "127.0.0.1:0", "--data", &data, "--token-file", &file.display().to_string()]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("text")
    };
    std::fs::write(&file, TOKEN).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("open to others");
    let error = start();
    assert!(error.contains("others can read") && error.contains("chmod 600") && !error.contains(TOKEN), "{error}");
    std::fs::write(&file, &TOKEN[1..]).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("closed");
    let error = start();
    assert!(error.contains("at least 128 bits") && !error.contains(&TOKEN[1..]), "{error}");
    assert!(!std::path::Path::new(&data).exists(), "nothing was made");
}

#[cfg(unix)]
#[test]
fn the_log_warns_of_what_is_open_and_never_holds_the_token() {
    use std::os::unix::fs::PermissionsExt;
    let (_home, data) = home();
    let server = Server::start_with(&data, &OPEN, &[]);
    let token = server.token().to_owned();
    exchange(&server, &token, &own_origin(&server));
    exchange(&server, OTHER, &own_origin(&server));
    get(&server, &format!("/health?token={token}"), &format!("Authorization: Bearer {token}\r\n"));
    drop(server);
    let said = || std::fs::read_to_string(server::log(&data)).expect("a log");
    assert!(
        said().contains("not encrypted") && said().contains("--host NAME") && said().contains("ssh -L"),
        "{}",
        said()
    );
    assert!(!said().contains("chmod"), "{}", said());
    assert!(!said().contains(&token) && !said().contains(OTHER), "{}", said());

    let say = |options: &[&str]| {
        std::fs::remove_file(server::log(&data)).expect("removed");
        drop(Server::start_with(&data, options, &[]));
        said()
    };
    assert_eq!(say(&["--listen", "127.0.0.1:0"]), "");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o750)).expect("open to a group");
    assert!(say(&["--listen", "127.0.0.1:0"]).contains(&format!("chmod 700 {}", data.display())), "{}", said());
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).expect("closed");
    let named = say(&["--listen", "127.0.0.1:0", "--host", "board.example"]);
    assert!(named.contains("--host") && named.contains("--token-file"), "{named}");
}

#[test]
fn who_is_in_can_invite_others_without_knowing_the_token() {
    let (_home, server) = locked();
    let post = |path: &str, headers: &str, body: &str| {
        let (host, length) = (server.address(), body.len());
        server.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
    };
    let mine = own_origin(&server);
    let (head, body) = post("/invitation", &mine, "");
    assert!(head.starts_with("HTTP/1.1 401 "), "who is outside invites nobody: {head}");
    assert!(body.contains("this board is locked"), "{body}");
    let (head, _) = exchange(&server, TOKEN, &mine);
    let me = as_header(&cookie(&head));
    let (head, _) = post("/invitation", &format!("Origin: http://evil.test\r\n{me}"), "");
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
    let (head, invitation) = post("/invitation", &format!("{mine}{me}"), "");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("no-store"), "{head}");
    assert!(!invitation.contains(TOKEN) && invitation.len() == 43, "{invitation}");

    let (head, _) = exchange(&server, &invitation, &mine);
    assert!(head.starts_with("HTTP/1.1 204 "), "{head}");
    let theirs = as_header(&cookie(&head));
    assert!(get(&server, "/session", &theirs).0.starts_with("HTTP/1.1 204 "));
    let (head, _) = get(&server, "/health", &format!("Authorization: Bearer {invitation}\r\n"));
    assert!(head.starts_with("HTTP/1.1 401 "), "a program shows the token: {head}");
    let (head, _) = exchange(&server, &format!("{}A", &invitation[..42]), &mine);
    assert!(head.starts_with("HTTP/1.1 401 ") || invitation.ends_with('A'), "{head}");
}

#[test]
fn where_nothing_is_locked_nobody_needs_an_invitation() {
    let (_home, data) = home();
    let server = Server::start_with(&data, &["--listen", "127.0.0.1:0"], &[]);
    let host = server.address();
    let (head, body) = server
        .send(&format!("POST /invitation HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    assert!(head.starts_with("HTTP/1.1 204 ") && body.is_empty(), "{head}");
}
