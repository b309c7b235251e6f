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
            // Busy, or no answer for what was on its way when there was no room.
            Ok(None) | Err(_) => break,
        };
        assert!(action < 2000, "the limit is felt");
    }
    let (status, health) = server.health_and_status();
    assert_eq!((status, &health["status"]), (503, &"no-room".into()), "{health}");
    assert!(health["reason"].as_str().is_some_and(|reason| reason.contains("no room")), "{health}");

    // Nothing is accepted any more, but pages that are here still see the others.
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

/// Draws until the store cannot grow: what was saved, and the stroke that was not.
async fn until_it_is_full(client: &mut Client) -> (BTreeMap<u64, u64>, u64) {
    let mut saved = BTreeMap::new();
    for action in 0..2000 {
        client.send(wire::stroke(action, 1800)).await;
        let outcome = client.until(|message| match message {
            Message::Ack { action, revision } => Some(Some((*action, *revision))),
            Message::Trouble { reason } => {
                assert!(reason.contains("no room"), "{reason}");
                Some(None)
            }
            _ => None,
        });
        match outcome.await {
            Some((action, revision)) => saved.insert(action, revision),
            None => return (saved, action),
        };
    }
    panic!("the limit is not felt");
}

#[tokio::test]
async fn when_there_is_room_again_it_goes_on_by_itself_and_what_waited_is_saved_once() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start_limited(home.path(), BLOCKS);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let (mut saved, waiting) = until_it_is_full(&mut client).await;
    assert_eq!(server.health_and_status().0, 503);
    // A page that comes now is told, too, and segments flow however many there are: nothing is in their way.
    let mut other = Client::connect(&server, 2, 0).await;
    other.until(|message| matches!(message, Message::Trouble { reason } if !reason.is_empty()).then_some(())).await;
    client.send(wire::stroke(5000, 5)).await;
    client.until(|message| (*message == Message::Busy { action: 5000 }).then_some(())).await;

    server.lift_limit();
    let acked = client.until(|message| match message {
        Message::Ack { action, revision } if *action == waiting => Some(*revision),
        _ => None,
    });
    saved.insert(waiting, acked.await);
    other.until(|message| (*message == Message::Trouble { reason: String::new() }).then_some(())).await;
    assert_eq!(server.health()["reason"], serde_json::Value::Null);
    saved.extend(client.submit([(5000, wire::stroke(5000, 5)), (waiting, wire::stroke(waiting, 1800))]).await);
    server.kill();

    let server = Server::start(home.path());
    let mut reader = Client::connect(&server, 3, 0).await;
    reader.live().await;
    assert_contiguous(&reader.seen, 1, saved.len() as u64);
    assert_eq!(reader.seen.iter().map(|&(at, action)| (action, at)).collect::<BTreeMap<_, _>>(), saved);
}
