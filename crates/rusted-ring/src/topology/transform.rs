//! Stages that publish into another ring.

use core::time::Duration;
use std::vec::Vec;

use super::{
    Halting, Handler, HandlerError, Turn,
    feeds::{Outflow, address},
};
use crate::{
    RingRef, Sequence,
    consumer::BatchEvent,
    foreign::FirstPanic,
    publisher::{PublishError, Publisher, SolePublisher, check_size},
    ring::{BytesSlot, Many, Slot, Sole},
};

/// A publisher that a [transforming stage](super::StageBuilder::transform) can use: one of a ring of bytes.
pub trait Outlet: sealed::Sealed + Send {
    /// The most bytes of an event.
    #[doc(hidden)]
    fn max_bytes(&self) -> usize;
    /// The address of its ring.
    #[doc(hidden)]
    fn ring_address(&self) -> usize;
    /// Publishes if there is room within `timeout`. Panics of wakers on its ring are discarded.
    #[doc(hidden)]
    fn publish_within(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<(), PublishError>;
}

mod sealed {
    pub trait Sealed {}
    impl<R: crate::RingRef<Mode = super::Many>> Sealed for super::Publisher<R> {}
    impl<R: crate::RingRef<Mode = super::Sole>> Sealed for super::SolePublisher<R> {}
}

macro_rules! outlet {
    ($publisher:ident, $mode:ident) => {
        impl<S: BytesSlot, R: RingRef<Mode = $mode, Slot = S> + Send> Outlet for $publisher<R> {
            fn max_bytes(&self) -> usize {
                S::LONGEST
            }

            fn ring_address(&self) -> usize {
                address(self.ring())
            }

            fn publish_within(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<(), PublishError> {
                check_size::<R::Slot>(data)?;
                // Panics of wakers on the other ring, which run once the event is published: this stage has not failed.
                let mut panics = FirstPanic::default();
                Ok(self.attempt_by((data, event_type), timeout, &mut panics)?)
            }
        }
    };
}

outlet!(Publisher, Many);
outlet!(SolePublisher, Sole);

/// How long the stage waits for room before it checks whether it is halting.
const ROOM_TIMEOUT: Duration = Duration::from_millis(10);

/// A handler that makes an event for another ring of each event.
pub(super) struct Transform<W, F> {
    /// Dropped before the publisher, which keeps the ring's address its own.
    outflow: Outflow,
    publisher: W,
    closure: F,
    /// The event that is being made. It grows only beyond what the other ring can take.
    buffer: Vec<u8>,
}

impl<W: Outlet, F> Transform<W, F> {
    pub(super) fn new(publisher: W, closure: F) -> Self {
        let buffer = Vec::with_capacity(publisher.max_bytes());
        Transform { outflow: Outflow::into_ring_at(publisher.ring_address()), publisher, closure, buffer }
    }

    /// Where it publishes.
    pub(super) fn outflow(&self) -> Outflow {
        self.outflow.clone()
    }
}

impl<S, W, F> Handler<S> for Transform<W, F>
where
    S: Slot,
    W: Outlet,
    F: FnMut(&BatchEvent<'_, S>, &mut Vec<u8>) -> Result<Option<u32>, HandlerError>,
{
    fn event(&mut self, event: &BatchEvent<'_, S>, turn: &mut Turn<'_>) -> Result<(), HandlerError> {
        self.buffer.clear();
        self.buffer.extend_from_slice(&event.sequence().get().to_le_bytes());
        let Some(event_type) = (self.closure)(event, &mut self.buffer)? else { return Ok(()) };
        loop {
            match self.publisher.publish_within(&self.buffer, event_type, ROOM_TIMEOUT) {
                Err(PublishError::Full(_)) if turn.is_halting() => return Err(Halting.into()),
                Err(PublishError::Full(_)) => {}
                outcome => return Ok(outcome?),
            }
        }
    }
}

/// Splits an event of a [transforming stage](super::StageBuilder::transform) into the sequence of the event that it was made of, and
/// the bytes that the stage's closure appended. Returns none if `data` is shorter than a sequence.
///
/// ```
/// use rusted_ring::{Consumer, HeapRing, Publisher, Sequence, Sole, SolePublisher, Start, topology::{Topology, traced}};
///
/// let (words, lengths) = (HeapRing::<64>::new(64), HeapRing::<64, Sole>::sole(64));
/// let mut consumer = Consumer::join(lengths.clone(), Start::Oldest)?;
/// let graph = Topology::over(words.clone())
///     .stage("measure")
///     .transform(SolePublisher::join(lengths)?, |word, buffer| {
///         buffer.push(word.len() as u8);
///         Ok(Some(7)) // the new event's type
///     })
///     .start()?;
/// Publisher::join(words)?.publish(b"five!", 1)?;
/// graph.join()?;
/// assert_eq!(traced(&consumer.recv()?), Some((Sequence::new(0), &[5][..])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn traced(data: &[u8]) -> Option<(Sequence, &[u8])> {
    let (source, made) = data.split_first_chunk()?;
    Some((Sequence::new(u64::from_le_bytes(*source)), made))
}
