//! Restores the one order of the actions from several pools.

use std::collections::BTreeMap;

use crate::protocol::REVISION_MAX;

/// Actions by revision: put in as they come, taken out without a gap.
#[derive(Debug)]
pub(crate) struct Merge<T> {
    wanted: u64,
    waiting: BTreeMap<u64, T>,
}

impl<T> Merge<T> {
    /// Continues after revision `last`.
    pub(crate) fn after(last: u64) -> Self {
        Merge { wanted: last + 1, waiting: BTreeMap::new() }
    }

    /// The revision that [`take`](Self::take) returns next.
    pub(crate) fn wanted(&self) -> u64 {
        self.wanted
    }

    /// The wanted one, if it is here.
    pub(crate) fn next(&self) -> Option<&T> {
        self.waiting.get(&self.wanted)
    }

    /// How many are here.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Puts one in. Drops one that was taken already, and one that cannot exist.
    pub(crate) fn offer(&mut self, revision: u64, action: T) {
        if (self.wanted..=REVISION_MAX).contains(&revision) {
            self.waiting.insert(revision, action);
        }
    }

    /// Takes the [`next`](Self::next) one.
    pub(crate) fn take(&mut self) -> Option<T> {
        let action = self.waiting.remove(&self.wanted)?;
        self.wanted += 1;
        Some(action)
    }
}

#[cfg(test)]
mod tests {
    use super::{Merge, REVISION_MAX};

    #[test]
    fn takes_in_order_whatever_the_order_of_offers() {
        let mut merge = Merge::after(4);
        merge.offer(7, 'c');
        merge.offer(6, 'b');
        assert_eq!((merge.take(), merge.wanted(), merge.next()), (None, 5, None));
        merge.offer(5, 'a');
        assert_eq!(merge.next(), Some(&'a'));
        assert_eq!([merge.take(), merge.take(), merge.take(), merge.take()], [Some('a'), Some('b'), Some('c'), None]);
        assert_eq!(merge.wanted(), 8);
    }

    #[test]
    fn what_was_taken_is_not_taken_again() {
        let mut merge = Merge::after(0);
        merge.offer(1, 'a');
        assert_eq!(merge.take(), Some('a'));
        merge.offer(1, 'a');
        assert_eq!((merge.take(), merge.waiting()), (None, 0));
    }

    #[test]
    fn what_there_cannot_be_is_not_taken() {
        let mut merge = Merge::after(REVISION_MAX - 1);
        merge.offer(u64::MAX, 'z');
        merge.offer(REVISION_MAX + 1, 'b');
        merge.offer(REVISION_MAX, 'a');
        assert_eq!((merge.take(), merge.take(), merge.waiting()), (Some('a'), None, 0));
    }
}
