//! What pages are asked to do while the pools are full.

use tokio::sync::watch;

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
    // They write until the witness is told: whether a pool is full at the moment of a look is chance.
    let (enough, told_so) = watch::channel(false);
    let mut writers = Vec::new();
    for id in 2..10 {
        let mut writer = Client::connect_to(&server, "busy", id, 0).await;
        let told_so = told_so.clone();
        writers.push(tokio::spawn(async move {
            for round in 0.. {
                if *told_so.borrow() {
                    return;
                }
                let actions = round * 50..(round + 1) * 50;
                assert_eq!(writer.submit(strokes(actions, 1800)).await.len(), 50);
            }
        }));
    }
    let slow = told(&mut witness).await;
    assert!(slow > 33 && STEPS.contains(&slow), "{slow}");
    let mut late = Client::connect_to(&server, "quiet", 10, 0).await;
    let first = late.next().await.expect("the connection lives");
    assert!(matches!(first, Message::Pace { interval: 34.. }), "who comes is told at once, and not {first:?}");
    enough.send_replace(true);
    for writer in writers {
        writer.await.expect("submitted");
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
