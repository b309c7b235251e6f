//! The calls of the C ABI, on slices and on handles that are entered.
//!
//! Every call relies on invariant F of docs/SAFETY.md, whose promises are kept here by types: an `Entered` handle is of its kind, open, not
//! closed meanwhile, and used by
//! as many as may use it; slices and references are valid for the call, and written by nobody else; text is a `CStr`.

mod journal;
pub(crate) mod packed;

use std::{
    collections::TryReserveError,
    ffi::{CStr, c_void},
    mem::MaybeUninit,
    ops::Range,
    ptr,
};

pub(crate) use journal::*;
use rusted_ring_ffi::{
    api::{journal as api_journal, latest, library, pools, position, publisher, reader, ring, wait},
    status::{RUSTED_RING_OK, Status},
    types::{
        Blocker, Capacities, Event, Journal, Latest, LatestReader, LatestWriter, PoolStats, Pools, Position, Publisher,
        Reader, ReaderStats, Ring, RingStats, Slice, WaitSet,
    },
};

use crate::handle::Entered;

/// A kind of handle.
pub(crate) trait Kind: Sized {
    /// What errors call it.
    const NAME: &'static str;
    /// Closes an open handle that no call uses.
    fn close(raw: *mut Self) -> Result<(), Status>;
}

macro_rules! kinds {
    ($($kind:ty, $name:literal, $close:path;)*) => {$(
        impl Kind for $kind {
            const NAME: &'static str = $name;

            fn close(raw: *mut Self) -> Result<(), Status> {
                // SAFETY: F.
                done(unsafe { $close(raw) })
            }
        }
    )*};
}

kinds! {
    Ring, "ring", ring::rusted_ring_close;
    Pools, "set of pools", pools::rusted_ring_pools_close;
    Publisher, "publisher", publisher::rusted_ring_publisher_close;
    Reader, "reader", reader::rusted_ring_reader_close;
    WaitSet, "wait set", wait::rusted_ring_wait_set_close;
    Latest, "set of cells", latest::rusted_ring_latest_close;
    LatestWriter, "writer", latest::rusted_ring_latest_writer_close;
    LatestReader, "reader", latest::rusted_ring_latest_reader_close;
    Journal, "journal", api_journal::rusted_ring_journal_close;
    Position, "position", position::rusted_ring_position_close;
}

#[inline]
fn done(status: Status) -> Result<(), Status> {
    if status == RUSTED_RING_OK { Ok(()) } else { Err(status) }
}

/// Makes a call that stores something, and returns that.
#[inline]
fn stored<T>(call: impl FnOnce(*mut T) -> Status) -> Result<T, Status> {
    let mut out = MaybeUninit::uninit();
    done(call(out.as_mut_ptr()))?;
    // SAFETY: F: a call that returns 0 has stored what it stores.
    Ok(unsafe { out.assume_init() })
}

/// Makes a call that counts what it did, also if it failed.
#[inline]
fn counted(call: impl FnOnce(*mut usize) -> Status) -> (usize, Result<(), Status>) {
    let mut count = 0;
    let status = call(&raw mut count);
    (count, done(status))
}

#[inline]
fn start(bytes: &[u8]) -> *const c_void {
    bytes.as_ptr().cast()
}

#[inline]
fn start_mut(bytes: &mut [u8]) -> *mut c_void {
    bytes.as_mut_ptr().cast()
}

fn text(text: *const std::ffi::c_char) -> &'static CStr {
    // SAFETY: F: the library's texts end in a zero; the callers copy what is not constant before the next call.
    unsafe { CStr::from_ptr(text) }
}

pub(crate) fn version() -> &'static str {
    text(library::rusted_ring_version()).to_str().unwrap_or("")
}

/// What the last call in this thread that failed said.
pub(crate) fn error_text() -> String {
    text(library::rusted_ring_error_text()).to_string_lossy().into_owned()
}

/// The Consumer that was in the way of the last call in this thread that failed.
pub(crate) fn last_blocker() -> Option<Blocker> {
    // SAFETY: F.
    stored(|out| unsafe { library::rusted_ring_last_blocker(out) }).ok()
}

/// What the library says of a full ring with this Consumer in the way.
pub(crate) fn full_text(blocker: &Blocker) -> String {
    let mut text = [0; 512];
    // SAFETY: F. There is room for all of it.
    let len: Result<usize, Status> =
        stored(|out| unsafe { library::rusted_ring_full_text(blocker, text.as_mut_ptr().cast(), text.len(), out) });
    let len = len.unwrap_or(0).min(text.len() - 1);
    String::from_utf8_lossy(&text[..len]).into_owned()
}

