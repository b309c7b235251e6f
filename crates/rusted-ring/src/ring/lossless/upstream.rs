//! Consumers that come after others: each upstream Consumer shows how far it has finished, and its downstream Consumers wait for that.
//!
//! A Consumer with downstream Consumers stores the sequence below which it has finished everything, by a Release, on a line of its own. They
//! acquire that line instead of the publisher's. So they see what the upstream Consumer saw, and what its user did with it.

use alloc::{sync::Arc, vec::Vec};
use std::sync::OnceLock;

use crate::{
    Sequence,
    ring::{
        lossless::{Found, GatingPosition},
        memory::{cache_line::CacheLine, tag::Head},
        mode::{Mode, Seen},
        protocol::lookup::Nothing,
        storage::RingRef,
    },
    sync::{Acquire, AtomicU64, Release},
};

/// How far one Consumer has finished. It outlives the Consumer, for those still downstream of it.
#[derive(Debug)]
pub(in crate::ring) struct Progress {
    /// # Invariant: of a position, below which its Consumer has acquired every event of the ring.
    word: CacheLine<AtomicU64>,
    /// Where its Consumer joined. It finishes nothing that lies before.
    from: u64,
    /// The upstream of its Consumer, once that has left.
    passed_on: OnceLock<Vec<Arc<Progress>>>,
}

/// What a Consumer showed last.
enum Shown {
    /// It has finished everything below.
    Finished(u64),
    /// It has finished everything below, and nothing else will be.
    Ended(u64),
    /// It is gone. Its downstream Consumers come after these now.
    Left(Vec<Arc<Progress>>),
}

/// The two bits below a position.
const STATES: u32 = 2;
const ENDED: u64 = 1;
const LEFT: u64 = 2;

impl Progress {
    fn of(from: u64, position: u64) -> Self {
        Progress { word: CacheLine(AtomicU64::new(position << STATES)), from, passed_on: OnceLock::new() }
    }

    #[inline]
    fn show(&self, position: u64, state: u64) {
        // FINISH: Release, with FINISHED: a downstream Consumer sees what was done with the events below, and the events.
        self.word.0.store(position << STATES | state, Release);
    }

    #[inline]
    fn seen(&self) -> u64 {
        // FINISHED: Acquire, with FINISH.
        self.word.0.load(Acquire)
    }

    /// Returns the position below which everything is finished; `None`, if the Consumer has ended or left.
    #[inline]
    fn finished_yet(&self) -> Option<u64> {
        let word = self.seen();
        (word & (ENDED | LEFT) == 0).then_some(word >> STATES)
    }

    #[inline]
    fn shown(&self) -> Shown {
        let word = self.seen();
        match word & (ENDED | LEFT) {
            0 => Shown::Finished(word >> STATES),
            ENDED => Shown::Ended(word >> STATES),
            _ => Shown::Left(self.passed_on.get().cloned().unwrap_or_default()),
        }
    }
}

/// How far the upstream of a Consumer has come.
enum Passage {
    /// All have finished everything below, which is beyond the Consumer's position.
    Until(u64),
    /// One has not finished what the Consumer wants.
    NotYet,
    /// One has ended before it.
    Never,
}

/// The rank of a Consumer: the upstream that it comes after, and the progress that it shows downstream.
#[derive(Debug, Default)]
pub(in crate::ring) struct Rank {
    /// Empty for a Consumer that comes after the publishers alone.
    upstream: Vec<Arc<Progress>>,
    progress: Option<Arc<Progress>>,
}

impl Rank {
    #[inline]
    pub(in crate::ring) fn comes_after_others(&self) -> bool {
        !self.upstream.is_empty()
    }

    /// Shows that everything below `position` is finished. Returns whether a downstream Consumer may be waiting for that.
    #[inline]
    pub(in crate::ring) fn finish(&self, position: u64) -> bool {
        let Some(progress) = &self.progress else { return false };
        progress.show(position, 0);
        true
    }

