//! What pages are asked to do while the pools are full.

use crate::client::{Client, strokes};
use crate::server::Server;
use crate::wire::{self, Message};

/// Milliseconds, as the server may want them.
const STEPS: [u16; 4] = [33, 66, 133, 266];

async fn told(client: &mut Client) -> u16 {
    client.until(|message| if let Message::Pace { interval } = message { Some(*interval) } else { None }).await
}

#[tokio::test]
async fn moments_are_wanted_further_apart_while_a_pool_is_full_and_then_as_before() {
    let home = tempfile::tempdir().expect("a directory");
    let server =
        Server::start_with(&home.path().join("board"), &["--listen", "127.0.0.1:0", "--preset", "mobile"], &[]);
    let mut witness = Client::connect_to(&server, "quiet", 1, 0).await;
    witness.live().await;
    let mut writers = Vec::new();
    for id in 2..10 {
        let mut writer = Client::connect_to(&server, "busy", id, 0).await;
        writers.push(tokio::spawn(async move { writer.submit(strokes(0..150, 1800)).await }));
    }
    let slow = told(&mut witness).await;
    assert!(slow > 33 && STEPS.contains(&slow), "{slow}");
    let mut late = Client::connect_to(&server, "quiet", 10, 0).await;
    let first = late.next().await.expect("the connection lives");
    assert!(matches!(first, Message::Pace { interval: 34.. }), "who comes is told at once, and not {first:?}");
    for writer in writers {
        assert_eq!(writer.await.expect("submitted").len(), 150);
    }
    let mut last = slow;
    while last != 33 {
        last = told(&mut witness).await;
        assert!(STEPS.contains(&last), "{last}");
    }
    let mut after = Client::connect_to(&server, "quiet", 11, 0).await;
    after.live().await;
    after.send(wire::chat(1, "as usual")).await;
    let acknowledged = after.until(|message| match message {
        Message::Pace { interval } => panic!("told {interval}"),
        Message::Ack { .. } => Some(()),
        _ => None,
    });
    acknowledged.await;
}
