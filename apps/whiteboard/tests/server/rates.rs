//! How much one connection may send.

use std::time::Instant;

use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

use crate::client::Client;
use crate::server::{PATIENCE, Server};
use crate::wire::{self, Message};

#[tokio::test]
async fn over_its_budget_a_connection_is_busy_and_its_moments_are_dropped_and_counted() {
    const SENT: u64 = 1500;
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    let mut other = Client::connect(&server, 2, 0).await;
    client.live().await;
    other.live().await;
    let begun = Instant::now();
    for action in 0..SENT {
        client.send(wire::chat(action, "x")).await;
    }
    let (mut taken, mut busy) = (0, 0);
    while taken + busy < SENT {
        match client.next().await.expect("the connection lives") {
            Message::Ack { .. } => taken += 1,
            Message::Busy { .. } => busy += 1,
            _ => {}
        }
    }
    let allowed = |since: Instant| 500 + 250 * (since.elapsed().as_secs() + 1);
    assert!((256..=allowed(begun)).contains(&taken), "{taken} in {:?}", begun.elapsed());

    let (begun, before) = (Instant::now(), server.health()["dropped"].as_u64().expect("a count"));
    for _ in 0..SENT {
        client.send(wire::cursor(1.0, 1.0)).await;
    }
    let first = client.submit([(SENT, wire::chat(SENT, "all was read"))]).await;
    other.up_to(*first.get(&SENT).expect("taken")).await;
    let dropped = server.health()["dropped"].as_u64().expect("a count") - before;
    assert!(other.moments <= allowed(begun), "{} in {:?}", other.moments, begun.elapsed());
    assert_eq!(other.moments + dropped, SENT);
    // The other's budget is its own.
    assert_eq!(other.submit((0..100).map(|action| (action, wire::chat(action, "y")))).await.len(), 100);
}

#[tokio::test]
async fn who_goes_on_at_four_times_its_budget_is_closed() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let flood = async |id, message| {
        let begun = Instant::now();
        let mut client = Client::connect(&server, id, 0).await;
        client.live().await;
        let closed = timeout(PATIENCE, client.flood(message)).await.expect("an end");
        assert_eq!((closed.code, closed.reason.as_str()), (1008, "too many frames"));
        assert!(begun.elapsed().as_secs() >= 5, "{:?}", begun.elapsed());
    };
    // What the WebSocket itself answers counts as well.
    tokio::join!(
        flood(1, tungstenite::Message::Binary(wire::cursor(1.0, 1.0).into())),
        flood(2, tungstenite::Message::Ping(vec![].into()))
    );
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
}
