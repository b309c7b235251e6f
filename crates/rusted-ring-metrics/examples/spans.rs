//! A trace that goes through a ring, with OpenTelemetry: the span of a publisher is the parent of a stage's and of a Subscriber's, and that of a
//! stage the parent of the next stage's.
//! `cargo run -p rusted-ring-metrics --example spans`

use std::{
    error::Error,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use opentelemetry::{
    Context,
    trace::{self, Span, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracer, SdkTracerProvider, SpanData};
use rusted_ring::{
    HeapNotedTypedRing, Publisher, SpanContext, Start, Subscriber,
    bytemuck::{AnyBitPattern, NoUninit},
    topology::{HandlerError, Topology},
};

/// An event that says in which span it was published.
#[derive(Clone, Copy, Debug, AnyBitPattern, NoUninit)]
#[bytemuck(crate = "rusted_ring::bytemuck")]
#[repr(C)]
pub(crate) struct Order {
    id: u64,
    price: u32,
    pub(crate) amount: u16,
    side: u8,
    pub(crate) span: SpanContext,
}

impl Order {
    pub(crate) fn new(id: u64, span: SpanContext) -> Self {
        Order { id, price: 99, amount: 5, side: 0, span }
    }
}

/// What travels of a span.
pub(crate) fn context_of(span: &impl Span) -> SpanContext {
    let context = span.span_context();
    SpanContext::new(context.trace_id().to_bytes(), context.span_id().to_bytes(), context.trace_flags().to_u8())
}

/// Begins a span whose parent came with an event; the first of a trace, if none came.
pub(crate) fn begin(tracer: &SdkTracer, name: &'static str, parent: SpanContext) -> impl Span + use<> {
    let (trace_id, span_id) = (TraceId::from_bytes(parent.trace_id()), SpanId::from_bytes(parent.span_id()));
    let flags = TraceFlags::new(parent.flags());
    let remote = trace::SpanContext::new(trace_id, span_id, flags, true, TraceState::default());
    // Given a parent that is none, the SDK would take over that it is not sampled.
    let context = if parent.is_valid() { Context::new().with_remote_span_context(remote) } else { Context::new() };
    tracer.start_with_context(name, &context)
}

/// The work of the first stage, which notes its span for the next one.
pub(crate) fn check(tracer: &SdkTracer, order: &Order, note: &AtomicU64) -> Result<(), HandlerError> {
    // Before anything that may fail: the next stage has the event nevertheless, and the note is that of a lap ago.
    note.store(0, Relaxed);
    if order.amount == 0 {
        return Err(format!("order {} is of nothing", order.id).into());
    }
    let span = begin(tracer, "check", order.span);
    note.store(u64::from_be_bytes(context_of(&span).span_id()), Relaxed);
    Ok(())
}

/// The parent of the next stage's span: the one that was noted, or the event's own.
pub(crate) fn checked(order: &Order, note: &AtomicU64) -> SpanContext {
    match note.load(Relaxed) {
        0 => order.span,
        noted => order.span.with_span_id(noted.to_be_bytes()),
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let tracer = provider.tracer("orders");

    // The note is the span-id of the stage that comes first.
    let ring = HeapNotedTypedRing::<Order, AtomicU64>::new(64);
    let screen = Subscriber::join(ring.clone(), Start::Oldest);
    let (checks, stores) = (tracer.clone(), tracer.clone());
    let graph = Topology::over(ring.clone())
        .stage("check")
        .each(move |order, _| check(&checks, order, order.notes()))
        .stage("store")
        .after(["check"])
        .each(move |order, _| begin(&stores, "store", checked(order, order.notes())).end())
        .start()?;

    let publisher = Publisher::join(ring)?;
    for id in 0..3 {
        let span = tracer.start("publish");
        publisher.send(&Order::new(id, context_of(&span)));
    }
    drop(publisher);
    graph.join()?;
    for order in screen {
        begin(&tracer, "show", order.span).end();
    }

    let spans = exporter.get_finished_spans()?;
    let named = |name: &'static str| spans.iter().filter(move |span| span.name == name);
    for publish in named("publish") {
        println!("{}: publish {}", publish.span_context.trace_id(), publish.span_context.span_id());
        for (name, parent_is) in [("check", "publish"), ("store", "check"), ("show", "publish")] {
            let in_trace = |span: &&SpanData| span.span_context.trace_id() == publish.span_context.trace_id();
            let span = named(name).find(in_trace).ok_or("a span for each order and stage")?;
            let parent = named(parent_is).find(in_trace).ok_or("a span for each parent")?;
            assert_eq!(span.parent_span_id, parent.span_context.span_id());
            println!("    {name} {} is in {parent_is} {}", span.span_context.span_id(), span.parent_span_id);
        }
    }
    assert_eq!((named("publish").count(), spans.len()), (3, 12));
    Ok(())
}
