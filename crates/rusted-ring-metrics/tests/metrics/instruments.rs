//! What OpenTelemetry exports is what the OpenMetrics text says at the same moment, by another convention.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::parse::Samples;
use opentelemetry_sdk::metrics::{
    InMemoryMetricExporter, InMemoryMetricExporterBuilder, SdkMeterProvider, Temporality,
    data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics},
};
use rusted_ring::{
    Consumer, HeapTypedRing, Publisher, Sequence, Start, Subscriber,
    topology::{Graph, Topology},
};
use rusted_ring_metrics::{
    Books, CellSource, Cells, JournalSource, Journaled, Properties, RingCollector, Source, encode, observe,
    opentelemetry::KeyValue,
};

type Ring = HeapTypedRing<u64>;
/// A metric's values by its attributes.
type Points = BTreeMap<BTreeMap<String, String>, f64>;

/// A provider with what it exported.
struct Exported {
    provider: SdkMeterProvider,
    exporter: InMemoryMetricExporter,
}

impl Exported {
    fn of(rings: &RingCollector, temporality: Temporality) -> Self {
        let exporter = InMemoryMetricExporterBuilder::new().with_temporality(temporality).build();
        let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
        observe(rings, &provider);
        Exported { provider, exporter }
    }

    /// Collects, and passes on what is exported.
    fn collect<T>(&self, pass: impl Fn(&ResourceMetrics) -> T) -> T {
        self.exporter.reset();
        self.provider.force_flush().unwrap();
        let finished = self.exporter.get_finished_metrics().unwrap();
        assert_eq!(finished.len(), 1);
        pass(&finished[0])
    }

    /// The values of each metric, by the name that Prometheus gives it.
    fn values(&self) -> BTreeMap<String, Points> {
        self.collect(|exported| metrics(exported).map(|metric| (translated(metric), points(metric))).collect())
    }
}

fn metrics(exported: &ResourceMetrics) -> impl Iterator<Item = &Metric> {
    exported.scope_metrics().flat_map(|scope| scope.metrics())
}

/// The name by the rules of Prometheus' receiver for OTLP: underscores, then the unit unless it is an annotation, then the kind.
fn translated(metric: &Metric) -> String {
    let name = metric.name().replace('.', "_");
    let is_counter = matches!(
        metric.data(),
        AggregatedMetrics::U64(MetricData::Sum(_)) | AggregatedMetrics::F64(MetricData::Sum(_))
    );
    let unit = match metric.unit() {
        "s" => "_seconds",
        "By" => "_bytes",
        "1" if !is_counter => "_ratio",
        unit => {
            assert!(unit.is_empty() || unit.starts_with('{') && unit.ends_with('}'), "{unit}");
            ""
        }
    };
    format!("{name}{unit}{}", if is_counter { "_total" } else { "" })
}

fn points(metric: &Metric) -> Points {
    fn of<'k>(attributes: impl Iterator<Item = &'k KeyValue>, value: f64) -> (BTreeMap<String, String>, f64) {
        (attributes.map(|pair| (pair.key.to_string(), pair.value.to_string())).collect(), value)
    }
    match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            assert!(sum.is_monotonic(), "{}", metric.name());
            sum.data_points().map(|point| of(point.attributes(), point.value() as f64)).collect()
        }
        AggregatedMetrics::F64(MetricData::Sum(sum)) => {
            assert!(sum.is_monotonic(), "{}", metric.name());
            sum.data_points().map(|point| of(point.attributes(), point.value())).collect()
        }
        AggregatedMetrics::U64(MetricData::Gauge(gauge)) => {
            gauge.data_points().map(|point| of(point.attributes(), point.value() as f64)).collect()
        }
        AggregatedMetrics::F64(MetricData::Gauge(gauge)) => {
            gauge.data_points().map(|point| of(point.attributes(), point.value())).collect()
        }
        other => panic!("{}: {other:?}", metric.name()),
    }
}

/// The same, of the text.
fn scraped(rings: &RingCollector) -> BTreeMap<String, Points> {
    let text = encode(rings);
    let samples = Samples::of(&text);
    let names = text.lines().filter(|line| !line.starts_with('#')).map(|line| &line[..line.find(['{', ' ']).unwrap()]);
    let points = |name| samples.named(name).map(|(labels, value)| (labels.clone(), value)).collect();
    names.map(|name| (name.to_owned(), points(name))).collect()
}

