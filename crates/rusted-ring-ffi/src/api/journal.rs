//! Journals: every event of a ring in files, and readers that have from there what the ring has overwritten.

use std::{ffi::c_char, mem::MaybeUninit};

use super::{opened, time};
use crate::{
    caller::Caller,
    failure::Failure,
    guard::guard,
    handles::{self, Object},
    journal, rings,
    status::Status,
    types::{Damage, EpochLine, Journal, JournalLine, JournalOptions, Reader, Ring},
};

/// Opens the journal in `directory`, which is made if it is not there, and stores a handle on it. One process has it at a time, until its handle and its positions are closed.
/// `options` may be null, for the defaults.
///
/// Reads every file once, and cuts off the torn tail that a sudden end has left: `rusted_ring_journal_found`. A child of a fork keeps the directory in use until it
/// ends or executes another program.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_IN_USE`, `RUSTED_RING_MISMATCH` for files of another version, `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_NO_MEMORY`, `RUSTED_RING_SYSTEM`, `RUSTED_RING_BAD_ARGUMENT`,
/// `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_open(
    directory: *const c_char,
    options: *const JournalOptions,
    journal: *mut *mut Journal,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (directory, out) = (caller.text(directory, "directory")?, caller.out(journal, "journal")?);
        let options = if options.is_null() { JournalOptions::default() } else { *caller.value(options, "options")? };
        opened(out, || Ok(Object::Journal(Box::new(journal::Journal::open(directory, options)?))))
    })
}

/// Closes a handle on a journal. A recording stops as by `rusted_ring_journal_stop`, and what went wrong is not told. Readers keep what they know. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_close(journal: *mut Journal) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_journal(caller, journal))
}

/// Stores what was not whole when the journal was opened, up to `capacity` places, and in `count` how many there are, which may be more. `damages` may be null if `capacity` is 0.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_CLOSED` after a recording that ended by an error, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_found(
    journal: *const Journal,
    damages: *mut Damage,
    capacity: usize,
    count: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, out) = (caller.journal(journal)?, caller.out(count, "count")?);
        let mut list = List { room: caller.room(damages, capacity, "damages")?, count: 0 };
        journal.found(|damage| list.add(damage))?;
        out.put(list.count);
        Ok(())
    })
}

/// Stores the epochs of which there are events, the oldest first, up to `capacity` of them, and in `count` how many there are, which may be more. `epochs` may be null if `capacity` is 0.
///
/// Returns as `rusted_ring_journal_found`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_epochs(
    journal: *const Journal,
    epochs: *mut EpochLine,
    capacity: usize,
    count: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, out) = (caller.journal(journal)?, caller.out(count, "count")?);
        let mut list = List { room: caller.room(epochs, capacity, "epochs")?, count: 0 };
        journal.epochs(|epoch| list.add(epoch))?;
        out.put(list.count);
        Ok(())
    })
}

/// Stores a sequence from which on the journal has everything of an epoch that was taken at `time` or later, in nanoseconds since 1970. It is about a second early; earlier, where
/// the clock was set back; and the oldest, if more was removed. `epoch` 0 is the one that is recorded, or else the last one.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` if it has nothing of it yet, `RUSTED_RING_NOT_FOUND` for an epoch that is not there, `RUSTED_RING_CLOSED` after a recording that ended by an error,
/// `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_since(
    journal: *const Journal,
    epoch: u32,
    time: u64,
    sequence: *mut u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, out) = (caller.journal(journal)?, caller.out(sequence, "sequence")?);
        out.put(journal.since(epoch, time)?.ok_or(Failure::Empty)?);
        Ok(())
    })
}

/// Begins an epoch with what the ring has from `from` on, which a Consumer called `name` receives, on a thread of the library's; null for "journal". It gates the ring: publishers never
/// overwrite what was not taken. `from` is as in `rusted_ring_consume`.
///
/// For a ring in this process's memory. One that lives on is recorded by `rusted_ring_journal_resume`.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_OCCUPIED` if it records already, `RUSTED_RING_TOO_MANY_READERS`, `RUSTED_RING_UNSUPPORTED` for a ring that is observed, `RUSTED_RING_BAD_HANDLE`,
/// `RUSTED_RING_BAD_ARGUMENT`: the journal is as it was. `RUSTED_RING_NOT_FOUND`, `RUSTED_RING_MISMATCH`, `RUSTED_RING_SYSTEM`, `RUSTED_RING_CLOSED`: it can only be closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_record(
    journal: *const Journal,
    ring: *const Ring,
    name: *const c_char,
    from: u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, ring) = (caller.journal(journal)?, caller.ring(ring)?);
        let (name, from) = (caller.text_or_empty(name, "name")?, rings::start(from)?);
        journal.record(ring, from, name)
    })
}

