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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_that_is_drawn_on_and_cleared_again_and_again_stays_within_its_bound() {
    const PAGES: u8 = 8;
    const EACH: u64 = 1500;
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let bound = ["--listen", "127.0.0.1:0", "--max-store", "256KiB", "--keep-cleared", "0"];
    let server = std::sync::Arc::new(Server::start_with(&data, &bound, &[]));
    let drawing: Vec<_> = (1..=PAGES)
        .map(|page| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move {
                let mut client = Client::connect(&server, page, 0).await;
                let mut taken = 0;
                for action in 0..EACH {
                    let frame = if action % 100 == 99 { wire::clear(action) } else { wire::stroke(action, 1) };
                    client.send(frame.clone()).await;
                    let refused = loop {
                        match client.next().await.expect("the connection lives") {
                            Message::Ack { action: acked, .. } if acked == action => break false,
                            Message::Refused { action: refused, .. } if refused == action => break true,
                            Message::Busy { action: busy } if busy == action => {
                                tokio::time::sleep(Duration::from_millis(4)).await;
                                client.send(frame.clone()).await;
                            }
                            _ => {}
                        }
                    };
                    if refused {
                        return (taken, true);
                    }
                    taken += 1;
                }
                (taken, false)
            })
        })
        .collect();
    let mut taken = 0;
    let mut full = false;
    for page in drawing {
        let (took, refused) = page.await.expect("a page");
        taken += took;
        full |= refused;
    }
    assert!(full, "{taken} of {} were taken: what was dropped costs nothing", u64::from(PAGES) * EACH);
    let bytes = server.health()["store"]["bytes"].as_u64().expect("a number");
    assert!(bytes < 300 << 10, "{bytes} of 256 KiB");
    server.terminate();
    drop(server);

    // What was dropped so long ago is recognised no more, and then costs nothing.
    let server = Server::start_with(&data, &[&bound[..], &["--keep-ids", "0"]].concat(), &[]);
    let deadline = Instant::now() + PATIENCE;
    while server.health()["store"]["full"] == true {
        assert!(Instant::now() < deadline, "ids do not go");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Client::connect(&server, 99, 0).await.submit(strokes(0..10, 1)).await;
}
