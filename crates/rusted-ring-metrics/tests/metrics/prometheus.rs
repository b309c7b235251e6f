//! A real Prometheus scrapes two processes while readers come, lose and leave, and its sums are those of the ledgers.
//!
//! `cargo xtask test --only metrics` runs it: it needs Prometheus.

use std::{
    env,
    io::{BufRead, BufReader},
    thread,
    time::Duration,
};

use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, Subscriber, ledger::Ledger};
use rusted_ring_metrics::{LOOPBACK, RingCollector, Server, encode};

use crate::peer::{Prometheus, Running, WATCHED, until};

type Ring = HeapTypedRing<u64>;

/// A reader's name. Rust and PromQL escape it alike.
const HOSTILE: &str = "a\\ \"b\"\n{c=\"d\"} #";
/// What a watched process counts, and the queries for it.
const COUNTS: [(&str, &str); 4] = [
    ("claimed", "sum(rusted_ring_claimed_sequences_total)"),
    ("received", "sum(rusted_ring_reader_received_events_total)"),
    ("lost", "sum(rusted_ring_reader_lost_sequences_total)"),
    ("lag", "sum(rusted_ring_reader_lag_sequences)"),
];

/// The process, when the other test starts it; alone it does nothing.
#[test]
#[ignore = "the other test starts it"]
fn a_process_that_is_watched() {
    if env::var_os(WATCHED).is_none() {
        return;
    }
    let mut steps = BufReader::new(std::io::stdin()).lines();
    let ring = Ring::new(64);
    let rings = RingCollector::new();
    rings.register("orders", ring.clone()).unwrap();
    let idle = Ring::new(8);
    rings.register(HOSTILE, idle.clone()).unwrap();
    let server = Server::start(LOOPBACK, move || encode(&rings)).unwrap();
    println!("address={}", server.address());

    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
    let mut screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");
    let _idle = Consumer::join(idle.clone(), Start::Newest).unwrap().named(HOSTILE);
    let mut leaver = Subscriber::join(ring.clone(), Start::Newest).named("leaver");
    let mut publish = |screen: &mut Subscriber<Ring>, events: u64| {
        for event in 0..events {
            publisher.send(&event);
            drop(archive.recv().unwrap());
            if event % 100 == 0 {
                _ = screen.try_recv();
                thread::sleep(Duration::from_millis(5));
            }
        }
    };
    publish(&mut screen, 10_000);
    for _ in 0..40 {
        _ = leaver.try_recv();
    }
    let mut sums = [0; 4];
    let count = |sums: &mut [u64; 4], name: &str| {
        let status = Ledger::of(&ring).readers().find(|status| status.name.as_str() == name).unwrap();
        sums[1] += status.received;
        sums[2] += status.lost;
        sums[3] += status.ahead;
    };
    count(&mut sums, "leaver");
    sums[3] = 0;
    println!("rests=yes");
    steps.next();
    // It was scraped as it stands, and leaves.
    drop(leaver);
    publish(&mut screen, 5000);
    sums[0] = Ledger::of(&ring).claimed().get();
    ["archive", "screen"].iter().for_each(|name| count(&mut sums, name));
    println!("sums={}", sums.map(|sum| sum.to_string()).join(","));
    steps.next();
}

#[test]
#[ignore = "needs Prometheus: `cargo xtask test --only metrics` runs it"]
fn prometheus_has_the_sums_of_the_ledgers() {
    let mut watched = [(); 2].map(|()| Running::watched("prometheus::a_process_that_is_watched"));
    let addresses = watched.each_mut().map(|watched| watched.said("address="));
    let home = tempfile::tempdir().unwrap();
    let prometheus = Prometheus::start(home.path(), &addresses.each_ref().map(|address| &**address), None);

    // Each leaver's figures are in Prometheus before it leaves.
    watched.iter_mut().for_each(|watched| _ = watched.said("rests="));
    let scraped = "min(timestamp(rusted_ring_readers{reader=\"leaver\"}))";
    let rested = prometheus.query("time()").expect("Prometheus has a clock");
    until("both processes are scraped at rest", || {
        prometheus.query("count(up == 1)") == Some(2.0) && prometheus.query(scraped).is_some_and(|at| at > rested)
    });
    watched.iter_mut().for_each(|watched| watched.tell(""));

    let mut sums = [0; 4];
    for watched in &mut watched {
        let said = watched.said("sums=");
        for (sum, said) in sums.iter_mut().zip(said.split(',')) {
            *sum += said.parse::<u64>().unwrap();
        }
    }
    for ((name, text), sum) in COUNTS.into_iter().zip(sums) {
        until(&format!("{name} is {sum}, and not {:?}", prometheus.query(text)), || {
            prometheus.query(text) == Some(sum as f64)
        });
        println!("{name}: {sum}, by the ledgers and by Prometheus");
    }
    assert!(sums[2] > 0, "readers lost");
    assert_eq!(prometheus.query(r#"sum(rusted_ring_readers{reader="leaver"})"#), Some(0.0));
    let hostile = format!("sum(rusted_ring_readers{{reader={HOSTILE:?}}})");
    assert_eq!(prometheus.query(&hostile), Some(2.0), "a name of all characters");
    for counter in ["claimed_sequences", "reader_received_events", "reader_lost_sequences"] {
        let resets = format!("sum(resets(rusted_ring_{counter}_total[5m]))");
        assert_eq!(prometheus.query(&resets), Some(0.0), "{counter} went back");
    }
}