    /// Returns how far a Consumer at `position` may go, past upstream Consumers that left.
    #[inline]
    fn passage(&mut self, position: u64) -> Passage {
        // The usual case, on which a waiting Consumer spins: one upstream Consumer, still there.
        if let [only] = &self.upstream[..]
            && let Some(finished) = only.finished_yet()
        {
            return if finished > position { Passage::Until(finished) } else { Passage::NotYet };
        }
        self.passage_of_all(position)
    }

    fn passage_of_all(&mut self, position: u64) -> Passage {
        let mut passage = Passage::Until(u64::MAX);
        let mut index = 0;
        while let Some(progress) = self.upstream.get(index) {
            let (finished, for_good) = match progress.shown() {
                Shown::Finished(finished) => (finished, false),
                Shown::Ended(finished) => (finished, true),
                Shown::Left(passed_on) => {
                    self.upstream.swap_remove(index);
                    self.come_after(&passed_on);
                    continue;
                }
            };
            passage = match passage {
                _ if finished <= position && for_good => return Passage::Never,
                Passage::Until(until) if finished > position => Passage::Until(until.min(finished)),
                _ => Passage::NotYet,
            };
            index += 1;
        }
        passage
    }

    /// Whether a Consumer at `position` may not go on yet. False also where it has to look at its upstream again.
    fn is_barred(&self, position: u64) -> bool {
        let mut barred = false;
        for progress in &self.upstream {
            match progress.shown() {
                Shown::Finished(finished) => barred |= finished <= position,
                Shown::Ended(finished) if finished > position => {}
                Shown::Ended(_) | Shown::Left(_) => return false,
            }
        }
        barred
    }

    fn come_after(&mut self, others: &[Arc<Progress>]) {
        for other in others {
            if !self.upstream.iter().any(|known| Arc::ptr_eq(known, other)) {
                self.upstream.push(Arc::clone(other));
            }
        }
    }
}

/// How far a Consumer has finished, for Consumers that are to come after it. A clone is the same.
///
/// It keeps its ring alive, but not its Consumer. When the Consumer is gone, its downstream Consumers come after its upstream.
pub struct Checkpoint<R: RingRef> {
    ring: R,
    /// # Invariant: of a Consumer on this ring.
    progress: Arc<Progress>,
}

impl<R: RingRef> Checkpoint<R> {
    /// Returns the sequence below which everything is finished. May grow at once.
    pub fn finished(&self) -> Sequence {
        Sequence::new(self.progress.seen() >> STATES)
    }

    /// Returns where its Consumer joined. It never finishes what lies before.
    pub(crate) fn from(&self) -> u64 {
        self.progress.from
    }

    /// Whether its Consumer was dropped, or has ended.
    #[cfg(not(any(loom, shuttle)))]
    pub(crate) fn has_left(&self) -> bool {
        self.progress.finished_yet().is_none()
    }

    /// Whether its Consumer is on `ring`.
    pub(crate) fn is_on(&self, ring: &R) -> bool {
        core::ptr::eq(self.ring.view().header(), ring.view().header())
    }
}

impl<R: RingRef> Clone for Checkpoint<R> {
    fn clone(&self) -> Self {
        Checkpoint { ring: self.ring.clone(), progress: Arc::clone(&self.progress) }
    }
}

impl<R: RingRef> core::fmt::Debug for Checkpoint<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Checkpoint").field("finished", &self.finished()).finish_non_exhaustive()
    }
}

impl<R: RingRef> GatingPosition<R> {
    /// Returns where downstream Consumers see how far this one has finished.
    pub(crate) fn checkpoint(&mut self) -> Checkpoint<R> {
        let ring = self.ring().clone();
        let progress = match &self.rank.progress {
            Some(progress) => Arc::clone(progress),
            None => {
                // A Consumer joins at a position that it has not acquired. This look acquires it, so that the invariant holds from the start.
                let _ = self.look_at_ring();
                let progress = Arc::new(Progress::of(self.counters().joined, self.next.sequence));
                self.rank.progress = Some(Arc::clone(&progress));
                progress
            }
        };
        Checkpoint { ring, progress }
    }

