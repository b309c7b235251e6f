//! What lets one Consumer come after others: how far each of these has finished, shown to those that wait for it.
//!
//! A seat shows the sequence below which it has left everything, by a Release, on a line of its own. Whoever comes after it
//! acquires that line instead of the publisher's: it sees what the seat saw, and what its user did with it.

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

/// How far one seat has finished. It outlives the seat, for those that still come after it.
#[derive(Debug)]
pub(in crate::ring) struct Progress {
    /// # Invariant: of a position, that its seat has acquired every event of the ring below it.
    word: CacheLine<AtomicU64>,
    /// Where its seat joined: it finishes nothing that lies before.
    from: u64,
    /// Whom its seat came after, once that has left.
    passed_on: OnceLock<Vec<Arc<Progress>>>,
}

/// What a seat last showed.
enum Shown {
    /// It has finished everything below.
    Finished(u64),
    /// It has finished everything below, and nothing else will be.
    Ended(u64),
    /// It is gone, and those that came after it come after these.
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
        // FINISH: Release, with FINISHED: whoever comes after sees what was done with the events below, and the events.
        self.word.0.store(position << STATES | state, Release);
    }

    #[inline]
    fn seen(&self) -> u64 {
        // FINISHED: Acquire, with FINISH.
        self.word.0.load(Acquire)
    }

    /// The position below which everything is finished, of a seat that has neither ended nor left.
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

/// How far those have come that a seat comes after.
enum Passage {
    /// All have finished everything below, which is beyond the seat's position.
    Until(u64),
    /// One has not finished what the seat wants.
    NotYet,
    /// One has ended before it.
    Never,
}

/// A seat's rank: whom it comes after, and how it shows its own progress to those that come after it.
#[derive(Debug, Default)]
pub(in crate::ring) struct Rank {
    /// Empty for a seat that comes after the publishers alone.
    upstream: Vec<Arc<Progress>>,
    progress: Option<Arc<Progress>>,
}

impl Rank {
    #[inline]
    pub(in crate::ring) fn comes_after_others(&self) -> bool {
        !self.upstream.is_empty()
    }

    /// Shows that everything below `position` is finished; whether anybody may be waiting for that.
    #[inline]
    pub(in crate::ring) fn finish(&self, position: u64) -> bool {
        let Some(progress) = &self.progress else { return false };
        progress.show(position, 0);
        true
    }

    /// How far a seat at `position` may go, past those that left.
    #[inline]
    fn passage(&mut self, position: u64) -> Passage {
        // Behind one that is still there: whoever waits for it goes round here, and on from here.
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

    /// Whether a seat at `position` would still find that it may not go on yet, nor ask whom it comes after.
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

/// How far a Consumer has finished: what those are given that come after it. A clone is the same.
///
/// It keeps its ring, not its Consumer: when that is gone, whoever came after it comes after those it came after.
pub struct Checkpoint<R: RingRef> {
    ring: R,
    /// # Invariant: of a seat on this ring.
    progress: Arc<Progress>,
}

impl<R: RingRef> Checkpoint<R> {
    /// The sequence below which everything is finished. May grow at once.
    pub fn finished(&self) -> Sequence {
        Sequence::new(self.progress.seen() >> STATES)
    }

    /// Where its Consumer joined. What lies before it has not finished, and never will.
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
    /// Where those that come after this seat see how far it has finished.
    pub(crate) fn checkpoint(&mut self) -> Checkpoint<R> {
        let ring = self.ring().clone();
        let progress = match &self.rank.progress {
            Some(progress) => Arc::clone(progress),
            None => {
                // A seat joins at a position that it has not acquired: this look does, so that the invariant holds from the start.
                let _ = self.look_at_ring();
                let progress = Arc::new(Progress::of(self.counters().joined, self.next.sequence));
                self.rank.progress = Some(Arc::clone(&progress));
                progress
            }
        };
        Checkpoint { ring, progress }
    }

    /// Has the seat come after those of `checkpoints`, too.
    ///
    /// # Panics
    ///
    /// If one is of another ring.
    pub(crate) fn come_after(&mut self, checkpoints: &[Checkpoint<R>]) {
        assert!(checkpoints.iter().all(|checkpoint| checkpoint.is_on(self.ring())), "stages are on one ring");
        checkpoints.iter().for_each(|checkpoint| self.rank.come_after(core::slice::from_ref(&checkpoint.progress)));
        self.look_afresh();
    }

    /// What stands at the position of a seat that comes after others; nothing yet, while one of them has not finished it.
    pub(in crate::ring) fn look_behind_others(&mut self) -> Result<Found, Nothing> {
        // An earlier look went no further than they had finished.
        if self.seen.covers(self.next) {
            return self.look_until(self.seen.end());
        }
        match self.rank.passage(self.next.sequence) {
            Passage::Until(until) => {
                // Published without a gap, by one publisher: who acquired that it is finished has acquired the events.
                if !R::Mode::MANY && until != u64::MAX {
                    self.seen = Seen::below(until);
                }
                self.look_until(until)
            }
            Passage::NotYet if !self.ring().view().is_closed() => Err(Nothing::Barred),
            Passage::NotYet => Err(self.nothing_at_position()),
            Passage::Never => Err(Nothing::Empty),
        }
    }

    /// Why nothing is received at a position that others have not finished.
    fn nothing_at_position(&self) -> Nothing {
        match self.look_at_ring() {
            Ok(_) | Err(Nothing::Lapped(_)) => Nothing::Empty,
            Err(nothing) => nothing,
        }
    }

    /// Whether nothing will ever come to the position that is not there by now.
    pub(crate) fn is_over(&mut self) -> bool {
        let closed = self.ring().view().is_closed();
        if !self.rank.comes_after_others() {
            return closed;
        }
        match self.rank.passage(self.next.sequence) {
            Passage::Until(_) => closed,
            Passage::NotYet => closed && !self.is_published(),
            Passage::Never => true,
        }
    }

    /// Whether there is nothing to do for a seat that comes after others.
    pub(in crate::ring) fn is_quiet_behind_others(&self) -> bool {
        // At its end a closed ring has nothing that could be finished.
        self.rank.is_barred(self.next.sequence) && (!self.ring().view().is_closed() || self.is_published())
    }

    /// Whether there is an event at the position, finished or not.
    fn is_published(&self) -> bool {
        self.look_at_ring().is_ok()
    }

    /// What stands at the position, whoever goes first.
    fn look_at_ring(&self) -> Result<Head, Nothing> {
        self.ring().view().look(self.next, &mut Seen::default())
    }

    /// Has those that come after this seat receive nothing that it has not finished, for good. The entry, given back, wakes them.
    pub(crate) fn end(mut self) {
        self.move_to(self.lent_to);
        if let Some(progress) = self.rank.progress.take() {
            progress.show(self.next.sequence, ENDED);
        }
    }
}

/// Has those that come after this seat come after whom it came after. The entry, given back next, wakes them.
impl<R: RingRef> Drop for GatingPosition<R> {
    fn drop(&mut self) {
        if let Some(progress) = self.rank.progress.take() {
            // Past those that have left, too: what is passed on stays short, however many hand over to the next.
            let _ = self.rank.passage(self.next.sequence);
            let upstream = core::mem::take(&mut self.rank.upstream);
            progress.passed_on.set(upstream).expect("a position leaves once");
            progress.show(self.next.sequence, LEFT);
        }
    }
}
