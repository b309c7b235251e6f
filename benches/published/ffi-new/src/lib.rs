//! This library behind a C interface: that of the old one, and a call that 0.5 has not.

#[path = "../../ffi/interface.rs"]
mod interface;

use interface::{FULL, PUBLISHED, TOO_LARGE};
use rusted_ring::{EventPoolFactory, publisher::PublishError};

/// Publishes the bytes in the smallest pool that holds them, without building an event.
///
/// # Safety
///
/// Unless `data` is null, it is valid for reads of `len` bytes, and nobody writes them during the call.
#[unsafe(no_mangle)]
unsafe extern "C" fn emit_bytes(data: *const u8, len: usize, event_type: u32) -> i32 {
    // SAFETY: this function's caller promises what that one asks for.
    let bytes = match unsafe { interface::counted(data, len) } {
        Ok(bytes) => bytes,
        Err(code) => return code,
    };
    match EventPoolFactory::emit(bytes, event_type) {
        Ok(_) => PUBLISHED,
        Err(PublishError::TooLarge(_)) => TOO_LARGE,
        Err(_) => FULL,
    }
}
