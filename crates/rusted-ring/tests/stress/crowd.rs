//! Publishers, Readers of several tempers and Consumers on one ring, until the ring closes.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use rusted_ring::{
    Bytes, Consumer, Many, Publisher, RingRef, Sequence, Sole, SolePublisher, Start, Subscriber, ledger::Ledger,
    publisher::PublishError, wait::Backoff,
};

use crate::{
    deadline::{Deadline, PATIENCE},
    payload::{fill, trace},
    rng::Rng,
    tally::{Step, Tally},
};

/// A publisher of either mode.
pub(crate) trait Publish: Send {
    fn publish(&mut self, data: &[u8], event_type: u32) -> u64;
    fn try_publish(&mut self, data: &[u8], event_type: u32) -> Option<u64>;
}

fn accepted(outcome: Result<Sequence, PublishError>) -> Option<u64> {
    match outcome {
        Ok(sequence) => Some(sequence.get()),
        Err(PublishError::Full(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

impl<const N: usize, const SLOT: usize, R: RingRef<Mode = Many, Slot = Bytes<N, SLOT>> + Send> Publish
    for Publisher<R>
{
    fn publish(&mut self, data: &[u8], event_type: u32) -> u64 {
        self.publish_timeout(data, event_type, PATIENCE).expect("a consumer moves").get()
    }

    fn try_publish(&mut self, data: &[u8], event_type: u32) -> Option<u64> {
        accepted(Publisher::try_publish(self, data, event_type))
    }
}

impl<const N: usize, const SLOT: usize, R: RingRef<Mode = Sole, Slot = Bytes<N, SLOT>> + Send> Publish
    for SolePublisher<R>
{
    fn publish(&mut self, data: &[u8], event_type: u32) -> u64 {
        self.publish_timeout(data, event_type, PATIENCE).expect("a consumer moves").get()
    }

    fn try_publish(&mut self, data: &[u8], event_type: u32) -> Option<u64> {
        accepted(SolePublisher::try_publish(self, data, event_type))
    }
}

/// Publishes `events`, now waiting and now trying again; the sum of their traces.
fn write<const N: usize>(mut publisher: impl Publish, id: usize, events: u64) -> u64 {
    let mut rng = Rng::new(id as u64);
    let mut buffer = [0; N];
    let (mut next, mut traces) = (0, 0_u64);
    for counter in 0..events {
        let (data, event_type) = fill(&mut buffer, id, counter);
        let mut published = None;
        if rng.one_in(2) {
            published = publisher.try_publish(data, event_type);
        }
        let sequence = published.unwrap_or_else(|| publisher.publish(data, event_type));
        assert!(sequence >= next, "a publisher's sequences rise");
        next = sequence + 1;
        traces = traces.wrapping_add(trace(sequence, id, counter));
    }
    traces
}

/// Reads to the end; one that pauses stands still, now and then, until the publishers are up to three laps away.
fn read<const N: usize, const SLOT: usize, R>(
    mut reader: Subscriber<R>,
    mut tally: Tally,
    pauses: bool,
    writing: &AtomicUsize,
) -> Tally
where
    R: RingRef<Slot = Bytes<N, SLOT>>,
{
    let mut rng = Rng::new(77);
    let mut buffer = [0; N];
    let mut backoff = Backoff::new();
    let capacity = reader.ring().capacity() as u64;
    loop {
        if pauses && rng.one_in(4 * capacity) {
            let until = reader.next_sequence().get() + capacity * rng.up_to(3) + rng.up_to(3);
            Deadline::new().wait_until("the publishers", || {
                Ledger::of(reader.ring()).claimed().get() >= until || writing.load(SeqCst) == 0
            });
        }
        match tally.poll(&mut reader, &mut buffer) {
            Step::Event | Step::Lagged => backoff.reset(),
            Step::Empty => {
                backoff.snooze();
            }
            Step::Closed => break,
        }
    }
    assert_eq!(tally.poll(&mut reader, &mut buffer), Step::Closed);
    tally
}

/// Joins anywhere, reads a little, leaves, and so on to the end.
fn come_and_go<const N: usize, const SLOT: usize, R>(ring: R)
where
    R: RingRef<Slot = Bytes<N, SLOT>>,
{
    let mut rng = Rng::new(99);
    let mut buffer = [0; N];
    loop {
        let claimed = Ledger::of(&ring).claimed().get();
        let start = match rng.up_to(3) {
            1 => Start::Newest,
            2 => Start::Oldest,
            _ => Start::At(Sequence::new(claimed.saturating_sub(rng.up_to(2 * ring.capacity() as u64)))),
        };
        let mut reader = Subscriber::join(ring.clone(), start);
        let mut tally = Tally::at(reader.next_sequence().get());
        for _ in 0..rng.up_to(2 * ring.capacity() as u64) {
            if tally.poll(&mut reader, &mut buffer) == Step::Closed {
                tally.conserves(Ledger::of(&ring).claimed().get());
                return;
            }
        }
        thread::yield_now();
    }
}

fn consume<const N: usize, const SLOT: usize, R>(mut consumer: Consumer<R>, slow: bool) -> Tally
where
    R: RingRef<Slot = Bytes<N, SLOT>>,
{
    let mut tally = Tally::at(0);
    let mut rng = Rng::new(55);
    while tally.receive(&mut consumer) {
        if slow && rng.one_in(256) {
            thread::yield_now();
        }
    }
    tally
}

/// Lets `publishers` publish `events` each; returns how often Subscribers were lapped, and how many holes there were.
pub(crate) fn run<const N: usize, const SLOT: usize, R>(
    ring: &R,
    publishers: Vec<impl Publish>,
    events: u64,
    consumers: usize,
) -> (u64, u64)
where
    R: RingRef<Slot = Bytes<N, SLOT>> + Send + Sync,
{
    let published = publishers.len() as u64 * events;
    let writing = AtomicUsize::new(publishers.len());
    // Everybody begins at once, or the publishers would be done before the last thread runs.
    let start = Barrier::new(publishers.len() + consumers + 3);
    let (writing, start) = (&writing, &start);
    let readers = [false, true].map(|pauses| (Subscriber::join(ring.clone(), Start::Newest), pauses));
    let consumers: Vec<_> = (0..consumers)
        .map(|nth| (Consumer::join(ring.clone(), Start::Newest).expect("the table has room"), nth > 0))
        .collect();
    thread::scope(|scope| {
        let consumers: Vec<_> = consumers
            .into_iter()
            .map(|(consumer, slow)| {
                scope.spawn(move || {
                    start.wait();
                    consume(consumer, slow)
                })
            })
            .collect();
        let readers = readers.map(|(reader, pauses)| {
            scope.spawn(move || {
                start.wait();
                read(reader, Tally::at(0), pauses, writing)
            })
        });
        let guest = scope.spawn(|| {
            start.wait();
            come_and_go(ring.clone());
        });
        let write = |(id, publisher)| {
            scope.spawn(move || {
                start.wait();
                let traces = write::<N>(publisher, id, events);
                writing.fetch_sub(1, SeqCst);
                traces
            })
        };
        let publishers: Vec<_> = publishers.into_iter().enumerate().map(write).collect();

        let traces =
            publishers.into_iter().map(|publisher| publisher.join().expect("a publisher")).fold(0, u64::wrapping_add);
        let claimed = Ledger::of(ring).claimed().get();
        let holes = claimed - published;
        for consumer in consumers {
            let tally = consumer.join().expect("a consumer");
            tally.conserves(claimed);
            assert_eq!((tally.received, tally.lost, tally.holes, tally.traces), (published, 0, holes, traces));
        }
        let laps = readers.map(|reader| {
            let tally = reader.join().expect("a reader");
            tally.conserves(claimed);
            assert!(tally.holes <= holes && tally.received <= published);
            tally.laps
        });
        guest.join().expect("a guest");
        (laps[0] + laps[1], holes)
    })
}
