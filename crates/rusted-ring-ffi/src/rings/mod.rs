//! Rings whose slots are known at run time: what each type of ring does, behind one interface.

mod file;
mod kind;
mod publisher;
mod reader;

pub(crate) use file::{create, observe, open, remove};
pub(crate) use kind::{Publishes, Reads, RingKind, heap};
pub(crate) use publisher::AnyPublisher;
pub(crate) use reader::{AnyReader, Records};

use rusted_ring::{Sequence, Start, ledger::ReaderStatus};

use crate::{
    failure::{Failure, name_bytes},
    types::{RUSTED_RING_NEWEST, RUSTED_RING_OLDEST, ReaderStats, RingStats},
};

/// A ring of any type.
pub(crate) trait AnyRing: Send + Sync {
    fn publisher(&self) -> Publishes;
    fn subscriber(&self, from: Start, name: &str) -> Reads;
    fn consumer(&self, from: Start, name: &str) -> Reads;
    fn stats(&self) -> Result<RingStats, Failure>;
    /// Calls `each` with the lines of the ledger.
    fn readers(&self, each: &mut dyn FnMut(ReaderStats)) -> Result<(), Failure>;
}

/// Where a reader begins.
pub(crate) fn start(from: u64) -> Result<Start, Failure> {
    match from {
        RUSTED_RING_NEWEST => Ok(Start::Newest),
        RUSTED_RING_OLDEST => Ok(Start::Oldest),
        sequence if sequence <= Sequence::LAST.get() => Ok(Start::At(Sequence::new(sequence))),
        other => Err(Failure::argument(format!(
            "`from` is {other}, which no event can have: pass a sequence, RUSTED_RING_NEWEST or RUSTED_RING_OLDEST"
        ))),
    }
}

/// A line of the ledger.
fn line(status: &ReaderStatus, process: u32) -> ReaderStats {
    ReaderStats {
        name: name_bytes(status.name.as_str()),
        entry: status.entry as u32,
        gating: u32::from(status.gating),
        joined: status.joined.get(),
        position: status.position.get(),
        received: status.received,
        lost: status.lost,
        repaired: status.repaired,
        holes: status.holes,
        laps: status.laps,
        shared: status.shared,
        ahead: status.ahead,
        process,
        reserved: 0,
    }
}
