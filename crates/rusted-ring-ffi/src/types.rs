//! What crosses the boundary: handles, which are numbers, and plain structures.

use std::ffi::{c_char, c_void};

/// A handle on a ring. Any thread may use it at any time.
#[derive(Debug)]
pub struct Ring {
    _opaque: [u8; 0],
}

/// A handle on a set of five pools. Any thread may use it at any time.
#[derive(Debug)]
pub struct Pools {
    _opaque: [u8; 0],
}

/// A handle on a publisher. Of a ring of many publishers, any thread may use it at any time; of a sole ring, one at a time.
#[derive(Debug)]
pub struct Publisher {
    _opaque: [u8; 0],
}

/// A handle on a reader, which is a Subscriber or a Consumer. One thread at a time may use it.
#[derive(Debug)]
pub struct Reader {
    _opaque: [u8; 0],
}

/// A handle on a wait set. One thread at a time may use it.
#[derive(Debug)]
pub struct WaitSet {
    _opaque: [u8; 0],
}

/// A handle on latest-value cells. Any thread may use it at any time.
#[derive(Debug)]
pub struct Latest {
    _opaque: [u8; 0],
}

/// A handle on the writer of latest-value cells. One thread at a time may use it.
#[derive(Debug)]
pub struct LatestWriter {
    _opaque: [u8; 0],
}

/// A handle on a reader of latest-value cells. One thread at a time may use it.
#[derive(Debug)]
pub struct LatestReader {
    _opaque: [u8; 0],
}

/// A handle on a journal: a directory of kept events. Any thread may use it at any time.
#[derive(Debug)]
pub struct Journal {
    _opaque: [u8; 0],
}

/// A handle on a named position. One thread at a time may use it.
#[derive(Debug)]
pub struct Position {
    _opaque: [u8; 0],
}

/// An event to be published: where its bytes are, how many, and its type.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Its bytes. May be null if there are none.
    pub data: *const c_void,
    /// How many.
    pub len: u32,
    /// What it means, to its users.
    pub event_type: u32,
}

/// An event that was received.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Its bytes: in the caller's buffer, or, if it is lent, in the ring.
    pub data: *const c_void,
    /// How many.
    pub len: u32,
    /// What it means, to its users.
    pub event_type: u32,
    /// Its number on the ring, counted from 0 and never reused.
    pub sequence: u64,
}

/// Sequences from `from` up to, not including, `to`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: u64,
    /// The one behind the last.
    pub to: u64,
}

/// How many slots each pool of a set has.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Capacities {
    /// Slots of 64 bytes.
    pub xs: usize,
    /// Slots of 256 bytes.
    pub s: usize,
    /// Slots of 1,024 bytes.
    pub m: usize,
    /// Slots of 4,096 bytes.
    pub l: usize,
    /// Slots of 16,384 bytes.
    pub xl: usize,
}

/// What a ring is, and how it is.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct RingStats {
    /// Bytes that an event has at most.
    pub slot_bytes: u64,
    /// Slots.
    pub slots: u64,
    /// The next sequence to be claimed: how many were claimed since the ring was made.
    pub claimed: u64,
    /// Slots that publishers hold in the middle of a publish.
    pub held: u64,
    /// Readers in the table.
    pub readers: u32,
    /// Subscribers that found the table full.
    pub unlisted: u32,
    /// `RUSTED_RING_SOLE`, `RUSTED_RING_LOSSLESS`, `RUSTED_RING_SHARED`, `RUSTED_RING_OBSERVED`, as they apply.
    pub flags: u32,
    /// The largest lag of the listed readers as a part of the slots, from 0 to 1.
    pub pressure: f32,
}

/// Bytes of a reader's name, with a zero behind it.
pub const RUSTED_RING_NAME_BYTES: usize = 32;

