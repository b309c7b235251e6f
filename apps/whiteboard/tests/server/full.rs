//! A store that cannot grow.

use std::collections::BTreeMap;

use crate::client::{Client, assert_contiguous};
use crate::server::Server;
use crate::wire::{self, Message};

/// 4 MiB: room for an empty board and some hundred actions.
const BLOCKS: u32 = 8192;

#[tokio::test]
async fn nothing_is_acknowledged_that_could_not_be_stored_and_the_rest_is_there_after_a_restart() {
    let home = tempfile::tempdir().expect("a directory");
    let mut server = Server::start_limited(home.path(), BLOCKS);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let mut saved = BTreeMap::new();
    for action in 0.. {
        client.send(wire::stroke(action, 1800)).await;
        let outcome = client.until(|message| match message {
            Message::Ack { action, revision } => Some(Some((*action, *revision))),
            Message::Busy { .. } => Some(None),
            _ => None,
        });
        match tokio::time::timeout(std::time::Duration::from_secs(5), outcome).await {
            Ok(Some((action, revision))) => saved.insert(action, revision),
            // Busy, or no answer for what was on its way when the store failed.
            Ok(None) | Err(_) => break,
        };
        assert!(action < 2000, "the limit is felt");
    }
    let health = server.health();
    assert_eq!(health["status"], "failed");

    // Nothing is taken any more, but who is here still sees the others.
    client.send(wire::stroke(5000, 5)).await;
    client.until(|message| (*message == Message::Busy { action: 5000 }).then_some(())).await;
    let mut other = Client::connect(&server, 2, 0).await;
    other.live().await;
    client.send(wire::cursor(1.0, 1.0)).await;
    other.until(|message| matches!(message, Message::Moment { kind: 16, .. }).then_some(())).await;
    server.terminate();
    assert_eq!(server.ended().code(), Some(1), "it does not claim that all is well");

    let server = Server::start(home.path());
    let mut reader = Client::connect(&server, 3, 0).await;
    reader.live().await;
    assert_contiguous(&reader.seen, 1, reader.seen.len() as u64);
    let stored: BTreeMap<u64, u64> = reader.seen.iter().map(|&(at, action)| (action, at)).collect();
    for (action, at) in &saved {
        assert_eq!(stored.get(action), Some(at));
    }
    assert!(saved.len() > 10, "{} were saved", saved.len());
}
