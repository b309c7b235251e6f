//! What rings, pools and readers are, and how they are: as Python sees it.

use std::{ffi::c_char, time::Duration};

use pyo3::{
    prelude::*,
    types::{PyDict, PyType},
};
use rusted_ring_ffi::types::{self, RUSTED_RING_LOSSLESS, RUSTED_RING_OBSERVED, RUSTED_RING_SHARED, RUSTED_RING_SOLE};

/// A name that the library stored, up to its zero.
fn text(name: &[c_char]) -> String {
    let bytes: Vec<u8> = name.iter().take_while(|&&char| char != 0).map(|&char| char.cast_unsigned()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a ring is, and how it is.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RingStats {
    /// Bytes that an event has at most.
    slot_bytes: u64,
    /// Slots.
    slots: u64,
    /// The next sequence to be claimed: how many were claimed since the ring was made.
    claimed: u64,
    /// Slots that publishers hold in the middle of a publish.
    held: u64,
    /// Readers in the table.
    readers: u32,
    /// Subscribers that found the table full.
    unlisted: u32,
    /// The largest lag of the listed readers as a part of the slots, from 0 to 1.
    pressure: f32,
    /// Whether it has one publisher at a time.
    sole: bool,
    /// Whether it has no Subscribers.
    lossless: bool,
    /// Whether it lies in a file, between processes.
    shared: bool,
    /// Whether it is only looked at.
    observed: bool,
}

impl From<types::RingStats> for RingStats {
    fn from(stats: types::RingStats) -> Self {
        let is = |flag| stats.flags & flag != 0;
        RingStats {
            slot_bytes: stats.slot_bytes,
            slots: stats.slots,
            claimed: stats.claimed,
            held: stats.held,
            readers: stats.readers,
            unlisted: stats.unlisted,
            pressure: stats.pressure,
            sole: is(RUSTED_RING_SOLE),
            lossless: is(RUSTED_RING_LOSSLESS),
            shared: is(RUSTED_RING_SHARED),
            observed: is(RUSTED_RING_OBSERVED),
        }
    }
}

/// A line of the ledger: what one reader received and lost. It balances: `claimed` of the ring - `joined` = `received` + `repaired` +
/// `lost` + `holes` + `shared` + `ahead`.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReaderLine {
    /// Its name, empty if it has none.
    name: String,
    /// Its entry in the ring's table of readers; None, if it tells of itself.
    entry: Option<u32>,
    /// Whether it is a Consumer, which publishers wait for.
    gating: bool,
    /// The sequence at which it joined.
    joined: u64,
    /// The next sequence that it wants.
    position: u64,
    /// Events that it received.
    received: u64,
    /// Events that were overwritten before it came to them.
    lost: u64,
    /// Events that were overwritten, and given back by a journal.
    repaired: u64,
    /// Sequences that carried no event.
    holes: u64,
    /// How often it was overtaken.
    laps: u64,
    /// Events that fellow workers of a stage took.
    shared: u64,
    /// Sequences that were claimed and that it has not come to: its lag.
    ahead: u64,
    /// The process that it belongs to; 0 if that is this one, or not known.
    process: u32,
}

impl From<types::ReaderStats> for ReaderLine {
    fn from(line: types::ReaderStats) -> Self {
        ReaderLine {
            name: text(&line.name),
            entry: (line.entry != u32::MAX).then_some(line.entry),
            gating: line.gating != 0,
            joined: line.joined,
            position: line.position,
            received: line.received,
            lost: line.lost,
            repaired: line.repaired,
            holes: line.holes,
            laps: line.laps,
            shared: line.shared,
            ahead: line.ahead,
            process: line.process,
        }
    }
}

/// A Consumer that a publisher found in its way.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blocker {
    /// Its name, empty if it has none.
    name: String,
    /// Its entry in the ring's table of readers.
    entry: u32,
    /// The process that it belongs to; 0 if that is this one, or not known.
    process: u32,
    /// The first sequence that it has not released.
    position: u64,
    /// How far that is behind the sequence to be claimed.
    lag: u64,
    /// Seconds that the publisher waited.
    waited: f64,
}

impl From<types::Blocker> for Blocker {
    fn from(blocker: types::Blocker) -> Self {
        Blocker {
            name: text(&blocker.name),
            entry: blocker.entry,
            process: blocker.process,
            position: blocker.position,
            lag: blocker.lag,
            waited: Duration::from_nanos(blocker.waited).as_secs_f64(),
        }
    }
}

/// How full a pool is.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PoolStats {
    /// Bytes that a slot holds.
    slot_bytes: u64,
    /// Slots.
    slots: u64,
    /// The next sequence to be claimed.
    claimed: u64,
    /// The largest lag of its readers as a part of the slots, from 0 to 1.
    pressure: f32,
}

impl From<types::PoolStats> for PoolStats {
    fn from(stats: types::PoolStats) -> Self {
        PoolStats { slot_bytes: stats.slot_bytes, slots: stats.slots, claimed: stats.claimed, pressure: stats.pressure }
    }
}

