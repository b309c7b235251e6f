//! Attacks by joining: who joins is sent a whole board.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpSocket;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

use super::doors::{open, times};
use crate::client::knock;
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
