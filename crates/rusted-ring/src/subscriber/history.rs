//! Where a Subscriber has the events from that its ring has no more.

use std::{task::Waker, thread, time::Duration};

use crate::Sequence;

/// Keeps the events of one ring, under their sequences, for longer than the ring does: a journal.
///
/// A [`Repaired`](super::Repaired) Subscriber asks it for what was overwritten.
pub trait History {
    /// Says what was at `from`, of which the Subscriber asks for all up to, not including, `to`. Copies an event's bytes to the front of
    /// `out`, which has room for the ring's longest event. Returns at once, or after reading a file.
    ///
    /// It says [`Kept::NotYet`] for a bounded time only.
    fn next(&mut self, from: Sequence, to: Sequence, out: &mut [u8]) -> Kept;

    /// Waits until [`next`](Self::next) may say something else than [`Kept::NotYet`] for `from`, for `timeout` at most. Sleeps for a millisecond,
    /// if it is not defined otherwise.
    fn wait(&mut self, _from: Sequence, timeout: Duration) {
        thread::sleep(timeout.min(Duration::from_millis(1)));
    }

    /// As [`next`](Self::next), for a caller that will ask again before it has the event: `scratch` is nobody's. It is `next`, if it is not defined otherwise.
    fn look(&mut self, from: Sequence, to: Sequence, scratch: &mut [u8]) -> Kept {
        self.next(from, to, scratch)
    }

    /// Registers `waker`, in the place of an earlier one, to be woken once when [`next`](Self::next) may say something else than [`Kept::NotYet`] for `from`. Who
    /// registers looks again afterwards.
    ///
    /// Returns false, if it wakes nobody: then a wait set asks again after a millisecond, and a task at once. So it is, if it is not defined otherwise.
    fn register(&mut self, _from: Sequence, _waker: &Waker) -> bool {
        false
    }
}

/// What a [`History`] has of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The event of this sequence.
    Event {
        /// Bytes of it, in the buffer.
        len: usize,
        /// Its type.
        event_type: u32,
    },
    /// So many sequences from this one on carried no event.
    Holes(u64),
    /// So many sequences from this one on are not there, and never will be.
    Missing(u64),
    /// It is not there yet, and may come.
    NotYet,
}
