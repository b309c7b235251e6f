//! A span's context travels with an event: to a stage of a topology, to a Subscriber, and over a ring between processes to another process.

use std::{env, sync::atomic::AtomicU64};

use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracer, SdkTracerProvider};
use rusted_ring::{
    Consumer, HeapNotedTypedRing, HeapTypedRing, Publisher, SpanContext, Start, Subscriber, Typed,
    topology::{OnFailure, Topology},
};
use rusted_ring_shm::{Ring, RingFile};

use crate::peer::Running;

#[path = "../../examples/spans.rs"]
mod example;

use example::{Order, begin, check, checked, context_of};

/// Set in the environment of the other process: the ring's path.
const PATH: &str = "RUSTED_RING_SPANS";

/// Who traces. Without the provider nothing would be exported.
struct Traced {
    _provider: SdkTracerProvider,
    tracer: SdkTracer,
    exporter: InMemorySpanExporter,
}

impl Traced {
    fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        Traced { tracer: provider.tracer("test"), exporter, _provider: provider }
    }

    /// The trace and the parent of the one span that was exported.
    fn only_span(&self) -> (String, String) {
        let spans = self.exporter.get_finished_spans().unwrap();
        let [span] = &spans[..] else { panic!("one span, and not {spans:?}") };
        (span.span_context.trace_id().to_string(), span.parent_span_id.to_string())
    }

    /// What a publisher's span is called in an event, and its trace and its id.
    fn published(&self) -> (SpanContext, (String, String)) {
        let span = self.tracer.start("publish");
        let of = span.span_context();
        (context_of(&span), (of.trace_id().to_string(), of.span_id().to_string()))
    }
}

#[test]
fn the_examples_spans_have_their_parents() {
    example::main().unwrap();
}

#[test]
fn a_stage_and_a_subscriber_have_the_publishers_span_as_parent() {
    let (publisher, stage, screen) = (Traced::new(), Traced::new(), Traced::new());
    let begins = stage.tracer.clone();
    let ring = HeapTypedRing::<Order>::new(8);
    let mut subscriber = Subscriber::join(ring.clone(), Start::Oldest);
    let graph = Topology::over(ring.clone()).stage("store").each(move |order, _| {
        begin(&begins, "store", order.span).end();
    });
    let graph = graph.start().unwrap();
    let (context, expected) = publisher.published();
    Publisher::join(ring).unwrap().send(&Order::new(1, context));
    graph.join().unwrap();
    assert_eq!(stage.only_span(), expected);

    begin(&screen.tracer, "show", subscriber.recv().unwrap().span).end();
    assert_eq!(screen.only_span(), expected);
}

/// The second lap fails, in slots with the notes of the first.
#[test]
fn the_stage_behind_one_that_failed_has_the_events_own_span_as_parent() {
    const SLOTS: u64 = 8;
    let (checks, stores) = (Traced::new(), Traced::new());
    let ring = HeapNotedTypedRing::<Order, AtomicU64>::new(SLOTS as usize);
    let (checking, storing) = (checks.tracer.clone(), stores.tracer.clone());
    let graph = Topology::over(ring.clone())
        .stage("check")
        .on_failure(OnFailure::Skip)
        .each(move |order, _| check(&checking, order, order.notes()))
        .stage("store")
        .after(["check"])
        .each(move |order, _| begin(&storing, "store", checked(order, order.notes())).end());
    let graph = graph.start().unwrap();
    let publisher = Publisher::join(ring).unwrap();
    let mut own = Vec::new();
    for id in 0..2 * SLOTS {
        let (context, (_, span)) = checks.published();
        own.push(span);
        let mut order = Order::new(id, context);
        order.amount = u16::from(id < SLOTS);
        publisher.send(&order);
    }
    drop(publisher);
    graph.join().unwrap();
    let checked = checks.exporter.get_finished_spans().unwrap().into_iter();
    let checked = checked.filter(|span| span.name == "check").map(|span| span.span_context.span_id().to_string());
    let stored = stores.exporter.get_finished_spans().unwrap();
    let parents: Vec<_> = stored.iter().map(|span| span.parent_span_id.to_string()).collect();
    assert_eq!(parents, checked.chain(own.split_off(SLOTS as usize)).collect::<Vec<_>>());
}

#[test]
fn an_event_of_no_span_begins_a_trace() {
    let traced = Traced::new();
    begin(&traced.tracer, "store", SpanContext::NONE).end();
    let (trace, parent) = traced.only_span();
    assert_eq!(parent, "0".repeat(16));
    assert_ne!(trace, "0".repeat(32));
}

/// The process, when the test below starts it; alone it does nothing.
#[test]
#[ignore = "the other test starts it"]
fn a_process_that_goes_on_with_the_trace() {
    let Some(path) = env::var_os(PATH) else { return };
    let ring: Ring<Typed<Order>> = RingFile::at(path).open().unwrap();
    let mut store = Consumer::join(ring, Start::Oldest).unwrap();
    println!("joined=yes");
    let order = store.copy().unwrap();
    let traced = Traced::new();
    begin(&traced.tracer, "store", order.span).end();
    let (trace, parent) = traced.only_span();
    println!("span={trace} {parent} {}", order.span);
}

#[test]
fn another_process_has_the_publishers_span_as_parent() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("orders");
    let ring: Ring<Typed<Order>> = RingFile::at(&path).create(8).unwrap();
    let mut other =
        Running::test("spans::a_process_that_goes_on_with_the_trace", PATH, path.to_str().expect("a path of ASCII"));
    other.said("joined=");
    let (context, (trace, parent)) = Traced::new().published();
    Publisher::join(ring).unwrap().send(&Order::new(1, context));
    assert_eq!(other.said("span="), format!("{trace} {parent} 00-{trace}-{parent}-01"));
}
