//! What a ring's slots hold, as one number.

use anyhow::bail;
use rusted_ring_shm::{Properties, sizes};

use crate::wire::{LONGEST_EVENT, Origin};

/// FNV-1a, of 64 bits: it tells types apart that differ by mistake, and keeps out nobody who wants to lie.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The number of bytes in slots of `slot_bytes`, without notes.
pub fn of_bytes(slot_bytes: u64) -> u64 {
    hash(&[b"bytes\0", &slot_bytes.to_le_bytes()[..]].concat())
}

/// The origin of a ring that can be mirrored.
///
/// # Errors
///
/// If the ring holds values, long events or notes, or slots of a size that this program does not have.
pub fn origin_of(properties: &Properties, path: &std::path::Path) -> anyhow::Result<Origin> {
    let slot = properties.slot_bytes();
    let is_plain = !properties.typed && properties.longest == slot && properties.event == "bytes";
    if !is_plain || slot > LONGEST_EVENT as u64 || !sizes::ALL.contains(&slot) {
        bail!(
            "{} holds {} in slots of {slot} bytes, events of {} at most: only rings of bytes without notes and long events can be mirrored, in slots of {}; a \
             slot of a value has no room to say that it is a hole",
            path.display(),
            properties.event,
            properties.longest,
            sizes::SIZES,
        );
    }
    let identity = properties.identity;
    Ok(Origin { id: identity.id, epoch: identity.epoch, fingerprint: of_bytes(slot) })
}