/// A line of the ledger: what one reader received and lost. It balances: `claimed` of the ring - `joined` = `received` + `repaired` + `lost` + `holes` +
/// `shared` + `ahead`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct ReaderStats {
    /// Its name, with a zero behind it; empty if it has none.
    pub name: [c_char; RUSTED_RING_NAME_BYTES],
    /// Its entry in the ring's table of readers.
    pub entry: u32,
    /// 1 for a Consumer, which publishers wait for; 0 for a Subscriber.
    pub gating: u32,
    /// The sequence at which it joined.
    pub joined: u64,
    /// The next sequence that it wants.
    pub position: u64,
    /// Events that it received.
    pub received: u64,
    /// Sequences that were overwritten before it came to them.
    pub lost: u64,
    /// Events that were overwritten before it came to them, and that a history, such as a journal, gave it back.
    pub repaired: u64,
    /// Sequences that carried no event.
    pub holes: u64,
    /// How often it was overtaken.
    pub laps: u64,
    /// Events that fellow workers of a stage took.
    pub shared: u64,
    /// Sequences that were claimed and that it has not come to: its lag.
    pub ahead: u64,
    /// The process that it belongs to, to be shown to people; 0 if that is this one, or not known.
    pub process: u32,
    /// 0.
    pub reserved: u32,
}

/// The Consumer that a publisher found in its way.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Blocker {
    /// Its name, with a zero behind it; empty if it has none.
    pub name: [c_char; RUSTED_RING_NAME_BYTES],
    /// Its entry in the ring's table of readers.
    pub entry: u32,
    /// The process that it belongs to, to be shown to people; 0 if that is this one, or not known.
    pub process: u32,
    /// The first sequence that it has not released.
    pub position: u64,
    /// How far that is behind the sequence to be claimed.
    pub lag: u64,
    /// Nanoseconds that the publisher waited; 0 if it did not.
    pub waited: u64,
}

/// How full a pool is.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct PoolStats {
    /// Bytes that a slot holds.
    pub slot_bytes: u64,
    /// Slots.
    pub slots: u64,
    /// The next sequence to be claimed.
    pub claimed: u64,
    /// The largest lag of its readers as a part of the slots, from 0 to 1.
    pub pressure: f32,
    /// 0.
    pub reserved: u32,
}

/// How a journal writes, and what it keeps. All zeros are the defaults.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct JournalOptions {
    /// A file ends with the first write after it came to so many bytes; 0 for 64 MiB.
    pub segment_bytes: u64,
    /// Nanoseconds between two syncs, with `RUSTED_RING_SYNC_EVERY`; 0 for a tenth of a second.
    pub sync_every: u64,
    /// Old files are removed while all together have more bytes; 0 for never.
    pub keep_bytes: u64,
    /// Files are removed that were last written so many nanoseconds ago; 0 for never.
    pub keep_for: u64,
    /// When what was written is made to outlast the machine's sudden end: `RUSTED_RING_SYNC_EVERY`, `RUSTED_RING_SYNC_EACH_BATCH` or `RUSTED_RING_SYNC_NEVER`. What was written
    /// outlasts the end of the process in any case.
    pub sync: u32,
    /// What is done while the disk is full: `RUSTED_RING_FULL_DISK_HOLDS` or `RUSTED_RING_FULL_DISK_LOSES`.
    pub full_disk: u32,
}

/// How far a journal is. Sequences are those behind the last one that is so far, of the epoch that is recorded, or was last.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct JournalLine {
    /// The epoch; 0, if nothing was recorded since the journal was opened.
    pub epoch: u32,
    /// `RUSTED_RING_RECORDING`, `RUSTED_RING_DISK_FULL`, `RUSTED_RING_RECORDING_FAILED`, as they apply.
    pub flags: u32,
    /// The first sequence that it was to record.
    pub began: u64,
    /// The oldest sequence of the epoch that is kept.
    pub oldest: u64,
    /// What is in files: it outlasts the end of the process.
    pub written: u64,
    /// What is synced: it outlasts the end of the machine.
    pub durable: u64,
    /// Sequences that a full disk lost, or that came while nobody recorded.
    pub lost: u64,
    /// Files, of all epochs.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// An epoch of a journal: the events of one ring, under their sequences.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EpochLine {
    /// Its number, from 1 on.
    pub number: u32,
    /// 0.
    pub reserved: u32,
    /// Its oldest sequence that is still there.
    pub oldest: u64,
    /// The sequence behind its last.
    pub end: u64,
}

