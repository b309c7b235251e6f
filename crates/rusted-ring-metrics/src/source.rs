//! Where a ring's books are read: from the ledger of a ring, or whatever else knows them.

use std::any::TypeId;

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
    pub most_readers: u64,
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