    /// Makes this position come after those of `checkpoints`, too.
    ///
    /// # Panics
    ///
    /// If one is of another ring.
    pub(crate) fn come_after(&mut self, checkpoints: &[Checkpoint<R>]) {
        assert!(checkpoints.iter().all(|checkpoint| checkpoint.is_on(self.ring())), "stages are on one ring");
        checkpoints.iter().for_each(|checkpoint| self.rank.come_after(core::slice::from_ref(&checkpoint.progress)));
        self.look_afresh();
    }

    /// Looks at a position that comes after others. There is nothing yet, while one of them has not finished it.
    pub(in crate::ring) fn look_behind_others(&mut self) -> Result<Found, Nothing> {
        // An earlier look went no further than they had finished.
        if self.seen.covers(self.next) {
            return self.look_until(self.seen.end());
        }
        match self.rank.passage(self.next.sequence) {
            Passage::Until(until) => {
                // One publisher publishes without a gap: to acquire that they are finished is to acquire the events.
                if !R::Mode::MANY && until != u64::MAX {
                    self.seen = Seen::below(until);
                }
                let found = self.look_until(until);
                self.seen = self.seen.up_to(until);
                found
            }
            Passage::NotYet if !self.ring().is_closed() => Err(Nothing::Barred),
            Passage::NotYet => Err(self.nothing_at_position()),
            Passage::Never => Err(Nothing::Empty),
        }
    }

    /// Returns why nothing is received at a position that others have not finished.
    fn nothing_at_position(&self) -> Nothing {
        match self.look_at_ring() {
            Ok(_) | Err(Nothing::Lapped(_)) => Nothing::Empty,
            Err(nothing) => nothing,
        }
    }

    /// Whether nothing will ever come to the position that is not there by now.
    pub(crate) fn is_over(&mut self) -> bool {
        let closed = self.ring().is_closed();
        if !self.rank.comes_after_others() {
            return closed;
        }
        match self.rank.passage(self.next.sequence) {
            Passage::Until(_) => closed,
            Passage::NotYet => closed && !self.is_published(),
            Passage::Never => true,
        }
    }

    /// Whether there is nothing to do at a position that comes after others.
    pub(in crate::ring) fn is_quiet_behind_others(&self) -> bool {
        // At its end a closed ring has nothing that could be finished.
        self.rank.is_barred(self.next.sequence) && (!self.ring().is_closed() || self.is_published())
    }

    /// Whether there is an event at the position, finished or not.
    fn is_published(&self) -> bool {
        self.look_at_ring().is_ok()
    }

    /// Looks at the position as if no other Consumer came first.
    fn look_at_ring(&self) -> Result<Head, Nothing> {
        self.ring().view().look(self.next, &mut Seen::default())
    }

    /// Ends: downstream Consumers receive nothing that this one has not finished, for good. The entry wakes them as it is freed.
    pub(crate) fn end(mut self) {
        self.move_to(self.lent_to);
        if let Some(progress) = self.rank.progress.take() {
            progress.show(self.next.sequence, ENDED);
        }
    }
}

/// Makes the downstream Consumers come after this one's upstream. The entry, which is freed next, wakes them.
impl<R: RingRef> Drop for GatingPosition<R> {
    fn drop(&mut self) {
        if let Some(progress) = self.rank.progress.take() {
            // Upstream Consumers that have left are dropped first: so what is passed on stays short, however many hand over to the next.
            let _ = self.rank.passage(self.next.sequence);
            let upstream = core::mem::take(&mut self.rank.upstream);
            progress.passed_on.set(upstream).expect("a position leaves once");
            progress.show(self.next.sequence, LEFT);
        }
    }
}
