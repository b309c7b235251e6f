//! Stored and live parts joined: late, while others draw, and after falling behind.

use crate::client::{Client, assert_contiguous, strokes};
use crate::server::Server;
use crate::wire::Message;

#[tokio::test]
async fn a_late_joiner_under_load_gets_every_revision_once() {
    const ALL: u64 = 3000;
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut writer = Client::connect(&server, 1, 0).await;
    writer.submit(strokes(0..ALL / 3, 20)).await;
    let joins = async {
        let mut joined = Vec::new();
        for id in 2..8 {
            let mut joiner = Client::connect(&server, id, 0).await;
            let next = joiner.live().await;
            assert_contiguous(&joiner.seen, 1, next - 1);
            joined.push((joiner, next));
        }
        joined
    };
    let (_, joined) = tokio::join!(writer.submit(strokes(ALL / 3..ALL, 20)), joins);
    assert!(joined.iter().any(|&(_, next)| next <= ALL), "someone joined while the writer wrote");
    for (mut joiner, _) in joined {
        joiner.up_to(ALL).await;
        assert_contiguous(&joiner.seen, 1, ALL);
    }
    // One that has a part gets the rest.
    let mut back = Client::connect(&server, 9, ALL - 10).await;
    back.live().await;
    assert_contiguous(&back.seen, ALL - 9, ALL);
}

#[tokio::test]
async fn one_that_stops_reading_is_told_what_it_missed_and_catches_up_while_another_flows() {
    const ALL: u64 = 3000;
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut writer = Client::connect(&server, 1, 0).await;
    let mut slow = Client::connect_narrow(&server, 2).await;
    let mut fast = Client::connect(&server, 3, 0).await;
    slow.live().await;
    fast.live().await;

    // About 4 KB each, together far more than the sockets and the queue of a connection hold.
    tokio::join!(writer.submit(strokes(0..ALL, 500)), fast.up_to(ALL));
    assert_contiguous(&fast.seen, 1, ALL);
    assert_eq!((fast.missed, slow.seen.len()), (0, 0));

    slow.up_to(ALL).await;
    assert_contiguous(&slow.seen, 1, ALL);
    assert!(slow.missed > 0, "it was told");
    let next = slow.live().await;
    assert_eq!(next, ALL + 1);

    // It is as live as the others again.
    writer.submit(strokes(ALL..ALL + 1, 1)).await;
    slow.up_to(ALL + 1).await;
    assert_contiguous(&slow.seen, 1, ALL + 1);
}

#[tokio::test]
async fn who_claims_more_than_the_board_has_is_told() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 5).await;
    let closed = client.closed().await;
    assert_eq!((closed.code, closed.reason.as_str()), (1008, "revision 5 is not in this store, which has 0"));
}

#[tokio::test]
async fn moments_are_not_stored() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut a = Client::connect(&server, 1, 0).await;
    let mut b = Client::connect(&server, 2, 0).await;
    b.live().await;
    a.send(crate::wire::cursor(0.0, 0.0)).await;
    b.until(|message| matches!(message, Message::Moment { kind: 16, .. }).then_some(())).await;
    let store = &server.health()["store"];
    assert_eq!([&store["revision"], &store["actions"], &store["bytes"], &store["damaged"]], [0; 4], "{store}");
}
