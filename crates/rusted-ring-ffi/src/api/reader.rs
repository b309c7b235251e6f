//! Readers: copies to the caller's memory, and events that are lent in place.

use std::ffi::{c_char, c_void};

use rusted_ring::Start;

use super::{opened, time};
use crate::{
    caller::Caller,
    failure::Failure,
    guard::guard,
    handles::{self, Object},
    rings::{self, AnyRing, Reads, Records},
    status::Status,
    types::{Event, Range, Reader, ReaderStats, Ring},
};

/// Joins a ring as a Subscriber, and stores a handle on it. It is never waited for, and is told what it lost.
///
/// `name` is shown in the ledger, cut to 24 bytes; null for none. `from` is the sequence at which it begins, `RUSTED_RING_NEWEST` or `RUSTED_RING_OLDEST`.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_UNSUPPORTED` for a ring without Subscribers, or one that is observed, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`,
/// `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_subscribe(
    ring: *const Ring,
    name: *const c_char,
    from: u64,
    reader: *mut *mut Reader,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| join(&caller, ring, name, from, reader, |ring, from, name| ring.subscriber(from, name, None)))
}

/// Joins a ring as a Consumer, and stores a handle on it. It receives every event, and publishers wait for it: until it is closed, or its process ends.
///
/// Returns as `rusted_ring_subscribe`, and `RUSTED_RING_TOO_MANY_READERS`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_consume(
    ring: *const Ring,
    name: *const c_char,
    from: u64,
    reader: *mut *mut Reader,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| join(&caller, ring, name, from, reader, |ring, from, name| ring.consumer(from, name)))
}

fn join(
    caller: &Caller,
    ring: *const Ring,
    name: *const c_char,
    from: u64,
    reader: *mut *mut Reader,
    how: fn(&dyn AnyRing, Start, &str) -> Reads,
) -> Result<(), Failure> {
    let (ring, out) = (caller.ring(ring)?, caller.out(reader, "reader")?);
    let (name, from) = (caller.text_or_empty(name, "name")?, rings::start(from)?);
    opened(out, || Ok(Object::Reader(how(ring, from, name)?)))
}

/// Closes a reader. What it has lent ends with it. No thread may be using it. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_reader_close(reader: *mut Reader) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_reader(caller, reader))
}

/// Copies the next event to the `capacity` bytes at `buffer`, if there is one now, and stores in `event` where it is, how long, its type and its sequence. Never waits.
///
/// The buffer must hold the ring's longest event: `slot_bytes` of `rusted_ring_stats`. Its bytes behind the event, and on an error, are unspecified.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY`, `RUSTED_RING_LAGGED`, `RUSTED_RING_CLOSED`, `RUSTED_RING_LENT`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`,
/// `RUSTED_RING_CORRUPT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_try_read(
    reader: *mut Reader,
    buffer: *mut c_void,
    capacity: usize,
    event: *mut Event,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| read_one(&caller, reader, buffer, capacity, 0, event))
}

/// As `rusted_ring_try_read`, and waits for an event for up to `timeout` nanoseconds. Sleeps in the kernel after some microseconds.
///
/// Returns as `rusted_ring_try_read`; `RUSTED_RING_EMPTY`, when the time is over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_read(
    reader: *mut Reader,
    buffer: *mut c_void,
    capacity: usize,
    timeout: u64,
    event: *mut Event,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| read_one(&caller, reader, buffer, capacity, timeout, event))
}

#[inline(always)]
fn read_one(
    caller: &Caller,
    reader: *mut Reader,
    buffer: *mut c_void,
    capacity: usize,
    timeout: u64,
    event: *mut Event,
) -> Result<(), Failure> {
    let mut reader = caller.reader(reader)?;
    let (bytes, events) = (caller.buffer(buffer, capacity, "buffer")?, caller.room(event, 1, "event")?);
    check_stride(capacity, reader.longest(), "capacity")?;
    reader.read(Records { bytes, stride: capacity, most: 1, events: Some(events) }, time(timeout))?;
    Ok(())
}

/// Copies up to `most` events that are ready to `buffer`, each to `stride` bytes of its own, one behind the other; waits for the first for up to
/// `timeout` nanoseconds: with a time of 0 never. Stores in `count` how many there are, and in `events`, which has room for `most`, what each of them is; `events` may be
/// null.
///
/// `stride` must hold the ring's longest event: `slot_bytes` of `rusted_ring_stats`. A loss is told by a call of its own, when it comes first.
///
/// Returns as `rusted_ring_try_read`; unless it is `RUSTED_RING_OK`, `count` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_read_batch(
    reader: *mut Reader,
    buffer: *mut c_void,
    stride: usize,
    most: usize,
    timeout: u64,
    events: *mut Event,
    count: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let mut reader = caller.reader(reader)?;
        let mut count = caller.counted(count, "count")?;
        check_most(most)?;
        check_stride(stride, reader.longest(), "stride")?;
        let bytes = caller.buffer(buffer, stride.saturating_mul(most), "buffer")?;
        let events = if events.is_null() { None } else { Some(caller.room(events, most, "events")?) };
        count.set(reader.read(Records { bytes, stride, most, events }, time(timeout))?);
        Ok(())
    })
}

/// Lends a Consumer's next events in place, up to `most`, without a copy; waits for the first for up to `timeout` nanoseconds: with a time of 0 never. Stores in `events`
/// what they are, and in `count` how many.
///
/// Their bytes may be read, by any thread, until they are released, or the reader is closed. Until then this reader receives nothing else, and publishers wait. Of rings in
/// this process alone.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_EMPTY`, `RUSTED_RING_CLOSED`, `RUSTED_RING_LENT`, `RUSTED_RING_UNSUPPORTED`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
/// Unless it is `RUSTED_RING_OK`, `count` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_borrow(
    reader: *mut Reader,
    events: *mut Event,
    most: usize,
    timeout: u64,
    count: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let mut reader = caller.reader(reader)?;
        let mut count = caller.counted(count, "count")?;
        check_most(most)?;
        let events = caller.room(events, most, "events")?;
        count.set(reader.borrow(events, time(timeout))?);
        Ok(())
    })
}

/// Gives back the events that are lent: publishers may write their slots again.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_LENT`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_release(reader: *mut Reader) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| caller.reader(reader)?.release())
}

/// Stores which sequences a Subscriber lost when it was last told `RUSTED_RING_LAGGED`: from 0 to 0, if it never was.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_reader_loss(reader: *mut Reader, loss: *mut Range) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (reader, out) = (caller.reader(reader)?, caller.out(loss, "loss")?);
        out.put(reader.loss());
        Ok(())
    })
}

/// Stores what this reader has received and lost, as it knows it itself: without its name, and with 2^32 - 1 for its entry.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_reader_stats(reader: *mut Reader, stats: *mut ReaderStats) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (reader, out) = (caller.reader(reader)?, caller.out(stats, "stats")?);
        out.put(reader.stats());
        Ok(())
    })
}

/// Refuses places that do not hold the longest event.
#[inline(always)]
fn check_stride(bytes: usize, longest: usize, what: &str) -> Result<(), Failure> {
    if bytes >= longest {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "`{what}` is {bytes}, and an event of this ring has up to {longest} bytes: give it as much room, which rusted_ring_stats tells as slot_bytes"
    )))
}

fn check_most(most: usize) -> Result<(), Failure> {
    if most > 0 { Ok(()) } else { Err(Failure::argument("`most` is 0: ask for at least one event")) }
}
