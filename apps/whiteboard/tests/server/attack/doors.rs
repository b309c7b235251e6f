//! Attacks on the doors, and on the share of the server that one visitor takes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use futures_util::SinkExt;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite;

#[cfg(target_os = "linux")]
use crate::client::from_loopback;
use crate::client::{Client, raw};
use crate::server::{PATIENCE, Server};
use crate::wire;

const TOKEN: &str = "abcdefghijklmnopqrst-_";
const WRONG: &str = "abcdefghijklmnopqrst-A";

/// A server that others reach, by the address that it prints; it asks for [`TOKEN`].
pub(super) fn open() -> (tempfile::TempDir, Server) {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let server = Server::start_with(&data, &["--listen", "0.0.0.0:0"], &[("WHITEBOARD_TOKEN", TOKEN)]);
    (home, server)
}

/// How many times an address's share this machine has there: 1 if the server sees it come by an address of its own.
pub(super) fn times(server: &Server) -> usize {
    if server.address().ip().is_loopback() { 32 } else { 1 }
}

/// `POST /session` of a page of this server.
fn exchange(server: &Server, token: &str) -> String {
    let (host, length) = (server.address(), token.len());
    let head = format!("Host: {host}\r\nOrigin: http://{host}\r\nContent-Length: {length}\r\nConnection: close\r\n");
    server.send(&format!("POST /session HTTP/1.1\r\n{head}\r\n{token}")).0
}

#[test]
fn a_right_token_is_let_in_whatever_wrong_ones_its_address_has_tried() {
    let (_home, server) = open();
    let tried: Vec<String> = (0..15).map(|_| exchange(&server, WRONG)[9..12].to_owned()).collect();
    assert_eq!(tried, [vec!["401"; 10], vec!["429"; 5]].concat());
    assert!(exchange(&server, TOKEN).starts_with("HTTP/1.1 204 "));
    let bearer = |token| format!("Host: {}\r\nAuthorization: Bearer {token}\r\n", server.address());
    assert!(server.request("/health", &bearer(TOKEN)).0.starts_with("HTTP/1.1 200 "));
    assert!(server.request("/health", &bearer(WRONG)).0.starts_with("HTTP/1.1 429 "), "the right one excuses nothing");
}

/// The status that this connection's request for the page is answered with; `None` if it is closed.
#[cfg(target_os = "linux")]
fn status(mut stream: &TcpStream, server: &Server) -> Option<String> {
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address());
    stream.write_all(request.as_bytes()).ok()?;
    let mut first = [0; 12];
    stream.read_exact(&mut first).ok()?;
    Some(String::from_utf8_lossy(&first[9..]).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn one_address_does_not_take_all_sockets() {
    let (_home, server) = open();
    // By all addresses of loopback, which are one.
    let mut taken: Vec<TcpStream> =
        [1, 2, 3].repeat(200).into_iter().map(|last| from_loopback(last, &server)).collect();
    if times(&server) == 1 {
        let other = TcpStream::connect(server.address()).expect("connected");
        assert_eq!(status(&other, &server).as_deref(), Some("200"), "another address is served");
    }
    // Only the connections beyond the bound are closed.
    let closed = |stream: &TcpStream| {
        stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a time-out");
        let mut stream = stream;
        matches!(stream.read(&mut [0]), Ok(0)) || stream.take_error().is_ok_and(|error| error.is_some())
    };
    assert_eq!(taken.iter().filter(|stream| !closed(stream)).count(), 448);
    taken.truncate(1);
    let deadline = Instant::now() + PATIENCE;
    while status(&from_loopback(1, &server), &server).is_none() {
        assert!(Instant::now() < deadline, "places that are given up are free again");
    }
}

#[test]
fn an_address_that_asks_on_and_on_is_told_to_wait() {
    let (_home, server) = open();
    let most = 3000 * times(&server);
    let request = format!("GET /nothing HTTP/1.1\r\nHost: {}\r\n\r\n", server.address()).repeat(100);
    let begun = Instant::now();
    let mut stream = TcpStream::connect(server.address()).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut asking = stream.try_clone().expect("the same");
    let asks = std::thread::spawn(move || {
        (0..most.div_ceil(50)).for_each(|_| asking.write_all(request.as_bytes()).expect("sent"));
    });
    let (mut answers, mut told) = (Vec::new(), String::new());
    while answers.len() < most.div_ceil(50) * 100 {
        let mut part = [0; 16 * 1024];
        let len = stream.read(&mut part).expect("an answer");
        assert!(len > 0, "closed");
        told.push_str(&String::from_utf8_lossy(&part[..len]));
        let whole = told.rfind("HTTP/1.1 ").filter(|&at| told.len() >= at + 12).map_or(0, |at| at + 12);
        let found = told[..whole].split("HTTP/1.1 ").skip(1).map(|rest| rest[..3].to_owned());
        answers.extend(found);
        told.drain(..whole);
    }
    asks.join().expect("asked");
    let served = answers.iter().filter(|answer| *answer == "404").count();
    let since = usize::try_from(begun.elapsed().as_secs()).expect("few") + 1;
    assert!((most..=most + most / 15 * since).contains(&served), "{served} of {} in {since} s", answers.len());
    assert!(answers.iter().all(|answer| answer == "404" || answer == "429"), "{answers:?}");
}

#[tokio::test]
async fn thousands_of_names_that_nobody_looks_at_lock_nobody_out() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    for name in 0..4200 {
        let mut socket = raw(TcpSocket::new_v4().expect("a socket"), &server).await;
        let hello = wire::hello(1, 0, &format!("name-{name}"));
        socket.send(tungstenite::Message::Binary(hello.into())).await.expect("sent");
    }
    for board in ["name-0", "main", "never-opened"] {
        Client::connect_to(&server, board, 2, 0).await.submit([(1, wire::chat(1, "here"))]).await;
    }
}
