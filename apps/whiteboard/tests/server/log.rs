//! The log: one event a line, as text or JSON, at a level, without secrets, and never longer than its bound, whoever provokes it.

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::time::{Duration, sleep};

use crate::client::knock;
use crate::server::{self, PATIENCE, Server};

const TOKEN: &str = "abcdefghijklmnopqrst-_";
const WRONG: &str = "zyxwvutsrqponmlkjihg-_";
/// Other addresses are warned of.
const OPEN: [&str; 2] = ["--listen", "0.0.0.0:0"];

struct Logged {
    _home: tempfile::TempDir,
    data: std::path::PathBuf,
    server: Server,
}

fn start(options: &[&str], environment: &[(&str, &str)]) -> Logged {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("board");
    let server =
        Server::start_with(&data, &[&OPEN, options].concat(), &[&[("WHITEBOARD_TOKEN", TOKEN)], environment].concat());
    Logged { _home: home, data, server }
}

impl Logged {
    fn text(&self) -> String {
        std::fs::read_to_string(server::log(&self.data)).expect("a log")
    }

    /// Each line, which must be an object with a time, a level and a message.
    fn events(&self) -> Vec<Value> {
        let text = self.text();
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        for event in &events {
            let time = event["timestamp"].as_str().expect("a time");
            assert!(time.len() == "2026-11-29T18:52:49Z".len() && time.ends_with('Z'), "{event}");
            assert!(event["level"].is_string() && event["message"].is_string(), "{event}");
            assert!(event["target"].as_str().is_some_and(|target| target.starts_with("whiteboard")), "{event}");
        }
        events
    }

    fn guess(&self, token: &str) -> String {
        let headers = format!("Host: {}\r\nAuthorization: Bearer {token}\r\n", self.server.address());
        self.server.request(&format!("/health?token={token}"), &headers).0
    }
}

#[tokio::test]
async fn as_json_each_line_is_an_object() {
    let mut logged = start(&["--log", "json"], &[]);
    logged.server.terminate();
    assert_eq!(logged.server.ended().code(), Some(0));
    let events = logged.events();
    let of = |level: &str, part: &str| {
        events.iter().any(|event| event["level"] == level && event["message"].as_str().unwrap().contains(part))
    };
    assert!(of("WARN", "not encrypted"), "{events:?}");
    assert!(of("INFO", "stopped; everything that was taken is saved"), "{events:?}");
}

