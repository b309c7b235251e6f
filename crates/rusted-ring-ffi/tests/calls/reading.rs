//! Events that come in, by copies and in place, and waits for them.

use super::*;

impl World {
    /// What a reader is told when it looks now.
    fn expected_at(&self, reader: usize) -> Status {
        let ReaderHandle { ring, is_consumer, position, lent, .. } = self.readers[reader];
        let model = &self.models[ring];
        match () {
            () if lent > 0 => RUSTED_RING_LENT,
            () if !is_consumer && position + model.slots < model.next => RUSTED_RING_LAGGED,
            () if position < model.next => RUSTED_RING_OK,
            () if model.is_closed => RUSTED_RING_CLOSED,
            () => RUSTED_RING_EMPTY,
        }
    }

    /// Takes note of a loss, if the status says that there is one.
    fn lose(&mut self, reader: usize, status: Status) {
        if status != RUSTED_RING_LAGGED {
            return;
        }
        let mut loss = Range { from: 0, to: 0 };
        let next = self.models[self.readers[reader].ring].next;
        let reader = &mut self.readers[reader];
        // SAFETY: F: the pointer is valid.
        assert_eq!(unsafe { rusted_ring_reader_loss(reader.handle, &raw mut loss) }, RUSTED_RING_OK);
        assert!(loss.from == reader.position && loss.to > loss.from && loss.to <= next, "{loss:?}");
        reader.lost += loss.to - loss.from;
        reader.position = loss.to;
    }

    /// The events are the next of the reader, and what was published.
    fn receive(&mut self, reader: usize, events: &[Event]) {
        for event in events {
            let reader = &mut self.readers[reader];
            assert_eq!(event.sequence, reader.position);
            let (seed, len, event_type) = self.models[reader.ring].events[&event.sequence];
            assert_eq!((event.len as usize, event.event_type), (len, event_type));
            // SAFETY: the event is in the buffer, or lent.
            let bytes = unsafe { std::slice::from_raw_parts(event.data.cast::<u8>(), len) };
            assert_eq!(bytes, bytes_of(seed, len));
            reader.position += 1;
        }
    }

    pub(super) fn read(&mut self) {
        let index = self.random.below(self.readers.len());
        let ReaderHandle { handle, ring, .. } = self.readers[index];
        let slot_bytes = self.models[ring].slot_bytes;
        let is_short = self.random.one_in(15);
        let stride = if is_short { slot_bytes - 1 } else { slot_bytes + self.random.below(9) };
        let most = if self.random.one_in(2) { 1 } else { 1 + self.random.below(MOST) };
        let mut buffer = vec![0_u8; stride * most];
        let mut events = [Event { data: null(), len: 0, event_type: 0, sequence: 0 }; MOST];
        let (mut count, data) = (0, buffer.as_mut_ptr().cast());
        // SAFETY: F: the pointers are valid.
        let status = unsafe {
            match (most, self.random.below(2)) {
                (1, 0) => rusted_ring_try_read(handle, data, stride, events.as_mut_ptr()),
                (1, _) => rusted_ring_read(handle, data, stride, 0, events.as_mut_ptr()),
                _ => rusted_ring_read_batch(handle, data, stride, most, 0, events.as_mut_ptr(), &raw mut count),
            }
        };
        self.note("read", status);
        if is_short {
            return assert_eq!(status, RUSTED_RING_BAD_ARGUMENT);
        }
        assert_eq!(status, self.expected_at(index), "{}", self.models[ring].flags);
        if status == RUSTED_RING_OK {
            count = count.max(1);
            let ready = self.models[ring].next - self.readers[index].position;
            assert_eq!(count as u64, ready.min(most as u64));
            self.receive(index, &events[..count]);
            self.readers[index].received += count as u64;
        }
        self.lose(index, status);
    }

    pub(super) fn borrow(&mut self) {
        let index = self.random.below(self.readers.len());
        let ReaderHandle { handle, is_consumer, lent, .. } = self.readers[index];
        let most = 1 + self.random.below(MOST);
        let mut events = [Event { data: null(), len: 0, event_type: 0, sequence: 0 }; MOST];
        let mut count = usize::MAX;
        if self.random.one_in(2) {
            // SAFETY: F: the pointers are valid.
            let status = unsafe { rusted_ring_borrow(handle, events.as_mut_ptr(), most, 0, &raw mut count) };
            self.note("borrow", status);
            assert_eq!(status, if is_consumer { self.expected_at(index) } else { RUSTED_RING_UNSUPPORTED });
            assert_eq!(count > 0, status == RUSTED_RING_OK);
            assert!(count <= most);
            self.receive(index, &events[..count]);
            self.readers[index].lent += count as u64;
        } else {
            // SAFETY: F.
            let status = unsafe { rusted_ring_release(handle) };
            self.note("release", status);
            assert_eq!(status, if lent > 0 { RUSTED_RING_OK } else { RUSTED_RING_NOT_LENT });
            self.readers[index].received += lent;
            self.readers[index].lent = 0;
        }
    }

    pub(super) fn wait(&mut self) {
        let indices: Vec<usize> =
            (0..1 + self.random.below(4)).map(|_| self.random.below(self.readers.len())).collect();
        let readers: Vec<*mut Reader> = indices.iter().map(|&index| self.readers[index].handle).collect();
        let mut ready = usize::MAX;
        // SAFETY: F: the pointers are valid.
        let status = unsafe { rusted_ring_wait(self.set, readers.as_ptr(), readers.len(), 0, &raw mut ready) };
        self.note("wait", status);
        let is_twice = indices.iter().enumerate().any(|(place, index)| indices[..place].contains(index));
        let is_lent = indices.iter().any(|&index| self.readers[index].lent > 0);
        let is_ready = |index: usize| self.expected_at(index) != RUSTED_RING_EMPTY;
        match status {
            RUSTED_RING_OK => assert!(!is_twice && !is_lent && is_ready(indices[ready])),
            RUSTED_RING_EMPTY => assert!(!is_twice && !is_lent && !indices.iter().any(|&index| is_ready(index))),
            RUSTED_RING_BUSY => assert!(is_twice),
            RUSTED_RING_LENT => assert!(is_lent),
            other => panic!("a wait returns {other}"),
        }
    }
}
