//! Models of the shipped types. loom explores every interleaving and every outcome the memory model allows, within a
//! bound, of a few operations on a tiny ring; shuttle runs the same models, and crowds, by thousands of random
//! schedules, each with its operations in one order.
//!
//! Run by `cargo xtask test --only loom --only shuttle`. A payload is two words that must agree, so that a torn event
//! shows; each slot also has a shadow cell, so that a loan that meets an owner shows (see `ring/memory/payload.rs`).

mod after;
mod batch;
mod blocker;
mod claim_run;
mod claims;
mod close;
#[cfg(shuttle)]
mod control;
#[cfg(shuttle)]
mod crowd;
mod explore;
mod gate;
mod given_up;
mod handover;
mod in_place;
mod latest;
mod ledger;
mod long;
mod notify;
mod overrun;
mod park;
#[cfg(feature = "std")]
mod repaired;
mod skip;
#[cfg(feature = "async")]
mod tasks;
mod wait_set;
mod workers;

use std::sync::Arc;

use explore::{explore, explore_sleeping};

use crate::{RingBuffer, Sequence, consumer, ring::PooledEvent, subscriber};

const BYTES: usize = 16;
type Ring<const CAP: usize, M = crate::Many, C = crate::Open> = RingBuffer<BYTES, CAP, M, C>;
type Subscriber<const CAP: usize, M = crate::Many, C = crate::Open> = subscriber::Subscriber<Arc<Ring<CAP, M, C>>>;
type Consumer<const CAP: usize, M = crate::Many, C = crate::Open> = consumer::Consumer<Arc<Ring<CAP, M, C>>>;

/// A payload that carries `value` twice.
fn payload(value: u64) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes[..8].copy_from_slice(&value.to_ne_bytes());
    bytes[8..].copy_from_slice(&value.to_ne_bytes());
    bytes
}

/// The value of a payload, which must be whole.
fn value(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    assert!(rest.is_empty());
    let [first, second] = [words[0], words[1]].map(u64::from_ne_bytes);
    assert_eq!(first, second, "torn");
    first
}

/// What a Subscriber got and lost in `polls` polls, in order: values, and counts of losses.
fn drain<const CAP: usize, M: crate::Mode, C: crate::Closes>(
    reader: &mut Subscriber<CAP, M, C>,
    polls: usize,
) -> Vec<u64> {
    let mut values = Vec::new();
    for _ in 0..polls {
        match reader.try_recv() {
            Ok(event) => values.push(value_of(&event)),
            Err(subscriber::TryRecvError::Lagged(lagged)) => assert!(lagged.count() > 0),
            Err(subscriber::TryRecvError::Empty | subscriber::TryRecvError::Closed) => {}
        }
    }
    values
}

fn value_of(event: &PooledEvent<BYTES>) -> u64 {
    value(event.bytes())
}

/// The values from `position` on that a ring still retains at rest.
fn retained<const CAP: usize, M: crate::Mode>(ring: &Arc<Ring<CAP, M>>, position: Sequence) -> Vec<u64> {
    let mut reader = Subscriber::join(Arc::clone(ring), crate::Start::At(position));
    drain(&mut reader, 2 * CAP + 1)
}
