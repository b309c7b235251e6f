//! Publishers: single events, batches, and events that are made in their slots.

use std::{
    ffi::c_void,
    time::{Duration, Instant},
};

use super::{opened, time};
use crate::{
    caller::Caller,
    failure::Failure,
    guard::guard,
    handles::{self, Object},
    rings::AnyPublisher,
    status::Status,
    types::{Publisher, Ring, Slice},
};

/// Joins a ring as a publisher, and stores a handle on it.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_CLOSED`, `RUSTED_RING_OCCUPIED` if the ring has its sole publisher, `RUSTED_RING_UNSUPPORTED` for a ring that is observed,
/// `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_TOO_MANY_HANDLES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_publisher_join(ring: *const Ring, publisher: *mut *mut Publisher) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (ring, out) = (caller.ring(ring)?, caller.out(publisher, "publisher")?);
        opened(out, || Ok(Object::Publisher(ring.publisher()?)))
    })
}

/// Closes a publisher. No thread may be using it. Null is nothing to close.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_publisher_close(publisher: *mut Publisher) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| handles::close_publisher(caller, publisher))
}

/// Publishes a copy of the `len` bytes at `data`, if there is room now, and stores its sequence, if `sequence` is not null. Never waits.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_FULL`, `RUSTED_RING_TOO_LARGE`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`, `RUSTED_RING_LENT`,
/// `RUSTED_RING_CORRUPT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_try_publish(
    publisher: *mut Publisher,
    data: *const c_void,
    len: usize,
    event_type: u32,
    sequence: *mut u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (publisher, data) = (caller.publisher(publisher)?, caller.bytes(data, len, "data")?);
        let out = caller.wanted(sequence, "sequence")?;
        out.put(publisher.try_publish(caller, data, event_type)?);
        Ok(())
    })
}

/// As `rusted_ring_try_publish`, and waits for room for up to `timeout` nanoseconds. Sleeps in the kernel after some microseconds.
///
/// Returns as `rusted_ring_try_publish`; `RUSTED_RING_FULL`, when the time is over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_publish(
    publisher: *mut Publisher,
    data: *const c_void,
    len: usize,
    event_type: u32,
    timeout: u64,
    sequence: *mut u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (publisher, data) = (caller.publisher(publisher)?, caller.bytes(data, len, "data")?);
        let out = caller.wanted(sequence, "sequence")?;
        out.put(publisher.publish(caller, data, event_type, time(timeout))?);
        Ok(())
    })
}

/// Publishes copies of `count` events, in order, waiting for room for up to `timeout` nanoseconds in all: with a time of 0 never. Stores in
/// `published`, if that is not null, how many went out, which is all of them if this returns `RUSTED_RING_OK`.
///
/// Other publishers' events may come in between. If an event is too large, or null with a length, nothing goes out.
///
/// Returns as `rusted_ring_try_publish`; with `RUSTED_RING_FULL` the first `published` events went out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_publish_batch(
    publisher: *mut Publisher,
    events: *const Slice,
    count: usize,
    timeout: u64,
    published: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let publisher = caller.publisher(publisher)?;
        let (events, out) = (caller.values(events, count, "events")?, caller.wanted(published, "published")?);
        let longest = publisher.longest();
        for event in events {
            caller.event(event)?;
            check_size(event.len as usize, longest)?;
        }
        let batch = Batch { publisher, caller, deadline: deadline(timeout) };
        let (done, outcome) = batch.publish(events.len(), |index| caller.event(&events[index]));
        out.put(done);
        outcome
    })
}

/// Publishes copies of `count` events of `record_bytes` bytes each, which lie one behind the other at `records`, all of type `event_type`. Otherwise as
/// `rusted_ring_publish_batch`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_publish_records(
    publisher: *mut Publisher,
    records: *const c_void,
    record_bytes: usize,
    count: usize,
    event_type: u32,
    timeout: u64,
    published: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let publisher = caller.publisher(publisher)?;
        let bytes = record_bytes.saturating_mul(count);
        let (records, out) = (caller.bytes(records, bytes, "records")?, caller.wanted(published, "published")?);
        check_size(record_bytes, publisher.longest())?;
        let batch = Batch { publisher, caller, deadline: deadline(timeout) };
        let (done, outcome) =
            batch.publish(count, |index| Ok((&records[index * record_bytes..][..record_bytes], event_type)));
        out.put(done);
        outcome
    })
}

