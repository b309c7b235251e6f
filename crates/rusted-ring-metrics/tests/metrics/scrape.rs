//! What a scrape shows is what the ledger says.

use std::time::{Duration, Instant};

use crate::parse::Samples;
use prometheus_client::{encoding::text, registry::Registry};
use rusted_ring::{
    Capacities, Consumer, HeapPools, HeapTypedRing, Name, PoolSet, Publisher, RingRef, Sole, SolePublisher, Start,
    Subscriber,
    ledger::Ledger,
    topology::{Graph, OnFailure, Topology, each},
};
use rusted_ring_metrics::{Books, CellSource, Cells, Properties, RingCollector, Source, encode};

type Ring = HeapTypedRing<u64>;

const CONSUMER: &str = "consumer";
const SUBSCRIBER: &str = "subscriber";

fn scrape(rings: &RingCollector) -> Samples {
    Samples::of(&encode(rings))
}

fn collector(name: &str, ring: &Ring) -> RingCollector {
    let rings = RingCollector::new();
    rings.register(name, ring.clone()).unwrap();
    rings
}

fn reader<'a>(ring: &'a str, reader: &'a str, kind: &'a str) -> [(&'static str, &'a str); 3] {
    [("ring", ring), ("reader", reader), ("kind", kind)]
}

/// Waits until all stages have finished everything.
fn finished<R: RingRef>(graph: &Graph<R>) {
    let begun = Instant::now();
    while graph.status().stages.iter().any(|stage| stage.lag > 0) {
        assert!(begun.elapsed() < Duration::from_secs(30), "the stages stand still: {:?}", graph.status());
        std::thread::yield_now();
    }
}

#[test]
fn the_figures_are_the_ledgers() {
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    publisher.send_batch(&[0; 10]);
    let mut archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
    let mut screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");
    for event in 0..300 {
        publisher.send(&event);
        drop(archive.recv().unwrap());
    }
    for _ in 0..20 {
        screen.try_recv().ok();
    }
    publisher.send_batch(&[0; 7]);

    let samples = scrape(&collector("orders", &ring));
    let ledger = Ledger::of(&ring);
    assert_eq!(samples.get("rusted_ring_claimed_sequences_total", &[("ring", "orders")]), 317.0);
    assert_eq!(samples.get("rusted_ring_capacity_slots", &[("ring", "orders")]), 64.0);
    assert_eq!(samples.get("rusted_ring_pressure_ratio", &[("ring", "orders")]), f64::from(ledger.pressure()));
    assert_eq!(samples.get("rusted_ring_unlisted_readers", &[("ring", "orders")]), 0.0);
    let info = [("ring", "orders"), ("mode", "many"), ("slot_bytes", "8")];
    assert_eq!(samples.get("rusted_ring_info", &info), 1.0);
    assert_eq!(ledger.readers().len(), 2);
    for status in ledger.readers() {
        let of = reader("orders", status.name.as_str(), if status.gating { CONSUMER } else { SUBSCRIBER });
        let value = |name: &str| samples.get(&format!("rusted_ring_reader_{name}"), &of) as u64;
        assert_eq!(value("received_events_total"), status.received);
        assert_eq!(value("lost_sequences_total"), status.lost);
        assert_eq!(value("holes_total"), status.holes);
        assert_eq!(value("laps_total"), status.laps);
        assert_eq!(value("lag_sequences"), status.ahead);
        let parts = ["received_events_total", "lost_sequences_total", "holes_total", "shared_events_total"];
        let passed: u64 = parts.iter().map(|part| value(part)).sum();
        assert_eq!(passed + value("lag_sequences"), 317 - 10, "the books balance");
        assert_eq!(samples.get("rusted_ring_readers", &of), 1.0);
    }
    assert!(samples.get("rusted_ring_reader_lost_sequences_total", &reader("orders", "screen", SUBSCRIBER)) > 0.0);
}

