//! A Consumer's position at the gate, and the loans that rest on it.

pub(super) mod batch;
mod copied;
pub(super) mod loan;
#[cfg(all(test, feature = "alloc", not(any(loom, shuttle))))]
mod taking_tests;
#[cfg(feature = "std")]
pub(super) mod upstream;

use core::{
    mem::{self, ManuallyDrop},
    time::Duration,
};

use loan::Loan;

#[cfg(feature = "std")]
use crate::ring::{lossless::upstream::Rank, memory::tag::Head, mode::Mode};
#[cfg(feature = "std")]
use crate::wait::Notifier;
use crate::{
    Sequence, Tuning,
    ring::{
        long::slots_of,
        memory::slot::Slot,
        mode::Seen,
        protocol::{entry::Entry, lookup::Nothing, name::Name, row::Counters},
        storage::RingRef,
        view::Place,
    },
};

/// A position that the publishers wait for.
#[derive(Debug)]
pub(crate) struct GatingPosition<R: RingRef> {
    pub(in crate::ring) entry: Entry<R>,
    /// # Invariant: at or beyond the position shown at the gate, so no claim enters the slots from there on (G).
    pub(in crate::ring) next: Place,
    /// The position shown at the gate.
    released: u64,
    /// # Invariant: of this ring, and filled in at or beyond `next` alone.
    pub(in crate::ring) seen: Seen,
    /// The sequence behind the events that were lent, which are not lent again; that of `next`, if none were.
    pub(in crate::ring) lent_to: u64,
    /// Of the sequences from `next` to `lent_to`, those in which a long event only goes on.
    pub(in crate::ring) further: u64,
    #[cfg(feature = "std")]
    pub(in crate::ring) rank: Rank,
    counters: Counters,
    /// Whether it is worth it to own the lines of events lent by themselves, and of those lent in batches.
    owning: Owning,
    fetch_ahead: bool,
}

/// Of which events a Consumer pulls the cache lines into exclusive state, if it is the last that wants them.
#[derive(Clone, Copy, Debug)]
pub(in crate::ring) struct Owning {
    events: bool,
    #[cfg(not(any(loom, shuttle)))]
    batches: bool,
}

impl Owning {
    fn by<S: Slot>(tuning: Tuning) -> Self {
        Owning {
            events: S::STRIDE < tuning.own_events_below,
            #[cfg(not(any(loom, shuttle)))]
            batches: S::STRIDE < tuning.own_batches_below,
        }
    }
}

/// The event that a look found. It is there for as long as the position does not move.
///
/// The head is not kept here but loaded again where the event is lent. Kept, it costs 18 instructions an event (docs/adr/0034).
#[derive(Clone, Copy, Debug)]
#[must_use = "what was found is lent by giving this back to the position"]
pub(crate) struct Found {
    /// The sequence below which all upstream Consumers have finished.
    pub(in crate::ring) until: u64,
}

impl<R: RingRef> GatingPosition<R> {
    /// Joins at the sequence that `wanted` answers, which is called last of all, or at the oldest that no grant already made can overrun.
    /// `None`, if the table is full.
    pub(crate) fn join(ring: R, wanted: impl FnOnce(&R) -> u64) -> Option<Self> {
        let entry = Entry::register(ring)?;
        // Whatever another process left there, it is a number from which nothing overflows.
        let first = entry.join_gate(wanted).min(Sequence::LAST.get() + 1);
        let counters = Counters { joined: first, ..Counters::default() };
        entry.list(counters);
        let (next, tuning) = (entry.ring().view().place(first), Tuning::of_this_machine());
        Some(GatingPosition {
            entry,
            next,
            released: first,
            seen: Seen::default(),
            lent_to: first,
            further: 0,
            #[cfg(feature = "std")]
            rank: Rank::default(),
            counters,
            owning: Owning::by::<R::Slot>(tuning),
            fetch_ahead: tuning.fetch_ahead,
        })
    }

    /// Goes by `tuning` from here on.
    pub(crate) fn tune(&mut self, tuning: Tuning) {
        self.owning = Owning::by::<R::Slot>(tuning);
        self.fetch_ahead = tuning.fetch_ahead;
    }

    #[inline]
    pub(crate) fn ring(&self) -> &R {
        self.entry.ring()
    }

