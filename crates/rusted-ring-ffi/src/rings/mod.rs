//! Rings whose slots are known at run time: what each type of ring does, behind one interface.

mod file;
mod kind;
mod lossy;
mod publisher;
mod reader;

pub(crate) use file::{create, observe, open, remove};
pub(crate) use kind::{Publishes, Reads, RingKind, heap};
pub(crate) use publisher::AnyPublisher;
pub(crate) use reader::{AnyReader, Records, fill};

use rusted_ring::{Consumer, Sequence, Start, ledger::ReaderStatus};
use rusted_ring_journal::{Journal, RecordError, Recording};

use crate::{
    failure::{Failure, name_bytes},
    types::{RUSTED_RING_NEWEST, RUSTED_RING_OLDEST, ReaderStats, RingStats},
};

/// A ring of any type.
pub(crate) trait AnyRing: Send + Sync {
    fn publisher(&self) -> Publishes;
    /// A Subscriber, which has from `history` what it would lose, if there is one.
    fn subscriber(&self, from: Start, name: &str, history: Option<rusted_ring_journal::Reader>) -> Reads;
    fn consumer(&self, from: Start, name: &str) -> Reads;
    /// A Consumer that a journal will record.
    fn recorder(&self, from: Start, name: &str) -> Result<Box<dyn AnyRecorder>, Failure>;
    fn stats(&self) -> Result<RingStats, Failure>;
    /// Calls `each` with the lines of the ledger.
    fn readers(&self, each: &mut dyn FnMut(ReaderStats)) -> Result<(), Failure>;
}

/// A Consumer that a journal will record.
pub(crate) trait AnyRecorder {
    /// Begins an epoch, or goes on with the last one.
    fn record(self: Box<Self>, journal: Journal, resumes: bool) -> Result<Recording, RecordError>;
}

impl<R: RingKind> AnyRecorder for Consumer<R> {
    fn record(self: Box<Self>, journal: Journal, resumes: bool) -> Result<Recording, RecordError> {
        if resumes { journal.resume(*self) } else { journal.record(*self) }
    }
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
