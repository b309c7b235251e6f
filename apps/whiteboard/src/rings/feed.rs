//! A pool as an actor sees it, whatever the size of its slots.

use std::sync::atomic::Ordering;

use rusted_ring::wait::Waitable;
use rusted_ring::{Bytes, Consumer, Many};

use crate::rings::pools::{BAD, Handle, SOUND, Verdict};

/// An event as it lies in its ring.
pub(crate) struct Event<'a> {
    /// Its type: the number of a kind.
    pub(crate) kind: u32,
    /// The event's bytes.
    pub(crate) payload: &'a [u8],
    verdict: &'a Verdict,
}

impl Event<'_> {
    /// Writes validation's verdict, for the stages after it.
    pub(crate) fn judge(&self, bad: bool) {
        self.verdict.store(if bad { BAD } else { SOUND }, Ordering::Relaxed);
    }

    /// Validation's verdict; only meaningful in a stage after it.
    pub(crate) fn is_bad(&self) -> bool {
        self.verdict.load(Ordering::Relaxed) == BAD
    }
}

/// One stage of one pool: every event, in order, once the stages before it have finished it.
///
/// Publishers wait for it. Dropping it leaves the pool.
pub(crate) trait Feed: Waitable + Send {
    /// Shows the next event to `take` if there is one now; returns whether there was.
    fn poll(&mut self, take: &mut dyn FnMut(&Event<'_>)) -> bool;
}

impl<const N: usize, R: Handle<Slot = Bytes<N, N, Verdict>, Mode = Many>> Feed for Consumer<R> {
    fn poll(&mut self, take: &mut dyn FnMut(&Event<'_>)) -> bool {
        let Ok(loan) = self.try_recv() else { return false };
        take(&Event { kind: loan.event_type(), payload: &loan, verdict: loan.notes() });
        true
    }
}

/// Shows up to `turn` events of each feed to `take`; returns whether there were any.
pub(crate) fn poll_all(feeds: &mut [Box<dyn Feed>], turn: usize, take: &mut dyn FnMut(&Event<'_>)) -> bool {
    let mut any = false;
    for feed in feeds {
        for _ in 0..turn {
            if !feed.poll(take) {
                break;
            }
            any = true;
        }
    }
    any
}
