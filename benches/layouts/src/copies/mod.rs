//! How bytes get into a ring and out of it: the ways, and what each costs on one thread.

mod measure;
mod memcpy;
mod rep;
mod wide;
mod wide_32;
mod words;

use crate::sample::{Fault, Limit};
use std::sync::atomic::AtomicU64;

/// A way to copy between memory of one's own and a slot.
trait Copying {
    /// Copies a whole payload into a slot.
    ///
    /// # Safety
    ///
    /// Nobody else touches the slot meanwhile, and the processor knows the way's instructions. `W` is a multiple of 8.
    unsafe fn store<const W: usize>(slot: &[AtomicU64; W], source: &[u64; W]);

    /// Copies a whole payload out of a slot.
    ///
    /// # Safety
    ///
    /// As of [`store`](Self::store).
    unsafe fn load<const W: usize>(slot: &[AtomicU64; W], into: &mut [u64; W]);
}

/// Which way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Store,
    Load,
}

impl Direction {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Direction::Store => "store",
            Direction::Load => "load",
        }
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Direction::Store => "from a buffer in the first cache into a ring",
            Direction::Load => "from a ring into a buffer in the first cache",
        }
    }
}

/// A way's row.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Not sound against a reader that races, but what the others are held against.
    pub(crate) is_limit: bool,
    is_available: fn() -> bool,
    measure: fn(Direction, usize, &Limit) -> Result<f64, Fault>,
}

impl Row {
    /// Whether this processor can do it.
    pub(crate) fn is_available(&self) -> bool {
        (self.is_available)()
    }

    /// Nanoseconds a copy. The row must be available.
    pub(crate) fn measure(&self, direction: Direction, payload: usize, limit: &Limit) -> Result<f64, Fault> {
        assert!(self.is_available(), "{} needs another processor", self.name);
        (self.measure)(direction, payload, limit)
    }
}

/// The payloads that are copied, in bytes.
pub(crate) const PAYLOADS: [usize; 5] = [64, 256, 1024, 4096, 16384];

/// In the order of the tables.
pub(crate) const ALL: [Row; 5] = [
    Row {
        name: "words",
        title: "relaxed atomic words, in blocks of eight",
        is_limit: false,
        is_available: || true,
        measure: measure::by::<words::Words>,
    },
    Row {
        name: "wide",
        title: "16 bytes at a time by inline assembly, 64 a turn",
        is_limit: false,
        is_available: || wide::IS_AVAILABLE,
        measure: measure::by::<wide::Wide>,
    },
    Row {
        name: "wide-32",
        title: "32 bytes at a time by inline assembly, 64 a turn; AVX",
        is_limit: false,
        is_available: wide_32::is_available,
        measure: measure::by::<wide_32::Wide32>,
    },
    Row {
        name: "rep movsb",
        title: "the processor's own copy, by inline assembly",
        is_limit: false,
        is_available: || rep::IS_AVAILABLE,
        measure: measure::by::<rep::Rep>,
    },
    Row {
        name: "memcpy",
        title: "a limit: plain memory, which a racing reader must not see",
        is_limit: true,
        is_available: || true,
        measure: measure::by::<memcpy::Memcpy>,
    },
];
