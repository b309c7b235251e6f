//! The endpoint answers as Prometheus expects, and bounds what a connection may take.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use crate::parse::Samples;
use rusted_ring::HeapRing;
use rusted_ring_metrics::{LOOPBACK, RingCollector, Server, encode};

fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_text_is_served() {
    let rings = RingCollector::new();
    rings.register("strokes", HeapRing::<64>::new(8)).unwrap();
    let server = Server::start(LOOPBACK, move || encode(&rings)).unwrap();
    assert!(server.address().ip().is_loopback());
    for _ in 0..20 {
        let answer = ask(server.address(), b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(
            head.contains("\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"),
            "{head}"
        );
        assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", text.len())), "{head}");
        assert_eq!(Samples::of(text).get("rusted_ring_capacity_slots", &[("ring", "strokes")]), 8.0);
    }
}

#[test]
fn nothing_else_is() {
    let server = Server::start(LOOPBACK, || "# EOF\n".to_owned()).unwrap();
    for (request, status) in
        [("GET / HTTP/1.1\r\n\r\n", "404"), ("POST /metrics HTTP/1.1\r\n\r\n", "405"), ("nonsense\r\n\r\n", "400")]
    {
        let answer = ask(server.address(), request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let longest = [b"GET /metrics HTTP/1.1\r\nX: ".to_vec(), vec![b'x'; 8 * 1024 - 26]].concat();
    assert!(ask(server.address(), &longest).starts_with("HTTP/1.1 431 "));
}

#[test]
fn a_page_that_panics_is_an_error_and_the_next_is_served() {
    let fails = Arc::new(AtomicBool::new(true));
    let failing = fails.clone();
    let server = Server::start(LOOPBACK, move || {
        assert!(!failing.load(Relaxed), "a test's failure");
        "# EOF\n".to_owned()
    })
    .unwrap();
    for _ in 0..10 {
        assert!(ask(server.address(), b"GET /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 500 "));
    }
    fails.store(false, Relaxed);
    assert!(ask(server.address(), b"GET /metrics HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n# EOF\n"));
}

#[test]
fn those_who_say_nothing_hold_it_for_a_while_only() {
    let server = Server::start(LOOPBACK, || "# EOF\n".to_owned()).unwrap();
    let silent: Vec<_> = (0..4).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    assert!(ask(server.address(), b"GET /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 "));
    drop(silent);
}

#[test]
fn the_port_is_free_when_it_has_ended() {
    // Often, because its threads end in any order.
    for _ in 0..200 {
        let server = Server::start(LOOPBACK, || "# EOF\n".to_owned()).unwrap();
        let address = server.address();
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