struct OneReader;

impl CellSource for OneReader {
    fn cells(&mut self) -> Option<Cells> {
        Some(Cells { keys: 7, max_readers: 4, readers: 1, is_written: true })
    }
}

struct OneJournal;

impl JournalSource for OneJournal {
    fn journal(&mut self) -> Option<Journaled> {
        let [began, oldest, durable, written] = [10, 12, 20, 30].map(Sequence::new);
        Some(Journaled {
            began,
            oldest,
            durable,
            written,
            // Nothing is behind: the delay would be another one at each reading.
            claimed: written,
            lost: 3,
            segments: 2,
            bytes: 4096,
            max_bytes: Some(8192),
            max_age: Some(Duration::from_millis(1500)),
            is_recording: true,
            ..Journaled::default()
        })
    }
}

/// What keeps the stage and the readers there.
type Kept = (Graph<Ring>, Consumer<Ring>, Consumer<Ring>, Subscriber<Ring>);

/// A collector with something of everything.
fn everything() -> (RingCollector, Kept) {
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let graph = Topology::over(ring.clone()).stage("journal").polled().start().unwrap();
    let mut journal = graph.polled("journal").unwrap();
    let mut archive = Consumer::join(ring.clone(), Start::Newest).unwrap().named("say \"hi\"\n");
    let mut screen = Subscriber::join(ring.clone(), Start::Newest).named("screen");
    for event in 0..300 {
        publisher.send(&event);
        drop((archive.recv().unwrap(), journal.recv().unwrap()));
    }
    for _ in 0..20 {
        _ = screen.try_recv();
    }
    publisher.send_batch(&[0; 7]);
    let rings = RingCollector::new();
    rings.register("orders", ring).unwrap();
    rings.register_topology("orders", &graph).unwrap();
    rings.register_journal("kept", OneJournal).unwrap();
    rings.register_cells("prices", OneReader).unwrap();
    rings.set_unshown(3);
    (rings, (graph, journal, archive, screen))
}

#[test]
fn what_is_exported_is_what_is_scraped() {
    let (rings, _kept) = everything();
    let exported = Exported::of(&rings, Temporality::Cumulative).values();
    assert_eq!(exported, scraped(&rings));
    assert_eq!(exported.len(), 43, "every metric has a value here");
    let lost = exported["rusted_ring_reader_lost_sequences_total"].values().sum::<f64>();
    assert!(lost > 0.0, "some of them are not 0");
}

#[test]
fn names_and_units_are_those_of_the_conventions() {
    let (rings, _kept) = everything();
    Exported::of(&rings, Temporality::Cumulative).collect(|exported| {
        let scopes: Vec<_> = exported.scope_metrics().map(|scope| scope.scope()).collect();
        assert_eq!(scopes.len(), 1);
        assert_eq!((scopes[0].name(), scopes[0].version()), ("rusted-ring-metrics", Some(env!("CARGO_PKG_VERSION"))));
        let units: BTreeMap<_, _> = metrics(exported).map(|metric| (metric.name(), metric.unit())).collect();
        for (name, unit) in [
            ("rusted_ring.info", ""),
            ("rusted_ring.capacity.slots", "{slot}"),
            ("rusted_ring.claimed.sequences", "{sequence}"),
            ("rusted_ring.pressure", "1"),
            ("rusted_ring.readers", "{reader}"),
            ("rusted_ring.reader.received.events", "{event}"),
            ("rusted_ring.reader.holes", "{hole}"),
            ("rusted_ring.reader.blocked", "s"),
            ("rusted_ring.stage.lag.sequences", "{sequence}"),
            ("rusted_ring.journal.size", "By"),
            ("rusted_ring.journal.max.age", "s"),
            ("rusted_ring.latest.max.readers", "{reader}"),
        ] {
            assert_eq!(units.get(name), Some(&unit), "{name} in {units:#?}");
        }
        for metric in metrics(exported) {
            let is_of_a_name = |char: char| char.is_ascii_lowercase() || char == '.' || char == '_';
            assert!(metric.name().chars().all(is_of_a_name), "{}", metric.name());
            assert!(metric.description().ends_with('.'), "{}", metric.description());
        }
    });
}

