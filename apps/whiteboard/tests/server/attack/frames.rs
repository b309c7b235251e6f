//! Attacks by what is sent: fragments, pings, and frames that cost others much.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

use crate::client::{Client, raw};
use crate::server::{PATIENCE, Server};
use crate::wire::{self, Message};

fn server() -> (tempfile::TempDir, Server) {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    (home, server)
}

/// A masked frame, as bytes, with this many zeros in it.
fn masked(first: u8, len: u8) -> Vec<u8> {
    [&[first, 0x80 | len][..], &vec![0; 4 + usize::from(len)]].concat()
}

#[tokio::test]
async fn empty_fragments_and_answers_to_no_ping_are_read_no_faster_than_a_connection_may_send() {
    let (_home, server) = server();
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_send_buffer_size(64 * 1024).expect("a small buffer");
    let mut socket = raw(socket, &server).await;
    let stream = socket.get_mut();
    stream.write_all(&masked(0x02, 0)).await.expect("a message begins");
    let both = [masked(0x00, 0), masked(0x8a, 125)].concat();
    let fragments = both.repeat(1024);
    let (begun, mut sent) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(4) && sent < 128 << 20 {
        match timeout(Duration::from_millis(500), stream.write(&fragments[sent % both.len()..])).await {
            Ok(Ok(len)) => sent += len,
            Ok(Err(_)) => break,
            Err(_) => {}
        }
    }
    // 8 MiB at once and half of one in each second, and what lies in the buffer of the other end.
    assert!(sent > 4 << 20, "it is read as long as it is within its bytes: {sent}");
    assert!(sent < 24 << 20, "{sent} bytes of fragments in {:?}", begun.elapsed());
}

#[tokio::test]
async fn pings_before_the_hello_are_counted() {
    let (_home, server) = server();
    let mut socket = raw(TcpSocket::new_v4().expect("a socket"), &server).await;
    let begun = Instant::now();
    let ended = async {
        loop {
            let pings = (0..64).map(|_| Ok(tungstenite::Message::Ping(vec![].into())));
            let sent = socket.send_all(&mut futures_util::stream::iter(pings)).await;
            let patience = Duration::from_millis(if sent.is_ok() { 1 } else { 1000 });
            while let Ok(Some(received)) = timeout(patience, socket.next()).await {
                match received {
                    Ok(tungstenite::Message::Close(Some(frame))) => return frame.reason.to_string(),
                    Ok(_) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
    assert_eq!(timeout(PATIENCE, ended).await.expect("an end"), "too many frames", "{:?}", begun.elapsed());
}

/// What `other` is sent of moments while all of `frames` are, up to the last one that counts.
async fn moments(server: &Server, frames: impl IntoIterator<Item = Vec<u8>>) -> (u64, Duration) {
    let mut client = Client::connect(server, 1, 0).await;
    let mut other = Client::connect(server, 2, 0).await;
    client.live().await;
    other.live().await;
    let begun = Instant::now();
    for frame in frames {
        client.send(frame).await;
    }
    let all_was_read = client.submit([(9000, wire::chat(9000, "all was read"))]).await;
    other.up_to(all_was_read[&9000]).await;
    (other.moments, begun.elapsed())
}

#[tokio::test]
async fn one_author_has_at_most_8_unfinished_strokes_on_other_pages() {
    let (_home, server) = server();
    let (shown, _) = moments(&server, (0..400).map(|action| wire::segment(action, 1))).await;
    assert!((1..=8).contains(&shown), "{shown}");
    let dropped = server.health()["dropped"].as_u64().expect("a count");
    assert_eq!(shown + dropped, 400, "each is shown or counted");
}

#[tokio::test]
async fn one_author_who_finishes_each_stroke_at_once_begins_few() {
    let (_home, server) = server();
    let strokes = (0..200).flat_map(|action| [wire::segment(action, 1), wire::stroke(1, 1)]);
    let (shown, time) = moments(&server, strokes).await;
    assert!((1..=16 + 8 * (time.as_secs() + 1)).contains(&shown), "{shown} in {time:?}");
}

#[tokio::test]
async fn the_points_that_one_author_has_others_draw_are_bounded_by_their_bytes() {
    let (_home, server) = server();
    let (shown, time) = moments(&server, (0..450).map(|_| wire::segment(7, 25))).await;
    let most = (32 * 1024 + 16 * 1024 * (time.as_secs() + 1)) / 250;
    assert!((100..=most).contains(&shown), "{shown} of at most {most} in {time:?}");
}

#[tokio::test]
async fn a_name_that_changes_all_the_time_is_told_now_and_then() {
    let (_home, server) = server();
    let (shown, time) = moments(&server, (0..450).map(|name| wire::here(&format!("Me {name}")))).await;
    assert!((30..=32 + 16 * (time.as_secs() + 1)).contains(&shown), "{shown} in {time:?}");
}

#[tokio::test]
async fn what_hides_many_objects_costs_more_than_what_hides_one() {
    const SENT: u64 = 110;
    let home = tempfile::tempdir().expect("a directory");
    let options = ["--listen", "127.0.0.1:0", "--preset", "server"];
    let server = Server::start_with(&home.path().join("board"), &options, &[]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let begun = Instant::now();
    // As many as fit a pool that has room for all of these.
    let targets: Vec<u8> = (1..=480u64).flat_map(u64::to_le_bytes).collect();
    for action in 0..SENT {
        client.send(wire::action(6, action, &targets)).await;
    }
    let (mut taken, mut busy) = (0, 0);
    while taken + busy < SENT {
        match client.next().await.expect("the connection lives") {
            // What they name is not there, and that is looked at behind the budget.
            Message::Refused { .. } => taken += 1,
            Message::Busy { .. } => busy += 1,
            _ => {}
        }
    }
    // Ten frames each.
    assert!((40..=50 + 25 * (begun.elapsed().as_secs() + 1)).contains(&taken), "{taken} in {:?}", begun.elapsed());
}
