//! Attacks that make a store grow without end, or keep it full.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::Client;
use crate::server::{PATIENCE, Server, log};
use crate::wire::{self, Message};

fn start(home: &Path, options: &[&str]) -> Server {
    Server::start_with(&home.join("board"), &[&["--listen", "127.0.0.1:0"], options].concat(), &[])
}

/// Why the action was refused; `None` if it is saved.
async fn outcome(client: &mut Client, frame: Vec<u8>) -> Option<String> {
    let wanted = u64::from_le_bytes(frame[17..25].try_into().expect("eight bytes"));
    client.send(frame.clone()).await;
    loop {
        match client.next().await.expect("the connection lives") {
            Message::Ack { action, .. } if action == wanted => return None,
            Message::Refused { action, reason } if action == wanted => return Some(reason),
            Message::Busy { action } if action == wanted => {
                tokio::time::sleep(Duration::from_millis(4)).await;
                client.send(frame.clone()).await;
            }
            _ => {}
        }
    }
}

/// Waits until the store says this of itself.
async fn until_the_store(server: &Server, mut is: impl FnMut(&Value) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let health = server.health();
        if is(&health["store"]) {
            return;
        }
        assert!(Instant::now() < deadline, "{}", health["store"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the log of the server has this line, and once.
async fn until_the_log(data: &Path, line: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = std::fs::read_to_string(log(data)).expect("a log");
        if said.matches(line).count() == 1 {
            return;
        }
        assert!(Instant::now() < deadline, "{said}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn naming(kind: u8, id: u64, objects: &[u64]) -> Vec<u8> {
    wire::action(kind, id, &objects.iter().flat_map(|object| object.to_le_bytes()).collect::<Vec<u8>>())
}

#[tokio::test]
async fn a_full_store_takes_the_clear_that_frees_it_whatever_was_hidden_before() {
    for max in ["64KiB", "1MiB"] {
        let home = tempfile::tempdir().expect("a directory");
        let server = start(home.path(), &["--max-store", max, "--keep-cleared", "0"]);
        let mut client = Client::connect(&server, 1, 0).await;
        client.live().await;
        let mut drawn = 0;
        let reason = loop {
            if let Some(reason) = outcome(&mut client, wire::stroke(drawn, 1800)).await {
                break reason;
            }
            drawn += 1;
        };
        // All that can be said of what is there, of what is not there, and of what is said.
        for id in 1000..1150 {
            outcome(&mut client, naming(6, id, &[id * 1_000_000; 1000])).await;
            outcome(&mut client, naming(6 + (id % 2) as u8, 1000 + id, &[1 + id % drawn; 1000])).await;
            outcome(&mut client, naming(7, 2000 + id, &[1; 1000])).await;
        }
        let health = server.health();
        assert_eq!((&health["store"]["full"], &health["status"]), (&true.into(), &"full".into()));
        // Until a page has seen it.
        until_the_log(&home.path().join("board"), "the store is full").await;
        assert_eq!(outcome(&mut client, wire::clear(5000)).await, None, "{max}");
        until_the_store(&server, |store| store["full"] == false).await;
        assert_eq!(outcome(&mut client, wire::stroke(6000, 5)).await, None);
        assert!(reason.contains("clear a board on which something is drawn"), "{reason}");
        until_the_log(&home.path().join("board"), "the store has room again").await;
    }
}

#[tokio::test]
async fn clears_that_are_undone_and_hides_that_are_taken_back_leave_nothing_behind() {
    let home = tempfile::tempdir().expect("a directory");
    let server = start(home.path(), &["--keep-cleared", "6"]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let drawn = client.submit([(1, wire::stroke(1, 5))]).await[&1];
    let cleared = client.submit((1000..1300).map(|id| (id, wire::clear(id)))).await;
    let undone = client.submit((2000..2300).map(|id| (id, naming(6, id, &[cleared[&(id - 1000)]])))).await;
    client.submit((3000..3300).map(|id| (id, naming(6 + (id % 2) as u8, id, &[drawn])))).await;
    // What is said of what is no object: of a hide.
    client.submit((4000..4300).map(|id| (id, naming(6, id, &[undone[&(id - 2000)]])))).await;
    // The stroke, and the last that was said of it.
    until_the_store(&server, |store| store["actions"].as_u64().is_some_and(|actions| actions <= 3)).await;
    let mut late = Client::connect(&server, 2, 0).await;
    late.live().await;
    assert!(late.seen.iter().any(|&(revision, _)| revision == drawn), "{:?}", late.seen);
}

#[tokio::test]
async fn a_page_that_knows_of_a_clear_and_not_that_it_was_undone_begins_anew() {
    let home = tempfile::tempdir().expect("a directory");
    let server = start(home.path(), &["--keep-cleared", "2"]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit([(1, wire::stroke(1, 5))]).await;
    let clear = client.submit([(2, wire::clear(2))]).await[&2];
    client.submit([(3, naming(6, 3, &[clear]))]).await;
    until_the_store(&server, |store| store["actions"] == 1).await;
    let (welcome, closed) = Client::turned_away(&server, 3, clear).await;
    assert_eq!((welcome, closed.code), (0, 1008), "{closed:?}");
    assert_eq!(late(&server, 0).await, [1]);
    assert!(late(&server, clear + 1).await.is_empty(), "who knows that goes on");
}

async fn late(server: &Server, after: u64) -> Vec<u64> {
    let mut late = Client::connect(server, 2, after).await;
    late.live().await;
    late.seen.iter().map(|&(revision, _)| revision).collect()
}

#[tokio::test]
async fn of_the_chat_of_a_board_the_last_ten_thousand_messages_stay() {
    const SAID: u64 = 10_050;
    let home = tempfile::tempdir().expect("a directory");
    let server = start(home.path(), &[]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit((1..=SAID).map(|id| (id, wire::chat(id, "and so on")))).await;
    assert_eq!(server.health()["store"]["actions"], 10_000);
    assert_eq!(late(&server, 0).await, (51..=SAID).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_file_is_short_again_when_what_was_in_it_is_gone() {
    let home = tempfile::tempdir().expect("a directory");
    let bound = ["--max-store", "8MiB", "--keep-cleared", "0", "--keep-ids", "0"];
    let server = start(home.path(), &bound);
    let len = || std::fs::metadata(home.path().join("board/board.redb")).expect("there").len();
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let mut action = 0;
    while outcome(&mut client, wire::stroke(action, 1800)).await.is_none() {
        action += 1;
    }
    assert!(len() < 8 * (8 << 20) + (8 << 20), "{}", len());
    assert_eq!(outcome(&mut client, wire::clear(5000)).await, None);
    until_the_store(&server, |store| store["actions"] == 1).await;
    until_the_store(&server, |_| len() < 5 << 20).await;
    assert_eq!(outcome(&mut client, wire::stroke(6000, 5)).await, None);
    assert_eq!(late(&server, 0).await.len(), 2);
}
