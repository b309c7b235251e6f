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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use rusted_ring::{Bytes, Many, Sole, Typed};
    use rusted_ring_shm::{Described, RingFile};

    use super::*;

    fn origin<S: Described>() -> anyhow::Result<Origin> {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("ring"));
        drop(file.create::<S, Many>(64).unwrap());
        origin_of(&file.properties().unwrap(), file.path())
    }

    #[test]
    fn rings_of_bytes_have_an_origin_and_what_cannot_be_mirrored_is_said() {
        assert_ne!(origin::<Bytes<64>>().unwrap().fingerprint, origin::<Bytes<128>>().unwrap().fingerprint);
        assert_eq!(origin::<Bytes<64>>().unwrap().fingerprint, of_bytes(64));
        let refused = [
            origin::<Typed<u64>>(),
            origin::<Bytes<64, 8>>(),
            origin::<Bytes<64, 64, AtomicU32>>(),
            origin::<Bytes<100>>(),
        ];
        for refused in refused {
            let said = refused.unwrap_err().to_string();
            assert!(said.contains("only rings of bytes without notes and long events"), "{said}");
        }
    }

    #[test]
    fn the_mode_of_a_ring_is_no_part_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = RingFile::at(directory.path().join("sole"));
        drop(file.create::<Bytes<64>, Sole>(64).unwrap());
        assert_eq!(origin_of(&file.properties().unwrap(), file.path()).unwrap().fingerprint, of_bytes(64));
    }
}
