//! The candidates: a layout under a protocol, each with a row in the tables.

use crate::claims::{Claimed, add::ByAdd, cursor::ByCursor, slot::BySlot, word::ByWord};
use crate::layout::in_line::{self, InLine};
use crate::layout::planes::{Head, LineOfTag, Planes, Stamp, StampAndHead, SteadyHead};
use crate::layout::slots::{Padded, Slot, Slots};
use crate::prefetch::{self, Prefetching};
use crate::protocol::block::Block;
use crate::protocol::cursor::Cursor;
use crate::protocol::stamped::Stamped;
use crate::protocol::twice::Twice;
use crate::ring::{Claims, Sole};
use crate::sample::Fault;
use crate::workload::{self, Task, Workload};

/// A ring with one writer, for payloads of any size.
trait Candidate {
    type Ring<const W: usize, const CAP: usize>: Sole;
}

/// A ring that many may write, for payloads of any size.
trait Shared {
    type Ring<const W: usize, const CAP: usize>: Claims;
}

macro_rules! candidates {
    ($candidate:ident: $($name:ident: $ring:ty;)*) => {$(
        struct $name;

        impl $candidate for $name {
            type Ring<const W: usize, const CAP: usize> = $ring;
        }
    )*};
}

candidates! {
    Candidate:
    PaddedSlots: Stamped<Slots<Padded<W>, CAP>, W>;
    PackedSlots: Stamped<Slots<Slot<W>, CAP>, W>;
    Planes16: Stamped<Planes<StampAndHead, W, CAP>, W>;
    Planes8: Stamped<Planes<Stamp, W, CAP>, W>;
    Planes16Twice: Twice<Planes<StampAndHead, W, CAP>, W>;
    Lines: Stamped<InLine<W, CAP>, W>;
    BareCursor: Cursor<Planes<(), W, CAP>, W, false, false>;
    CursorHeads: Cursor<Planes<Head, W, CAP>, W, false, false>;
    CursorIntentHeads: Cursor<Planes<Head, W, CAP>, W, true, false>;
    CursorIntentSteady: Cursor<Planes<SteadyHead, W, CAP>, W, true, false>;
    CursorFirst: Cursor<Planes<SteadyHead, W, CAP>, W, true, true>;
    Blocks: Block<Planes<(), W, CAP>, W>;
    ReaderAhead: Prefetching<Planes<Head, W, CAP>, W, { prefetch::AHEAD }, false>;
    ReaderAheadToWrite: Prefetching<Planes<Head, W, CAP>, W, { prefetch::AHEAD_TO_WRITE }, false>;
    ReaderTakes: Prefetching<Planes<Head, W, CAP>, W, { prefetch::TAKES }, false>;
    WriterAhead: Prefetching<Planes<Head, W, CAP>, W, { prefetch::NOTHING }, true>;
    BothAhead: Prefetching<Planes<Head, W, CAP>, W, { prefetch::AHEAD }, true>;
}

candidates! {
    Shared:
    SlotTwice: Claimed<Planes<StampAndHead, W, CAP>, BySlot<true>, W>;
    SlotOnce: Claimed<Planes<StampAndHead, W, CAP>, BySlot<false>, W>;
    CursorSlot: Claimed<Planes<StampAndHead, W, CAP>, ByCursor<true>, W>;
    CursorOnce: Claimed<Planes<StampAndHead, W, CAP>, ByCursor<false>, W>;
    CursorAdd: Claimed<Planes<StampAndHead, W, CAP>, ByAdd, W>;
    ClaimsApart: Claimed<Planes<StampAndHead, W, CAP>, ByWord<CAP>, W>;
    SlotLine: Claimed<Planes<LineOfTag, W, CAP>, BySlot<true>, W>;
}

/// A candidate's row.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// No candidate, but what the others are held against.
    pub(crate) is_limit: bool,
    /// The largest payload that it can have, in bytes.
    largest: usize,
    /// Those that say anything about it.
    workloads: &'static [Workload],
    measure: fn(&Task, usize) -> Result<f64, Fault>,
}

impl Row {
    const fn of<C: Candidate>(name: &'static str, title: &'static str) -> Self {
        Row { name, title, is_limit: false, largest: usize::MAX, workloads: &Workload::OF_ONE, measure: measure::<C> }
    }

    const fn of_many<C: Shared>(name: &'static str, title: &'static str) -> Self {
        Row {
            name,
            title,
            is_limit: false,
            largest: usize::MAX,
            workloads: &Workload::OF_MANY,
            measure: measure_claims::<C>,
        }
    }

    /// Whether the workload says anything about it.
    pub(crate) fn is_for(&self, workload: Workload) -> bool {
        self.workloads.contains(&workload)
    }

    /// Whether it can have payloads of this many bytes.
    pub(crate) fn fits(&self, payload: usize) -> bool {
        payload <= self.largest
    }

    /// Takes a sample.
    pub(crate) fn measure(&self, task: &Task, payload: usize) -> Result<f64, Fault> {
        (self.measure)(task, payload)
    }
}

