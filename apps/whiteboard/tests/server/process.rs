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
        "--journal",
        "WHITEBOARD_JOURNAL",
        "--preset",
        "production",
        "mobile",
        "server",
        "Examples",
        "/health",
        "/metrics",
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

#[tokio::test]
async fn a_name_and_a_port_alone_are_places_to_listen() {
    let home = tempfile::tempdir().expect("a directory");
    for (listen, hosts) in [("localhost:0", ["localhost", "127.0.0.1"]), ("0", ["localhost", "127.0.0.1"])] {
        let server = Server::start_with(&home.path().join("board"), &["--listen", listen], &[]);
        assert!(server.address().ip().is_loopback(), "{listen} is this machine alone");
        for host in hosts {
            let port = server.address().port();
            let (head, _) = server.request("/", &format!("Host: {host}:{port}\r\n"));
            assert!(head.starts_with("HTTP/1.1 200 "), "{listen}: {head}");
        }
    }
    let output = run(&["--listen", "nowhere"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && error.contains("localhost:7878"), "{error}");
}

#[test]
fn a_bound_that_no_board_fits_in_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board").display().to_string();
    for (size, told) in [("5", "5 bytes are too little; at least 64 KiB"), ("63KiB", "too little"), ("0", "too little")]
    {
        let output = run(&["--max-store", size, "--listen", "127.0.0.1:0", "--data", &data]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_file_that_is_no_store_is_told_as_such_and_left() {
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("board.redb");
    std::fs::write(&file, "Dear diary").expect("written");
    let output = run(&["--listen", "127.0.0.1:0", "--data", &home.path().display().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("is not the store of a whiteboard") && !error.contains("magic"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).expect("there"), "Dear diary");
}

#[test]
fn what_cannot_be_begun_says_why_and_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let [file, data] = ["file", "data"].map(|name| home.path().join(name));
    std::fs::write(&file, "short").expect("written");
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("changed");
    let [a_file, data] = [&file, &data].map(|path| path.display().to_string());
    let token = home.path().join("nowhere/token").display().to_string();
    let at = "127.0.0.1:0";
    for (options, told) in [
        (&["--listen", at, "--data", &a_file][..], ["there is a file where", "--data DIR"]),
        (&["--listen", at, "--data", &data, "--token-file", &a_file], ["holds no token", "delete "]),
        (&["--listen", at, "--data", &data, "--token-file", &token], ["make the directory first", "--token-file FILE"]),
        (&["--listen", "192.0.2.1:7878", "--data", &data], ["no address of this machine", "--listen 0.0.0.0:7878"]),
    ] {
        let output = run(options);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(told.iter().all(|words| error.contains(words)), "{told:?}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn a_store_that_may_not_become_long_enough_says_which_and_what_to_do() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let script = format!("ulimit -f 8; exec {} --listen 127.0.0.1:0 --data \"$0\"", env!("CARGO_BIN_EXE_whiteboard"));
    let output = std::process::Command::new("bash").args(["-c", &script]).arg(&data).output().expect("it ran");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    for words in [&data.display().to_string()[..], "too large", "ulimit -f"] {
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn each_line_of_the_log_has_its_time() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    drop(Server::start_with(&data, &["--listen", "0.0.0.0:0"], &[]));
    let log = std::fs::read_to_string(crate::server::log(&data)).expect("a log");
    assert!(!log.is_empty());
    for line in log.lines() {
        let (time, rest) = line.split_once(' ').expect("a time");
        let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(form, "0000-00-00T00:00:00Z", "{line}");
        assert!(rest.starts_with("whiteboard: "), "{line}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_terminal_that_closes_stops_it_as_a_signal_to_stop_does() {
    let home = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.submit(crate::client::strokes(0..10, 20)).await;
    server.hang_up();
    assert_eq!(client.closed().await.code, 1001);
    assert_eq!(server.ended().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_that_is_to_outlive_its_terminal_does() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start_without_terminal(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    server.hang_up();
    let saved = client.submit(crate::client::strokes(0..100, 200)).await;
    assert_eq!(saved.len(), 100);
    assert_eq!(server.health()["clients"], 1);
}
