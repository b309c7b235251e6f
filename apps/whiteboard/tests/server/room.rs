//! A store that has reached its bound.

use std::time::{Duration, Instant};

use crate::client::{Client, strokes};
use crate::server::{PATIENCE, Server};
use crate::wire::{self, Message};

/// Why the action was refused; `None` if it is saved.
async fn outcome(client: &mut Client, wanted: u64) -> Option<String> {
    let told = client.until(|message| match message {
        Message::Ack { action, .. } if *action == wanted => Some(None),
        Message::Refused { action, reason } if *action == wanted => Some(Some(reason.clone())),
        _ => None,
    });
    told.await
}

#[tokio::test]
async fn a_full_store_says_so_and_a_clear_makes_room_for_good() {
    let home = tempfile::tempdir().expect("a directory");
    let options = ["--listen", "127.0.0.1:0", "--max-store", "64KiB", "--keep-cleared", "0"];
    let server = Server::start_with(&home.path().join("board"), &options, &[]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let mut action = 0;
    let reason = loop {
        client.send(wire::stroke(action, 500)).await;
        if let Some(reason) = outcome(&mut client, action).await {
            break reason;
        }
        action += 1;
        // About 4.6 KB each.
        assert!(action < 20, "the bound is not felt");
    };
    assert!(action > 10, "{action} were taken");
    assert!(reason.contains("full") && reason.contains("--max-store"), "{reason}");
    assert_eq!(server.health()["store"]["full"], true);

    let clear = client.submit([(100, wire::clear(100))]).await[&100];
    let deadline = Instant::now() + PATIENCE;
    while server.health()["store"]["full"] == true {
        assert!(Instant::now() < deadline, "it makes no room");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let saved = client.submit(strokes(200..203, 500)).await;
    client.send(wire::hide(300, clear)).await;
    let reason = outcome(&mut client, 300).await.expect("refused");
    assert!(reason.contains("undone no more"), "{reason}");
    let mut late = Client::connect(&server, 2, 0).await;
    late.live().await;
    let there: Vec<u64> = late.seen.iter().map(|&(revision, _)| revision).collect();
    assert_eq!(there, [&[clear], &saved.into_values().collect::<Vec<_>>()[..]].concat());
}
