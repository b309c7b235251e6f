//! The writer of a ring that one writes.

#[cfg(feature = "std")]
use std::time::Duration;

#[cfg(feature = "std")]
use super::PublishTimeoutError;
use super::{JoinError, PublishError, TryPublishError, check_sizes, publish_waiting};
use crate::{
    Sequence,
    ring::{RingRef, Slot, Sole, SoleSeat},
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

    /// Publishes a copy of `data`; behind a Consumer that has not left the next slot, waits until it has.
    ///
    /// Wait-free without Consumers; blocking behind a gate.
    #[inline]
    pub fn publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, PublishError> {
        match self.try_publish(data, event_type) {
            Err(TryPublishError::Full) => {
                let waiter = Waiter::new(self.strategy);
                let ring = self.ring().clone();
                Ok(publish_waiting(ring.planes(), waiter, || self.try_publish(data, event_type))?)
            }
            outcome => Ok(outcome?),
        }
    }

    /// Publishes a copy of `data`, or says at once why not. Wait-free.
    #[inline]
    pub fn try_publish(&mut self, data: &[u8], event_type: u32) -> Result<Sequence, TryPublishError> {
        let max_size = R::Slot::STRIDE;
        if data.len() > max_size {
            return Err(TryPublishError::TooLarge { data_len: data.len(), max_size });
        }
        Ok(self.seat.publish(data, event_type)?)
    }

    /// Publishes copies of `events` (data and type of each), in order; behind a Consumer that has not left the next slot, waits until it has.
    ///
    /// Each stretch that fits, at most a quarter of the ring, is claimed behind one fence, and shown by one move of the
    /// cursor. Progress as [`publish`](Self::publish). An event that exceeds the slot is refused before anything is published.
    pub fn publish_batch(&mut self, mut events: &[(&[u8], u32)]) -> Result<(), PublishError> {
        check_sizes::<R::Slot>(events)?;
        let ring = self.ring().clone();
        while !events.is_empty() {
            let waiter = Waiter::new(self.strategy);
            let published = publish_waiting(ring.planes(), waiter, || Ok(self.seat.publish_some(events)?))?;
            events = &events[published..];
        }
        Ok(())
    }

    /// Publishes copies of as many of `events` as there is room for now, in order; how many, at least one if there are any.
    ///
    /// Each stretch that fits, at most a quarter of the ring, is claimed behind one fence, and shown by one move of the
    /// cursor. Progress as [`try_publish`](Self::try_publish).
    pub fn try_publish_batch(&mut self, events: &[(&[u8], u32)]) -> Result<usize, TryPublishError> {
        check_sizes::<R::Slot>(events)?;
        if events.is_empty() { Ok(0) } else { Ok(self.seat.publish_some(events)?) }
    }

    /// Publishes a copy of `data`, giving up once the ring has been full for `timeout`.
    #[cfg(feature = "std")]
    pub fn publish_timeout(
        &mut self,
        data: &[u8],
        event_type: u32,
        timeout: Duration,
    ) -> Result<Sequence, PublishTimeoutError> {
        match self.try_publish(data, event_type) {
            Err(TryPublishError::Full) => {
                let waiter = Waiter::for_at_most(self.strategy, timeout);
                let ring = self.ring().clone();
                Ok(publish_waiting(ring.planes(), waiter, || self.try_publish(data, event_type))?)
            }
            outcome => Ok(outcome?),
        }
    }
}
