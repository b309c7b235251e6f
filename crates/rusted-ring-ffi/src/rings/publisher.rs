//! Publishers of any ring.

use std::time::Duration;

use rusted_ring::{
    BytesSlot, Lossless, Many, Publisher, SharedRing, Slot, Sole, SolePublisher, publisher::PublishError,
};

use super::{Publishes, RingKind};
use crate::{caller::Caller, exclusive::Exclusive, failure::Failure};

/// A publisher of any ring. Those of rings that one publishes to are used by one thread at a time, as the caller promises.
pub(crate) trait AnyPublisher: Send + Sync {
    /// Publishes a copy of `data`, if there is room now.
    fn try_publish(&self, caller: Caller, data: &[u8], event_type: u32) -> Result<u64, Failure>;
    /// Publishes a copy of `data`, if there is room within `timeout`.
    fn publish(&self, caller: Caller, data: &[u8], event_type: u32, timeout: Duration) -> Result<u64, Failure>;
    /// Publishes copies of as many of `events` as there is room for now, at least one. Returns how many.
    fn try_publish_some(&self, caller: Caller, events: &[(&[u8], u32)]) -> Result<usize, Failure>;
    /// Bytes that an event has at most.
    fn longest(&self) -> usize;
    /// Whether a thread is using it, if one at a time may.
    fn is_busy(&self) -> bool {
        false
    }

    /// Lends the next slot, if there is room within `timeout`.
    fn claim(&self, _caller: Caller, _timeout: Duration) -> Result<(*mut u8, usize), Failure> {
        Err(Failure::Unsupported(
            "slots are lent on rings made with RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS alone: publish copies here",
        ))
    }

    /// Publishes the first `len` bytes of the slot that is lent.
    fn commit(&self, _caller: Caller, _len: usize, _event_type: u32) -> Result<u64, Failure> {
        Err(Failure::NotLent)
    }

    /// Takes the slot back that is lent; nothing is published.
    fn abandon(&self, _caller: Caller) -> Result<(), Failure> {
        Err(Failure::NotLent)
    }
}

/// Of a ring of many publishers.
pub(super) fn of_many<R: RingKind<Mode = Many, Slot: BytesSlot>>(ring: R) -> Publishes {
    Ok(Box::new(Publisher::join(ring)?))
}

/// Of a ring of one.
pub(super) fn of_one<R: RingKind<Mode = Sole, Slot: BytesSlot>>(ring: R) -> Publishes {
    Ok(Box::new(Exclusive::new(SolePublisher::join(ring)?)))
}

/// Of a ring of one, to which slots are lent.
pub(super) fn in_place<S: BytesSlot>(ring: SharedRing<Lossless<S>, Sole>) -> Publishes
where
    SharedRing<Lossless<S>, Sole>: RingKind<Mode = Sole, Slot = Lossless<S>>,
{
    Ok(Box::new(InPlace { publisher: Exclusive::new((SolePublisher::join(ring)?, false)) }))
}

/// Says why a publisher that waited found no room, and whose process was in the way.
#[cold]
fn waited<R: RingKind>(ring: &R, error: PublishError) -> Failure {
    match Failure::from(error) {
        Failure::Full(full, _) => Failure::Full(full, full.blocker.map_or(0, |blocker| ring.process_of(blocker.entry))),
        failure => failure,
    }
}

impl<R: RingKind<Mode = Many, Slot: BytesSlot>> AnyPublisher for Publisher<R> {
    #[inline]
    fn try_publish(&self, _: Caller, data: &[u8], event_type: u32) -> Result<u64, Failure> {
        Ok(Publisher::try_publish(self, data, event_type)?.get())
    }

    fn publish(&self, _: Caller, data: &[u8], event_type: u32, timeout: Duration) -> Result<u64, Failure> {
        let outcome = self.publish_timeout(data, event_type, timeout);
        Ok(outcome.map_err(|error| waited(self.ring(), error))?.get())
    }

    fn try_publish_some(&self, _: Caller, events: &[(&[u8], u32)]) -> Result<usize, Failure> {
        Ok(self.try_publish_batch(events)?)
    }

    fn longest(&self) -> usize {
        R::Slot::LONGEST
    }
}

