//! Attacks by joining: each joining page is sent a whole board.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

use super::doors::{open, times};
use crate::client::{Client, knock, raw, strokes};
use crate::server::Server;
use crate::wire;

#[tokio::test]
async fn what_an_address_is_sent_of_boards_is_bounded_however_often_it_joins() {
    const JOINERS: usize = 40;
    let (_home, server) = open();
    let bearer = format!("Bearer {}", server.token());
    let join = async || {
        let socket = TcpSocket::new_v4().expect("a socket");
        let mut socket = knock(socket, &server, &[("authorization", &bearer)]).await.expect("a WebSocket");
        let hello = tungstenite::Message::Binary(wire::hello(1, 0, "main").into());
        socket.send(hello).await.expect("sent");
        socket
    };
    // A board of 6 MB.
    let mut writer = join().await;
    let (mut next, mut saved) = (0, 0);
    while saved < 400 {
        if next < 400 {
            writer.send(tungstenite::Message::Binary(wire::stroke(next, 1700).into())).await.expect("sent");
            next += 1;
        }
        let patience = Duration::from_millis(if next < 400 { 0 } else { 5000 });
        while let Ok(Some(Ok(tungstenite::Message::Binary(message)))) = timeout(patience, writer.next()).await {
            for frame in wire::frames(&message) {
                match wire::decode(frame) {
                    wire::Message::Ack { .. } => saved += 1,
                    wire::Message::Busy { action } => {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        let again = tungstenite::Message::Binary(wire::stroke(action, 1700).into());
                        writer.send(again).await.expect("sent");
                    }
                    _ => {}
                }
            }
            if saved == 400 {
                break;
            }
        }
    }
    let begun = Instant::now();
    let mut joined = Vec::new();
    for _ in 0..JOINERS {
        joined.push(join().await);
    }
    let reading = joined.into_iter().map(|mut socket| async move {
        let (end, mut bytes) = (begun + Duration::from_secs(6), 0);
        while let Ok(Some(Ok(message))) = timeout(end.saturating_duration_since(Instant::now()), socket.next()).await {
            bytes += message.len();
        }
        bytes
    });
    let bytes: usize = futures_util::future::join_all(reading).await.into_iter().sum();
    let most =
        ((64 << 20) + (8 << 20) * (usize::try_from(begun.elapsed().as_secs()).expect("few") + 1)) * times(&server);
    // As much as was at once in what was read before, less what is on its way.
    assert!(bytes < most, "{bytes} of at most {most}");
    assert!(bytes > 32 << 20, "{bytes}: joining is slow");
}

#[tokio::test]
async fn who_reads_slowly_is_not_taken_for_one_that_does_not_read() {
    const PIECE: usize = 20_000;
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    // A board of 12 MB: more than the system keeps for a socket.
    for first in (0..750).step_by(125) {
        let mut writer = Client::connect(&server, 1, 0).await;
        writer.live().await;
        writer.submit(strokes(first..first + 125, 1800)).await;
    }
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(32 << 10).expect("a small buffer");
    let mut reader = raw(socket, &server).await;
    reader.send(tungstenite::Message::Binary(wire::hello(2, 0, "main").into())).await.expect("sent");
    let begun = Instant::now();
    let mut piece = vec![0; PIECE];
    // Longer than the 30 seconds in which 64 KiB have to be read.
    while begun.elapsed() < Duration::from_secs(40) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        reader.get_mut().read_exact(&mut piece).await.expect("it is still sent the board");
        // What lies on the way arrives though the connection is given up.
        assert_eq!(server.health()["clients"], 1, "after {:?}", begun.elapsed());
    }
}
