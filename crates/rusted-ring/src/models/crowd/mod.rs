//! Crowds: more threads, events and laps than can be explored whole, so that only shuttle runs them.
//!
//! Each crowd keeps books of its own: what its publishers published, and what each endpoint received, by sequence.

mod batches;
mod books;
mod everybody;
mod observer;
mod overtaken;
mod relay;
mod stages;
mod stopped;

use std::sync::Arc;

use books::{Events, Heard, event};

use super::{Consumer, Ring, Subscriber, explore_sleeping, payload, value, value_of};
use crate::{
    Closes, Many, Mode, Start, consumer,
    publisher::Publisher,
    subscriber,
    sync::thread::{self, JoinHandle},
    wait::WaitStrategy,
};

/// Threads that publish `each` events, waiting by `strategy`; each answers with its events.
fn publishing<const CAP: usize, C: Closes>(
    ring: &Arc<Ring<CAP, Many, C>>,
    publishers: u64,
    each: u64,
    strategy: WaitStrategy,
) -> Vec<JoinHandle<Events>> {
    // All join before the first can leave, and close the ring.
    let joined: Vec<_> =
        (0..publishers).map(|id| (Publisher::join(ring.clone()).unwrap().waiting(strategy), id)).collect();
    let publish = |(publisher, id): (Publisher<Arc<Ring<CAP, Many, C>>>, u64)| {
        thread::spawn(move || {
            let values = (0..each).map(|number| event(id, number));
            values.map(|value| (publisher.publish(&payload(value), 0).unwrap().get(), value)).collect()
        })
    };
    joined.into_iter().map(publish).collect()
}

/// Receives until the ring is closed.
fn receive_to_the_end<const CAP: usize, M: Mode, C: Closes>(mut consumer: Consumer<CAP, M, C>) -> Heard {
    let mut heard = Heard::from(consumer.next_sequence());
    while let Ok(loan) = consumer.recv() {
        heard.event(loan.sequence().get(), value(&loan));
    }
    heard.agreeing_with(&consumer)
}

/// Reads until the ring is closed.
fn read_to_the_end<const CAP: usize, M: Mode, C: Closes>(
    mut reader: Subscriber<CAP, M, C>,
) -> (Subscriber<CAP, M, C>, Heard) {
    let mut heard = Heard::from(reader.next_sequence());
    loop {
        match reader.recv() {
            Ok(event) => heard.event(reader.next_sequence().get() - 1, value_of(&event)),
            Err(subscriber::RecvError::Lagged(lagged)) => heard.loss(lagged),
            Err(subscriber::RecvError::Closed) => return (reader, heard),
        }
    }
}

/// A Consumer that joins at `start`, looks `polls` times, and leaves.
fn visit<const CAP: usize, M: Mode, C: Closes>(ring: &Arc<Ring<CAP, M, C>>, start: Start, polls: usize) -> Heard {
    let mut consumer = Consumer::join(ring.clone(), start).unwrap();
    let mut heard = Heard::from(consumer.next_sequence());
    for _ in 0..polls {
        match consumer.try_recv() {
            Ok(loan) => heard.event(loan.sequence().get(), value(&loan)),
            Err(consumer::TryRecvError::Empty) => thread::yield_now(),
            Err(consumer::TryRecvError::Closed) => break,
            Err(consumer::TryRecvError::Corrupt(corrupt)) => panic!("{corrupt}"),
        }
    }
    heard.agreeing_with(&consumer)
}

/// A Subscriber that joins at `start`, looks `polls` times, and stays where it is.
fn glance<const CAP: usize, M: Mode, C: Closes>(
    ring: &Arc<Ring<CAP, M, C>>,
    start: Start,
    polls: usize,
) -> (Subscriber<CAP, M, C>, Heard) {
    let mut reader = Subscriber::join(ring.clone(), start);
    let mut heard = Heard::from(reader.next_sequence());
    for _ in 0..polls {
        match reader.try_recv() {
            Ok(event) => heard.event(reader.next_sequence().get() - 1, value_of(&event)),
            Err(subscriber::TryRecvError::Lagged(lagged)) => heard.loss(lagged),
            Err(subscriber::TryRecvError::Empty) => thread::yield_now(),
            Err(subscriber::TryRecvError::Closed) => break,
        }
    }
    (reader, heard)
}

/// What the threads answered.
fn joined<T>(threads: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}