/// What was not whole when a journal was opened.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// The epoch.
    pub epoch: u32,
    /// 1 for a torn tail, which a sudden end left and which was cut off; 0 for what is damaged elsewhere, stays there, and is gone past.
    pub cut: u32,
    /// The first sequence that is damaged; of a tail, the sequence at which the journal ends now.
    pub from: u64,
    /// The sequence behind the last one that is; the same as `from`, if only bytes are damaged that stand for no sequence.
    pub to: u64,
    /// Of a tail, the bytes that were cut off.
    pub bytes: u64,
}

/// What a reader confirmed: everything of the epoch below `next`, and all of the epochs before.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// The epoch.
    pub epoch: u32,
    /// 0.
    pub reserved: u32,
    /// The next sequence that the reader wants.
    pub next: u64,
}

/// A journal syncs when so much time went by since the last time.
pub const RUSTED_RING_SYNC_EVERY: u32 = 0;
/// A journal syncs after each write, which takes all events that were ready.
pub const RUSTED_RING_SYNC_EACH_BATCH: u32 = 1;
/// A journal does not sync, and neither does a position of it.
pub const RUSTED_RING_SYNC_NEVER: u32 = 2;
/// While the disk is full, no event is taken from the ring, and its publishers come to wait.
pub const RUSTED_RING_FULL_DISK_HOLDS: u32 = 0;
/// While the disk is full, events are taken, lost and counted.
pub const RUSTED_RING_FULL_DISK_LOSES: u32 = 1;
/// In what is reported of a journal: events are taken.
pub const RUSTED_RING_RECORDING: u32 = 1;
/// In what is reported of a journal: the last write failed.
pub const RUSTED_RING_DISK_FULL: u32 = 2;
/// In what is reported of a journal: the recording ended by an error, which `rusted_ring_journal_stop` tells.
pub const RUSTED_RING_RECORDING_FAILED: u32 = 4;

/// One publisher at a time: a ring that is faster, and has no holes.
pub const RUSTED_RING_SOLE: u32 = 1;
/// No Subscribers, and one publisher at a time, which is lent the slot to make an event in: see `rusted_ring_claim`. With `RUSTED_RING_SOLE`.
pub const RUSTED_RING_LOSSLESS: u32 = 2;
/// The ring does not close when its last publisher leaves.
pub const RUSTED_RING_NEVER_CLOSES: u32 = 4;
/// In what is reported of a ring: it lies in a file, between processes.
pub const RUSTED_RING_SHARED: u32 = 8;
/// In what is reported of a ring: it is only looked at.
pub const RUSTED_RING_OBSERVED: u32 = 16;

/// A reader begins at the next event to be published.
pub const RUSTED_RING_NEWEST: u64 = u64::MAX;
/// A reader begins at the oldest event that the ring retains.
pub const RUSTED_RING_OLDEST: u64 = u64::MAX - 1;

/// Wait as long as it takes.
pub const RUSTED_RING_FOREVER: u64 = u64::MAX;

/// The pool of events up to 64 bytes.
pub const RUSTED_RING_POOL_XS: u32 = 0;
/// The pool of events up to 256 bytes.
pub const RUSTED_RING_POOL_S: u32 = 1;
/// The pool of events up to 1,024 bytes.
pub const RUSTED_RING_POOL_M: u32 = 2;
/// The pool of events up to 4,096 bytes.
pub const RUSTED_RING_POOL_L: u32 = 3;
/// The pool of events up to 16,384 bytes.
pub const RUSTED_RING_POOL_XL: u32 = 4;

/// The set of static pools for mobile devices: 500, 250, 100, 20 and 5 slots.
pub const RUSTED_RING_MOBILE: u32 = 0;
/// The set of static pools for production: 2000, 1000, 300, 60 and 15 slots.
pub const RUSTED_RING_PRODUCTION: u32 = 1;
/// The set of static pools for servers: 4000, 2000, 600, 120 and 30 slots.
pub const RUSTED_RING_SERVER: u32 = 2;