#[test]
fn who_blocks_is_seen() {
    let ring = Ring::new(8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut slow = Consumer::join(ring.clone(), Start::Newest).unwrap().named("slow");
    let _lost = Subscriber::join(ring.clone(), Start::Newest).named("lost");
    while publisher.try_send(&1).is_ok() {}
    let rings = collector("orders", &ring);
    let samples = scrape(&rings);
    let value = |name: &str, kind: &str| samples.get(name, &reader("orders", name_of(kind), kind));
    fn name_of(kind: &str) -> &str {
        if kind == CONSUMER { "slow" } else { "lost" }
    }
    assert_eq!(value("rusted_ring_reader_blocking", CONSUMER), 1.0);
    assert_eq!(value("rusted_ring_reader_pressure_ratio", CONSUMER), 1.0);
    assert_eq!(value("rusted_ring_reader_blocking", SUBSCRIBER), 0.0, "nobody waits for a subscriber");
    drop(slow.try_recv().unwrap());
    assert_eq!(scrape(&rings).get("rusted_ring_reader_blocking", &reader("orders", "slow", CONSUMER)), 0.0);
}

#[test]
fn a_ring_of_one_publisher_says_so() {
    let ring = HeapTypedRing::<[u64; 4], Sole>::sole(16);
    let mut publisher = SolePublisher::join(ring.clone()).unwrap();
    let rings = RingCollector::new();
    rings.register("quotes", ring).unwrap();
    publisher.send(&[1; 4]);
    let samples = scrape(&rings);
    let info = [("ring", "quotes"), ("mode", "sole"), ("slot_bytes", "32")];
    assert_eq!(samples.get("rusted_ring_info", &info), 1.0);
    assert_eq!(samples.get("rusted_ring_claimed_sequences_total", &[("ring", "quotes")]), 1.0);
}

#[test]
fn names_of_all_characters_arrive_as_they_are() {
    let ring = Ring::new(8);
    let names =
        ["say \"hi\"", "a\nb", "a\\b", "a\\nb", "\\", "\"}", "ends\\\"", "a,b=\"c\"}", " ", "é\u{1f980}", "\r\t\u{7f}"];
    let readers = names.map(|name| Consumer::join(ring.clone(), Start::Newest).unwrap().named(name));
    for name in names {
        let rings = collector(name, &ring);
        let samples = scrape(&rings);
        for reader_name in names {
            assert_eq!(Name::new(reader_name).as_str(), reader_name, "a test of whole names");
            assert_eq!(samples.get("rusted_ring_readers", &reader(name, reader_name, CONSUMER)), 1.0);
        }
    }
    drop(readers);
}

#[test]
fn readers_of_one_name_are_one_series() {
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut one = Consumer::join(ring.clone(), Start::Newest).unwrap().named("twin");
    let _other = Consumer::join(ring.clone(), Start::Newest).unwrap().named("twin");
    let _lossy = Subscriber::join(ring.clone(), Start::Newest).named("twin");
    let _nameless = Subscriber::join(ring.clone(), Start::Newest);
    publisher.send_batch(&[0; 5]);
    (0..3).for_each(|_| drop(one.recv().unwrap()));
    let samples = scrape(&collector("r", &ring));
    let twins = reader("r", "twin", CONSUMER);
    assert_eq!(samples.get("rusted_ring_readers", &twins), 2.0);
    assert_eq!(samples.get("rusted_ring_reader_received_events_total", &twins), 3.0);
    assert_eq!(samples.get("rusted_ring_reader_lag_sequences", &twins), 5.0, "the slowest one's");
    assert_eq!(samples.get("rusted_ring_readers", &reader("r", "twin", SUBSCRIBER)), 1.0);
    assert_eq!(samples.get("rusted_ring_readers", &reader("r", "unnamed", SUBSCRIBER)), 1.0);
}

#[test]
fn beyond_the_bound_readers_are_summed() {
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let join = |name: &str| Consumer::join(ring.clone(), Start::Newest).unwrap().named(name);
    let mut readers: Vec<_> = (0..5).map(|number| join(&format!("reader {number}"))).collect();
    let rings = RingCollector::with_max_readers(2);
    rings.register("r", ring.clone()).unwrap();
    publisher.send_batch(&[0; 4]);
    readers.iter_mut().for_each(|reader| (0..2).for_each(|_| drop(reader.recv().unwrap())));
    let samples = scrape(&rings);
    let received = "rusted_ring_reader_received_events_total";
    assert_eq!(samples.get(received, &reader("r", "reader 0", CONSUMER)), 2.0);
    assert_eq!(samples.get(received, &reader("r", "reader 1", CONSUMER)), 2.0);
    assert_eq!(samples.get(received, &reader("r", "other", CONSUMER)), 6.0);
    assert_eq!(samples.named(received).count(), 3);

    // Who has a series of its own keeps it, and room does not come again.
    drop(readers.remove(0));
    let _next = join("reader 5");
    let later = scrape(&rings);
    later.must_continue(&samples);
    assert_eq!(later.named(received).count(), 3);
    assert_eq!(later.get("rusted_ring_readers", &reader("r", "reader 0", CONSUMER)), 0.0);
    assert_eq!(later.get("rusted_ring_readers", &reader("r", "other", CONSUMER)), 4.0);

    let none = RingCollector::with_max_readers(0);
    none.register("r", ring.clone()).unwrap();
    assert_eq!(scrape(&none).named(received).count(), 1);
}

#[test]
fn the_sets_of_pools_are_five_rings() {
    let pools = HeapPools::new(Capacities::MOBILE);
    let mut store = Consumer::join(pools.m(), Start::Newest).unwrap().named("store");
    let rings = RingCollector::new();
    rings.register_pools("drawing", &pools).unwrap();
    pools.emit(&[0; 1000], 1).unwrap();
    drop(store.try_recv().unwrap());
    let samples = scrape(&rings);
    let claimed: Vec<_> = samples.named("rusted_ring_claimed_sequences_total").map(|(_, value)| value).collect();
    assert_eq!((claimed.len(), claimed.iter().sum::<f64>()), (5, 1.0));
    assert_eq!(samples.get("rusted_ring_capacity_slots", &[("ring", "drawing.xl")]), Capacities::MOBILE.xl as f64);
    let store = reader("drawing.m", "store", CONSUMER);
    assert_eq!(samples.get("rusted_ring_reader_received_events_total", &store), 1.0);

    let taken = RingCollector::new();
    taken.register("drawing.xl", pools.xl()).unwrap();
    assert_eq!(taken.register_pools("drawing", &pools).unwrap_err().name, "drawing.xl");
    assert_eq!(scrape(&taken).named("rusted_ring_info").count(), 1, "all five, or none");
}

#[test]
fn stages_are_readers_with_their_failures() {
    let ring = HeapTypedRing::<u64, Sole>::sole(64);
    let graph = Topology::over(ring.clone())
        .stage("parse")
        .on_failure(OnFailure::Skip)
        .each(|event, _| assert!(!event.is_multiple_of(10), "a test's failure"))
        .stage("work")
        .after(["parse"])
        .workers(2, |_| each(|_, _| ()))
        .start()
        .unwrap();
    let rings = RingCollector::new();
    rings.register("jobs", graph.ring().clone()).unwrap();
    let mut publisher = SolePublisher::join(ring).unwrap();
    (0..100).for_each(|event| _ = publisher.send(&event));
    finished(&graph);
    let samples = scrape(&rings);
    let value = |name: &str, stage: &str| samples.get(name, &reader("jobs", stage, CONSUMER));
    assert_eq!(value("rusted_ring_reader_failed_events_total", "parse"), 10.0);
    assert_eq!(value("rusted_ring_reader_received_events_total", "parse"), 100.0);
    assert_eq!(value("rusted_ring_readers", "work"), 2.0);
    assert_eq!(value("rusted_ring_reader_received_events_total", "work"), 100.0, "of both workers");
    drop(publisher);
    graph.join().unwrap();
    assert_eq!(scrape(&rings).get("rusted_ring_readers", &reader("jobs", "work", CONSUMER)), 0.0);
}

#[test]
fn a_closed_ring_stays_until_it_is_unregistered() {
    let ring = Ring::new(8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("archive");
    let rings = collector("orders", &ring);
    drop(ring);
    publisher.send(&1);
    drop(publisher);
    drop(archive.recv().unwrap());
    assert!(archive.recv().is_err(), "the collector keeps no ring open");
    scrape(&rings);
    drop(archive);
    let received = "rusted_ring_reader_received_events_total";
    for _ in 0..2 {
        let samples = scrape(&rings);
        assert_eq!(samples.get("rusted_ring_claimed_sequences_total", &[("ring", "orders")]), 1.0);
        assert_eq!(samples.get(received, &reader("orders", "archive", CONSUMER)), 1.0);
        assert_eq!(samples.find("rusted_ring_reader_lag_sequences", &reader("orders", "archive", CONSUMER)), None);
    }
    assert!(rings.unregister("orders"));
    assert!(!rings.unregister("orders"));
    assert_eq!(encode(&rings), "# EOF\n");
}

#[test]
fn a_name_is_taken_once() {
    let ring = Ring::new(8);
    let rings = collector("orders", &ring);
    let taken = rings.register("orders", ring.clone()).unwrap_err();
    assert_eq!(
        taken.to_string(),
        r#""orders" is registered already: choose another name, or unregister what has it first"#
    );
    assert!(rings.unregister("orders"));
    rings.register("orders", ring).unwrap();
}

#[test]
fn a_registry_shows_the_rings_among_other_metrics() {
    let ring = Ring::new(8);
    let rings = collector("orders", &ring);
    let mut registry = Registry::with_prefix("shop");
    registry.register_collector(Box::new(rings.clone()));
    let mut shown = String::new();
    text::encode(&mut shown, &registry).unwrap();
    assert_eq!(Samples::of(&shown).get("shop_rusted_ring_capacity_slots", &[("ring", "orders")]), 8.0);
    assert!(format!("{rings:?}").contains("orders"));
}

#[test]
fn a_source_that_cannot_be_read_keeps_its_last_figures() {
    struct Once(Option<Books>);
    impl Source for Once {
        fn properties(&self) -> Properties {
            Properties { capacity: 8, many: true, slot_bytes: 8, pool: None }
        }
        fn books(&mut self) -> Option<Books> {
            self.0.take()
        }
    }
    let rings = RingCollector::new();
    let books = Books { claimed: 5.into(), unlisted: 2, ..Books::default() };
    rings.register_source("remote", Once(Some(books))).unwrap();
    for _ in 0..2 {
        let samples = scrape(&rings);
        assert_eq!(samples.get("rusted_ring_claimed_sequences_total", &[("ring", "remote")]), 5.0);
        assert_eq!(samples.get("rusted_ring_unlisted_readers", &[("ring", "remote")]), 2.0);
    }
}

/// A source whose books the test writes.
#[derive(Clone, Default)]
struct Told(std::sync::Arc<std::sync::Mutex<Books>>);

impl Source for Told {
    fn properties(&self) -> Properties {
        Properties { capacity: 8, many: true, slot_bytes: 8, pool: None }
    }

    fn books(&mut self) -> Option<Books> {
        Some(self.0.lock().unwrap().clone())
    }
}

#[test]
fn who_is_dead_is_counted_until_its_entry_is_free() {
    let ring = Ring::new(8);
    let names = ["screen", "screen", "archive"];
    let readers = names.map(|name| Subscriber::join(ring.clone(), Start::Newest).named(name));
    let told = Told::default();
    let rings = RingCollector::new();
    rings.register_source("remote", told.clone()).unwrap();
    let dead = |entries: &[usize], name: &str| {
        let readers = Ledger::of(&ring).readers().collect();
        *told.0.lock().unwrap() = Books { readers, dead: entries.to_vec(), ..Books::default() };
        scrape(&rings).get("rusted_ring_reader_dead", &reader("remote", name, SUBSCRIBER))
    };
    assert_eq!((dead(&[1], "screen"), dead(&[1], "archive")), (1.0, 0.0));
    assert_eq!(dead(&[0, 1], "screen"), 2.0);
    assert_eq!(dead(&[], "screen"), 0.0);
    drop(readers);
}

#[test]
fn that_a_ring_has_closed_is_seen() {
    let ring = Ring::new(8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let rings = collector("orders", &ring);
    let closed = || scrape(&rings).get("rusted_ring_closed", &[("ring", "orders")]);
    assert_eq!(closed(), 0.0);
    drop(publisher);
    assert_eq!(closed(), 1.0);
}

#[test]
fn the_time_is_counted_between_readings_at_both_of_which_a_consumer_blocks() {
    let ring = Ring::new(8);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let mut slow = Consumer::join(ring.clone(), Start::Newest).unwrap().named("slow");
    let rings = collector("orders", &ring);
    let pause = std::time::Duration::from_millis(20);
    let blocked = || {
        std::thread::sleep(pause);
        scrape(&rings).get("rusted_ring_reader_blocked_seconds_total", &reader("orders", "slow", CONSUMER))
    };
    let fill = || while publisher.try_send(&1).is_ok() {};
    assert_eq!((blocked(), blocked()), (0.0, 0.0), "it does not block");
    fill();
    assert_eq!(blocked(), 0.0, "nobody knows since when");
    let time = blocked();
    assert!(time >= pause.as_secs_f64(), "{time}");
    drop(slow.try_recv().unwrap());
    assert_eq!(blocked(), time, "nor when it went on");
    assert_eq!(blocked(), time);
    fill();
    assert_eq!(blocked(), time);
    assert!(blocked() > time);
}

#[test]
fn a_pool_says_of_which_set_it_is() {
    let pools = HeapPools::new(Capacities::MOBILE);
    let rings = RingCollector::new();
    rings.register_pools("drawing", &pools).unwrap();
    let samples = scrape(&rings);
    let sets: Vec<_> =
        samples.named("rusted_ring_info").map(|(labels, _)| (&*labels["set"], &*labels["pool"])).collect();
    assert_eq!(sets, [("drawing", "l"), ("drawing", "m"), ("drawing", "s"), ("drawing", "xl"), ("drawing", "xs")]);
}

#[test]
fn what_is_not_durable_is_shown_of_readers_that_say_what_is() {
    let ring = HeapTypedRing::<u64>::new(8);
    let rings = RingCollector::new();
    rings.register("orders", ring.clone()).unwrap();
    let mut store = Consumer::join(ring.clone(), Start::Newest).unwrap().named("store");
    let _other = Consumer::join(ring.clone(), Start::Newest).unwrap().named("other");
    Publisher::join(ring).unwrap().send_batch(&[1, 2, 3]);
    let shown = || {
        let samples = scrape(&rings);
        let named = samples.named("rusted_ring_reader_not_durable_sequences");
        named.map(|(labels, value)| (labels["reader"].clone(), value)).collect::<Vec<_>>()
    };
    assert_eq!(shown(), [], "nobody says what is durable");
    drop(store.recv().unwrap());
    store.show_durable(store.next_sequence());
    assert_eq!(shown(), [("store".to_owned(), 2.0)]);
    drop(store);
    assert_eq!(shown(), [], "who has left has nothing to make durable");
}

#[test]
fn stages_are_shown_under_their_topologys_name_and_their_counters_stay_when_they_are_removed() {
    let ring = HeapTypedRing::<u64, Sole>::sole(64);
    let work = |event: &u64| if event.is_multiple_of(10) { Err("ten".into()) } else { Ok(()) };
    let graph = Topology::over(ring.clone())
        .stage("parse")
        .on_failure(OnFailure::Restart)
        .made_by(move || each::<rusted_ring::Typed<u64>, _, _>(move |event, _| work(event)))
        .stage("store")
        .each(|_, _| ())
        .start()
        .unwrap();
    let rings = RingCollector::with_max_readers(2);
    rings.register_topology("jobs", &graph).unwrap();
    assert_eq!(rings.register_topology("jobs", &graph).unwrap_err().name, "jobs");
    let mut publisher = SolePublisher::join(ring).unwrap();
    let mut publish = || {
        (0..20).for_each(|event| _ = publisher.send(&event));
        finished(&graph);
        scrape(&rings)
    };
    let value = |samples: &Samples, name: &str, stage: &str| {
        samples.get(&format!("rusted_ring_stage_{name}"), &[("topology", "jobs"), ("stage", stage)])
    };
    let first = publish();
    for (name, count) in [("finished_sequences_total", 20.0), ("failed_events_total", 2.0), ("restarts_total", 2.0)] {
        assert_eq!(value(&first, name, "parse"), count, "{name}");
    }
    assert_eq!((value(&first, "lag_sequences", "store"), value(&first, "workers", "store")), (0.0, 1.0));
    graph.remove("store").unwrap();
    graph.stage("store").each(|_, _| ()).unwrap();
    graph.stage("third").workers(2, |_| each(|_, _| ())).unwrap();
    graph.stage("fourth").each(|_, _| ()).unwrap();
    let second = publish();
    second.must_continue(&first);
    assert_eq!(value(&second, "finished_sequences_total", "store"), 40.0, "of both");
    assert_eq!(value(&second, "finished_sequences_total", "other"), 40.0, "beyond the bound");
    assert_eq!(value(&second, "workers", "other"), 3.0);
    for (name, count) in [("finished_sequences_total", 40.0), ("failed_events_total", 4.0), ("restarts_total", 4.0)] {
        assert_eq!(value(&second, name, "parse"), count, "{name}: nothing is counted at two scrapes");
    }
    graph.halt().unwrap();
    // Its report is given before the last of its threads has ended.
    let begun = Instant::now();
    let ended = loop {
        let samples = scrape(&rings);
        samples.must_continue(&second);
        if value(&samples, "workers", "other") == 0.0 {
            break samples;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{samples:?}");
    };
    assert_eq!(value(&ended, "lag_sequences", "other"), 0.0);
    assert!(rings.unregister_topology("jobs") && !rings.unregister_topology("jobs"));
}

#[test]
fn who_uses_latest_value_cells_is_shown_and_how_much_is_not_shown() {
    struct Once(Option<Cells>);
    impl CellSource for Once {
        fn cells(&mut self) -> Option<Cells> {
            self.0.take()
        }
    }
    let rings = RingCollector::new();
    let cells = Cells { keys: 100, max_readers: 8, readers: 3, is_written: true };
    rings.register_cells("prices", Once(Some(cells))).unwrap();
    for _ in 0..2 {
        let samples = scrape(&rings);
        let value = |name: &str| samples.get(&format!("rusted_ring_latest_{name}"), &[("latest", "prices")]);
        assert_eq!(["keys", "max_readers", "readers", "writers"].map(value), [100.0, 8.0, 3.0, 1.0]);
    }
    rings.set_unshown(7);
    assert!(encode(&rings).contains("\nrusted_ring_unshown 7\n"));
    assert!(rings.unregister_cells("prices"));
}
