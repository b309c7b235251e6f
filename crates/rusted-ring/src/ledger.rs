//! The ledger: what every reader of a ring has received and lost. Any thread can read it while the ring runs.

use core::iter::FusedIterator;

use crate::{
    Sequence,
    ring::{Mode, Name, Protocol, RingRef, RingView, Slot, Snapshot, ViewOf},
};

/// A view of a ring's readers and their losses.
///
/// Every [`ReaderStatus`] balances: sequences claimed since the reader joined = received + repaired + lost + holes + shared +
/// ahead.
/// A status may be old while the ring runs, and is exact when it is at rest. Reading it costs publishers and readers nothing but the cache
/// misses on the lines that are read.
///
/// ```
/// use rusted_ring::{Consumer, HeapTypedRing, Publisher, Start, ledger::Ledger};
///
/// let ring = HeapTypedRing::<u64>::new(64);
/// let publisher = Publisher::join(ring.clone())?;
/// publisher.send(&1);
/// let mut consumer = Consumer::join(ring.clone(), Start::Newest)?.named("archive");
/// publisher.send_batch(&[2, 3, 4]);
/// drop(consumer.recv()?);
///
/// let ledger = Ledger::of(&ring);
/// let archive = ledger.readers().next().unwrap();
/// assert_eq!((archive.name.as_str(), archive.joined.get(), archive.position.get()), ("archive", 1, 2));
/// assert_eq!(ledger.claimed() - archive.joined, archive.received + archive.ahead);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Ledger<'a, R: RingRef> {
    ring: &'a R,
    view: ViewOf<'a, R>,
}

/// What one reader has received and lost, as of one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReaderStatus {
    /// Its entry in the ring's table of readers, from 0. A later reader may get the same entry.
    pub entry: usize,
    /// Its name; empty if it has none.
    pub name: Name,
    /// True for a Consumer, which publishers wait for.
    pub gating: bool,
    /// The sequence at which it joined.
    pub joined: Sequence,
    /// The next sequence it wants.
    pub position: Sequence,
    /// The number of events that it has received.
    pub received: u64,
    /// The number of events that were overwritten before it came to them, and that a history, such as a journal, gave it back.
    pub repaired: u64,
    /// The number of sequences that were overwritten before it came to them, and not repaired.
    pub lost: u64,
    /// The number of sequences that carried no event.
    pub holes: u64,
    /// How often it was overtaken.
    pub laps: u64,
    /// The number of events that other workers of its stage took; 0 outside a stage of several workers.
    pub shared: u64,
    /// The number of received events at which its stage's handler failed.
    pub failed: u64,
    /// How often its stage's handler was replaced after a failure.
    pub restarts: u64,
    /// The sequence below which it has made all that it keeps durable; `None` for a reader that does not [say](crate::Consumer::show_durable). No part of the
    /// balance.
    pub durable: Option<Sequence>,
    /// Its lag: the number of claimed sequences that it has not come to.
    pub ahead: u64,
}

impl<'a, R: RingRef> Ledger<'a, R> {
    /// The ledger of `ring`.
    pub fn of(ring: &'a R) -> Self {
        Ledger { ring, view: ring.view() }
    }

    /// The next sequence to be claimed. Sequences begin at 0, so this is also how many were claimed, including holes. Never decreases,
    /// and may be old at once.
    pub fn claimed(&self) -> Sequence {
        Sequence::new(self.view.claimed(0))
    }

    /// The number of the ring's slots.
    pub fn capacity(&self) -> usize {
        self.view.capacity()
    }

    /// The number of existing Subscribers that found the table full, and are therefore not among [`readers`](Self::readers). On a ring between
    /// processes they are counted up to 64.
    pub fn unlisted(&self) -> u64 {
        self.ring.unlisted()
    }

    /// How many slots publishers hold in the middle of a publish. While publishers run, that is what they do; at rest each
    /// of these was stopped or killed there.
    ///
    /// Looks at every slot. With one publisher it is 0: a claim that was not published never was.
    pub fn held(&self) -> u64 {
        (0..self.view.lap()).filter(|s| R::Mode::is_held(self.view, self.view.place(*s))).count() as u64
    }

    /// The readers that are in the table now. Each status is of the moment at which the iterator returns it. Blocks only while that
    /// reader is counting a loss; if its process stopped in that, its numbers are as they stand, and need not balance.
    pub fn readers(&self) -> Readers<'a, R> {
        Readers { view: self.view, listed: self.view.header().table().listed() }
    }

    /// The largest lag of the listed readers, as a fraction of the capacity. At most 1.0, and 0.0 without readers.
    pub fn pressure(&self) -> f32 {
        self.readers().map(|reader| self.view.pressure(reader.ahead)).fold(0.0, f32::max)
    }
}

/// Iterator over the readers of a ring that were in its table when this was made: see [`Ledger::readers`].
pub struct Readers<'a, R: RingRef> {
    view: ViewOf<'a, R>,
    /// A bit for each entry that is still to be returned.
    listed: u64,
}

impl<R: RingRef> Iterator for Readers<'_, R> {
    type Item = ReaderStatus;

    fn next(&mut self) -> Option<ReaderStatus> {
        let entry = self.listed.trailing_zeros();
        if entry == u64::BITS {
            return None;
        }
        self.listed &= !(1 << entry);
        Some(status(self.view, entry as usize, R::SHARED))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<R: RingRef> ExactSizeIterator for Readers<'_, R> {
    fn len(&self) -> usize {
        self.listed.count_ones() as usize
    }
}

impl<R: RingRef> FusedIterator for Readers<'_, R> {}

impl<R: RingRef> Clone for Readers<'_, R> {
    fn clone(&self) -> Self {
        Readers { view: self.view, listed: self.listed }
    }
}

impl<R: RingRef> core::fmt::Debug for Readers<'_, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// How often a status is read, at most, because its reader moved meanwhile.
const READS: usize = 8;

fn status<S: Slot, M: Mode>(view: RingView<'_, S, M>, index: usize, is_shared: bool) -> ReaderStatus {
    let table = view.header().table();
    let mut reads = 0;
    loop {
        let Snapshot { name, gating, counters, position } = table.read(index, is_shared);
        // Read after the position, which is claimed, so that it lies at or beyond it.
        let ahead = view.claimed(position) - position;
        reads += 1;
        // If this thread was preempted in between, what was claimed meanwhile would count as the reader's lag.
        if reads < READS && table.position(index) != position {
            continue;
        }
        return ReaderStatus {
            entry: index,
            name,
            gating,
            joined: Sequence::new(counters.joined),
            position: Sequence::new(position),
            received: counters.received(position),
            repaired: counters.repaired,
            lost: counters.lost,
            holes: counters.holes,
            laps: counters.laps,
            shared: counters.shared,
            failed: counters.failed,
            restarts: counters.restarts,
            durable: counters.durable,
            ahead,
        };
    }
}

impl<R: RingRef> core::fmt::Debug for Ledger<'_, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Ledger")
            .field("claimed", &self.claimed())
            .field("capacity", &self.capacity())
            .field("unlisted", &self.unlisted())
            .field("readers", &self.readers())
            .finish()
    }
}
