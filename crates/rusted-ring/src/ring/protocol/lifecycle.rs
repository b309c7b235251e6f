//! Open and closed: the count of publishers.

use core::fmt;

use crate::{
    ring::{
        Incident, Lease, RingRef, Sealed,
        mode::{Many, Mode},
    },
    sync::{Acquire, AtomicU64, Relaxed, Release, const_unless_modelled},
};

/// When a ring closes, after which its readers are told `Closed` once they have read everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClosePolicy {
    /// Never: publishers come and go. The policy of pools, and of a ring in a value unless its type says [`Closing`].
    #[default]
    Never,
    /// When the last of its publishers is dropped, for good. The default of `HeapRing`.
    ///
    /// Before its first publisher a ring is open; a publisher that is forgotten keeps it open.
    WithLastPublisher,
}

/// The policy of a ring in one value, in its type: [`Open`] or [`Closing`]. So it is nowhere in the value, which is all zero to begin
/// with, and takes no room in a program's image.
pub trait Closes: Sealed + fmt::Debug + Send + Sync + 'static {
    /// The policy.
    const POLICY: ClosePolicy;
}

/// The ring never closes: [`ClosePolicy::Never`].
#[derive(Debug)]
pub struct Open;

/// The ring closes with its last publisher: [`ClosePolicy::WithLastPublisher`].
#[derive(Debug)]
pub struct Closing;

impl Sealed for Open {}
impl Sealed for Closing {}

impl Closes for Open {
    const POLICY: ClosePolicy = ClosePolicy::Never;
}

impl Closes for Closing {
    const POLICY: ClosePolicy = ClosePolicy::WithLastPublisher;
}

/// Why a ring takes no publisher: it is closed for good, or its one place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    Occupied,
}

/// The count of publishers; all zero is an open ring without any.
#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct Lifecycle {
    /// Publishers alive, where they are counted, or `CLOSED`.
    publishers: AtomicU64,
}

const CLOSED: u64 = u64::MAX;

impl Lifecycle {
    const_unless_modelled! {
        pub(crate) const fn new() -> Self {
            Lifecycle { publishers: AtomicU64::new(0) }
        }
    }

    /// Whether the ring is closed: its last publisher has gone, and everything that was published is visible.
    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        // CLOSE-SEEN: Acquire, with CLOSE.
        self.publishers.load(Acquire) == CLOSED
    }

    /// Whether no publisher is counted, and it is not closed.
    #[cfg(not(any(loom, shuttle)))]
    pub(in crate::ring) fn is_unused(&self) -> bool {
        self.publishers.load(Relaxed) == 0
    }

    /// Forgets a sole publisher whose process ended while it was one: the caller holds the lease of its place. Returns whether there was one.
    ///
    /// What it stored is seen all the same: the kernel gave its lease back after that.
    fn forget_dead(&self) -> bool {
        let is_dead = self.publishers.load(Relaxed) != 0;
        if is_dead {
            self.publishers.store(0, Relaxed);
        }
        is_dead
    }

    fn enter(&self, sole: bool) -> Result<(), Refused> {
        let mut publishers = 0;
        loop {
            let next = match publishers {
                CLOSED => return Err(Refused::Closed),
                1.. if sole => return Err(Refused::Occupied),
                _ => publishers + 1,
            };
            // WRITER-ENTER: Acquire, with WRITER-LEAVE: a sole publisher goes on where the one before it stopped.
            match self.publishers.compare_exchange_weak(publishers, next, Acquire, Relaxed) {
                Ok(_) => return Ok(()),
                Err(found) => publishers = found,
            }
        }
    }

    fn leave(&self, policy: ClosePolicy) {
        let mut publishers = 1_u64;
        loop {
            let closes = publishers == 1 && policy == ClosePolicy::WithLastPublisher;
            let next = if closes { CLOSED } else { publishers.saturating_sub(1) };
            // CLOSE, WRITER-LEAVE: Release, with CLOSE-SEEN and WRITER-ENTER: what this publisher published; this exchange carries on what
            // publishers did that left before.
            match self.publishers.compare_exchange_weak(publishers, next, Release, Relaxed) {
                Ok(_) => return,
                Err(found) => publishers = found,
            }
        }
    }
}

/// One publisher's share in keeping its ring open.
#[derive(Debug)]
pub(crate) struct Membership<R: RingRef> {
    ring: R,
}

impl<R: RingRef> Membership<R> {
    pub(crate) fn enter(ring: R) -> Result<Self, Refused> {
        if Self::is_counted(&ring) {
            if !ring.hold(Lease::Publisher) {
                return Err(Refused::Occupied);
            }
            let lifecycle = &ring.view().header().lifecycle.0;
            if R::SHARED && lifecycle.forget_dead() {
                ring.note(Incident::DeadPublisher);
            }
            lifecycle.enter(!R::Mode::MANY).inspect_err(|_| {
                // SAFETY: held a moment ago, by this call.
                unsafe { ring.give_back(Lease::Publisher) }
            })?;
        }
        let header = ring.view().header();
        // Another process that gives owners up cannot interrupt this one's: also of a ring that is shared, and believed.
        if R::Mode::MANY && !R::SHARED && !header.readers().is_shared() {
            header.gate.0.permit.give();
        }
        Ok(Membership { ring })
    }

    #[inline]
    pub(crate) fn ring(&self) -> &R {
        &self.ring
    }

    /// Many publishers of a ring that never closes need no count, and a pool's publisher is then free to make.
    fn is_counted(ring: &R) -> bool {
        !R::Mode::MANY || ring.close_policy() != ClosePolicy::Never
    }
}

impl<R: RingRef<Mode = Many>> Clone for Membership<R> {
    fn clone(&self) -> Self {
        let ring = self.ring.clone();
        match Membership::enter(ring) {
            Ok(membership) => membership,
            Err(_) => unreachable!("a ring with a living publisher is open"),
        }
    }
}

impl<R: RingRef> Drop for Membership<R> {
    fn drop(&mut self) {
        if Self::is_counted(&self.ring) {
            let header = self.ring.view().header();
            header.lifecycle.0.leave(self.ring.close_policy());
            // SAFETY: held since this membership was entered, and it is dropped.
            unsafe { self.ring.give_back(Lease::Publisher) };
            // Behind the gate sleep those that come after others, too.
            header.notify_all();
        }
    }
}