/// Lends the next slot of a ring made with `RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS`, once there is room, for up to `timeout` nanoseconds: with a time of 0 at once or not at
/// all. Stores where it is and how many bytes it has. It holds anything, such as parts of earlier events.
///
/// Write the event there, and commit it. Until then, or until it is abandoned, this handle publishes nothing else.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_FULL`, `RUSTED_RING_LENT`, `RUSTED_RING_UNSUPPORTED`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_claim(
    publisher: *mut Publisher,
    timeout: u64,
    slot: *mut *mut c_void,
    slot_bytes: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let publisher = caller.publisher(publisher)?;
        let (slot, slot_bytes) = (caller.out(slot, "slot")?, caller.out(slot_bytes, "slot_bytes")?);
        let (start, len) = publisher.claim(caller, time(timeout))?;
        slot.put(start.cast());
        slot_bytes.put(len);
        Ok(())
    })
}

/// Publishes the first `len` bytes of the slot that is lent, and stores the event's sequence, if `sequence` is not null.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_LENT`, `RUSTED_RING_TOO_LARGE`, after which it is still lent, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BAD_ARGUMENT`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_commit(
    publisher: *mut Publisher,
    len: usize,
    event_type: u32,
    sequence: *mut u64,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (publisher, out) = (caller.publisher(publisher)?, caller.wanted(sequence, "sequence")?);
        out.put(publisher.commit(caller, len, event_type)?);
        Ok(())
    })
}

/// Takes back the slot that is lent. Nothing is published, and the next event has its sequence.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_NOT_LENT`, `RUSTED_RING_BAD_HANDLE`, `RUSTED_RING_BUSY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_abandon(publisher: *mut Publisher) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| caller.publisher(publisher)?.abandon(caller))
}

/// Refuses bytes that no event of the ring can have.
fn check_size(len: usize, longest: usize) -> Result<(), Failure> {
    if len <= longest { Ok(()) } else { Err(Failure::TooLarge { len, longest }) }
}

fn deadline(timeout: u64) -> Option<Instant> {
    if timeout == 0 { None } else { Instant::now().checked_add(time(timeout)) }
}

/// A batch that is going out.
struct Batch<'c> {
    publisher: &'c dyn AnyPublisher,
    caller: Caller,
    /// Until when it waits for room; if at all.
    deadline: Option<Instant>,
}

/// Events that are handed on at once.
const PIECE: usize = 64;

impl Batch<'_> {
    /// Publishes the events that `event` returns by their indices. Returns how many went out, and why not all.
    fn publish<'e>(
        &self,
        count: usize,
        event: impl Fn(usize) -> Result<(&'e [u8], u32), Failure>,
    ) -> (usize, Result<(), Failure>) {
        let mut done = 0;
        while done < count {
            match self.some(count - done, |index| event(done + index)) {
                Ok(published) => done += published,
                Err(failure) => return (done, Err(failure)),
            }
        }
        (done, Ok(()))
    }

    /// Publishes some of the events, at least one.
    fn some<'e>(
        &self,
        count: usize,
        event: impl Fn(usize) -> Result<(&'e [u8], u32), Failure>,
    ) -> Result<usize, Failure> {
        let mut piece = [(&[][..], 0); PIECE];
        let piece = &mut piece[..count.min(PIECE)];
        for (index, place) in piece.iter_mut().enumerate() {
            *place = event(index)?;
        }
        match (self.publisher.try_publish_some(self.caller, piece), self.deadline) {
            (Err(Failure::Full(..)), Some(deadline)) => {
                let left = deadline.saturating_duration_since(Instant::now());
                let (data, event_type) = piece[0];
                self.publisher.publish(self.caller, data, event_type, left.max(Duration::from_nanos(1)))?;
                Ok(1)
            }
            (outcome, _) => outcome,
        }
    }
}