#[test]
fn counters_stay_when_readers_leave_and_all_goes_with_the_ring() {
    let (rings, (_graph, _journal, archive, screen)) = everything();
    let exported = Exported::of(&rings, Temporality::Cumulative);
    let before = exported.values();
    drop((archive, screen));
    let after = exported.values();
    assert_eq!(after["rusted_ring_reader_received_events_total"], before["rusted_ring_reader_received_events_total"]);
    assert_eq!(before["rusted_ring_reader_lag_sequences"].len(), 3);
    assert_eq!(after["rusted_ring_reader_lag_sequences"].len(), 1, "who is not there has no lag");
    assert!(rings.unregister("orders"));
    let gone = exported.values();
    assert!(gone.values().flat_map(Points::keys).all(|attributes| !attributes.contains_key("ring")), "{gone:#?}");
    assert!(gone.contains_key("rusted_ring_latest_keys"), "the rest is still there");
}

#[test]
fn as_differences_the_counters_come_to_the_same() {
    let ring = Ring::new(64);
    let publisher = Publisher::join(ring.clone()).unwrap();
    let rings = RingCollector::new();
    rings.register("orders", ring).unwrap();
    let exported = Exported::of(&rings, Temporality::Delta);
    let claimed = |events: &[u64]| {
        publisher.send_batch(events);
        exported.values()["rusted_ring_claimed_sequences_total"].values().sum::<f64>()
    };
    assert_eq!([claimed(&[0; 5]), claimed(&[]), claimed(&[0; 9])], [5.0, 0.0, 9.0]);
}

#[test]
fn the_attributes_are_bounded_as_the_labels_are() {
    let ring = Ring::new(64);
    let rings = RingCollector::with_max_readers(2);
    rings.register("orders", ring.clone()).unwrap();
    let readers = [(); 8].map(|()| Subscriber::join(ring.clone(), Start::Newest));
    let _named: Vec<_> =
        readers.into_iter().enumerate().map(|(number, reader)| reader.named(&format!("{number}"))).collect();
    let exported = Exported::of(&rings, Temporality::Cumulative).values();
    let readers: Vec<_> = exported["rusted_ring_readers"].iter().map(|(of, count)| (&*of["reader"], *count)).collect();
    assert_eq!(readers, [("0", 1.0), ("1", 1.0), ("other", 6.0)]);
}

/// Books in which everything is the number of times that they were read; it panics when it is told to.
struct Counting {
    read: Arc<AtomicU64>,
    panics: Arc<Mutex<bool>>,
}

impl Source for Counting {
    fn properties(&self) -> Properties {
        Properties { capacity: 8, many: true, slot_bytes: 8, pool: None }
    }

    fn books(&mut self) -> Option<Books> {
        assert!(!*self.panics.lock().unwrap(), "a test's failure");
        let read = self.read.fetch_add(1, Relaxed) + 1;
        Some(Books { claimed: Sequence::new(read), unlisted: read, ..Books::default() })
    }
}

fn counting() -> (RingCollector, Arc<AtomicU64>, Arc<Mutex<bool>>) {
    let (rings, read, panics) = (RingCollector::new(), Arc::default(), Arc::default());
    let source = Counting { read: Arc::clone(&read), panics: Arc::clone(&panics) };
    rings.register_source("counting", source).unwrap();
    (rings, read, panics)
}

#[test]
fn a_collection_reads_once_and_its_figures_belong_together() {
    let (rings, read, _) = counting();
    let exported = Exported::of(&rings, Temporality::Cumulative);
    for collection in 1..=5 {
        let values = exported.values();
        assert_eq!(read.load(Relaxed), collection);
        for name in ["rusted_ring_claimed_sequences_total", "rusted_ring_unlisted_readers"] {
            assert_eq!(values[name].values().copied().collect::<Vec<_>>(), [collection as f64], "{name}");
        }
    }
}

#[test]
fn a_source_that_panics_leaves_a_gap_and_the_provider_goes_on() {
    let (rings, _, panics) = counting();
    let exported = Exported::of(&rings, Temporality::Cumulative);
    *panics.lock().unwrap() = true;
    exported.provider.force_flush().unwrap();
    panics.clear_poison();
    *panics.lock().unwrap() = false;
    assert_eq!(exported.values()["rusted_ring_unlisted_readers"].len(), 1);
}
