//! The writer of a ring that one writes.

#[cfg(feature = "std")]
use std::time::Duration;

#[cfg(feature = "std")]
use super::PublishTimeoutError;
use super::{JoinError, PublishError, TryPublishError, check_sizes, publish_waiting};
use crate::{
    Sequence,
    ring::{Bytes, RingRef, Slot, Sole, SoleSeat},
    wait::{WaitStrategy, Waiter},
};

/// The one writer of a ring of mode [`Sole`]; once it is dropped there may be another.
///
/// It claims without a read-modify-write, but for one in every eighth of a ring, and makes no holes.
#[derive(Debug)]
pub struct SoleWriter<R: RingRef<Mode = Sole>> {
    seat: SoleSeat<R>,
    strategy: WaitStrategy,
}

impl<R: RingRef<Mode = Sole>> SoleWriter<R> {
    /// The writer of `ring`. Refused while the ring has one, and once it has closed.
    pub fn join(ring: R) -> Result<Self, JoinError> {
        Ok(SoleWriter { seat: SoleSeat::take(ring)?, strategy: WaitStrategy::default() })
    }

    /// The same writer, waiting by `strategy` when the ring is full.
    pub fn waiting(self, strategy: WaitStrategy) -> Self {
        SoleWriter { strategy, ..self }
    }

    /// The ring.
    pub fn ring(&self) -> &R {
        self.seat.ring()
    }

    /// One attempt at one event.
    #[inline]
    pub(super) fn attempt(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, TryPublishError> {
        let max_size = R::Slot::STRIDE;
        if data.len() > max_size {
            return Err(TryPublishError::TooLarge { data_len: data.len(), max_size });
        }
        Ok(self.seat.publish(data, event_type)?)
    }

    /// Attempts at one event until it is not refused for a full ring, or the wait is over.
    #[inline]
    pub(super) fn attempt_waiting(
        &mut self,
        data: &[u8],
        event_type: u32,
        waiter: impl FnOnce(WaitStrategy) -> Waiter,
    ) -> Result<Sequence, TryPublishError> {
        match self.attempt(data, event_type) {
            Err(TryPublishError::Full) => {
                let ring = self.ring().clone();
                publish_waiting(ring.planes(), waiter(self.strategy), || self.attempt(data, event_type))
            }
            outcome => outcome,
        }
    }

    /// One attempt at a stretch of events, of which there is at least one, and each fits the slot; how many went out.
    #[inline]
    pub(super) fn attempt_some<'e>(
        &mut self,
        events: impl ExactSizeIterator<Item = (&'e [u8], u32)>,
    ) -> Result<usize, TryPublishError> {
        Ok(self.seat.publish_some(events)?)
    }

    /// Attempts at all events, of which each fits the slot, waiting whenever the ring is full.
    pub(super) fn attempt_all<E>(
        &mut self,
        mut events: &[E],
        as_event: impl Fn(&E) -> (&[u8], u32) + Copy,
    ) -> Result<(), TryPublishError> {
        let ring = self.ring().clone();
        while !events.is_empty() {
            let waiter = Waiter::new(self.strategy);
            let attempt = || self.attempt_some(events.iter().map(as_event));
            let published = publish_waiting(ring.planes(), waiter, attempt)?;
            events = &events[published..];
        }
        Ok(())
    }
}

impl<const N: usize, R: RingRef<Mode = Sole, Slot = Bytes<N>>> SoleWriter<R> {
    /// Publishes a copy of `data`; behind a Consumer that has not left the next slot, waits until it has.
    ///
    /// Wait-free without Consumers; blocking behind a gate.
    #[inline]
    pub fn publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        Ok(self.attempt_waiting(data, event_type, Waiter::new)?)
    }

    /// Publishes a copy of `data`, or says at once why not. Wait-free.
    #[inline]
    pub fn try_publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, TryPublishError> {
        self.attempt(data, event_type)
    }

    /// Publishes a copy of `data`, giving up once the ring has been full for `timeout`.
    #[cfg(feature = "std")]
    pub fn publish_timeout(
        &mut self,
        data: &[u8],
        event_type: u32,
        timeout: Duration,
    ) -> Result<Sequence, PublishTimeoutError> {
        Ok(self.attempt_waiting(data, event_type, |strategy| Waiter::for_at_most(strategy, timeout))?)
    }

    /// Publishes copies of `events` (data and type of each), in order; waits where [`publish`](Self::publish) would.
    ///
    /// Each stretch that fits, at most a quarter of the ring, is claimed behind one fence, and shown by one move of the
    /// cursor. An event that exceeds the slot is refused before anything is published.
    pub fn publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<(), PublishError> {
        check_sizes::<R::Slot>(events)?;
        Ok(self.attempt_all(events, |&event| event)?)
    }

    /// Publishes copies of as many of `events` as there is room for now, in order; how many, at least one if there are any.
    ///
    /// As [`publish_batch`](Self::publish_batch) otherwise. Wait-free.
    pub fn try_publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<usize, TryPublishError> {
        check_sizes::<R::Slot>(events)?;
        if events.is_empty() { Ok(0) } else { self.attempt_some(events.iter().copied()) }
    }
}
