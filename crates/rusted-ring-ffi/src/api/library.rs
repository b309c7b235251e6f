//! The library itself: its version, and what its calls say.

use std::ffi::c_char;

use crate::{caller::Caller, failure, guard::guard, handles, status::Status, types::Blocker};

/// The ABI's version that this header is of: see `rusted_ring_abi_version`.
pub const RUSTED_RING_ABI_VERSION: u32 = 65_537;

/// The version of the ABI that is linked: the major number times 65,536, and the minor one. A program works with any minor number from that of
/// its header on, and with its header's major number alone.
#[unsafe(no_mangle)]
pub extern "C" fn rusted_ring_abi_version() -> u32 {
    RUSTED_RING_ABI_VERSION
}

/// The version of the library that is linked, such as "0.6.0". The text is constant.
#[unsafe(no_mangle)]
pub extern "C" fn rusted_ring_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Says of the last call in this thread that failed what happened, what was expected, and what to do. The text, UTF-8, stays until the next
/// call in this thread that fails; it is empty if none has. `RUSTED_RING_EMPTY` does not change it.
#[unsafe(no_mangle)]
pub extern "C" fn rusted_ring_error_text() -> *const c_char {
    failure::last_text()
}

/// The name of a status, such as "FULL". The text is constant.
#[unsafe(no_mangle)]
pub extern "C" fn rusted_ring_status_name(status: Status) -> *const c_char {
    failure::status_name(status).as_ptr()
}

/// Stores which Consumer was in the way, if the last call in this thread that failed said `RUSTED_RING_FULL`.
///
/// Returns `RUSTED_RING_OK`; `RUSTED_RING_EMPTY`, if it did not, or if the Consumer had gone on by the time that it was looked for; `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_last_blocker(blocker: *mut Blocker) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    // A failure of this call replaces the one that is asked about.
    let found = failure::last_blocker();
    guard(|| {
        let out = caller.out(blocker, "blocker")?;
        out.put(found.ok_or(failure::Failure::Empty)?);
        Ok(())
    })
}

/// Writes to `text` what `rusted_ring_error_text` says of a ring that is full because of this Consumer, UTF-8 with a zero behind it, as much as `room`
/// bytes hold, and stores how many bytes all of it has, without the zero: a program that keeps a blocker has its words later, too. Null will do for no
/// blocker, and for a `text` of which `room` is 0. The text of this thread's last failure stays.
///
/// Returns `RUSTED_RING_OK`, `RUSTED_RING_BAD_ARGUMENT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_full_text(
    blocker: *const Blocker,
    text: *mut c_char,
    room: usize,
    len: *mut usize,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let blocker = if blocker.is_null() { None } else { Some(caller.value(blocker, "blocker")?) };
        let (to, len) = (caller.buffer(text.cast(), room, "text")?, caller.out(len, "len")?);
        let said = failure::text_of_full(blocker);
        if let Some(most) = to.len().checked_sub(1) {
            let end = (0..=most.min(said.len())).rev().find(|&end| said.is_char_boundary(end)).unwrap_or(0);
            to[..end].copy_from_slice(&said.as_bytes()[..end]);
            to[end] = 0;
        }
        len.put(said.len());
        Ok(())
    })
}

/// How many handles are open in this process: for tests that nothing is leaked.
#[unsafe(no_mangle)]
pub extern "C" fn rusted_ring_open_handles() -> usize {
    handles::count()
}
