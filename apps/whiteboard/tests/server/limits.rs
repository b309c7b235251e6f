//! How many, and for how long.

use std::time::{Duration, Instant};
#[cfg(target_os = "linux")]
use std::{
    io::{Read, Write as _},
    net::TcpStream,
};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::{interval, timeout};
use tokio_tungstenite::tungstenite;

use crate::client::{Client, raw, strokes};
#[cfg(target_os = "linux")]
use crate::client::{from_loopback, knock};
use crate::server::{PATIENCE, Server};
use crate::wire::{self, Message};

fn socket() -> TcpSocket {
    TcpSocket::new_v4().expect("a socket")
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn at_most_256_connections_are_on_the_board_and_this_machine_has_448_sockets() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut board = Vec::new();
    for _ in 0..256 {
        board.push(raw(socket(), &server).await);
    }
    let full = knock(socket(), &server, &[]).await.expect_err("no place");
    assert_eq!(full.status(), 503);
    let told = String::from_utf8(full.into_body().expect("a body")).expect("text");
    assert!(told.contains("256 connections"), "{told}");
    assert_eq!(server.health()["clients"], 256, "plain requests are still answered");

    // The rest of what this machine may have, by whichever of its own addresses.
    let mut idle: Vec<TcpStream> = [1, 2, 3].repeat(64).into_iter().map(|last| from_loopback(last, &server)).collect();
    let answered = || {
        let mut beyond = from_loopback(1, &server);
        let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", server.address());
        let mut first = [0; 12];
        beyond
            .write_all(request.as_bytes())
            .and_then(|()| beyond.read_exact(&mut first))
            .is_ok_and(|()| first == *b"HTTP/1.1 200")
    };
    assert!(!answered(), "it is closed");
    idle.pop();
    let deadline = Instant::now() + PATIENCE;
    while !answered() {
        assert!(Instant::now() < deadline, "a place that is given up is free again");
    }

    // A place that is given up is free again.
    board.pop();
    drop(idle);
    let deadline = Instant::now() + PATIENCE;
    while Client::try_connect_to(&server, "main", 1, 0).await.is_none() {
        assert!(Instant::now() < deadline, "a place is free");
    }
}

/// Waits for the closing frame of a WebSocket that was not told to end.
async fn closing(
    mut socket: impl StreamExt<Item = Result<tungstenite::Message, tungstenite::Error>> + Unpin,
) -> String {
    loop {
        match socket.next().await {
            Some(Ok(tungstenite::Message::Close(Some(frame)))) => {
                return format!("{} {}", u16::from(frame.code), frame.reason);
            }
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// What happens within 10 seconds of its limit, and not before it; how long it took.
async fn at_the_limit<T>(seconds: u64, what: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let limit = Duration::from_secs(seconds);
    let outcome = timeout(limit + Duration::from_secs(10), what).await;
    assert!(begun.elapsed() + Duration::from_millis(100) >= limit, "{:?} of {limit:?}", begun.elapsed());
    outcome.unwrap_or_else(|_| panic!("more than {limit:?}"))
}

#[tokio::test]
async fn whoever_is_silent_or_does_not_read_is_let_go_in_time() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let token = ("WHITEBOARD_TOKEN", "abcdefghijklmnopqrst-_");
    let locked = Server::start_with(&home.path().join("locked"), &["--listen", "127.0.0.1:0"], &[token]);
    let says_nothing = async {
        let mut stream = socket().connect(server.address()).await.expect("connected");
        let mut rest = Vec::new();
        at_the_limit(10, stream.read_to_end(&mut rest)).await.expect("closed");
    };
    let never_ends_its_request = async {
        let mut stream = socket().connect(locked.address()).await.expect("connected");
        let host = locked.address();
        let head = format!(
            "POST /session HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 9\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut said = String::new();
        at_the_limit(10, stream.read_to_string(&mut said)).await.expect("closed");
        assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    };
    let says_no_hello = async {
        let socket = raw(socket(), &server).await;
        assert_eq!(at_the_limit(10, closing(socket)).await, "1008 no hello within 10 seconds");
    };
    let falls_silent = async {
        let mut socket = raw(socket(), &server).await;
        socket.send(tungstenite::Message::Binary(wire::hello(1, 0, "silent").into())).await.expect("sent");
        // Read as bytes, so that nothing answers the pings.
        let mut said = Vec::new();
        at_the_limit(60, socket.get_mut().read_to_end(&mut said)).await.expect("closed");
        assert!(String::from_utf8_lossy(&said).contains("nothing was sent for 60 seconds"), "{said:?}");
    };
    let only_answers_pings = async {
        let mut client = Client::connect_to(&server, "hidden", 5, 0).await;
        let end = Instant::now() + Duration::from_secs(65);
        while let Some(heard) = client.next_within(end.saturating_duration_since(Instant::now())).await {
            heard.expect("the connection lives");
        }
    };
    let does_not_read = async {
        let stuck = Client::connect_narrow(&server, 2).await;
        let left = Message::Moment { kind: 19, author: stuck.author };
        let mut writer = Client::connect(&server, 3, 0).await;
        writer.live().await;
        let begun = Instant::now();
        // More than the sockets between them hold.
        writer.submit(strokes(0..1000, 1500)).await;
        let mut heartbeat = interval(Duration::from_secs(5));
        while begun.elapsed() < Duration::from_secs(55) {
            tokio::select! {
                message = writer.next() => if message.expect("the connection lives") == left { break },
                _ = heartbeat.tick() => writer.send(wire::here("Me")).await,
            }
        }
        let elapsed = begun.elapsed();
        assert!((Duration::from_secs(30)..Duration::from_secs(50)).contains(&elapsed), "{elapsed:?}");
        drop(stuck);
    };
    tokio::join!(says_nothing, never_ends_its_request, says_no_hello, falls_silent, only_answers_pings, does_not_read);
}
