//! Events that go out, by copies and in place.

use super::*;

impl World {
    /// Fails unless a publish of `len` bytes by a publisher may return `status`.
    fn judge(&self, publisher: usize, len: usize, status: Status) {
        let PublisherHandle { ring, claimed, .. } = self.publishers[publisher];
        match () {
            () if claimed.is_some() => assert_eq!(status, RUSTED_RING_LENT),
            () if len > self.models[ring].slot_bytes => assert_eq!(status, RUSTED_RING_TOO_LARGE),
            () => assert!(self.is_by_room(ring, status), "{status} with room for {:?}", self.room(ring)),
        }
    }

    /// Notes that an event went out, and returns its sequence.
    fn went_out(&mut self, ring: usize, seed: u64, len: usize, event_type: u32) -> u64 {
        let model = &mut self.models[ring];
        model.events.insert(model.next, (seed, len, event_type));
        model.next += 1;
        model.next - 1
    }

    pub(super) fn publish(&mut self) {
        let index = self.random.below(self.publishers.len());
        let PublisherHandle { handle, ring, .. } = self.publishers[index];
        let (seed, event_type) = (self.random.next(), self.random.next() as u32);
        let slot_bytes = self.models[ring].slot_bytes;
        let len = if self.random.one_in(10) { slot_bytes + 1 } else { self.random.below(slot_bytes + 1) };
        let bytes = bytes_of(seed, len);
        let is_null = len > 0 && self.random.one_in(20);
        let data = if is_null { null() } else { bytes.as_ptr().cast() };
        let mut sequence = u64::MAX;
        // SAFETY: F: the pointers are valid or null.
        let status = unsafe {
            if self.random.one_in(2) {
                rusted_ring_try_publish(handle, data, len, event_type, &raw mut sequence)
            } else {
                rusted_ring_publish(handle, data, len, event_type, 0, &raw mut sequence)
            }
        };
        self.note("publish", status);
        if is_null {
            return assert_eq!((status, sequence), (RUSTED_RING_BAD_ARGUMENT, u64::MAX));
        }
        self.judge(index, len, status);
        let wanted = if status == RUSTED_RING_OK { self.went_out(ring, seed, len, event_type) } else { u64::MAX };
        assert_eq!(sequence, wanted, "what a call stores, it stores if it returns 0");
    }

    pub(super) fn publish_batch(&mut self) {
        let index = self.random.below(self.publishers.len());
        let PublisherHandle { handle, ring, claimed } = self.publishers[index];
        let slot_bytes = self.models[ring].slot_bytes;
        let longest = if self.random.one_in(5) { slot_bytes + 2 } else { slot_bytes + 1 };
        let events: Vec<(u64, Vec<u8>)> = (0..self.random.below(MOST + 1))
            .map(|_| {
                let seed = self.random.next();
                (seed, bytes_of(seed, self.random.below(longest)))
            })
            .collect();
        let slices: Vec<Slice> = events
            .iter()
            .map(|(seed, bytes)| Slice {
                data: bytes.as_ptr().cast(),
                len: bytes.len() as u32,
                event_type: *seed as u32,
            })
            .collect();
        let mut published = usize::MAX;
        // SAFETY: F: the pointers are valid.
        let status = unsafe { rusted_ring_publish_batch(handle, slices.as_ptr(), slices.len(), 0, &raw mut published) };
        self.note("batch", status);
        if events.iter().any(|(_, bytes)| bytes.len() > slot_bytes) {
            assert_eq!((status, published), (RUSTED_RING_TOO_LARGE, usize::MAX));
            return;
        }
        let (least, most) = if claimed.is_some() { (0, 0) } else { self.room(ring) };
        let (least, most) = (least.min(events.len() as u64), most.min(events.len() as u64));
        assert!(
            (least..=most).contains(&(published as u64)),
            "{published} of {} with room for {least} to {most}",
            events.len()
        );
        let end = if claimed.is_some() && !events.is_empty() { RUSTED_RING_LENT } else { RUSTED_RING_FULL };
        assert_eq!(status, if published == events.len() { RUSTED_RING_OK } else { end });
        for (seed, bytes) in &events[..published] {
            self.went_out(ring, *seed, bytes.len(), *seed as u32);
        }
    }

    pub(super) fn claim(&mut self) {
        let index = self.random.below(self.publishers.len());
        let PublisherHandle { handle, ring, claimed } = self.publishers[index];
        let is_lossless = self.models[ring].flags & RUSTED_RING_LOSSLESS != 0;
        let slot_bytes = self.models[ring].slot_bytes;
        let (seed, event_type) = (self.random.next(), self.random.next() as u32);
        match self.random.below(3) {
            0 => {
                let (mut slot, mut room): (*mut c_void, usize) = (null_mut(), 0);
                // SAFETY: F: the pointers are valid.
                let status = unsafe { rusted_ring_claim(handle, 0, &raw mut slot, &raw mut room) };
                self.note("claim", status);
                if is_lossless {
                    self.judge(index, 0, status);
                } else {
                    assert_eq!(status, RUSTED_RING_UNSUPPORTED);
                }
                if status == RUSTED_RING_OK {
                    assert_eq!(room, slot_bytes);
                    self.publishers[index].claimed = Some(slot.cast());
                }
            }
            1 => {
                let len = if self.random.one_in(4) { slot_bytes + 1 } else { self.random.below(slot_bytes + 1) };
                if let Some(slot) = claimed.filter(|_| len <= slot_bytes) {
                    // SAFETY: the slot is lent, and has room.
                    unsafe { std::slice::from_raw_parts_mut(slot, len) }.copy_from_slice(&bytes_of(seed, len));
                }
                let mut sequence = u64::MAX;
                // SAFETY: F: the pointer is valid.
                let status = unsafe { rusted_ring_commit(handle, len, event_type, &raw mut sequence) };
                self.note("commit", status);
                let expected = match claimed {
                    None => RUSTED_RING_NOT_LENT,
                    Some(_) if len > slot_bytes => RUSTED_RING_TOO_LARGE,
                    Some(_) => RUSTED_RING_OK,
                };
                assert_eq!(status, expected);
                if status == RUSTED_RING_OK {
                    self.publishers[index].claimed = None;
                    assert_eq!(sequence, self.went_out(ring, seed, len, event_type));
                }
            }
            _ => {
                // SAFETY: F.
                let status = unsafe { rusted_ring_abandon(handle) };
                self.note("abandon", status);
                assert_eq!(status, if claimed.is_some() { RUSTED_RING_OK } else { RUSTED_RING_NOT_LENT });
                self.publishers[index].claimed = None;
            }
        }
    }
}
