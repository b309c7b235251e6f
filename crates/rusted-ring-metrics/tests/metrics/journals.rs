//! What is shown of a journal is what it says itself, over several recordings.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start};
use rusted_ring_journal::{Journal, Options, SyncPolicy};
use rusted_ring_metrics::{RingCollector, encode};

use crate::parse::Samples;

type Ring = HeapTypedRing<u64>;

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(20);

/// What is shown of the journal `orders`.
fn shown(rings: &RingCollector, what: &str) -> f64 {
    Samples::of(&encode(rings)).get(&format!("rusted_ring_journal_{what}"), &[("journal", "orders")])
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_journals_figures_are_its_own_over_several_recordings() {
    let home = tempfile::tempdir().unwrap();
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    publisher.send_batch(&[0; 5]);
    let options = Options::default().keep_bytes(1 << 20).keep_for(Duration::from_millis(86_400_500));
    let journal = Journal::open(home.path(), options.sync(SyncPolicy::Never)).unwrap();
    let rings = RingCollector::new();
    rings.register_journal("orders", (ring.clone(), journal.watch())).unwrap();
    assert!(rings.register_journal("orders", (ring.clone(), journal.watch())).is_err(), "the name is taken");
    assert_eq!(["recording", "failed", "written_sequences_total"].map(|what| shown(&rings, what)), [0.0; 3]);

    let recording = journal.record(Consumer::join(ring.clone(), Start::Newest).unwrap()).unwrap();
    assert_eq!(shown(&rings, "written_sequences_total"), 0.0, "what came before it began is none of its");
    publisher.send_batch(&[0; 40]);
    until("they are not written", || shown(&rings, "written_sequences_total") == 40.0);
    let status = recording.status();
    let figures = ["size_bytes", "segments", "kept_sequences", "durable_sequences_total", "recording", "full"];
    let expected = [status.bytes as f64, 1.0, 40.0, 0.0, 1.0, 0.0];
    assert_eq!(figures.map(|what| shown(&rings, what)), expected);
    assert_eq!(["max_size_bytes", "max_age_seconds"].map(|what| shown(&rings, what)), [1048576.0, 86400.5]);
    assert_eq!(["lag_sequences", "delay_seconds"].map(|what| shown(&rings, what)), [0.0; 2]);

    // While nobody records, the journal falls behind.
    let journal = recording.stop().unwrap();
    publisher.send_batch(&[0; 7]);
    assert_eq!(["recording", "failed", "lag_sequences"].map(|what| shown(&rings, what)), [0.0, 0.0, 7.0]);
    until("it does not grow", || shown(&rings, "delay_seconds") > 0.0);

    let recording = journal.record(Consumer::join(ring, Start::Newest).unwrap()).unwrap();
    publisher.send_batch(&[0; 3]);
    until("they are not added", || shown(&rings, "written_sequences_total") == 43.0);
    assert_eq!(["kept_sequences", "segments", "delay_seconds"].map(|what| shown(&rings, what)), [3.0, 2.0, 0.0]);
    recording.stop().unwrap();
    assert!(rings.unregister_journal("orders") && !rings.unregister_journal("orders"));
    assert!(!encode(&rings).contains("rusted_ring_journal"));
}

#[test]
fn a_journals_counters_go_on_where_an_epoch_is_resumed() {
    let home = tempfile::tempdir().unwrap();
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let send = |count| (0..count).for_each(|event| _ = publisher.send(&event));
    let join = || Consumer::join(ring.clone(), Start::Newest).unwrap();
    let journal = Journal::open(home.path(), Options::default()).unwrap();
    let rings = RingCollector::new();
    rings.register_journal("orders", (ring.clone(), journal.watch())).unwrap();
    let figures = || {
        let figures = ["written_sequences_total", "durable_sequences_total", "lost_sequences_total"];
        figures.map(|what| shown(&rings, what))
    };
    assert_eq!(figures(), [0.0; 3]);

    let recording = journal.record(join()).unwrap();
    send(100);
    let journal = recording.stop().unwrap();
    assert_eq!(figures(), [100.0, 100.0, 0.0]);
    send(10);
    let recording = journal.resume(join()).unwrap();
    send(90);
    let journal = recording.stop().unwrap();
    assert_eq!(figures(), [200.0, 200.0, 10.0], "those that nobody recorded are accounted for, as lost");
    let recording = journal.resume(join()).unwrap();
    send(50);
    recording.stop().unwrap();
    assert_eq!(figures(), [250.0, 250.0, 10.0]);
}

#[test]
fn a_journal_that_cannot_write_and_one_that_failed_are_seen() {
    let home = tempfile::tempdir().unwrap();
    let (kept, away) = (home.path().join("kept"), home.path().join("away"));
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let rings = RingCollector::new();
    // Each batch is a segment, for which there is no directory.
    let journal = Journal::open(&kept, Options::default().segment_bytes(1)).unwrap();
    let recording = journal.record(Consumer::join(ring.clone(), Start::Newest).unwrap()).unwrap();
    fs::rename(&kept, &away).unwrap();
    rings.register_journal("orders", (ring, recording.watch())).unwrap();
    publisher.send_batch(&[0; 9]);
    until("no write fails", || shown(&rings, "full") == 1.0);
    let figures = ["lag_sequences", "written_sequences_total", "recording"];
    assert_eq!(figures.map(|what| shown(&rings, what)), [9.0, 0.0, 1.0]);
    until("it does not grow", || shown(&rings, "delay_seconds") > 0.0);

    fs::rename(&away, &kept).unwrap();
    until("it does not go on", || shown(&rings, "written_sequences_total") == 9.0);
    assert_eq!(["full", "lag_sequences", "delay_seconds"].map(|what| shown(&rings, what)), [0.0; 3]);

    fs::rename(&kept, &away).unwrap();
    publisher.send(&0);
    until("no write fails", || shown(&rings, "full") == 1.0);
    recording.stop().unwrap_err();
    assert_eq!(["recording", "failed"].map(|what| shown(&rings, what)), [0.0, 1.0]);
}

/// What the alert says of a journal that is late without a full disk.
#[test]
fn a_claim_that_is_held_delays_a_journal_whose_disk_is_well() {
    let home = tempfile::tempdir().unwrap();
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let journal = Journal::open(home.path(), Options::default()).unwrap();
    let recording = journal.record(Consumer::join(ring.clone(), Start::Newest).unwrap().named("journal")).unwrap();
    let mut other = Consumer::join(ring.clone(), Start::Newest).unwrap().named("other");
    let rings = RingCollector::new();
    rings.register("orders", ring.clone()).unwrap();
    rings.register_journal("orders", (ring, recording.watch())).unwrap();
    let claim = publisher.claim();
    publisher.send(&1);
    until("it does not grow", || shown(&rings, "delay_seconds") > 0.0);
    assert_eq!(["full", "lag_sequences"].map(|what| shown(&rings, what)), [0.0, 2.0]);
    let samples = Samples::of(&encode(&rings));
    let lag = |reader| {
        let of = [("ring", "orders"), ("reader", reader), ("kind", "consumer")];
        samples.get("rusted_ring_reader_lag_sequences", &of)
    };
    assert_eq!(["journal", "other"].map(lag), [2.0; 2], "every reader stands there");
    drop(claim);
    assert_eq!(*other.recv().unwrap(), 1);
    until("it does not go on", || ["lag_sequences", "delay_seconds"].map(|what| shown(&rings, what)) == [0.0; 2]);
    recording.stop().unwrap();
}
