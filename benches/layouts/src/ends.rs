//! The ends of a ring, and the gate between them.

use crate::ring::{Apart, BATCH, Claims, Ring, Sole};
use crate::wait::{Hung, Pauses, Watch};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Release};

/// What writers and a reader share.
///
/// # Invariant
///
/// A writer writes the slot of `n` only while `n < read + CAPACITY`, and the reader looks into it only once `n` was
/// shown; the reader stores `read` beyond `n` only when it is through with `n`. That store is a Release, which each
/// writer acquires before it goes so far.
struct Shared<R> {
    ring: R,
    read: Apart,
}

impl<R: Ring> Shared<R> {
    fn empty() -> Arc<Self> {
        Arc::new(Shared { ring: R::empty(), read: Apart::default() })
    }

    /// Waits until `limit`, a writer's, is not before `end`.
    #[inline]
    fn make_room(&self, limit: &mut u64, end: u64, watch: &Watch) -> Result<(), Hung> {
        if end <= *limit {
            return Ok(());
        }
        watch.until(Pauses::FOR_RATE, || {
            *limit = self.read.0.load(Acquire) + R::CAPACITY;
            end <= *limit
        })
    }
}

/// A ring that is empty, with its two ends.
pub(crate) fn ends<R: Sole>() -> (Publisher<R>, Subscriber<R>) {
    let shared = Shared::empty();
    (Publisher { shared: Arc::clone(&shared), limit: R::CAPACITY, next: 0 }, Subscriber::of(shared))
}

/// A writer without a reader: no gate holds it.
pub(crate) fn alone<R: Sole>() -> Publisher<R> {
    Publisher { shared: Shared::empty(), limit: u64::MAX, next: 0 }
}

/// An empty ring, with this many ends for writers and one for a reader.
pub(crate) fn claiming_ends<R: Claims>(writers: usize) -> (Vec<Claimer<R>>, Subscriber<R>) {
    let shared = Shared::empty();
    let writers = (0..writers).map(|_| Claimer { shared: Arc::clone(&shared), limit: R::CAPACITY }).collect();
    (writers, Subscriber::of(shared))
}

/// The one writer of a ring that many may write, and nobody reads: no gate holds it.
pub(crate) fn claiming_alone<R: Claims>() -> Claimer<R> {
    Claimer { shared: Shared::empty(), limit: u64::MAX }
}

/// Where events go in. There is one for a ring.
pub(crate) struct Publisher<R> {
    shared: Arc<Shared<R>>,
    /// # Invariant: all before it may be written: a reader made room, or there is none.
    limit: u64,
    next: u64,
}

impl<R: Sole> Publisher<R> {
    /// Publishes the next event; waits while there is no room.
    #[inline]
    pub(crate) fn publish(&mut self, watch: &Watch) -> Result<(), Hung> {
        self.shared.make_room(&mut self.limit, self.next + 1, watch)?;
        // SAFETY: the next event, by the one writer. It is before the limit, so its slot is not read, by the invariants.
        unsafe { self.shared.ring.write(self.next) };
        self.next += 1;
        Ok(())
    }

    /// Publishes the next `BATCH` events; waits until there is room for all.
    #[inline]
    pub(crate) fn publish_batch(&mut self, watch: &Watch) -> Result<(), Hung> {
        self.shared.make_room(&mut self.limit, self.next + BATCH, watch)?;
        // SAFETY: as in `publish`: all of them are before the limit.
        unsafe { self.shared.ring.write_batch(self.next) };
        self.next += BATCH;
        Ok(())
    }
}

/// Where events go in, where there may be several for a ring.
pub(crate) struct Claimer<R> {
    shared: Arc<Shared<R>>,
    /// # Invariant: all before it may be written: a reader made room, or there is neither a reader nor another writer.
    limit: u64,
}

impl<R: Claims> Claimer<R> {
    /// Claims the next event and publishes it; waits while there is no room.
    #[inline]
    pub(crate) fn publish(&mut self, watch: &Watch) -> Result<(), Hung> {
        let Claimer { shared, limit } = self;
        let number = shared.ring.claim(|number| shared.make_room(limit, number + 1, watch))?;
        // SAFETY: the claim gave the number to this call alone. There was room: so the reader is through with the event
        // of the lap before, and its writer had shown it; or this is the only thread that has the ring.
        unsafe { shared.ring.publish(number) };
        Ok(())
    }
}

/// Where events come out. There is one for a ring at most.
pub(crate) struct Subscriber<R> {
    shared: Arc<Shared<R>>,
    /// # Invariant: all before it was shown to this reader.
    seen: u64,
    next: u64,
    /// What `read` is: nothing from here on was given back.
    given: u64,
    wrong: u64,
}

impl<R: Ring> Subscriber<R> {
    fn of(shared: Arc<Shared<R>>) -> Self {
        Subscriber { shared, seen: 0, next: 0, given: 0, wrong: 0 }
    }

    /// The number of the next event, which is how many came.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// How many of those that came were not what was sent.
    pub(crate) fn wrong(&self) -> u64 {
        self.wrong
    }

    /// Checks the next event, if it is there; returns whether it was.
    #[inline]
    pub(crate) fn receive(&mut self) -> bool {
        self.receive_some(1)
    }

    /// Checks up to `BATCH` events that are there; returns whether there were any.
    #[inline]
    pub(crate) fn receive_batch(&mut self) -> bool {
        self.receive_some(BATCH)
    }

    #[inline(always)]
    fn receive_some(&mut self, most: u64) -> bool {
        if self.next == self.seen {
            self.seen = self.shared.ring.shown(self.next, most);
            if self.next == self.seen {
                // Nothing to do: all room goes back.
                if self.given != self.next {
                    self.give(self.next);
                }
                return false;
            }
        }
        let end = self.seen.min(self.next + most);
        for number in self.next..end {
            // SAFETY: it was shown, and is not before `given`: so the writer does not come to its slot.
            let difference = unsafe { self.shared.ring.difference(number) };
            self.wrong += u64::from(difference != 0);
            if (number + 1).is_multiple_of(R::CAPACITY / 8) {
                self.give(number + 1);
            }
        }
        self.next = end;
        true
    }

    #[inline]
    fn give(&mut self, end: u64) {
        self.shared.read.0.store(end, Release);
        self.given = end;
    }
}