    #[inline]
    pub(crate) fn place(&self) -> Place {
        self.next
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    pub(crate) fn rename(&self, name: Name) {
        self.entry.rename(name);
    }

    /// Looks at the position.
    #[inline]
    pub(crate) fn look(&mut self) -> Result<Found, Nothing> {
        #[cfg(feature = "std")]
        if self.rank.comes_after_others() {
            return self.look_behind_others();
        }
        self.look_until(u64::MAX)
    }

    /// Looks at the position of a Consumer that may go on up to `until`.
    #[inline(always)]
    pub(in crate::ring) fn look_until(&mut self, until: u64) -> Result<Found, Nothing> {
        match self.entry.ring().view().look(self.next, &mut self.seen) {
            #[cfg(feature = "std")]
            Ok(head) if R::Slot::HAS_LONG => self.find_all_of(head, until),
            Ok(_) => Ok(Found { until }),
            // What is not believed is said by an error: see `Consumer::step_over`.
            Err(Nothing::Lapped(q)) if !R::SHARED => {
                unreachable!("the gate let sequence {q} overrun a Consumer at {}", self.next.sequence)
            }
            Err(nothing) => Err(nothing),
        }
    }

    /// Returns the event of `head` at the position of a Consumer that may go on up to `until`, once its upstream has finished all its slots.
    #[cfg(feature = "std")]
    fn find_all_of(&mut self, head: Head, until: u64) -> Result<Found, Nothing> {
        let end = self.next.sequence + slots_of::<R::Slot>(head.len as usize);
        if until < end {
            self.look_afresh();
            return Err(Nothing::Barred);
        }
        // The first slot is acquired, and so the others are (invariant S).
        self.seen = Seen::below(self.seen.end().max(end));
        Ok(Found { until })
    }

    /// Lends the event that a look found at the position.
    ///
    /// # Panics
    ///
    /// If the position has moved since.
    #[inline]
    pub(crate) fn lend(&mut self, found: Found) -> Loan<'_, R> {
        const {
            assert!(
                R::LENDS,
                "events of a ring that untrusted processes may write are not lent but copied: see `Consumer::copy`"
            );
        }
        assert!(self.seen.covers(self.next) && self.next.sequence < found.until, "an event is lent once it was found");
        let ring: *const R = self.ring();
        // SAFETY: the handle outlives the loan, which borrows this position; the memory of a `RingRef` lies behind it, at one
        // address, so the position may be borrowed mutably beside it.
        let view = unsafe { &*ring }.view();
        let slot = view.slot(self.next);
        let head = view.head_in(slot.tag, self.next);
        let slots = slots_of::<R::Slot>(head.len as usize);
        if slots == 1 && self.owning.events && self.is_last(1) {
            // SAFETY: invariant G, as below; and nothing of this slot is lent yet, because that takes `&mut self`.
            unsafe { slot.payload.own_lines(1) };
        }
        if self.fetch_ahead {
            view.fetch_to_read(self.next, self.seen);
        }
        // SAFETY: invariant G: the slot is at or beyond the position at the gate, which moves only through
        // `&mut self`, and the loan holds that; `seen` covers the sequence, so the event's writes were acquired.
        let lent = unsafe { view.lend(self.next, slot, head) };
        self.lend_to(slots, slots);
        Loan {
            position: self,
            lent: ManuallyDrop::new(lent),
            #[cfg(not(any(loom, shuttle)))]
            notes: slot.payload.notes(),
            event_type: head.event_type,
        }
    }

    /// Whether nothing will ever come to the position that is not there by now.
    #[cfg(not(feature = "std"))]
    pub(crate) fn is_over(&mut self) -> bool {
        self.ring().is_closed()
    }

    /// Makes the next look see all that is published by then, instead of what an earlier look has seen.
    #[inline]
    pub(crate) fn look_afresh(&mut self) {
        self.seen = Seen::default();
    }

    /// Counts the next `sequences` as lent, to events of so many slots each.
    #[inline]
    pub(super) fn lend_to(&mut self, sequences: u64, slots_each: u64) {
        self.lent_to = self.next.sequence + sequences;
        if R::Slot::HAS_LONG {
            self.further = slots_each - 1;
        }
    }

    /// Goes past the events that were lent.
    #[inline]
    pub(in crate::ring) fn pass_lent(&mut self) {
        self.pass_to(self.lent_to);
    }

    /// Goes past the events that were lent, up to `end`.
    #[inline]
    pub(in crate::ring) fn pass_to(&mut self, end: u64) {
        let waited_for = self.move_to(end);
        self.notify_if(waited_for);
    }

    /// As [`pass_to`](Self::pass_to), without waking. Returns whether somebody may wait for it.
    #[inline]
    pub(in crate::ring) fn move_to(&mut self, end: u64) -> bool {
        let view = self.entry.ring().view();
        let moved = end - self.next.sequence;
        self.next = view.beyond(self.next, moved);
        // First: a downstream Consumer may be waiting for just that.
        let finished = self.finish();
        if R::Slot::HAS_LONG && moved > 0 && self.further > 0 {
            self.counters.holes += mem::take(&mut self.further);
            self.entry.count(self.counters, end);
        } else {
            self.entry.advance(end);
        }
        let released = end - self.released >= view.grant_len() && self.show_released();
        finished | released
    }

    /// Shows downstream that everything below the position is finished. Returns whether there may be a downstream Consumer.
    #[inline]
    fn finish(&self) -> bool {
        #[cfg(feature = "std")]
        {
            self.rank.finish(self.next.sequence)
        }
        #[cfg(not(feature = "std"))]
        {
            false
        }
    }

