//! Of events that are packed.

use rusted_ring_ffi::{api::packed, status::Status};

use super::{done, start, start_mut};

pub(crate) use packed::RUSTED_RING_PACKED as PACKED;

/// The length and the type of the event in `room`, which has room for `event`.
pub(crate) fn pack(event: &[u8], event_type: u32, room: &mut [u8]) -> Result<(usize, u32), Status> {
    let (mut len, mut packed_type) = (0, 0);
    let (data, to, most) = (start(event), start_mut(room), room.len());
    // SAFETY: F.
    done(unsafe {
        packed::rusted_ring_pack(data, event.len(), event_type, to, most, &raw mut len, &raw mut packed_type)
    })?;
    Ok((len, packed_type))
}

/// The length and the type of the event in `room`.
pub(crate) fn unpack(event: &[u8], event_type: u32, room: &mut [u8]) -> Result<(usize, u32), Status> {
    let (mut len, mut unpacked_type) = (0, 0);
    let (data, to, most) = (start(event), start_mut(room), room.len());
    // SAFETY: F.
    done(unsafe {
        packed::rusted_ring_unpack(data, event.len(), event_type, to, most, &raw mut len, &raw mut unpacked_type)
    })?;
    Ok((len, unpacked_type))
}
