//! rusted-ring 0.5, as it was published.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::Tally;
use rusted_ring_original::{PooledEvent, Reader, RingBuffer, Writer};

pub(super) struct Original;

impl Contender for Original {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        // Its endpoints want a ring that lasts for ever.
        let ring: &'static RingBuffer<N, CAP> = Box::leak(Box::new(RingBuffer::new()));
        let writers = (0..shape.writers)
            .map(|_| {
                let writer = Writer::new(ring);
                put::<W, _>(move |event: &[u64; W]| {
                    let mut pooled = PooledEvent { len: N as u32, event_type: 1, data: [0; N] };
                    pooled.data.copy_from_slice(bytemuck::bytes_of(event));
                    writer.add(pooled)
                })
            })
            .collect();
        let readers = (0..shape.readers)
            .map(|_| {
                let mut reader = Reader::new(ring);
                move |tally: &mut Tally| match reader.next() {
                    Some(event) => {
                        tally.note_bytes::<W>(&event.data);
                        true
                    }
                    None => false,
                }
            })
            .collect();
        (writers, readers)
    }
}
