//! A stage that publishes into another ring.

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
    ring::{Bytes, Many, Notes, Slot, Sole},
};

/// A publisher that a stage can publish by: one of a ring of bytes.
pub trait Outlet: sealed::Sealed + Send {
    /// Bytes of a slot.
    #[doc(hidden)]
    fn slot_bytes(&self) -> usize;
    /// Where the ring lies that it publishes into.
    #[doc(hidden)]
    fn ring_address(&self) -> usize;
    /// Publishes, if there is room within `timeout`; panics of those who are woken by that go no further.
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
        impl<const N: usize, const SLOT: usize, A: Notes, R> Outlet for $publisher<R>
        where
            R: RingRef<Mode = $mode, Slot = Bytes<N, SLOT, A>> + Send,
        {
            fn slot_bytes(&self) -> usize {
                N
            }

            fn ring_address(&self) -> usize {
                address(self.ring())
            }

            fn publish_within(&mut self, data: &[u8], event_type: u32, timeout: Duration) -> Result<(), PublishError> {
                check_size::<R::Slot>(data)?;
                // Of wakers on the other ring, who are woken when the event is out: this stage has not failed.
                let mut panics = FirstPanic::default();
                Ok(self.attempt_by((data, event_type), timeout, &mut panics)?)
            }
        }
    };
}

outlet!(Publisher, Many);
outlet!(SolePublisher, Sole);

/// How long the stage waits for room before it looks whether it is to end.
const PATIENCE: Duration = Duration::from_millis(10);

/// Makes an event for another ring of each event.
pub(super) struct Transform<W, F> {
    /// Dropped before the publisher: while it is there, so is the ring.
    outflow: Outflow,
    publisher: W,
    closure: F,
    /// The event that is being made; it never grows beyond a slot.
    buffer: Vec<u8>,
}

impl<W: Outlet, F> Transform<W, F> {
    pub(super) fn new(publisher: W, closure: F) -> Self {
        let buffer = Vec::with_capacity(publisher.slot_bytes());
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
            match self.publisher.publish_within(&self.buffer, event_type, PATIENCE) {
                Err(PublishError::Full(_)) if turn.is_halting() => return Err(Halting.into()),
                Err(PublishError::Full(_)) => {}
                outcome => return Ok(outcome?),
            }
        }
    }
}

/// The sequence of the event that a [transforming stage](super::StageBuilder::transform) made `data` of, and what it made; none
/// if `data` is shorter than a sequence.
pub fn traced(data: &[u8]) -> Option<(Sequence, &[u8])> {
    let (source, made) = data.split_first_chunk()?;
    Some((Sequence::new(u64::from_le_bytes(*source)), made))
}
