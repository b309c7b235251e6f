//! Events that are compressed, because their publisher wants it: see the README of `rusted-ring-compression`.

use std::{cell::RefCell, ffi::c_void};

use rusted_ring_compression::{Compression, Packer, Unpacker};

use crate::{caller::Caller, failure::Failure, guard::guard, status::Status};

/// The bit of an event's type that says that the event is packed, by `rusted_ring_pack` or by what does the same in Rust.
pub const RUSTED_RING_PACKED: u32 = 0x8000_0000;

thread_local! {
    /// Its memory is used again.
    static PACKER: RefCell<Packer> = RefCell::new(Packer::new(&Compression::Lz4));
}

/// Writes to `packed` the event of `len` bytes at `data` as it is to be published: compressed by LZ4, with `RUSTED_RING_PACKED` in the type that it stores; or as
/// it is, if it has less than 1,025 bytes, or does not shrink. Stores in `packed_len` how many bytes that are, which is `len` at most, and so much `room` is needed.
///
/// Returns `RUSTED_RING_OK`; `RUSTED_RING_TOO_LARGE`, if `room` is less than `len`; `RUSTED_RING_BAD_ARGUMENT`, also if the type has the bit already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_pack(
    data: *const c_void,
    len: usize,
    event_type: u32,
    packed: *mut c_void,
    room: usize,
    packed_len: *mut usize,
    packed_type: *mut u32,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (data, packed) = (caller.bytes(data, len, "data")?, caller.buffer(packed, room, "packed")?);
        let (out_len, out_type) = (caller.out(packed_len, "packed_len")?, caller.out(packed_type, "packed_type")?);
        if room < len {
            return Err(Failure::TooLarge { len, longest: room });
        }
        let mut pack = |packer: &mut Packer| -> Result<_, Failure> {
            let (event, event_type) =
                packer.pack_event(data, event_type).map_err(|reserved| Failure::argument(reserved.to_string()))?;
            packed[..event.len()].copy_from_slice(event);
            Ok((event.len(), event_type))
        };
        // A thread that is ending has no packer any more.
        let (len, event_type) = PACKER
            .try_with(|packer| pack(&mut packer.borrow_mut()))
            .unwrap_or_else(|_| pack(&mut Packer::new(&Compression::Lz4)))?;
        out_len.put(len);
        out_type.put(event_type);
        Ok(())
    })
}

/// Writes to `event` what was packed in the `len` bytes at `data`, of an event of this type, and stores its length, and its type without `RUSTED_RING_PACKED`. An event
/// that is not packed is copied as it is, so that any event may be given. `room` is the most that is taken, whatever the bytes say.
///
/// Returns `RUSTED_RING_OK`; `RUSTED_RING_TOO_LARGE`, if it has more bytes than `room`, which the text tells; `RUSTED_RING_UNSUPPORTED`, if it was packed by what this
/// library does not have; `RUSTED_RING_BAD_ARGUMENT`, also if the bytes are not what was packed. `event` may be written to in any case.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rusted_ring_unpack(
    data: *const c_void,
    len: usize,
    event_type: u32,
    event: *mut c_void,
    room: usize,
    event_len: *mut usize,
    unpacked_type: *mut u32,
) -> Status {
    // SAFETY: F, by this function's caller.
    let caller = unsafe { Caller::promises() };
    guard(|| {
        let (data, event) = (caller.bytes(data, len, "data")?, caller.buffer(event, room, "event")?);
        let (out_len, out_type) = (caller.out(event_len, "event_len")?, caller.out(unpacked_type, "unpacked_type")?);
        let (len, event_type) = Unpacker::new(room).unpack_event_to(data, event_type, event)?;
        out_len.put(len);
        out_type.put(event_type);
        Ok(())
    })
}

const _: () = assert!(RUSTED_RING_PACKED == rusted_ring_compression::PACKED);
