//! What `/metrics` says is what the ledgers say, however many ask, and nobody who draws is disturbed by it.

#[path = "../../../../crates/rusted-ring-metrics/tests/metrics/parse.rs"]
mod parse;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use parse::Samples;
use tokio::time::{Duration, sleep};

use crate::client::{Client, strokes};
use crate::server::{PATIENCE, Server};
use crate::wire::{self, Message};

const STAGES: [&str; 4] = ["validation", "storage", "network", "analytics"];
const POOLS: [&str; 5] = ["whiteboard.xs", "whiteboard.s", "whiteboard.m", "whiteboard.l", "whiteboard.xl"];

fn scrape(server: &Server) -> Samples {
    let (head, text) = server.request("/metrics", &format!("Host: {}\r\n", server.address()));
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let media = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n";
    assert!(head.contains(media), "{head}");
    Samples::of(&text)
}

/// Asks until all that was published to this pool was finished by every stage.
async fn at_rest(server: &Server, ring: &str) -> Samples {
    let begun = Instant::now();
    loop {
        let samples = scrape(server);
        let lag = |name: &str, by: &str| -> f64 {
            samples.named(name).filter(|(labels, _)| labels[by] == ring).map(|(_, lag)| lag).sum()
        };
        if lag("rusted_ring_reader_lag_sequences", "ring") + lag("rusted_ring_stage_lag_sequences", "topology") == 0.0 {
            return samples;
        }
        assert!(begun.elapsed() < PATIENCE, "{samples:?}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Nobody lost, and each reader of each pool received + repaired + lost + holes + shared + lag = `claimed` of it. Every stage joined before
/// the first event.
fn balances(samples: &Samples, is_all: fn(f64, f64) -> bool) {
    for ring in POOLS {
        let claimed = samples.get("rusted_ring_claimed_sequences_total", &[("ring", ring)]);
        let stages = STAGES.iter().filter(|stage| ring != POOLS[0] || **stage != "storage");
        for reader in stages {
            let of = [("ring", ring), ("reader", *reader), ("kind", "consumer")];
            let sum: f64 = [
                "received_events_total",
                "repaired_events_total",
                "lost_sequences_total",
                "holes_total",
                "shared_events_total",
                "lag_sequences",
            ]
            .iter()
            .map(|count| samples.get(&format!("rusted_ring_reader_{count}"), &of))
            .sum();
            assert!(is_all(sum, claimed), "{ring}, {reader}: {sum} of {claimed}");
            assert_eq!(samples.get("rusted_ring_reader_lost_sequences_total", &of), 0.0);
        }
    }
}

#[tokio::test]
async fn the_figures_are_the_ledgers_of_the_pools_and_the_progress_of_the_stages() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    assert_eq!(client.submit(strokes(0..20, 20)).await.len(), 20);
    let samples = at_rest(&server, "whiteboard.m").await;
    balances(&samples, |sum, claimed| sum == claimed);
    let health = server.health();
    for (ring, pool) in POOLS.iter().zip(health["pools"].as_array().expect("pools")) {
        let ring = [("ring", *ring)];
        let capacity = pool["capacity"].as_f64().expect("a number");
        assert_eq!(samples.get("rusted_ring_capacity_slots", &ring), capacity, "{pool}");
    }
    assert_eq!(samples.get("rusted_ring_claimed_sequences_total", &[("ring", "whiteboard.m")]), 20.0);
    for stage in STAGES {
        let of = [("topology", "whiteboard.m"), ("stage", stage)];
        assert_eq!(samples.get("rusted_ring_stage_finished_sequences_total", &of), 20.0, "{stage}");
    }
    // Who scrapes is no reader, and the small rings that wake threads are none of these.
    assert_eq!(samples.named("rusted_ring_readers").count(), 5 * STAGES.len() - 1);
    assert_eq!(samples.named("rusted_ring_info").count(), 5);
}

#[tokio::test]
async fn those_who_scrape_on_and_on_neither_disturb_the_rings_nor_each_other() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Arc::new(Server::start(home.path()));
    let is_over = Arc::new(AtomicBool::new(false));
    let scrapers = [(); 4].map(|()| {
        let (server, is_over) = (Arc::clone(&server), Arc::clone(&is_over));
        std::thread::spawn(move || {
            let mut last = scrape(&server);
            while !is_over.load(Ordering::Relaxed) {
                let samples = scrape(&server);
                samples.must_continue(&last);
                // What was claimed is read after the readers.
                balances(&samples, |sum, claimed| sum <= claimed);
                last = samples;
            }
        })
    });
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let drawn = client.submit(strokes(0..1000, 20)).await;
    is_over.store(true, Ordering::Relaxed);
    scrapers.into_iter().for_each(|scraper| scraper.join().expect("its figures are sound"));
    assert_eq!(drawn.len(), 1000);
    balances(&at_rest(&server, "whiteboard.m").await, |sum, claimed| sum == claimed);
}

#[tokio::test]
async fn the_servers_own_figures_are_those_of_its_health() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let before = scrape(&server);
    assert_eq!(before.get("whiteboard_sessions", &[]) + before.get("whiteboard_boards", &[]), 0.0);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    let mut other = Client::connect_to(&server, "another", 2, 0).await;
    other.live().await;
    assert_eq!(client.submit(strokes(0..20, 20)).await.len(), 20);
    client.send(wire::stroke(20, 1815)).await;
    client.until(|message| matches!(message, Message::Refused { action: 20, .. }).then_some(())).await;
    let (head, _) = server.request("/health", "Host: elsewhere\r\n");
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
    let samples = at_rest(&server, "whiteboard.m").await;
    samples.must_continue(&before);
    for (name, label, value) in [
        ("whiteboard_sessions", None, 2.0),
        ("whiteboard_opened_sessions_total", None, 2.0),
        ("whiteboard_boards", None, 2.0),
        ("whiteboard_pace_seconds", None, 0.033),
        ("whiteboard_events_total", Some(("kind", "stroke")), 20.0),
        ("whiteboard_declined_actions_total", Some(("answer", "refused")), 1.0),
        ("whiteboard_declined_actions_total", Some(("answer", "busy")), 0.0),
        ("whiteboard_refused_requests_total", Some(("reason", "host")), 1.0),
        ("whiteboard_refused_requests_total", Some(("reason", "locked")), 0.0),
        ("whiteboard_store_actions", None, 20.0),
        ("whiteboard_store_lag_events", None, 0.0),
        ("whiteboard_store_full", None, 0.0),
        ("whiteboard_store_waiting", None, 0.0),
        ("whiteboard_store_failed", None, 0.0),
        ("whiteboard_bad_events_total", None, 0.0),
        ("whiteboard_log_lost_lines_total", None, 0.0),
    ] {
        assert_eq!(samples.get(name, label.as_slice()), value, "{name} {label:?}");
    }
    let health = server.health();
    let samples = scrape(&server);
    for (name, of_health) in [
        ("store_size_bytes", &health["store"]["bytes"]),
        ("store_max_size_bytes", &health["store"]["max"]),
        ("store_file_bytes", &health["store"]["file"]),
        ("store_revision", &health["store"]["revision"]),
        ("sessions", &health["clients"]),
    ] {
        assert_eq!(Some(samples.get(&format!("whiteboard_{name}"), &[])), of_health.as_f64(), "{name}");
    }
}