pub(crate) fn ring_new(slot_bytes: usize, slots: usize, flags: u32) -> Result<*mut Ring, Status> {
    // SAFETY: F.
    stored(|out| unsafe { ring::rusted_ring_new(slot_bytes, slots, flags, out) })
}

pub(crate) fn ring_create(name: &CStr, slot_bytes: usize, slots: usize, flags: u32) -> Result<*mut Ring, Status> {
    // SAFETY: F.
    stored(|out| unsafe { ring::rusted_ring_create(name.as_ptr(), slot_bytes, slots, flags, out) })
}

pub(crate) fn ring_open(name: &CStr) -> Result<*mut Ring, Status> {
    // SAFETY: F.
    stored(|out| unsafe { ring::rusted_ring_open(name.as_ptr(), out) })
}

pub(crate) fn ring_observe(name: &CStr) -> Result<*mut Ring, Status> {
    // SAFETY: F.
    stored(|out| unsafe { ring::rusted_ring_observe(name.as_ptr(), out) })
}

pub(crate) fn ring_remove(name: &CStr, even_in_use: bool) -> Result<(), Status> {
    // SAFETY: F.
    done(unsafe { ring::rusted_ring_remove(name.as_ptr(), even_in_use.into()) })
}

pub(crate) fn ring_stats(of: &Entered<'_, Ring>) -> Result<RingStats, Status> {
    // SAFETY: F.
    stored(|out| unsafe { ring::rusted_ring_stats(of.raw(), out) })
}

/// The same, of a ring that was just opened and that nobody else has.
pub(crate) fn ring_stats_of_new(raw: *mut Ring) -> Result<RingStats, Status> {
    // SAFETY: F.
    stored(|out| unsafe { ring::rusted_ring_stats(raw, out) })
}

/// As many readers as a ring lists.
const LISTED: usize = 64;

pub(crate) fn ring_readers(of: &Entered<'_, Ring>) -> Result<Vec<ReaderStats>, Status> {
    let mut lines = vec![ReaderStats::default(); LISTED];
    // SAFETY: F.
    let count = stored(|out| unsafe { ring::rusted_ring_readers(of.raw(), lines.as_mut_ptr(), LISTED, out) })?;
    lines.truncate(count);
    Ok(lines)
}

pub(crate) fn publisher_join(of: &Entered<'_, Ring>) -> Result<*mut Publisher, Status> {
    // SAFETY: F.
    stored(|out| unsafe { publisher::rusted_ring_publisher_join(of.raw(), out) })
}

pub(crate) fn subscribe(to: &Entered<'_, Ring>, name: &CStr, from: u64) -> Result<*mut Reader, Status> {
    // SAFETY: F.
    stored(|out| unsafe { reader::rusted_ring_subscribe(to.raw(), name.as_ptr(), from, out) })
}

pub(crate) fn consume(from_ring: &Entered<'_, Ring>, name: &CStr, from: u64) -> Result<*mut Reader, Status> {
    // SAFETY: F.
    stored(|out| unsafe { reader::rusted_ring_consume(from_ring.raw(), name.as_ptr(), from, out) })
}

#[inline]
pub(crate) fn try_publish(by: &Entered<'_, Publisher>, event: &[u8], event_type: u32) -> Result<u64, Status> {
    // SAFETY: F.
    stored(|out| unsafe { publisher::rusted_ring_try_publish(by.raw(), start(event), event.len(), event_type, out) })
}

pub(crate) fn publish(by: &Entered<'_, Publisher>, event: &[u8], event_type: u32, timeout: u64) -> Result<u64, Status> {
    // SAFETY: F.
    stored(|out| unsafe {
        publisher::rusted_ring_publish(by.raw(), start(event), event.len(), event_type, timeout, out)
    })
}

/// Publishes events of one type: their bytes lie one event behind the other, and `ends` says where each ends. `bytes` begins where the one
/// before them ended.
pub(crate) fn publish_batch(
    by: &Entered<'_, Publisher>,
    events: &Outgoing,
    from: usize,
    timeout: u64,
) -> (usize, Result<(), Status>) {
    let slices = events.slices(from);
    // SAFETY: F.
    counted(|out| unsafe {
        publisher::rusted_ring_publish_batch(by.raw(), slices.as_ptr(), slices.len(), timeout, out)
    })
}

/// Publishes records of one size.
pub(crate) fn publish_records(
    by: &Entered<'_, Publisher>,
    records: &[u8],
    record_bytes: usize,
    event_type: u32,
    timeout: u64,
) -> (usize, Result<(), Status>) {
    let (at, count) = (start(records), records.len() / record_bytes);
    counted(|out| {
        // SAFETY: F.
        unsafe { publisher::rusted_ring_publish_records(by.raw(), at, record_bytes, count, event_type, timeout, out) }
    })
}