/// Goes on with the last epoch, where it ends, or begins the first one with what the ring still has: for a ring that outlived who recorded it, such as one between processes. What the
/// ring has no more is lost, and counted; the oldest eighth of a ring counts as such, where publishers may be about to overwrite it. Else as `rusted_ring_journal_record`.
///
/// Returns as `rusted_ring_journal_record`; `RUSTED_RING_MISMATCH`, if the journal has more than was ever published: it is another ring's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_resume(
    journal: *const Journal,
    ring: *const Ring,
    name: *const c_char,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, ring) = (caller.journal(journal)?, caller.ring(ring)?);
        journal.resume(ring, caller.text_or_empty(name, "name")?)
    })
}

/// Ends the recording, if there is one, once what was published until now is written, and synced unless the journal never syncs. Publishers are free then.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`; why the recording ended before, or what it could not write: `RUSTED_RING_NO_MEMORY` for a disk that is full, `RUSTED_RING_SYSTEM`, `RUSTED_RING_CORRUPT`,
/// `RUSTED_RING_PANIC`, and from then on `RUSTED_RING_CLOSED`: the journal can only be closed, and opened again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_stop(journal: *const Journal) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| caller.journal(journal)?.stop())
}

/// Stores how far the journal is. May be old at once.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_stats(journal: *const Journal, stats: *mut JournalLine) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, out) = (caller.journal(journal)?, caller.out(stats, "stats")?);
        out.put(journal.stats());
        Ok(())
    })
}

/// Waits until the recording has synced all below the sequence `end`, for up to `timeout` nanoseconds: with a time of 0 it only looks.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY` when the time is over, `RUSTED_RING_CLOSED` if nothing is recorded any more, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_wait_durable(journal: *const Journal, end: u64, timeout: u64) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| caller.journal(journal)?.wait_durable(end, time(timeout)))
}

/// Makes a reader of what the journal has of an epoch in its files now, without a ring, and stores a handle on it. It is read as any reader is, and closed by `rusted_ring_reader_close`;
/// it never waits, and at the end it says `RUSTED_RING_CLOSED`. What was removed, damaged or not kept is `RUSTED_RING_LAGGED`.
///
/// `epoch` 0 is the one that is recorded, or else the last one. `from` is a sequence, or `RUSTED_RING_OLDEST`. `event_bytes` is how many bytes an event has at most, for which each place has to
/// have room; a longer one is `RUSTED_RING_TOO_LARGE`, and stays.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_FOUND` for an epoch that is not there, `RUSTED_RING_CLOSED` after a recording that ended by an error, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`,
/// `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_journal_replay(
    journal: *const Journal,
    epoch: u32,
    from: u64,
    event_bytes: usize,
    reader: *mut *mut Reader,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (journal, out) = (caller.journal(journal)?, caller.out(reader, "reader")?);
        opened(out, || Ok(Object::Reader(journal::replay(journal.history(epoch)?, from, event_bytes)?)))
    })
}

/// Joins a ring as a Subscriber that a journal repairs, and stores a handle on it: what publishers overwrite it has from the journal, as one stream, in order, and nothing twice.
/// `RUSTED_RING_LAGGED` is said for what the journal lacks, too. Where the journal is behind, this reader waits for it; if it is overtaken between a
/// `rusted_ring_wait` and its read, that may say `RUSTED_RING_EMPTY`.
///
/// `epoch` is that of the ring; 0 is the one that is recorded, or else the last one. `from` is as in `rusted_ring_subscribe`, or a sequence that the ring has no more. `name` is as there.
///
/// Returns as `rusted_ring_subscribe`, and `RUSTED_RING_NOT_FOUND` for an epoch that is not there, `RUSTED_RING_CLOSED` after a recording that ended by an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_subscribe_repaired(
    ring: *const Ring,
    name: *const c_char,
    from: u64,
    journal: *const Journal,
    epoch: u32,
    reader: *mut *mut Reader,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (ring, journal, out) = (caller.ring(ring)?, caller.journal(journal)?, caller.out(reader, "reader")?);
        let (name, from) = (caller.text_or_empty(name, "name")?, rings::start(from)?);
        opened(out, || Ok(Object::Reader(ring.subscriber(from, name, Some(journal.history(epoch)?))?)))
    })
}

/// Results, and how many there were room for or not.
struct List<'c, T> {
    room: &'c mut [MaybeUninit<T>],
    count: usize,
}

impl<T> List<'_, T> {
    fn add(&mut self, value: T) {
        if let Some(place) = self.room.get_mut(self.count) {
            place.write(value);
        }
        self.count += 1;
    }
}