    /// Shows the position at the gate. Returns whether it was another there.
    #[inline]
    fn show_released(&mut self) -> bool {
        let moved = self.released != self.next.sequence;
        if moved {
            self.released = self.next.sequence;
            self.entry.release(self.released);
        }
        moved
    }

    /// Wakes publishers and downstream Consumers. Called last, because a waker may panic.
    #[inline]
    fn notify_if(&self, waited_for: bool) {
        if waited_for {
            self.ring().view().header().publishers().notify();
        }
    }

    /// Goes past events that were lent in a loan or batch that was forgotten.
    #[inline]
    pub(crate) fn pass_forgotten(&mut self) {
        if self.lent_to != self.next.sequence {
            self.pass_lent();
        }
    }

    /// Goes past the position, which carried no event.
    pub(crate) fn skip_hole(&mut self) {
        self.next = self.ring().view().after(self.next);
        self.lent_to = self.next.sequence;
        self.counters.holes += 1;
        self.entry.count(self.counters, self.next.sequence);
        let waited_for = self.show_released() | self.finish();
        self.notify_if(waited_for);
    }

    /// Moves on to `sequence`, and counts what lies before it as fellow workers', or, before `first`, as before it joined. Has no
    /// effect if it has come so far. `sequence` is at or beyond `first`.
    ///
    /// # Panics
    ///
    /// If this position does not see all of that published.
    #[cfg(feature = "std")]
    pub(crate) fn leave_to_fellows(&mut self, first: u64, sequence: u64) {
        self.pass_forgotten();
        let Some(passed @ 1..) = sequence.checked_sub(self.next.sequence) else { return };
        let view = self.ring().view();
        let last = view.look(view.place(sequence - 1), &mut Seen::default());
        let is_published = last.is_ok() || last == Err(Nothing::Hole);
        assert!(R::Mode::MANY || is_published, "fellow workers take what is published");
        // Workers join one after the other, and begin together: what was published meanwhile was for none of them.
        let before = first.saturating_sub(self.next.sequence);
        self.next = view.place(sequence);
        self.lent_to = sequence;
        self.counters.joined += before;
        self.counters.shared += passed - before;
        self.entry.count(self.counters, sequence);
        let waited_for = self.show_released() | self.finish();
        self.notify_if(waited_for);
    }

    /// Counts that a handler failed at `failed` events that were received, and was made anew so often.
    #[cfg(all(feature = "std", not(any(loom, shuttle))))]
    pub(crate) fn count_failures(&mut self, failed: u64, restarts: u64) {
        self.counters.failed += failed;
        self.counters.restarts += restarts;
        self.entry.count(self.counters, self.next.sequence);
    }

    /// Shows that everything below `durable` is durable.
    pub(crate) fn show_durable(&mut self, durable: Sequence) {
        let durable = Some(durable.min(Sequence::LAST + 1));
        if self.counters.durable != durable {
            self.counters.durable = durable;
            self.entry.count(self.counters, self.next.sequence);
        }
    }

    /// Whether no other Consumer wants the next `count` events.
    #[inline]
    fn is_last(&self, count: u64) -> bool {
        self.entry.is_last(self.next.sequence + count, (count * R::Slot::STRIDE as u64).div_ceil(64))
    }

    /// Sleeps until there may be something at the position, or `stopped` is true when the sleeper is notified, for at most `timeout` and at
    /// most `grace_left`, if a grace has begun.
    pub(crate) fn sleep(&self, grace_left: Option<Duration>, timeout: Duration, stopped: impl Fn() -> bool) {
        let timeout = timeout.min(R::LONGEST_SLEEP);
        #[cfg(feature = "std")]
        if self.rank.comes_after_others() {
            return self.notifier().sleep(timeout, || self.is_quiet(false) && !stopped());
        }
        self.ring().view().sleep_at(self.next, grace_left, timeout, || self.ring().is_closed() || stopped());
    }

    /// Returns where it sleeps: with the readers, or, if it comes after others, where these notify it.
    #[cfg(feature = "std")]
    pub(crate) fn notifier(&self) -> &Notifier {
        let header = self.ring().view().header();
        if self.rank.comes_after_others() { header.publishers() } else { header.readers() }
    }

    /// Whether there is nothing to do at the position, except to wait until a grace that has begun is over.
    #[cfg(feature = "std")]
    pub(crate) fn is_quiet(&self, in_grace: bool) -> bool {
        if self.rank.comes_after_others() {
            self.is_quiet_behind_others()
        } else {
            self.ring().view().is_quiet(self.next, in_grace) && !self.ring().is_closed()
        }
    }

    /// Shows the position at the gate. Each store costs the next scan a cache miss, hence not at every event.
    pub(crate) fn release(&mut self) {
        let waited_for = self.show_released();
        self.notify_if(waited_for);
    }
}
