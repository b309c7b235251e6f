//! loom models of the shipped types: every interleaving and every outcome the memory model allows, within the
//! preemption bound, of a few operations on a tiny ring.
//!
//! Run by `cargo xtask test --only loom`. A payload is two words that must agree, so that a torn event shows; under
//! loom each slot also has a shadow cell, so that a loan that meets an owner shows (see `ring/payload.rs`).

mod batch;
mod claim_run;
mod claims;
mod close;
mod gate;
mod handover;
mod in_place;
mod ledger;
mod notify;
mod overrun;
mod park;
#[cfg(feature = "async")]
mod tasks;

use std::sync::Arc;

use crate::{PooledEvent, RingBuffer, Sequence, consumer, reader};

const BYTES: usize = 16;
type Ring<const CAP: usize, M = crate::Many> = RingBuffer<BYTES, CAP, M>;
type Reader<const CAP: usize, M = crate::Many> = reader::Reader<Arc<Ring<CAP, M>>>;
type Consumer<const CAP: usize, M = crate::Many> = consumer::Consumer<Arc<Ring<CAP, M>>>;

/// Explores `model`, in which nobody sleeps, with at most `preemptions` of them in one execution unless the environment
/// says otherwise.
fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    explore_with(false, preemptions, model);
}

/// As [`explore`], for a model in which somebody sleeps.
fn explore_sleeping(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    explore_with(true, preemptions, model);
}

fn explore_with(sleeps: bool, preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    crate::wait::model_sleeps(sleeps);
    let mut builder = loom::model::Builder::new();
    if builder.preemption_bound.is_none() {
        builder.preemption_bound = Some(preemptions);
    }
    builder.check(model);
}

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

/// What a Reader got and lost in `polls` polls, in order: values, and counts of losses.
fn drain<const CAP: usize, M: crate::Mode>(reader: &mut Reader<CAP, M>, polls: usize) -> Vec<u64> {
    let mut values = Vec::new();
    for _ in 0..polls {
        match reader.try_recv() {
            Ok(event) => values.push(value_of(&event)),
            Err(reader::TryRecvError::Lagged(lagged)) => assert!(lagged.count() > 0),
            Err(reader::TryRecvError::Empty | reader::TryRecvError::Closed) => {}
        }
    }
    values
}

fn value_of(event: &PooledEvent<BYTES>) -> u64 {
    value(event.bytes())
}

/// The values from `position` on that a ring still retains at rest.
fn retained<const CAP: usize, M: crate::Mode>(ring: &Arc<Ring<CAP, M>>, position: Sequence) -> Vec<u64> {
    let mut reader = Reader::join(Arc::clone(ring), crate::Start::At(position));
    drain(&mut reader, 2 * CAP + 1)
}
