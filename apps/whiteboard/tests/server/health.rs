//! What `/health` says of the last minute, and of the bounds.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::client::Client;
use crate::server::{PATIENCE, Server};
use crate::wire;

/// Asks until a second has passed in which the pool M had events.
async fn after_a_second(server: &Server) -> Value {
    let begun = Instant::now();
    loop {
        let health = server.health();
        let rates = health["pools"][2]["history"]["rate"].as_array().expect("rates");
        if rates.iter().any(|rate| rate != 0) {
            return health;
        }
        assert!(begun.elapsed() < PATIENCE, "{health}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_events_of_each_second_are_told_by_pool() {
    let home = tempfile::tempdir().expect("a directory");
    let server = Server::start(home.path());
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    client.send(wire::stroke(1, 100)).await;
    client.up_to(1).await;
    let health = after_a_second(&server).await;
    let slots: Vec<_> = health["pools"].as_array().expect("pools").iter().map(|pool| pool["slot"].clone()).collect();
    assert_eq!(slots, [64, 256, 1024, 4096, 16384]);
    let m = &health["pools"][2];
    let seconds = m["history"]["rate"].as_array().expect("rates");
    assert_eq!(seconds.iter().filter_map(Value::as_u64).sum::<u64>(), 1, "{m}");
    assert_eq!(seconds.last(), Some(&m["rate"]), "{m}");
    let peaks = m["history"]["pressure"].as_array().expect("pressures");
    assert_eq!(peaks.len(), seconds.len());
    assert!(peaks.iter().all(|peak| peak.as_f64().is_some_and(|peak| (0.0..=1.0).contains(&peak))), "{m}");
    assert_eq!(health["pools"][4]["rate"], 0, "nothing was so long");
    assert_eq!(health["missed"], json!({ "actions": 0, "moments": 0 }));
    assert_eq!(health["pace"], 33, "nobody is slowed down");
    assert_eq!((&health["store"]["max"], &health["store"]["full"]), (&json!(1 << 30), &json!(false)));
}

#[tokio::test]
async fn a_store_that_has_no_room_is_told() {
    let home = tempfile::tempdir().expect("a directory");
    let bound = ["--listen", "127.0.0.1:0", "--max-store", "64KiB"];
    let server = Server::start_with(&home.path().join("board"), &bound, &[]);
    let mut client = Client::connect(&server, 1, 0).await;
    client.live().await;
    assert_eq!(server.health()["store"]["full"], false);
    client.submit(crate::client::strokes(1..5, 1800)).await;
    let health = server.health();
    assert_eq!((&health["store"]["max"], &health["store"]["full"]), (&json!(64 << 10), &json!(true)), "{health}");
}
