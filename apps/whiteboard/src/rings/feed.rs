//! A pool as an actor sees it, whatever the size of its slots.

use std::sync::Arc;

use rusted_ring::Consumer;
use rusted_ring::wait::{Member, Waitable};
use rusted_ring::{HeapRing, Sequence};

use crate::rings::column::Column;

/// An event as it lies in its ring.
pub(crate) struct Event<'a> {
    /// Its type: the number of a kind.
    pub(crate) kind: u32,
    /// Its bytes.
    pub(crate) payload: &'a [u8],
    sequence: Sequence,
    column: &'a Column,
}

impl Event<'_> {
    /// Writes validation's verdict, for the stages after it.
    pub(crate) fn judge(&self, bad: bool) {
        self.column.judge(self.sequence, bad);
    }

    /// Validation's verdict; means something in a stage after it only.
    pub(crate) fn is_bad(&self) -> bool {
        self.column.is_bad(self.sequence)
    }
}

/// One stage of one pool: every event, in order, once the stages before it have finished it.
///
/// Writers wait for it; dropped, it leaves the pool.
pub(crate) trait Feed: Waitable + Send {
    /// Shows the next event to `take`, if there is one now; whether there was.
    fn poll(&mut self, take: &mut dyn FnMut(&Event<'_>)) -> bool;
}

/// The feed of one stage, whose pool has `column` beside it.
pub(crate) fn feed<const N: usize>(stage: Consumer<HeapRing<N>>, column: &Arc<Column>) -> Box<dyn Feed> {
    Box::new(Stage { stage, column: Arc::clone(column) })
}

struct Stage<const N: usize> {
    stage: Consumer<HeapRing<N>>,
    column: Arc<Column>,
}

impl<const N: usize> Waitable for Stage<N> {
    fn member(&mut self) -> Member<'_> {
        self.stage.member()
    }
}

impl<const N: usize> Feed for Stage<N> {
    fn poll(&mut self, take: &mut dyn FnMut(&Event<'_>)) -> bool {
        let Ok(loan) = self.stage.try_recv() else { return false };
        let (sequence, kind) = (loan.sequence(), loan.event_type());
        take(&Event { kind, payload: &loan, sequence, column: &self.column });
        true
    }
}

/// Shows up to `turn` events of each feed to `take`; whether there were any.
pub(crate) fn poll_all(feeds: &mut [Box<dyn Feed>], turn: usize, take: &mut dyn FnMut(&Event<'_>)) -> bool {
    let mut any = false;
    for feed in feeds {
        for _ in 0..turn {
            if !feed.poll(take) {
                break;
            }
            any = true;
        }
    }
    any
}
