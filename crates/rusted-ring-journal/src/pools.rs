//! The journals of a pool set: five rings, and one directory.

use std::path::Path;

use rusted_ring::{Consumer, PoolId, PoolSet, RingRef, Sequence, Start};

use crate::{Journal, OpenError, Options, RecordError, Recording, StopError};

/// What each pool's journal is called, in the order of [`PoolId::ALL`]: a directory of its own.
const NAMES: [&str; 5] = ["xs", "s", "m", "l", "xl"];

/// A journal for each pool of a set, in one directory. An epoch has the same number in all five.
///
/// The pools have sequences of their own, and so have their journals; nothing orders events of two pools.
///
/// ```
/// use rusted_ring::{Capacities, HeapPools, PoolId, PoolSet, Start};
/// use rusted_ring_journal::{Options, PoolJournals};
///
/// # let directory = tempfile::tempdir()?;
/// let pools: HeapPools = HeapPools::new(Capacities::MOBILE);
/// let recordings = PoolJournals::open(&directory, Options::default())?.record(&pools, Start::Oldest)?;
/// pools.emit(&[7; 50], 1)?;
/// pools.emit(&[8; 5000], 1)?;
/// let journals = recordings.stop()?;
/// let ends = PoolId::ALL.map(|pool| journals.of(pool).epochs().last().map_or(0, |epoch| epoch.end.get()));
/// assert_eq!(ends, [1, 0, 0, 0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PoolJournals([Journal; 5]);

/// The recordings of a pool set. Dropped, they stop as by [`stop`](Self::stop), and what went wrong is not told.
#[derive(Debug)]
#[must_use = "dropped, the recordings stop"]
pub struct PoolRecordings([Recording; 5]);

impl PoolJournals {
    /// Opens the five journals in `directory`, as [`Journal::open`] does. The options are those of each.
    ///
    /// # Errors
    ///
    /// As [`Journal::open`]. None is open then.
    pub fn open(directory: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let open = |name| Journal::open(directory.as_ref().join(name), options.clone());
        let [xs, s, m, l, xl] = NAMES.map(open);
        Ok(PoolJournals([xs?, s?, m?, l?, xl?]))
    }

    /// Returns a pool's journal.
    pub fn of(&self, pool: PoolId) -> &Journal {
        &self.0[pool as usize]
    }

    /// Begins an epoch in each journal, with a Consumer of each pool that joins at `start` and is called "journal".
    ///
    /// # Errors
    ///
    /// As [`Journal::record`], and [`RecordError::Join`], if a pool has no place for a Consumer. All are closed then; what was published before in other pools may have been
    /// recorded.
    pub fn record<const LONGEST: usize, P>(self, pools: &P, start: Start) -> Result<PoolRecordings, RecordError>
    where
        P: PoolSet<LONGEST>,
        Consumer<P::Xs>: Send + 'static,
        Consumer<P::S>: Send + 'static,
        Consumer<P::M>: Send + 'static,
        Consumer<P::L>: Send + 'static,
        Consumer<P::Xl>: Send + 'static,
    {
        let mut epoch = 1;
        for journal in &self.0 {
            epoch = epoch.max(journal.new_epoch()?);
        }
        self.begin(epoch, pools, [start; 5])
    }

    /// Goes on with the last epoch, where each journal ends, for a pool set that outlived who recorded it. What the pools have no more counts as lost.
    /// Begins the first epoch, with what the pools still have, if there is none; and so does a journal that has nothing of the last one.
    ///
    /// # Errors
    ///
    /// As [`record`](Self::record), and [`RecordError::Behind`], if a journal has more than was ever published in its pool: it is another set's.
    pub fn resume<const LONGEST: usize, P>(self, pools: &P) -> Result<PoolRecordings, RecordError>
    where
        P: PoolSet<LONGEST>,
        Consumer<P::Xs>: Send + 'static,
        Consumer<P::S>: Send + 'static,
        Consumer<P::M>: Send + 'static,
        Consumer<P::L>: Send + 'static,
        Consumer<P::Xl>: Send + 'static,
    {
        let last = |journal: &Journal| journal.epochs().last().copied();
        let Some(epoch) = self.0.iter().filter_map(|journal| Some(last(journal)?.number)).max() else {
            return self.record(pools, Start::Oldest);
        };
        let starts = self.0.each_ref().map(|journal| match last(journal) {
            Some(last) if last.number == epoch => Start::At(last.end),
            _ => Start::At(Sequence::new(0)),
        });
        self.begin(epoch, pools, starts)
    }

    fn begin<const LONGEST: usize, P>(
        self,
        epoch: u32,
        pools: &P,
        starts: [Start; 5],
    ) -> Result<PoolRecordings, RecordError>
    where
        P: PoolSet<LONGEST>,
        Consumer<P::Xs>: Send + 'static,
        Consumer<P::S>: Send + 'static,
        Consumer<P::M>: Send + 'static,
        Consumer<P::L>: Send + 'static,
        Consumer<P::Xl>: Send + 'static,
    {
        let [at_xs, at_s, at_m, at_l, at_xl] = starts;
        // All join before the first one records.
        let (xs, s, m) = (join(pools.xs(), at_xs)?, join(pools.s(), at_s)?, join(pools.m(), at_m)?);
        let (l, xl) = (join(pools.l(), at_l)?, join(pools.xl(), at_xl)?);
        let [of_xs, of_s, of_m, of_l, of_xl] = self.0;
        Ok(PoolRecordings([
            of_xs.begin_in(epoch, xs)?,
            of_s.begin_in(epoch, s)?,
            of_m.begin_in(epoch, m)?,
            of_l.begin_in(epoch, l)?,
            of_xl.begin_in(epoch, xl)?,
        ]))
    }
}

impl PoolRecordings {
    /// Returns a pool's recording.
    pub fn of(&self, pool: PoolId) -> &Recording {
        &self.0[pool as usize]
    }

    /// Stops all five, as [`Recording::stop`] does.
    ///
    /// # Errors
    ///
    /// That of the first pool that has one. All are stopped then.
    pub fn stop(self) -> Result<PoolJournals, StopError> {
        let [xs, s, m, l, xl] = self.0.map(Recording::stop);
        Ok(PoolJournals([xs?, s?, m?, l?, xl?]))
    }
}

fn join<R: RingRef>(ring: R, start: Start) -> Result<Consumer<R>, RecordError> {
    Ok(Consumer::join(ring, start).map_err(RecordError::Join)?.named("journal"))
}