/// Bytes of events that a call copies at once.
pub(crate) const COPIED: usize = 1 << 20;
/// Events that are sent together at most.
const TOGETHER: usize = 1024;

/// Events of any lengths, to be sent together.
pub(crate) struct Outgoing {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    event_type: u32,
}

impl Outgoing {
    pub(crate) fn of_type(event_type: u32) -> Self {
        Outgoing { bytes: Vec::new(), ends: Vec::new(), event_type }
    }

    /// Copies an event, of any length, if there is memory for it.
    pub(crate) fn push(&mut self, event: &[u8]) -> Result<(), TryReserveError> {
        self.bytes.try_reserve(event.len())?;
        self.bytes.extend_from_slice(event);
        self.ends.push(self.bytes.len());
        Ok(())
    }

    /// Whether more are to be sent by another call.
    pub(crate) fn is_enough(&self) -> bool {
        self.ends.len() >= TOGETHER || self.bytes.len() >= COPIED
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn slices(&self, from: usize) -> Vec<Slice> {
        let begin = if from == 0 { 0 } else { self.ends[from - 1] };
        let begins = std::iter::once(begin).chain(self.ends[from..].iter().copied());
        let places = begins.zip(&self.ends[from..]);
        // An event of 4 GiB is as much too large as one of its length cut to what a slice can say.
        let len = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let slice = |(begin, &end): (usize, &usize)| Slice {
            data: start(&self.bytes[begin..]),
            len: len(end - begin),
            event_type: self.event_type,
        };
        places.map(slice).collect()
    }
}

/// An event, and where it lies.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub(crate) address: usize,
    pub(crate) len: usize,
    pub(crate) event_type: u32,
    pub(crate) sequence: u64,
}

impl From<Event> for Head {
    fn from(event: Event) -> Self {
        Head {
            address: event.data.expose_provenance(),
            len: event.len as usize,
            event_type: event.event_type,
            sequence: event.sequence,
        }
    }
}

/// Where no event is yet.
const NO_EVENT: Event = Event { data: ptr::null(), len: 0, event_type: 0, sequence: 0 };

#[inline]
pub(crate) fn try_read(by: &Entered<'_, Reader>, into: &mut [u8]) -> Result<Head, Status> {
    // SAFETY: F.
    let event: Event =
        stored(|out| unsafe { reader::rusted_ring_try_read(by.raw(), start_mut(into), into.len(), out) })?;
    Ok(event.into())
}

/// Copies events that are ready, each to a place of `stride` bytes, as many as there are places, and returns what they are.
pub(crate) fn try_read_batch(by: &Entered<'_, Reader>, into: &mut [u8], stride: usize) -> Result<Vec<Head>, Status> {
    let most = into.len() / stride;
    let mut events = vec![NO_EVENT; most];
    let (at, to) = (start_mut(into), events.as_mut_ptr());
    // SAFETY: F.
    let count = stored(|out| unsafe { reader::rusted_ring_read_batch(by.raw(), at, stride, most, 0, to, out) })?;
    Ok(events[..count].iter().map(|&event| event.into()).collect())
}

/// Lends events that are ready in place, up to `most`, until `release`.
pub(crate) fn try_borrow(by: &Entered<'_, Reader>, most: usize) -> Result<Vec<Head>, Status> {
    let mut events = vec![NO_EVENT; most];
    let to = events.as_mut_ptr();
    // SAFETY: F.
    let count = stored(|out| unsafe { reader::rusted_ring_borrow(by.raw(), to, most, 0, out) })?;
    Ok(events[..count].iter().map(|&event| event.into()).collect())
}

/// Gives back what an open reader, which no call uses, has lent.
pub(crate) fn release(raw: *mut Reader) {
    // SAFETY: F. That it is open and has lent is known.
    let _ = unsafe { reader::rusted_ring_release(raw) };
}

/// Which sequences a Subscriber lost last.
pub(crate) fn loss(of: &Entered<'_, Reader>) -> Result<Range<u64>, Status> {
    // SAFETY: F.
    stored(|out| unsafe { reader::rusted_ring_reader_loss(of.raw(), out) })
        .map(|range: rusted_ring_ffi::types::Range| range.from..range.to)
}

pub(crate) fn reader_stats(of: &Entered<'_, Reader>) -> Result<ReaderStats, Status> {
    // SAFETY: F.
    stored(|out| unsafe { reader::rusted_ring_reader_stats(of.raw(), out) })
}