#[test]
fn the_level_is_an_option_or_in_the_environment_and_the_option_is_stronger() {
    let level = |options: &[&str], environment: &[(&str, &str)]| {
        let logged = start(options, environment);
        logged.text().contains("not encrypted")
    };
    let variable = "WHITEBOARD_LOG_LEVEL";
    assert!(level(&[], &[]), "warnings are logged");
    assert!(!level(&["--log-level", "error"], &[]));
    assert!(!level(&[], &[(variable, "error")]));
    assert!(level(&["--log-level", "warn"], &[(variable, "error")]));
    let output = server::run(&["--log-level", "loud"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && error.contains("warn"), "{error}");
}

#[test]
fn the_level_in_the_environment_keeps_no_command_from_running() {
    let home = tempfile::tempdir().expect("a directory");
    let [nowhere, into] = ["nowhere", "into"].map(|name| home.path().join(name).display().to_string());
    for arguments in [
        &["backup", "--data", &nowhere, "--into", &into][..],
        &["rescue", "--data", &nowhere, "--into", &into],
        &["load", "--url", "http://127.0.0.1:1/b/x", "--clients", "1", "--seconds", "1"],
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_whiteboard"));
        let output = command.args(arguments).env("WHITEBOARD_LOG_LEVEL", "debug").output().expect("it runs");
        // It came as far as what is wrong with its work; 2 is a wrong command line.
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test]
async fn no_token_is_in_the_log_whatever_its_level_and_form() {
    for form in ["text", "json"] {
        let logged = start(&["--log", form, "--log-level", "debug"], &[]);
        for _ in 0..12 {
            logged.guess(WRONG);
        }
        assert!(logged.guess(TOKEN).starts_with("HTTP/1.1 200 "));
        let bearer = format!("Bearer {TOKEN}");
        let socket = TcpSocket::new_v4().expect("a socket");
        drop(knock(socket, &logged.server, &[("authorization", &bearer)]).await.expect("it opens"));
        until(&logged, "a connection ended").await;
        let text = logged.text();
        assert!(text.contains("wrong tokens"), "the guesses are in it: {text}");
        for secret in [TOKEN, WRONG] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn what_a_client_provokes_on_and_on_is_logged_a_few_times_and_then_counted() {
    const GUESSES: u64 = 300;
    let logged = start(&["--log", "json"], &[]);
    for _ in 0..10 + GUESSES {
        logged.guess(WRONG);
    }
    until(&logged, "left_out").await;
    let deadline = std::time::Instant::now() + PATIENCE;
    let (told, left_out) = loop {
        let events = logged.events();
        let told = events.iter().filter(|event| event["left_out"].is_null()).filter(|event| is_of_guesses(event));
        let left_out =
            events.iter().filter(|event| is_of_guesses(event)).filter_map(|event| event["left_out"].as_u64());
        let (told, left_out) = (told.count() as u64, left_out.sum::<u64>());
        if told + left_out >= GUESSES {
            break (told, left_out);
        }
        assert!(std::time::Instant::now() < deadline, "{told} and {left_out}");
        sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(told + left_out, GUESSES);
    assert!((2..20).contains(&told), "{told}: one address has its part of the place's");
}

/// Nobody reads what the server says, and there is no room for it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_log_that_nobody_reads_holds_up_nobody() {
    use std::io::{Read, Write};
    let (mut reader, mut writer) = std::io::pipe().expect("a pipe");
    let flags = rustix::fs::fcntl_getfl(&writer).expect("flags");
    rustix::fs::fcntl_setfl(&writer, flags | rustix::fs::OFlags::NONBLOCK).expect("it does not wait");
    let mut filled = 0;
    while let Ok(more) = writer.write(&[b'.'; 4096]) {
        filled += more;
    }
    rustix::fs::fcntl_setfl(&writer, flags).expect("it waits");

    let home = tempfile::tempdir().expect("a directory");
    let options = [&OPEN[..], &["--log-level", "debug"]].concat();
    let mut server =
        Server::start_saying_to(writer, &home.path().join("board"), &options, &[("WHITEBOARD_TOKEN", TOKEN)]);
    let headers = format!("Host: {}\r\nAuthorization: Bearer {TOKEN}\r\n", server.address());
    for _ in 0..30 {
        let (head, _) = server.request("/health", &headers);
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let bearer = format!("Bearer {TOKEN}");
        let socket = TcpSocket::new_v4().expect("a socket");
        drop(knock(socket, &server, &[("authorization", &bearer)]).await.expect("it opens"));
    }
    // What waited is there once somebody reads.
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        reader.read_to_end(&mut said).expect("the pipe ends with the server");
        String::from_utf8(said).expect("text")
    });
    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    let said = said.join().expect("read");
    let said = said.trim_start_matches('.');
    assert!(filled > 0 && said.contains("not encrypted") && said.contains("a connection began"), "{said}");
    assert!(said.trim_end().ends_with("everything that was taken is saved"), "the last line is the last: {said}");
}

fn is_of_guesses(event: &Value) -> bool {
    event["message"].as_str().is_some_and(|message| message.contains("wrong tokens"))
}

#[tokio::test]
async fn what_was_left_out_last_is_told_at_the_end() {
    let mut logged = start(&["--log", "json"], &[]);
    for _ in 0..10 + 60 {
        logged.guess(WRONG);
    }
    logged.server.terminate();
    assert_eq!(logged.server.ended().code(), Some(0));
    let events = logged.events();
    let left_out: u64 = events.iter().filter_map(|event| event["left_out"].as_u64()).sum();
    let told = events.iter().filter(|event| event["left_out"].is_null() && is_of_guesses(event)).count();
    assert_eq!(told as u64 + left_out, 60, "{events:?}");
}

async fn until(logged: &Logged, part: &str) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !logged.text().contains(part) {
        assert!(std::time::Instant::now() < deadline, "no {part:?} in {}", logged.text());
        sleep(Duration::from_millis(20)).await;
    }
}
