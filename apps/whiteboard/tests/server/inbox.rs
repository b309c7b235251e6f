//! What was recorded by the real `rring` is drawn again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicU8;

use rusted_ring::PoolSet;
use rusted_ring_shm::PoolFiles;

use crate::client::{Client, strokes};
use crate::server::{PATIENCE, Server};
use crate::shm::{Removed, look, name};
use crate::wire::{self, Message};

/// Everything on a board: its objects and flags in their order, without author, revision and id; what flags name is the place in that order.
async fn drawn(server: &Server, board: &str) -> Vec<Vec<u8>> {
    let mut reader = Client::connect_to(server, board, 99, 0).await;
    let mut places: BTreeMap<u64, u64> = BTreeMap::new();
    let mut all = Vec::new();
    loop {
        match reader.next().await.expect("the connection lives") {
            Message::Action { kind, revision, body, .. } => {
                places.insert(revision, places.len() as u64);
                let body = match kind {
                    6 | 7 => body
                        .as_chunks::<8>()
                        .0
                        .iter()
                        .flat_map(|target| places[&u64::from_le_bytes(*target)].to_le_bytes())
                        .collect(),
                    _ => body,
                };
                all.push([vec![kind], body].concat());
            }
            Message::Live { .. } => return all,
            _ => {}
        }
    }
}

fn start(data: &Path, options: &[&str]) -> Server {
    Server::start_with(data, &[&["--listen", "127.0.0.1:0"], options].concat(), &[])
}

#[tokio::test]
async fn a_recording_of_each_ring_draws_the_board_again() {
    let home = tempfile::tempdir().expect("a directory");
    let [first, second] = ["first", "second"].map(|test| Removed(name(test)));
    let server = start(&home.path().join("first"), &["--shm", &first.0]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit(strokes(0..30, 20)).await;
    client.submit(strokes(30..33, 300)).await;
    client.submit(strokes(33..35, 1800)).await;
    client.submit([(40, wire::chat(40, "Hello")), (41, wire::hide(41, 7)), (42, wire::hide(42, 35))]).await;
    client.send(wire::cursor(1.0, 2.0)).await;
    let before = drawn(&server, "main").await;
    assert_eq!(before.len(), 38);

    let mut counts = Vec::new();
    for size in ["m", "l", "xl", "s"] {
        let file = home.path().join(format!("{size}.mcap")).display().to_string();
        look(&["record", &format!("{}.{size}", first.0), "-o", &file, "--from", "oldest", "--for", "1"]);
        counts.push(look(&["replay", &file]).lines().count());
    }
    assert_eq!(counts, [30, 3, 2, 3], "as many as were published");
    server.kill();

    let inbox = Removed(format!("{}-in", second.0));
    let mut server = start(&home.path().join("second"), &["--shm", &second.0, "--inbox"]);
    // Another's board has the number 0 here, and stays as it is.
    let mut other = Client::connect(&server, 2, 0).await;
    other.live().await;
    other.submit(strokes(0..2, 20)).await;
    for size in ["m", "l", "xl", "s"] {
        let file = home.path().join(format!("{size}.mcap")).display().to_string();
        look(&["replay", &file, "--into", &format!("{}.{size}", inbox.0), "--speed", "max"]);
    }
    let mut again = Client::connect_to(&server, "replay-1", 3, 0).await;
    again.live().await;
    while again.seen.len() < before.len() {
        again.next().await.expect("the connection lives");
    }
    assert_eq!(drawn(&server, "replay-1").await, before);
    assert_eq!(drawn(&server, "main").await.len(), 2);

    // What is no whiteboard's is left out and named, and nothing else suffers.
    let pools = PoolFiles::named(&inbox.0).expect("a name").open::<16384, AtomicU8>().expect("the inbox");
    for (bytes, event_type) in [([7; 100], 1), ([1; 100], 1), ([0; 100], 99)] {
        pools.emit(&bytes, event_type).expect("room");
    }
    let log = || std::fs::read_to_string(crate::server::log(&home.path().join("second"))).expect("a log");
    let begun = std::time::Instant::now();
    while log().matches("is not drawn").count() < 3 {
        assert!(begun.elapsed() < PATIENCE, "{}", log());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    other.submit(strokes(2..3, 20)).await;
    assert_eq!(server.health()["status"], "excellent");
    drop(pools);

    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    assert!(!Path::new(&format!("/dev/shm/rusted-ring.{}.m", inbox.0)).exists(), "it takes its rings away");
}

#[tokio::test]
async fn a_recording_that_is_put_into_a_servers_own_rings_is_noticed_and_never_taken_for_what_people_draw() {
    let home = tempfile::tempdir().expect("a directory");
    let [first, second] = ["recorded", "own"].map(|test| Removed(name(test)));
    let server = start(&home.path().join("first"), &["--shm", &first.0]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit(strokes(0..5, 20)).await;
    let file = home.path().join("m.mcap").display().to_string();
    look(&["record", &format!("{}.m", first.0), "-o", &file, "--from", "oldest", "-n", "5"]);
    server.kill();

    let data = home.path().join("second");
    let server = start(&data, &["--shm", &second.0]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    look(&["replay", &file, "--into", &format!("{}.m", second.0), "--speed", "max"]);
    client.until(|message| matches!(message, Message::Trouble { reason } if !reason.is_empty()).then_some(())).await;
    client.send(wire::stroke(1, 20)).await;
    client.until(|message| (*message == Message::Busy { action: 1 }).then_some(())).await;
    server.kill();
    let server = Server::start(&data);
    assert_eq!(drawn(&server, "main").await.len(), 0, "nothing of it is stored");
}

#[test]
fn an_inbox_needs_a_name() {
    let output = crate::server::run(&["--inbox"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && error.contains("--shm"), "{error}");
}