/// In the order of the tables.
pub(crate) const ALL: [Row; 12] = [
    Row::of::<PaddedSlots>("padded", "a struct a slot: stamp, head, payload; aligned to a line"),
    Row::of::<PackedSlots>("packed", "the same without padding, aligned to 8"),
    PLANES_16,
    Row::of::<Planes8>("planes-8", "stamps of 8 B, dense, and payloads, dense; no heads"),
    Row::of::<Planes16Twice>("planes-16-twice", "as planes-16; stamped before and after, and a cursor"),
    Row { largest: in_line::LARGEST, ..Row::of::<Lines>("in-line", "stamp and head behind the payload, on its line") },
    Row::of::<BareCursor>("cursor", "payloads, dense, and one cursor; no heads"),
    CURSOR_HEADS,
    Row::of::<CursorIntentHeads>("cursor-intent-heads", "as cursor-heads; what is being written is announced"),
    Row::of::<CursorIntentSteady>(
        "cursor-intent-steady",
        "the same; heads are all alike, and stored where they differ",
    ),
    Row::of::<CursorFirst>("cursor-first", "the same; the writer loads the cursor before it writes"),
    // A protocol that shows half a ring at once cannot show one event.
    Row {
        is_limit: true,
        workloads: &[Workload::Single, Workload::Batch],
        ..Row::of::<Blocks>("block", "a limit: payloads, and a cursor each half ring")
    },
];

pub(crate) const PLANES_16: Row =
    Row::of::<Planes16>("planes-16", "tags of 16 B, stamp and head, dense, and payloads, dense");
pub(crate) const CURSOR_HEADS: Row =
    Row::of::<CursorHeads>("cursor-heads", "as cursor; heads of 8 B, dense, beside the payloads");

/// `cursor-heads`, with lines fetched ahead, or taken.
pub(crate) const PREFETCHING: [Row; 6] = [
    Row { name: "none", title: "nobody does", ..CURSOR_HEADS },
    Row::of::<ReaderAhead>("reader", "the reader prefetches (T0), 8 slots ahead"),
    Row::of::<ReaderAheadToWrite>("reader-to-write", "the reader prefetches to write (PREFETCHW), 8 slots ahead"),
    Row::of::<ReaderTakes>("reader-takes", "the reader stores a word of each line, as it was, before it reads"),
    Row::of::<WriterAhead>("writer", "the writer prefetches to write (PREFETCHW), 16 slots ahead"),
    Row::of::<BothAhead>("both", "reader and writer"),
];

/// How a slot is claimed. What is correct with one writer alone has no workload with two.
pub(crate) const CLAIMING: [Row; 8] = [
    Row {
        name: "stores",
        title: "a limit: no exchange, as planes-16; for one writer",
        is_limit: true,
        workloads: &[Workload::Single, Workload::Alone],
        ..PLANES_16
    },
    Row::of_many::<SlotTwice>("slot-twice", "the stamp is exchanged before and after; a cursor is stored as a hint"),
    Row::of_many::<SlotOnce>("slot-once", "the stamp is exchanged before, and stored after; the same hint"),
    Row::of_many::<CursorSlot>("cursor-slot", "a cursor is exchanged before, the stamp after"),
    Row::of_many::<CursorOnce>("cursor-once", "a cursor is exchanged before, and the stamp stored after"),
    Row::of_many::<CursorAdd>("cursor-add", "a cursor is added to, then the gate waited for; the stamp is stored"),
    Row::of_many::<ClaimsApart>("claims-apart", "as slot-twice on words of 8 B, dense; then the stamp is stored"),
    Row::of_many::<SlotLine>("slot-line", "as slot-twice, each tag on a line of its own"),
];

/// The payloads of these rows, in bytes.
pub(crate) const CLAIMED: [usize; 2] = [64, 1024];

/// Payload sizes become types here; those of `payload::PAYLOADS`.
fn measure<C: Candidate>(task: &Task, payload: usize) -> Result<f64, Fault> {
    match payload {
        16 => workload::measure::<C::Ring<2, 1024>>(task),
        48 => workload::measure::<C::Ring<6, 1024>>(task),
        64 => workload::measure::<C::Ring<8, 1024>>(task),
        256 => workload::measure::<C::Ring<32, 1024>>(task),
        1024 => workload::measure::<C::Ring<128, 1024>>(task),
        4096 => workload::measure::<C::Ring<512, 256>>(task),
        16384 => workload::measure::<C::Ring<2048, 64>>(task),
        _ => unreachable!("the command line refuses payloads that there are not"),
    }
}

/// The same for those of `CLAIMED`.
fn measure_claims<C: Shared>(task: &Task, payload: usize) -> Result<f64, Fault> {
    match payload {
        64 => workload::measure_claims::<C::Ring<8, 1024>>(task),
        1024 => workload::measure_claims::<C::Ring<128, 1024>>(task),
        _ => unreachable!("the tables have no other payloads"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::PAYLOADS;
    use crate::sample::Limit;
    use std::time::Duration;

    /// Whatever these rows can do with these payloads comes out right.
    fn check(rows: impl IntoIterator<Item = &'static Row>, payloads: &[usize]) {
        let limit = Limit { time: Duration::from_secs(5), events: 300 };
        for row in rows {
            for workload in row.workloads.iter().copied() {
                for payload in payloads.iter().copied().filter(|payload| row.fits(*payload)) {
                    let task = Task { workload, limit, pauses: workload.pauses() };
                    let value = row.measure(&task, payload);
                    let is_right = value.is_ok_and(|value| value > 0.0);
                    assert!(is_right, "{}, {}, {payload} B: {value:?}", row.name, workload.name());
                }
            }
        }
    }

    #[test]
    fn whatever_a_candidate_can_do_comes_out_right() {
        check(ALL.iter().chain(&PREFETCHING), &PAYLOADS.map(|(payload, _)| payload));
    }

    #[test]
    fn whatever_is_claimed_comes_out_right() {
        check(&CLAIMING, &CLAIMED);
    }
}