/// How far a journal is: sequences behind the last one that is so far.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JournalStats {
    /// The epoch that is recorded, or was last; 0, if nothing was recorded since it was opened.
    epoch: u32,
    /// The first sequence that it was to record.
    began: u64,
    /// The oldest sequence of the epoch that is kept.
    oldest: u64,
    /// What is in files: it outlasts the process.
    written: u64,
    /// What is synced: it outlasts the machine.
    durable: u64,
    /// Sequences that a full disk lost, or that came while nobody recorded.
    lost: u64,
    /// Files, of all epochs.
    segments: u64,
    /// Their bytes.
    bytes: u64,
    /// Whether events are taken.
    recording: bool,
    /// Whether the last write failed.
    disk_full: bool,
    /// Whether the recording ended by an error, which `stop` raises.
    failed: bool,
}

impl From<types::JournalLine> for JournalStats {
    fn from(line: types::JournalLine) -> Self {
        let is = |flag| line.flags & flag != 0;
        JournalStats {
            epoch: line.epoch,
            began: line.began,
            oldest: line.oldest,
            written: line.written,
            durable: line.durable,
            lost: line.lost,
            segments: line.segments,
            bytes: line.bytes,
            recording: is(types::RUSTED_RING_RECORDING),
            disk_full: is(types::RUSTED_RING_DISK_FULL),
            failed: is(types::RUSTED_RING_RECORDING_FAILED),
        }
    }
}

/// An epoch of a journal: the events of one ring, under their sequences.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Epoch {
    /// Its number, from 1 on.
    number: u32,
    /// Its oldest sequence that is still there.
    oldest: u64,
    /// The sequence behind its last.
    end: u64,
}

impl From<types::EpochLine> for Epoch {
    fn from(line: types::EpochLine) -> Self {
        Epoch { number: line.number, oldest: line.oldest, end: line.end }
    }
}

/// What was not whole when a journal was opened.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Damage {
    /// The epoch.
    epoch: u32,
    /// Whether it is a torn tail, which was cut off; what is damaged elsewhere stays there.
    cut: bool,
    /// The first sequence that is damaged; of a tail, the one at which the journal ends now.
    start: u64,
    /// The sequence behind the last one that is.
    stop: u64,
    /// Of a tail, the bytes that were cut off.
    bytes: u64,
}

impl From<types::Damage> for Damage {
    fn from(of: types::Damage) -> Self {
        Damage { epoch: of.epoch, cut: of.cut != 0, start: of.from, stop: of.to, bytes: of.bytes }
    }
}

/// What a reader confirmed: everything of the epoch below `next`, and all of the epochs before.
#[pyclass(frozen, get_all, eq, module = "rusted_ring")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Confirmed {
    /// The epoch.
    epoch: u32,
    /// The next sequence that the reader wants.
    next: u64,
}

impl From<types::Confirmed> for Confirmed {
    fn from(of: types::Confirmed) -> Self {
        Confirmed { epoch: of.epoch, next: of.next }
    }
}

/// What an object shows of itself: these of its attributes.
fn shown(of: &Bound<'_, PyAny>, attributes: &[&str]) -> PyResult<String> {
    let show = |name: &&str| Ok(format!("{name}={}", of.getattr(*name)?.repr()?));
    let shown: Vec<String> = attributes.iter().map(show).collect::<PyResult<_>>()?;
    Ok(format!("{}({})", of.get_type().name()?, shown.join(", ")))
}

/// What pickle makes a copy by: `_restored`, and what that is given.
pub(crate) type Restored<'py> = (Bound<'py, PyAny>, (Bound<'py, PyType>, Bound<'py, PyDict>));

/// How an object is copied, also to another process: by these of its attributes, by their names, so that a later version may have more.
pub(crate) fn restored<'py>(of: &Bound<'py, PyAny>, attributes: &[&str]) -> PyResult<Restored<'py>> {
    let values = PyDict::new(of.py());
    for name in attributes {
        values.set_item(name, of.getattr(*name)?)?;
    }
    Ok((of.py().import("rusted_ring._native")?.getattr("_restored")?, (of.get_type(), values)))
}

/// Objects that are their attributes: shown, copied and pickled as these.
macro_rules! records {
    ($($class:ident: $($attribute:ident: $type:ty)*;)*) => {$(
        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (*, $($attribute),*))]
            #[allow(clippy::too_many_arguments, reason = "one for each attribute")]
            fn new($($attribute: $type),*) -> Self {
                $class { $($attribute),* }
            }

            fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
                shown(this, &[$(stringify!($attribute)),*])
            }

            fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Restored<'py>> {
                restored(this, &[$(stringify!($attribute)),*])
            }
        }
    )*};
}

records! {
    RingStats: slot_bytes: u64 slots: u64 claimed: u64 held: u64 readers: u32 unlisted: u32 pressure: f32 sole: bool lossless: bool shared: bool observed: bool;
    ReaderLine: name: String entry: Option<u32> gating: bool joined: u64 position: u64 received: u64 lost: u64 repaired: u64 holes: u64 laps: u64 shared: u64 ahead: u64 process: u32;
    Blocker: name: String entry: u32 process: u32 position: u64 lag: u64 waited: f64;
    PoolStats: slot_bytes: u64 slots: u64 claimed: u64 pressure: f32;
    JournalStats: epoch: u32 began: u64 oldest: u64 written: u64 durable: u64 lost: u64 segments: u64 bytes: u64 recording: bool disk_full: bool failed: bool;
    Epoch: number: u32 oldest: u64 end: u64;
    Damage: epoch: u32 cut: bool start: u64 stop: u64 bytes: u64;
    Confirmed: epoch: u32 next: u64;
}
