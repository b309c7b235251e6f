//! Subscribers and Consumers of any ring.

use std::{
    mem::{self, MaybeUninit},
    time::Duration,
};

use rusted_ring::{
    BytesSlot, Consumer, RingRef, Slot, Start,
    wait::{Member, Waitable},
};

use super::{Reads, RingKind};
use crate::{
    exclusive::Exclusive,
    failure::Failure,
    types::{Event, Range, ReaderStats},
};

/// A reader of any ring.
pub(crate) trait AnyReader: Send {
    /// Copies events to `into`, at least one; the first if there is one within `timeout`. Returns how many.
    fn read(&mut self, into: Records<'_>, timeout: Duration) -> Result<usize, Failure>;
    /// Lends events in place, at least one, if there is one within `timeout`. Returns how many.
    fn borrow(&mut self, _events: &mut [MaybeUninit<Event>], _timeout: Duration) -> Result<usize, Failure> {
        Err(Failure::Unsupported(
            "events are lent by Consumers of rings in this process alone: a Subscriber's may be overwritten, and other processes may write what \
             lies between them; read copies",
        ))
    }

    /// Gives back what is lent.
    fn release(&mut self) -> Result<(), Failure> {
        Err(Failure::NotLent)
    }

    /// What the last loss was.
    fn loss(&self) -> Range {
        Range::default()
    }

    /// Whether it has something to tell that is not on a ring, such as a loss.
    fn is_owing(&self) -> bool {
        false
    }

    /// Whether events are lent.
    fn has_lent(&self) -> bool {
        false
    }

    fn stats(&self) -> ReaderStats;
    /// Bytes that an event has at most.
    fn longest(&self) -> usize;
    fn member(&mut self) -> Member<'_>;
}

/// Where events are copied to: each to `stride` bytes of its own, which hold the longest event.
pub(crate) struct Records<'c> {
    pub(crate) bytes: &'c mut [u8],
    pub(crate) stride: usize,
    /// How many, at least one, for which there are bytes.
    pub(crate) most: usize,
    /// What is told of each: if it is there, of `most`.
    pub(crate) events: Option<&'c mut [MaybeUninit<Event>]>,
}

impl Records<'_> {
    /// Where the event of this index goes.
    #[inline(always)]
    fn place(&mut self, index: usize, longest: usize) -> &mut [u8] {
        &mut self.bytes[index * self.stride..][..longest]
    }

    /// Notes the event of this index, which was copied.
    #[inline(always)]
    fn note(&mut self, index: usize, event: Event) {
        if let Some(events) = &mut self.events {
            events[index].write(event);
        }
    }
}

pub(super) fn told(event: &rusted_ring::Event<'_>) -> Event {
    Event {
        data: event.data.as_ptr().cast(),
        len: event.data.len() as u32,
        event_type: event.event_type,
        sequence: event.sequence.get(),
    }
}

/// Copies events until there is no room or `next` has none: it is asked for each with the time that it may wait. What ends a run that
/// has begun is returned, too.
#[inline(always)]
pub(crate) fn fill<E>(
    mut into: Records<'_>,
    longest: usize,
    timeout: Duration,
    mut next: impl FnMut(&mut [u8], Duration) -> Result<Event, E>,
) -> Result<(usize, Option<E>), E> {
    let first = next(into.place(0, longest), timeout)?;
    into.note(0, first);
    for index in 1..into.most {
        match next(into.place(index, longest), Duration::ZERO) {
            Ok(event) => into.note(index, event),
            Err(end) => return Ok((index, Some(end))),
        }
    }
    Ok((into.most, None))
}

/// A Consumer that copies.
struct Copying<R: RingRef>(Consumer<R>);

/// A Consumer that lends, too: and whether it has.
struct Lending<R: RingRef> {
    gated: Copying<R>,
    has_lent: bool,
}

pub(super) fn copying<R: RingKind<Slot: BytesSlot>>(ring: R, from: Start, name: &str) -> Reads {
    Ok(Box::new(Exclusive::new(Copying(Consumer::join(ring, from)?.named(name)))))
}

pub(super) fn lending<R: RingKind<Slot: BytesSlot>>(ring: R, from: Start, name: &str) -> Reads {
    let gated = Copying(Consumer::join(ring, from)?.named(name));
    Ok(Box::new(Exclusive::new(Lending { gated, has_lent: false })))
}

impl<R: RingKind<Slot: BytesSlot>> AnyReader for Copying<R> {
    fn read(&mut self, into: Records<'_>, timeout: Duration) -> Result<usize, Failure> {
        let next = |place: &mut [u8], timeout| self.0.copy_into(place, timeout).map(|event| told(&event));
        // Whatever ended a run that has begun, the next call meets it again.
        Ok(fill(into, R::Slot::LONGEST, timeout, next)?.0)
    }

    fn stats(&self) -> ReaderStats {
        let (reader, position) = (&self.0, self.0.next_sequence().get());
        let (received, holes) = (reader.received(), reader.holes());
        ReaderStats {
            entry: u32::MAX,
            gating: 1,
            joined: position - received - holes,
            position,
            received,
            holes,
            ahead: reader.lag(),
            ..ReaderStats::default()
        }
    }

    fn longest(&self) -> usize {
        R::Slot::LONGEST
    }

    fn member(&mut self) -> Member<'_> {
        self.0.member()
    }
}

impl<R: RingKind<Slot: BytesSlot>> AnyReader for Lending<R> {
    fn read(&mut self, into: Records<'_>, timeout: Duration) -> Result<usize, Failure> {
        if self.has_lent { Err(Failure::Lent) } else { self.gated.read(into, timeout) }
    }

    fn borrow(&mut self, events: &mut [MaybeUninit<Event>], timeout: Duration) -> Result<usize, Failure> {
        if self.has_lent {
            return Err(Failure::Lent);
        }
        let batch = self.gated.0.batch_timeout(events.len(), timeout)?;
        for (to, event) in events.iter_mut().zip(&batch) {
            let sequence = event.sequence().get();
            to.write(Event {
                data: event.as_ptr().cast(),
                len: event.len() as u32,
                event_type: event.event_type(),
                sequence,
            });
        }
        let count = batch.len();
        // Forgotten, its events stay lent until the Consumer releases them.
        mem::forget(batch);
        self.has_lent = true;
        Ok(count)
    }

    fn release(&mut self) -> Result<(), Failure> {
        if !mem::replace(&mut self.has_lent, false) {
            return Err(Failure::NotLent);
        }
        self.gated.0.release();
        Ok(())
    }

    fn has_lent(&self) -> bool {
        self.has_lent
    }

    fn stats(&self) -> ReaderStats {
        self.gated.stats()
    }

    fn longest(&self) -> usize {
        self.gated.longest()
    }

    fn member(&mut self) -> Member<'_> {
        self.gated.member()
    }
}
