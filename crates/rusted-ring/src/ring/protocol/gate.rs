//! The gate: how far publishers may go, and how a Consumer joins without being overrun (invariant G).
//!
//! A publisher asks for a grant of K = max(1, C/8) sequences at a time: it raises `horizon`, scans the Consumers'
//! positions, raises `limit`. A joining Consumer marks its entry as joining, exchanges on `horizon`, and then shows its
//! position. The exchanges are in one order: either the scan sees the joiner, or the joiner sees the horizon and starts
//! where the grant cannot hurt it. A scan that meets a joiner does not wait for it: it moves the entry forward to where
//! the grant cannot hurt, and the joiner begins there or later. A sole publisher that found the ring full scans again without
//! an exchange: it has made its own exchange for the same grant.

use core::time::Duration;

use crate::{
    Sequence,
    ring::{
        header::Gate,
        memory::slot::Slot,
        mode::Mode,
        protocol::{entry::Entry, many::NoRoom, name::Name},
        storage::RingRef,
        view::RingView,
    },
    sync::{AcqRel, Acquire, Release, raise},
};

/// A Consumer that holds the publishers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    pub(crate) entry: usize,
    pub(crate) name: Name,
    /// Its position at the gate.
    pub(crate) position: u64,
    /// From there to the sequence that it holds up.
    pub(crate) lag: u64,
}

impl Gate {
    /// The sequence below which slots may be entered, by all scans so far.
    #[inline]
    pub(in crate::ring) fn limit_seen(&self) -> u64 {
        // LIMIT: Acquire, with LIMIT-RAISE: a publisher that did not scan sees what the scanning one saw.
        self.limit.load(Acquire)
    }
}

impl<S: Slot, M: Mode> RingView<'_, S, M> {
    /// Whether a Consumer appears to read the ring.
    #[inline]
    pub(crate) fn is_gated(self) -> bool {
        self.header().table().gating() != 0
    }

    /// Whether the slot of `s` may be entered; none beyond the last sequence may.
    #[inline]
    pub(in crate::ring) fn permits(self, s: u64) -> bool {
        s < self.header().gate.0.limit_seen() || s < self.refresh_limit(s)
    }

    /// Scans the Consumers, raises the limit as far as they allow, at most K beyond `s`, and returns the limit.
    #[cold]
    pub(in crate::ring) fn refresh_limit(self, s: u64) -> u64 {
        let wanted = self.reach(s);
        self.raise_horizon(wanted);
        self.raise_limit(self.room(None, wanted))
    }

    /// Returns the sequence below which a scan of the Consumers allows slots to be entered, at most `wanted`, which was announced. The scan
    /// ends at a Consumer that is at or below `held`, and the sequence is at most a lap beyond that one.
    pub(in crate::ring) fn room(self, held: Option<u64>, wanted: u64) -> u64 {
        let slowest = self.header().table.slowest(held, wanted.saturating_sub(self.lap()));
        slowest.saturating_add(self.lap()).min(wanted)
    }

    /// Returns how far a grant for `s` may go.
    pub(in crate::ring) fn reach(self, s: u64) -> u64 {
        // Publishers go by the limit alone, so nothing is granted that has no number.
        (s + self.grant_len()).min(Sequence::LAST.get() + 1)
    }

    /// Announces that scans from here on may grant what is below `wanted`.
    pub(in crate::ring) fn raise_horizon(self, wanted: u64) {
        // HORIZON: Acquire, with HORIZON-JOIN, in one order of exchanges: the scan sees every Consumer that joined before.
        raise(&self.header().gate.0.horizon, wanted, Acquire);
    }

    /// Grants the sequences below `granted`, which a scan of all Consumers allows, and returns the limit.
    pub(in crate::ring) fn raise_limit(self, granted: u64) -> u64 {
        // LIMIT-RAISE: AcqRel: hands on what the scan acquired, and acquires what other scans did.
        raise(&self.header().gate.0.limit, granted, AcqRel).max(granted)
    }

    /// Returns the Consumer that holds the slot of `refused`, if it still does.
    #[inline]
    pub(crate) fn holder(self, refused: NoRoom) -> Option<Holder> {
        let held = refused.next.checked_sub(self.lap())?;
        let (entry, position, name) = self.header().table.holder(held)?;
        Some(Holder { entry, name, position, lag: refused.next - position })
    }

    /// Sleeps while an event of `slots` slots cannot be claimed, for at most `timeout`.
    pub(crate) fn sleep_at_gate(self, slots: u64, timeout: Duration) {
        self.header().publishers().sleep(timeout, || self.is_shut(slots));
    }

    /// Whether a Consumer holds one of the next `slots` slots to be claimed, or owners that were given up leave no run of that many slots.
    pub(crate) fn is_shut(self, slots: u64) -> bool {
        // A slot that is merely being written does not count: its owner wakes nobody here when it is done.
        let last = self.last_of_next(slots);
        // Beyond the last sequence no wait helps.
        last <= Sequence::LAST.get() && (!self.permits(last) || !self.has_run(slots))
    }

    /// Returns the last sequence of an event of `slots` slots that would be claimed next. The event begins at the ring's beginning, if it
    /// would go round the ring's end otherwise.
    pub(in crate::ring) fn last_of_next(self, slots: u64) -> u64 {
        let next = self.claimed(0);
        next + if slots > 1 { self.padding(self.place(next), slots) + slots - 1 } else { 0 }
    }

    /// Whether there are `slots` slots in a row, not round the ring's end, without one that is held by an owner that was given up.
    pub(super) fn has_run(self, slots: u64) -> bool {
        let mut free = 0;
        (0..self.lap()).any(|s| {
            free = if M::is_stuck(self, self.place(s)) { 0 } else { free + 1 };
            free >= slots
        })
    }
}

impl<R: RingRef> Entry<R> {
    /// Makes the entry gate the publishers. Returns the first sequence that its Consumer may read: the one that `wanted` answers, or a
    /// younger one. No publisher is held before this returns.
    pub(in crate::ring) fn join_gate(&self, wanted: impl FnOnce(&R) -> u64) -> u64 {
        let view = self.ring().view();
        self.begin_joining();
        // HORIZON-JOIN: Release, with HORIZON. An exchange although it changes nothing: a load could miss a scan that missed
        // this entry.
        let horizon = view.header().gate.0.horizon.fetch_add(0, Release);
        self.end_joining(wanted(self.ring()).max(horizon.saturating_sub(view.lap())))
    }
}
