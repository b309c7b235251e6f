//! Ends made of functions, for those that take and give one value at a time.

use crate::contender::{Publish, Receive};
use crate::payload::{Tally, fill};
use crate::poll::Poll;

/// Fills an event of its own, and offers copies of it until one is taken.
pub(super) struct Put<const W: usize, F> {
    event: [u64; W],
    offer: F,
}

/// A writer by a function that says whether it took the event.
pub(super) fn put<const W: usize, F: FnMut(&[u64; W]) -> bool + Send>(offer: F) -> Put<W, F> {
    Put { event: [0; W], offer }
}

impl<const W: usize, F: FnMut(&[u64; W]) -> bool + Send> Publish for Put<W, F> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        fill(&mut self.event, sequence);
        poll.until(|| (self.offer)(&self.event));
    }
}

/// A reader by a function that notes what it found, and says whether it found anything.
impl<F: FnMut(&mut Tally) -> bool + Send> Receive for F {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        self(tally)
    }
}
