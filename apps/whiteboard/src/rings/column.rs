//! What validation found about each event of one pool, kept beside the pool's ring.

use std::sync::atomic::{AtomicBool, Ordering};

use rusted_ring::Sequence;

/// One verdict for each slot of a ring.
///
/// The stage that judges an event writes its verdict before it finishes the event; the stages after it read that verdict
/// while they hold the event. So nobody reads a verdict of another event, and relaxed accesses do.
#[derive(Debug)]
pub(crate) struct Column {
    bad: Box<[AtomicBool]>,
}

impl Column {
    /// For a ring of `capacity` slots; what is not judged is not bad.
    pub(crate) fn beside(capacity: usize) -> Self {
        Column { bad: (0..capacity).map(|_| AtomicBool::new(false)).collect() }
    }

    /// Writes the verdict on the event with this sequence.
    pub(crate) fn judge(&self, sequence: Sequence, bad: bool) {
        self.slot(sequence).store(bad, Ordering::Relaxed);
    }

    /// The verdict on the event with this sequence.
    pub(crate) fn is_bad(&self, sequence: Sequence) -> bool {
        self.slot(sequence).load(Ordering::Relaxed)
    }

    fn slot(&self, sequence: Sequence) -> &AtomicBool {
        let slot = sequence.get() % self.bad.len() as u64;
        &self.bad[slot as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_has_its_own_verdict() {
        let column = Column::beside(3);
        column.judge(Sequence::new(1), true);
        assert_eq!([0, 1, 2].map(|sequence| column.is_bad(Sequence::new(sequence))), [false, true, false]);
    }

    #[test]
    fn the_next_event_in_a_slot_gets_a_verdict_of_its_own() {
        let column = Column::beside(3);
        for (sequence, bad) in [(2, true), (5, false), (8, true)] {
            column.judge(Sequence::new(sequence), bad);
            assert_eq!(column.is_bad(Sequence::new(sequence)), bad);
        }
    }
}
