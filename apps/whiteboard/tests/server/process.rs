//! The program: what it refuses to start with, and how it stops.

use std::collections::BTreeMap;

use crate::client::{Client, assert_contiguous};
use crate::server::{Server, run};
use crate::wire::{self, Message};

#[test]
fn a_second_instance_on_the_same_data_says_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let _server = Server::start(home.path());
    let output = run(&["--listen", "127.0.0.1:0", "--data", &home.path().display().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("in use by another whiteboard") && error.contains("--data DIR"), "{error}");
}

#[test]
fn a_taken_port_says_which_and_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let taken = server.address().to_string();
    let other = home.path().join("other");
    let output = run(&["--listen", &taken, "--data", &other.display().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    let port = server.address().port().to_string();
    assert!(error.contains(&port) && error.contains("--listen 127.0.0.1:0"), "{error}");
    assert!(!other.exists(), "nothing was made");
}

#[test]
fn help_teaches() {
    let output = run(&["--help"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    for word in [
        "--listen",
        "--data",
        "--host",
        "--token-file",
        "WHITEBOARD_TOKEN",
        "--preset",
        "production",
        "mobile",
        "server",
        "Examples",
        "/health",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn a_signal_to_stop_acknowledges_what_was_taken_and_closes_with_a_reason() {
    const SENT: u64 = 200;
    let home = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    for action in 0..SENT {
        client.send(wire::stroke(action, 100)).await;
    }
    let mut saved = BTreeMap::new();
    // The signal comes while actions are on their way.
    let mut told = false;
    let closed = loop {
        match client.next().await {
            Ok(Message::Ack { action, revision }) => {
                saved.insert(action, revision);
                if !told {
                    server.terminate();
                    told = true;
                }
            }
            Ok(_) => {}
            Err(closed) => break closed,
        }
    };
    assert_eq!(closed.code, 1001, "{closed:?}");
    assert!(closed.reason.contains("stopping"), "{closed:?}");
    assert_eq!(server.ended().code(), Some(0));

    let server = Server::start(home.path());
    let mut reader = Client::connect(&server, 2, 0).await;
    reader.live().await;
    assert_contiguous(&reader.seen, 1, saved.len() as u64);
    assert_eq!(reader.seen.iter().map(|&(at, action)| (action, at)).collect::<BTreeMap<_, _>>(), saved);
}

#[tokio::test]
async fn a_client_that_does_not_read_does_not_hold_up_the_end() {
    let home = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(home.path());
    let mut writer = Client::connect(&server, 1, 0).await;
    let _stuck = Client::connect_narrow(&server, 2).await;
    writer.submit(crate::client::strokes(0..1500, 500)).await;
    server.terminate();
    assert_eq!(writer.closed().await.code, 1001);
    assert!(server.ended().code().is_some_and(|code| code == 0));
}