pub(crate) fn wait_set_new() -> Result<*mut WaitSet, Status> {
    // SAFETY: F.
    stored(|out| unsafe { wait::rusted_ring_wait_set_new(out) })
}

/// Waits for one of the readers, and returns its index.
pub(crate) fn wait(by: &Entered<'_, WaitSet>, readers: &[Entered<'_, Reader>], timeout: u64) -> Result<usize, Status> {
    let raw: Vec<*mut Reader> = readers.iter().map(Entered::raw).collect();
    // SAFETY: F.
    stored(|out| unsafe { wait::rusted_ring_wait(by.raw(), raw.as_ptr(), raw.len(), timeout, out) })
}

pub(crate) fn pools_new(capacities: &Capacities) -> Result<*mut Pools, Status> {
    // SAFETY: F.
    stored(|out| unsafe { pools::rusted_ring_pools_new(capacities, out) })
}

pub(crate) fn pools_static(set: u32) -> Result<*mut Pools, Status> {
    // SAFETY: F.
    stored(|out| unsafe { pools::rusted_ring_pools_static(set, out) })
}

pub(crate) fn pools_create(name: &CStr, capacities: &Capacities) -> Result<*mut Pools, Status> {
    // SAFETY: F.
    stored(|out| unsafe { pools::rusted_ring_pools_create(name.as_ptr(), capacities, out) })
}

pub(crate) fn pools_open(name: &CStr) -> Result<*mut Pools, Status> {
    // SAFETY: F.
    stored(|out| unsafe { pools::rusted_ring_pools_open(name.as_ptr(), out) })
}

pub(crate) fn pools_remove(name: &CStr, even_in_use: bool) -> Result<(), Status> {
    // SAFETY: F.
    done(unsafe { pools::rusted_ring_pools_remove(name.as_ptr(), even_in_use.into()) })
}

#[inline]
pub(crate) fn emit(to: &Entered<'_, Pools>, event: &[u8], event_type: u32) -> Result<(u32, u64), Status> {
    let mut pool = 0;
    let sequence = stored(|out| {
        // SAFETY: F.
        unsafe { pools::rusted_ring_emit(to.raw(), start(event), event.len(), event_type, &raw mut pool, out) }
    })?;
    Ok((pool, sequence))
}

pub(crate) fn emit_batch(to: &Entered<'_, Pools>, events: &Outgoing) -> (usize, Result<(), Status>) {
    let slices = events.slices(0);
    // SAFETY: F.
    counted(|out| unsafe { pools::rusted_ring_emit_batch(to.raw(), slices.as_ptr(), slices.len(), out) })
}

pub(crate) fn pools_ring(of: &Entered<'_, Pools>, pool: u32) -> Result<*mut Ring, Status> {
    // SAFETY: F.
    stored(|out| unsafe { pools::rusted_ring_pools_ring(of.raw(), pool, out) })
}

pub(crate) fn pools_stats(of: &Entered<'_, Pools>) -> Result<[PoolStats; 5], Status> {
    let mut stats = [PoolStats::default(); 5];
    // SAFETY: F.
    done(unsafe { pools::rusted_ring_pools_stats(of.raw(), stats.as_mut_ptr()) })?;
    Ok(stats)
}

pub(crate) fn latest_new(value_bytes: usize, keys: usize, readers: usize) -> Result<*mut Latest, Status> {
    // SAFETY: F.
    stored(|out| unsafe { latest::rusted_ring_latest_new(value_bytes, keys, readers, out) })
}

pub(crate) fn latest_writer(of: &Entered<'_, Latest>) -> Result<*mut LatestWriter, Status> {
    // SAFETY: F.
    stored(|out| unsafe { latest::rusted_ring_latest_writer_join(of.raw(), out) })
}

pub(crate) fn latest_reader(of: &Entered<'_, Latest>) -> Result<*mut LatestReader, Status> {
    // SAFETY: F.
    stored(|out| unsafe { latest::rusted_ring_latest_reader_join(of.raw(), out) })
}

pub(crate) fn latest_update(by: &Entered<'_, LatestWriter>, key: usize, value: &[u8]) -> Result<u64, Status> {
    // SAFETY: F.
    stored(|out| unsafe { latest::rusted_ring_latest_update(by.raw(), key, start(value), value.len(), out) })
}

pub(crate) fn latest_get(
    by: &Entered<'_, LatestReader>,
    key: usize,
    than: u64,
    into: &mut [u8],
) -> Result<u64, Status> {
    let (at, len) = (start_mut(into), into.len());
    // SAFETY: F.
    stored(|out| unsafe { latest::rusted_ring_latest_get(by.raw(), key, than, at, len, out) })
}
