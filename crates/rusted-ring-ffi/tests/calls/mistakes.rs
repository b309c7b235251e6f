//! Calls that are given no handle of theirs, and books that are whole afterwards.

use super::*;

impl World {
    /// Calls that are given what is no handle of theirs.
    pub(super) fn mistake(&mut self) {
        let publishers: Vec<usize> = self.publishers.iter().map(|publisher| publisher.handle.addr()).collect();
        let readers: Vec<usize> = self.readers.iter().map(|reader| reader.handle.addr()).collect();
        let rings: Vec<usize> = self.rings.iter().map(|ring| ring.handle.addr()).collect();
        let mut sequence = 0;
        let mut event = Event { data: null(), len: 0, event_type: 0, sequence: 0 };
        let mut stats = RingStats::default();
        // SAFETY: F: the pointers are valid or null, and handles may be anything.
        let (number, status) = unsafe {
            match self.random.below(6) {
                0 => {
                    let number = self.no_handle(&publishers);
                    (
                        1,
                        rusted_ring_try_publish(
                            without_provenance_mut(number),
                            [1_u8].as_ptr().cast(),
                            1,
                            0,
                            &raw mut sequence,
                        ),
                    )
                }
                1 => {
                    let number = self.no_handle(&readers);
                    let mut buffer = [0_u8; 512];
                    (
                        1,
                        rusted_ring_try_read(
                            without_provenance_mut(number),
                            buffer.as_mut_ptr().cast(),
                            512,
                            &raw mut event,
                        ),
                    )
                }
                2 => (1, rusted_ring_stats(without_provenance_mut(self.no_handle(&rings)), &raw mut stats)),
                3 => {
                    let number = self.no_handle(&rings);
                    (number, rusted_ring_close(without_provenance_mut(number)))
                }
                4 => {
                    let number = self.no_handle(&readers);
                    (number, rusted_ring_reader_close(without_provenance_mut(number)))
                }
                _ => {
                    let number = self.no_handle(&publishers);
                    (number, rusted_ring_publisher_close(without_provenance_mut(number)))
                }
            }
        };
        self.note("mistake", status);
        assert_eq!(status, if number == 0 { RUSTED_RING_OK } else { RUSTED_RING_BAD_HANDLE });
    }

    /// The books of a ring and a reader are those of the model.
    pub(super) fn audit(&mut self) {
        let open = 1 + self.rings.len() + self.publishers.len() + self.readers.len();
        assert_eq!(rusted_ring_open_handles(), open);
        for RingHandle { handle, ring } in &self.rings {
            let mut stats = RingStats::default();
            // SAFETY: F: the pointer is valid.
            assert_eq!(unsafe { rusted_ring_stats(*handle, &raw mut stats) }, RUSTED_RING_OK);
            assert_eq!((stats.claimed, stats.held), (self.models[*ring].next, 0));
        }
        for reader in self.readers.iter().filter(|reader| reader.lent == 0) {
            let mut line = ReaderStats::default();
            // SAFETY: F: the pointer is valid.
            assert_eq!(unsafe { rusted_ring_reader_stats(reader.handle, &raw mut line) }, RUSTED_RING_OK);
            let ahead = self.models[reader.ring].next - reader.position;
            assert_eq!(
                (line.joined, line.received, line.lost, line.ahead),
                (reader.joined, reader.received, reader.lost, ahead)
            );
            assert_eq!((line.holes, line.repaired, line.shared), (0, 0, 0));
        }
    }
}
