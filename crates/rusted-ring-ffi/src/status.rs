//! The numbers that the calls return.

/// What a call returns: 0, or why it did nothing, which is below 0.
pub type Status = i32;

/// Done.
pub const RUSTED_RING_OK: Status = 0;
/// The ring has no room: a Consumer has not left the slot that is needed. `rusted_ring_last_blocker` says which.
pub const RUSTED_RING_FULL: Status = -1;
/// The event has more bytes than the ring, or the claim, has room for.
pub const RUSTED_RING_TOO_LARGE: Status = -2;
/// No event is ready, or none came in the time given. Leaves `rusted_ring_error_text` as it was.
pub const RUSTED_RING_EMPTY: Status = -3;
/// Publishers overtook this Subscriber; `rusted_ring_reader_loss` says which sequences are lost. The next call goes on behind them.
pub const RUSTED_RING_LAGGED: Status = -4;
/// The ring is closed: to a reader, no event will come any more; to a publisher, it cannot join. The recording has ended, or the journal by an error before.
pub const RUSTED_RING_CLOSED: Status = -5;
/// The handle is null, closed, of another kind than is wanted here, or no handle of this library.
pub const RUSTED_RING_BAD_HANDLE: Status = -6;
/// Another argument cannot be: a null or misaligned pointer, a number out of range, text that is not UTF-8.
pub const RUSTED_RING_BAD_ARGUMENT: Status = -7;
/// This kind of ring or reader cannot do that.
pub const RUSTED_RING_UNSUPPORTED: Status = -8;
/// There is one already, where there is one at a time: a publisher of a sole ring, a writer of cells, a recording of a journal, an owner of a position.
pub const RUSTED_RING_OCCUPIED: Status = -9;
/// The table of readers is full.
pub const RUSTED_RING_TOO_MANY_READERS: Status = -10;
/// Another thread is using this handle now, which may be used by one thread at a time.
pub const RUSTED_RING_BUSY: Status = -11;
/// Events or a slot are lent by this handle: give them back first.
pub const RUSTED_RING_LENT: Status = -12;
/// Nothing is lent by this handle.
pub const RUSTED_RING_NOT_LENT: Status = -13;
/// There is no memory, or no space in the file system.
pub const RUSTED_RING_NO_MEMORY: Status = -14;
/// More than 65,536 handles would be open.
pub const RUSTED_RING_TOO_MANY_HANDLES: Status = -15;
/// There is a file of that name already.
pub const RUSTED_RING_EXISTS: Status = -16;
/// There is no file of that name, or no epoch of that number.
pub const RUSTED_RING_NOT_FOUND: Status = -17;
/// The file is no ring, and nothing of a journal, that can be used: another kind, another user's, damaged, or of another version of the library; or the journal has more
/// of the ring than was published.
pub const RUSTED_RING_MISMATCH: Status = -18;
/// A process has the ring open, or the journal.
pub const RUSTED_RING_IN_USE: Status = -19;
/// The operating system refused.
pub const RUSTED_RING_SYSTEM: Status = -20;
/// A process has written over the ring: its words cannot be. Nothing in this process was harmed.
pub const RUSTED_RING_CORRUPT: Status = -21;
/// A panic was stopped at this boundary: a fault of the library, which should be reported.
pub const RUSTED_RING_PANIC: Status = -22;

/// Its name, with a zero behind it.
pub(crate) fn name(status: Status) -> &'static std::ffi::CStr {
    match status {
        RUSTED_RING_OK => c"OK",
        RUSTED_RING_FULL => c"FULL",
        RUSTED_RING_TOO_LARGE => c"TOO_LARGE",
        RUSTED_RING_EMPTY => c"EMPTY",
        RUSTED_RING_LAGGED => c"LAGGED",
        RUSTED_RING_CLOSED => c"CLOSED",
        RUSTED_RING_BAD_HANDLE => c"BAD_HANDLE",
        RUSTED_RING_BAD_ARGUMENT => c"BAD_ARGUMENT",
        RUSTED_RING_UNSUPPORTED => c"UNSUPPORTED",
        RUSTED_RING_OCCUPIED => c"OCCUPIED",
        RUSTED_RING_TOO_MANY_READERS => c"TOO_MANY_READERS",
        RUSTED_RING_BUSY => c"BUSY",
        RUSTED_RING_LENT => c"LENT",
        RUSTED_RING_NOT_LENT => c"NOT_LENT",
        RUSTED_RING_NO_MEMORY => c"NO_MEMORY",
        RUSTED_RING_TOO_MANY_HANDLES => c"TOO_MANY_HANDLES",
        RUSTED_RING_EXISTS => c"EXISTS",
        RUSTED_RING_NOT_FOUND => c"NOT_FOUND",
        RUSTED_RING_MISMATCH => c"MISMATCH",
        RUSTED_RING_IN_USE => c"IN_USE",
        RUSTED_RING_SYSTEM => c"SYSTEM",
        RUSTED_RING_CORRUPT => c"CORRUPT",
        RUSTED_RING_PANIC => c"PANIC",
        _ => c"no status of rusted-ring",
    }
}