impl<R: RingKind<Mode = Sole, Slot: BytesSlot>> AnyPublisher for Exclusive<SolePublisher<R>> {
    #[inline]
    fn try_publish(&self, caller: Caller, data: &[u8], event_type: u32) -> Result<u64, Failure> {
        Ok(self.enter(caller)?.try_publish(data, event_type)?.get())
    }

    fn publish(&self, caller: Caller, data: &[u8], event_type: u32, timeout: Duration) -> Result<u64, Failure> {
        let mut publisher = self.enter(caller)?;
        let outcome = publisher.publish_timeout(data, event_type, timeout);
        Ok(outcome.map_err(|error| waited(publisher.ring(), error))?.get())
    }

    fn try_publish_some(&self, caller: Caller, events: &[(&[u8], u32)]) -> Result<usize, Failure> {
        Ok(self.enter(caller)?.try_publish_batch(events)?)
    }

    fn longest(&self) -> usize {
        R::Slot::LONGEST
    }

    fn is_busy(&self) -> bool {
        Exclusive::is_busy(self)
    }
}

/// The publisher of a ring without Subscribers.
type OfSlots<S> = SolePublisher<SharedRing<Lossless<S>, Sole>>;

/// The publisher to which slots are lent: and whether one is.
struct InPlace<S: BytesSlot> {
    publisher: Exclusive<(OfSlots<S>, bool)>,
}

impl<S: BytesSlot> InPlace<S> {
    /// Calls `publish`, unless a slot is lent, in which it would put the event.
    #[inline(always)]
    fn unlent<T>(
        &self,
        caller: Caller,
        publish: impl FnOnce(&mut OfSlots<S>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match &mut *self.publisher.enter(caller)? {
            (_, true) => Err(Failure::Lent),
            (publisher, false) => publish(publisher),
        }
    }
}

impl<S: BytesSlot> AnyPublisher for InPlace<S>
where
    SharedRing<Lossless<S>, Sole>: RingKind<Mode = Sole, Slot = Lossless<S>>,
{
    #[inline]
    fn try_publish(&self, caller: Caller, data: &[u8], event_type: u32) -> Result<u64, Failure> {
        self.unlent(caller, |publisher| Ok(publisher.try_publish(data, event_type)?.get()))
    }

    fn publish(&self, caller: Caller, data: &[u8], event_type: u32, timeout: Duration) -> Result<u64, Failure> {
        self.unlent(caller, |publisher| Ok(publisher.publish_timeout(data, event_type, timeout)?.get()))
    }

    fn try_publish_some(&self, caller: Caller, events: &[(&[u8], u32)]) -> Result<usize, Failure> {
        self.unlent(caller, |publisher| Ok(publisher.try_publish_batch(events)?))
    }

    fn longest(&self) -> usize {
        S::LONGEST
    }

    fn is_busy(&self) -> bool {
        self.publisher.is_busy()
    }

    fn claim(&self, caller: Caller, timeout: Duration) -> Result<(*mut u8, usize), Failure> {
        let mut entered = self.publisher.enter(caller)?;
        let (publisher, is_lent) = &mut *entered;
        if *is_lent {
            return Err(Failure::Lent);
        }
        let mut claim = if timeout.is_zero() { publisher.try_claim()? } else { publisher.claim_timeout(timeout)? };
        let spare = claim.spare_mut();
        let slot = (spare.as_mut_ptr(), spare.len());
        // Dropped, the claim never was, and the one that `commit` makes is of the same slot: nobody else publishes here, or reads what is not published.
        drop(claim);
        *is_lent = true;
        Ok(slot)
    }

    fn commit(&self, caller: Caller, len: usize, event_type: u32) -> Result<u64, Failure> {
        let mut entered = self.publisher.enter(caller)?;
        let (publisher, is_lent) = &mut *entered;
        if !*is_lent {
            return Err(Failure::NotLent);
        }
        let mut claim = publisher.try_claim()?;
        if len > claim.remaining() {
            return Err(Failure::TooLarge { len, longest: claim.remaining() });
        }
        claim.advance(len);
        *is_lent = false;
        Ok(claim.publish(event_type).get())
    }

    fn abandon(&self, caller: Caller) -> Result<(), Failure> {
        let is_lent = &mut self.publisher.enter(caller)?.1;
        if std::mem::replace(is_lent, false) { Ok(()) } else { Err(Failure::NotLent) }
    }
}
