//! Rings, publishers and readers that come and go.

use super::*;

impl World {
    pub(super) fn open_ring(&mut self) {
        if self.rings.len() == HANDLES {
            return self.close_ring();
        }
        let slot_bytes = self.random.below(300);
        let slots = self.random.below(20);
        let flags = [
            0,
            0,
            RUSTED_RING_SOLE,
            RUSTED_RING_SOLE | RUSTED_RING_LOSSLESS,
            RUSTED_RING_NEVER_CLOSES,
            RUSTED_RING_LOSSLESS,
            64,
        ][self.random.below(7)];
        let mut handle = null_mut();
        // SAFETY: F: the pointer is valid.
        let status = unsafe { rusted_ring_new(slot_bytes, slots, flags, &raw mut handle) };
        self.note("new", status);
        if slot_bytes == 0 || slots == 0 || flags == 64 || flags == RUSTED_RING_LOSSLESS {
            return assert_eq!(status, RUSTED_RING_BAD_ARGUMENT);
        }
        assert_eq!(status, RUSTED_RING_OK);
        let mut stats = RingStats::default();
        // SAFETY: F: the pointer is valid.
        assert_eq!(unsafe { rusted_ring_stats(handle, &raw mut stats) }, RUSTED_RING_OK);
        assert!(stats.slot_bytes as usize >= slot_bytes && stats.slots as usize >= slots);
        self.models.push(RingModel {
            slot_bytes: stats.slot_bytes as usize,
            slots: stats.slots,
            flags,
            next: 0,
            events: HashMap::new(),
            publishers: 0,
            is_closed: false,
        });
        self.rings.push(RingHandle { handle, ring: self.models.len() - 1 });
    }

    pub(super) fn close_ring(&mut self) {
        let index = self.random.below(self.rings.len());
        let ring = self.rings.swap_remove(index);
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_close(ring.handle) }, RUSTED_RING_OK);
        self.closed.push(ring.handle.addr());
    }

    pub(super) fn join_publisher(&mut self) {
        if self.publishers.len() == HANDLES || self.random.one_in(3) && !self.publishers.is_empty() {
            return self.close_publisher();
        }
        let of = self.random.below(self.rings.len());
        let RingHandle { handle: ring, ring: of } = self.rings[of];
        let mut handle = null_mut();
        // SAFETY: F: the pointer is valid.
        let status = unsafe { rusted_ring_publisher_join(ring, &raw mut handle) };
        self.note("join", status);
        let model = &mut self.models[of];
        let expected = match model {
            RingModel { is_closed: true, .. } => RUSTED_RING_CLOSED,
            RingModel { flags, publishers: 1.., .. } if *flags & RUSTED_RING_SOLE != 0 => RUSTED_RING_OCCUPIED,
            _ => RUSTED_RING_OK,
        };
        assert_eq!(status, expected);
        if status == RUSTED_RING_OK {
            model.publishers += 1;
            self.publishers.push(PublisherHandle { handle, ring: of, claimed: None });
        }
    }

    pub(super) fn close_publisher(&mut self) {
        let index = self.random.below(self.publishers.len());
        let publisher = self.publishers.swap_remove(index);
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_publisher_close(publisher.handle) }, RUSTED_RING_OK);
        self.closed.push(publisher.handle.addr());
        let model = &mut self.models[publisher.ring];
        model.publishers -= 1;
        model.is_closed = model.publishers == 0 && model.flags & RUSTED_RING_NEVER_CLOSES == 0;
    }

    pub(super) fn join_reader(&mut self) {
        if self.readers.len() == HANDLES || self.random.one_in(3) && !self.readers.is_empty() {
            return self.close_reader();
        }
        let of = self.random.below(self.rings.len());
        let RingHandle { handle: ring, ring: of } = self.rings[of];
        let model = &self.models[of];
        let from = [RUSTED_RING_NEWEST, RUSTED_RING_NEWEST, RUSTED_RING_OLDEST, model.next / 2, u64::MAX - 2]
            [self.random.below(5)];
        let is_consumer = self.random.one_in(2);
        let join = if is_consumer { rusted_ring_consume } else { rusted_ring_subscribe };
        let mut handle = null_mut();
        // SAFETY: F: the pointers are valid or null.
        let status = unsafe { join(ring, null(), from, &raw mut handle) };
        let expected = match () {
            () if from == u64::MAX - 2 => RUSTED_RING_BAD_ARGUMENT,
            () if !is_consumer && model.flags & RUSTED_RING_LOSSLESS != 0 => RUSTED_RING_UNSUPPORTED,
            () => RUSTED_RING_OK,
        };
        self.note(if is_consumer { "consume" } else { "subscribe" }, status);
        assert_eq!(status, expected);
        if status == RUSTED_RING_OK {
            let mut stats = ReaderStats::default();
            // SAFETY: F: the pointer is valid.
            assert_eq!(unsafe { rusted_ring_reader_stats(handle, &raw mut stats) }, RUSTED_RING_OK);
            let joined = stats.joined;
            assert!(joined <= self.models[of].next, "a reader begins in the future");
            let reader =
                ReaderHandle { handle, ring: of, is_consumer, joined, position: joined, received: 0, lost: 0, lent: 0 };
            self.readers.push(reader);
        }
    }

    pub(super) fn close_reader(&mut self) {
        let index = self.random.below(self.readers.len());
        let reader = self.readers.swap_remove(index);
        // SAFETY: F: no other thread has the handle.
        assert_eq!(unsafe { rusted_ring_reader_close(reader.handle) }, RUSTED_RING_OK);
        self.closed.push(reader.handle.addr());
    }
}
