//! Attacks on a person's terminal, by a server that `load` is pointed at; and secrets that are typed.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::server;

/// What a command said, all of it.
fn said(arguments: &[&str]) -> String {
    let output = server::run(arguments);
    assert!(!output.status.success(), "{arguments:?}");
    [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
}

/// What `load` says of a server that answers everything with this.
fn load_of(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let url = format!("http://{}/b/x", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    said(&["load", "--url", &url, "--clients", "1", "--seconds", "1"])
}

#[test]
fn what_a_server_answers_does_nothing_to_the_terminal() {
    for answer in [
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 40\r\n\r\n\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}answered ok\n",
        "HTTP/1.1 403 \u{1b}[2J\r\nContent-Length: 0\r\n\r\n",
        "\u{1b}]0;owned\u{7}\u{1b}[2J\r\n\r\n",
    ] {
        let said = load_of(answer);
        let acts = |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
        assert_eq!(said.chars().find(acts), None, "{said:?}");
        assert!(!said.is_empty() && said.lines().count() < 4, "no line of it is the server's: {said:?}");
    }
}

#[test]
fn what_is_typed_does_nothing_to_the_terminal_either() {
    for arguments in [
        &["rescue", "--data", "no\u{1b}[2Jwhere", "--into", "x"][..],
        &["backup", "--data", "no\u{1b}[2Jwhere", "--into", "x"],
    ] {
        let said = said(arguments);
        assert!(said.contains("\\u001b[2J") && !said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn a_token_in_an_address_is_not_shown_again() {
    const SECRET: &str = "abcdefghijklmnopqrst-_";
    for url in [
        format!("http://127.0.0.1:1/wrong#token={SECRET}"),
        format!("https://127.0.0.1:1/b/x#token={SECRET}"),
        format!("http://me:{SECRET}@127.0.0.1:1/b/x"),
        format!("http://127.0.0.1:1/b/x?token={SECRET}"),
        format!("http://127.0.0.1:1/b/x#token={SECRET}"),
    ] {
        for arguments in [&["load", "--seconds", "1", "--clients", "1", "--url", &url][..], &["load", &url], &[&url]] {
            let said = said(arguments);
            assert!(!said.is_empty() && !said.contains(SECRET), "{arguments:?}: {said}");
        }
    }
}