#[tokio::test]
async fn moments_that_went_to_nobody_are_counted_by_reason() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    // Eight strokes may be unfinished at a time.
    for action in 100..120 {
        client.send(wire::segment(action, 5)).await;
    }
    for _ in 0..1500 {
        client.send(wire::cursor(1.0, 1.0)).await;
    }
    assert_eq!(client.submit(strokes(0..1, 20)).await.len(), 1);
    let samples = scrape(&server);
    let dropped = |reason| samples.get("whiteboard_dropped_moments_total", &[("reason", reason)]);
    let reasons = ["pool", "budget", "strokes"].map(dropped);
    assert!(reasons[0] == 0.0 && reasons[1] > 0.0 && reasons[2] == 12.0, "{reasons:?}");
    assert_eq!(Some(reasons.iter().sum()), server.health()["dropped"].as_f64());
}

/// What is said of the whiteboard is bounded, whatever its visitors are called and do.
#[test]
fn labels_are_words_of_the_program() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let (_, text) = server.request("/metrics", &format!("Host: {}\r\n", server.address()));
    let own: Vec<_> = text.lines().filter(|line| line.starts_with("whiteboard_")).collect();
    let labels = ["kind", "answer", "reason", "what"];
    let is_known =
        |line: &&str| line.split_once('{').is_none_or(|(_, rest)| labels.iter().any(|label| rest.starts_with(label)));
    assert!(own.iter().all(is_known) && (40..80).contains(&own.len()), "{} lines: {own:#?}", own.len());
    let readme = include_str!("../../README.md");
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE whiteboard_")) {
        let (name, kind) = line.split_once(' ').expect("a name and a type");
        let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
        assert!(readme.contains(&format!("`whiteboard_{name}")), "the README does not list whiteboard_{name}");
    }
}
