//! The C interface, compiled once against each crate: both are called `rusted_ring` in their package.
//!
//! Every function that takes an event has one signature, `int32_t (*)(const uint8_t *, size_t, uint32_t)`, and counts
//! its calls. One thread calls.

use rusted_ring::{EventPoolFactory, EventUtils, Reader, Writer, XL_TSHIRT_SIZE, XS_CAPACITY, XS_TSHIRT_SIZE};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex};

pub(crate) const PUBLISHED: i32 = 0;
pub(crate) const FULL: i32 = -1;
pub(crate) const TOO_LARGE: i32 = -2;
pub(crate) const NULL: i32 = -3;

static CALLS: AtomicU64 = AtomicU64::new(0);
static PEN: LazyLock<Writer<XS_TSHIRT_SIZE, XS_CAPACITY>> = LazyLock::new(EventPoolFactory::get_xs_writer);
static READER: LazyLock<Mutex<Reader<XS_TSHIRT_SIZE, XS_CAPACITY>>> =
    LazyLock::new(|| Mutex::new(EventPoolFactory::get_xs_reader()));

/// Counts a call, and makes a slice of what it was given.
///
/// # Safety
///
/// Unless `data` is null, it is valid for reads of `len` bytes, and nobody writes them while the slice is used.
#[inline]
pub(crate) unsafe fn counted<'a>(data: *const u8, len: usize) -> Result<&'a [u8], i32> {
    // A load and a store, as one thread calls: an atomic addition would cost more than the call.
    CALLS.store(CALLS.load(Relaxed) + 1, Relaxed);
    if data.is_null() {
        return Err(NULL);
    }
    if len > XL_TSHIRT_SIZE {
        return Err(TOO_LARGE);
    }
    // SAFETY: not null, and by the caller's promise valid for `len` bytes, which are far fewer than `isize::MAX`.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// Counts the call, and does nothing: what any call costs.
#[unsafe(no_mangle)]
extern "C" fn empty(_data: *const u8, _len: usize, _event_type: u32) -> i32 {
    CALLS.store(CALLS.load(Relaxed) + 1, Relaxed);
    PUBLISHED
}

/// Makes an event of 64 bytes and adds it by a writer that is kept: what the published benchmark calls, without C.
///
/// # Safety
///
/// Unless `data` is null, it is valid for reads of `len` bytes, and nobody writes them during the call.
#[unsafe(no_mangle)]
unsafe extern "C" fn emit_sized(data: *const u8, len: usize, event_type: u32) -> i32 {
    // SAFETY: this function's caller promises what that one asks for.
    let bytes = match unsafe { counted(data, len) } {
        Ok(bytes) => bytes,
        Err(code) => return code,
    };
    match EventUtils::create_pooled_event::<XS_TSHIRT_SIZE>(bytes, event_type) {
        Ok(event) if PEN.add(event) => PUBLISHED,
        Ok(_) => FULL,
        Err(_) => TOO_LARGE,
    }
}

/// Makes an event of the size that the bytes need and emits it: what the published example does.
///
/// # Safety
///
/// Unless `data` is null, it is valid for reads of `len` bytes, and nobody writes them during the call.
#[unsafe(no_mangle)]
unsafe extern "C" fn emit_auto(data: *const u8, len: usize, event_type: u32) -> i32 {
    // SAFETY: this function's caller promises what that one asks for.
    let bytes = match unsafe { counted(data, len) } {
        Ok(bytes) => bytes,
        Err(code) => return code,
    };
    match EventUtils::create_auto_sized_event(bytes, event_type) {
        Ok(event) => event.emit_to_ring().map_or(FULL, |()| PUBLISHED),
        Err(_) => TOO_LARGE,
    }
}

/// How many calls came in, of all functions that take an event.
#[unsafe(no_mangle)]
extern "C" fn calls() -> u64 {
    CALLS.load(Relaxed)
}

/// Reads what the ring holds, and answers how many are the strokes of a burst: whole, and in order from the first.
#[unsafe(no_mangle)]
extern "C" fn read_back() -> u64 {
    // A panic aborts, so no lock is poisoned.
    let Ok(mut reader) = READER.lock() else { return 0 };
    let mut whole = 0;
    for event in reader.by_ref() {
        let (words, _) = event.data.as_chunks::<8>();
        let is_stroke = |(word, k): (&[u8; 8], u64)| u64::from_ne_bytes(*word) == whole * 8 + k;
        let is_whole = event.len as usize == XS_TSHIRT_SIZE && words.iter().zip(0..).all(is_stroke);
        whole += u64::from(is_whole && u64::from(event.event_type) == whole);
    }
    whole
}
