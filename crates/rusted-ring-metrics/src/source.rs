//! Where a ring's books are read: from the ledger of a ring, or whatever else knows them.

use std::{any::TypeId, time::Duration};

use rusted_ring::{
    RingRef, Sequence, Slot, Sole,
    ledger::{Ledger, ReaderStatus},
    pool::PoolId,
};

/// What never changes about a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Properties {
    /// The ring's slots.
    pub capacity: u64,
    /// Whether many publish to it; else it has one publisher.
    pub many: bool,
    /// Bytes from one slot to the next.
    pub slot_bytes: u64,
    /// Of which pool set it is which pool, if of one: the set's name and the pool.
    pub pool: Option<(String, PoolId)>,
}

/// A ring's ledger at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// The next sequence to be claimed, read after the readers: none of them is ahead of it.
    pub claimed: Sequence,
    /// Readers that found the table full.
    pub unlisted: u64,
    /// Whether the ring is closed.
    pub closed: bool,
    /// The readers that are in the table.
    pub readers: Vec<ReaderStatus>,
    /// The [entries](ReaderStatus::entry) of those whose processes have ended. A ring within a process has none.
    pub dead: Vec<usize>,
}

/// A ring of which a [`RingCollector`](crate::RingCollector) can read the books.
///
/// Every handle on a ring is one, of which [`register`](crate::RingCollector::register) makes use. Implement it for what knows a ring's
/// books without having the ring.
///
/// The collector is locked while it reads the books: scrapes and registrations wait meanwhile, so answer soon.
pub trait Source: Send {
    /// What never changes about the ring. Asked once, when it is registered, while the collector is not locked.
    fn properties(&self) -> Properties;

    /// The books now; none if they cannot be read, and then the last ones stay.
    ///
    /// It is called while the collector is locked, and must not use it: that [panics](crate::RingCollector#panics), and so does the scrape.
    fn books(&mut self) -> Option<Books>;
}

/// What is known of latest-value cells at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// The keys.
    pub keys: u64,
    /// The readers that there may be at a time.
    pub max_readers: u64,
    /// The readers that there are.
    pub readers: u64,
    /// Whether there is a writer.
    pub is_written: bool,
}

/// Latest-value cells of which a [`RingCollector`](crate::RingCollector) can show who uses them. They have no ledger: nothing is lost in
/// them, because nothing is kept but the last value.
pub trait CellSource: Send {
    /// What they are now; none if they cannot be looked at, and then the last figures stay.
    ///
    /// It is called while the collector is locked, and must not use it: that [panics](crate::RingCollector#panics), and so does the scrape.
    fn cells(&mut self) -> Option<Cells>;
}

/// What is known of a journal at one moment. Positions are those behind the last sequence that is so far.
///
/// Write `..Journaled::default()` behind the fields that you set: a later version may have more.
///
/// ```
/// use rusted_ring::Sequence;
/// use rusted_ring_metrics::Journaled;
///
/// let [written, claimed] = [90, 100].map(Sequence::new);
/// let now = Journaled { epoch: 1, written, durable: written, claimed, is_recording: true, ..Journaled::default() };
/// assert_eq!(now.claimed - now.written, 10);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journaled {
    /// Which of the journal's recordings these figures are of: another number is another one, whose sequences have nothing to do with these.
    pub epoch: u32,
    /// The first sequence that it was to record.
    pub began: Sequence,
    /// The oldest sequence that is kept of it.
    pub oldest: Sequence,
    /// What is accounted for in files, lost sequences and holes included.
    pub written: Sequence,
    /// What of it is synced.
    pub durable: Sequence,
    /// The next sequence that its ring's publishers claim. They may hold claims below it.
    pub claimed: Sequence,
    /// Sequences that it was to record, and did not.
    pub lost: u64,
    /// The segments, of all recordings.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The bytes beyond which old segments are removed, if there is a bound.
    pub max_bytes: Option<u64>,
    /// The age beyond which they are, if there is one.
    pub max_age: Option<Duration>,
    /// Whether the last write failed.
    pub is_full: bool,
    /// Whether it records.
    pub is_recording: bool,
    /// Whether it ended by an error.
    pub has_failed: bool,
}

/// A journal of which a [`RingCollector`](crate::RingCollector) can show how far it is.
///
/// With the feature `journal`, a ring's handle and the `Watch` of its journal, of the crate `rusted-ring-journal`, are one.
pub trait JournalSource: Send {
    /// What it is now; none if it cannot be looked at, and then the last figures stay.
    ///
    /// It is called while the collector is locked, and must not use it: that [panics](crate::RingCollector#panics), and so does the scrape.
    fn journal(&mut self) -> Option<Journaled>;
}

#[cfg(feature = "journal")]
impl<R: RingRef + Send> JournalSource for (R, rusted_ring_journal::Watch) {
    fn journal(&mut self) -> Option<Journaled> {
        let (ring, watch) = self;
        let status = watch.status();
        Some(Journaled {
            epoch: status.epoch,
            began: status.began,
            oldest: status.oldest,
            written: status.written,
            durable: status.durable,
            // Behind the status: nothing that is written is ahead of it.
            claimed: Ledger::of(ring).claimed(),
            lost: status.lost,
            segments: status.segments as u64,
            bytes: status.bytes,
            max_bytes: watch.keep_bytes(),
            max_age: watch.keep_for(),
            is_full: status.is_full,
            is_recording: status.is_recording,
            has_failed: status.has_failed,
        })
    }
}

/// A ring of this process, and the pool that it is.
pub(crate) struct Handle<R>(pub(crate) R, pub(crate) Option<(String, PoolId)>);

impl<R: RingRef + Send> Source for Handle<R> {
    fn properties(&self) -> Properties {
        Properties {
            capacity: self.0.capacity() as u64,
            many: TypeId::of::<R::Mode>() != TypeId::of::<Sole>(),
            slot_bytes: R::Slot::STRIDE as u64,
            pool: self.1.clone(),
        }
    }

    fn books(&mut self) -> Option<Books> {
        let ledger = Ledger::of(&self.0);
        // First: what a closed ring says does not change, except that its readers go on.
        let closed = self.0.is_closed();
        let readers = ledger.readers().collect();
        Some(Books { claimed: ledger.claimed(), unlisted: ledger.unlisted(), closed, readers, dead: Vec::new() })
    }
}
