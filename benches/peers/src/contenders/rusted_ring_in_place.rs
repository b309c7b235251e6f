//! rusted-ring with one writer and lossless readers, on a ring without Subscribers, whose values are made in their slots.

use super::rusted_ring_typed::Lends;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{BATCH, fill};
use crate::poll::Poll;
use rusted_ring::{Consumer, HeapLosslessTypedRing, Sole, SolePublisher, Start};

pub(super) struct InPlace;

impl Contender for InPlace {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let ring = HeapLosslessTypedRing::<[u64; W], Sole>::sole(CAP);
        let join = || Consumer::join(ring.clone(), Start::Newest).expect("the ring's table has room");
        let readers = (0..shape.readers).map(|_| Lends { consumer: join() }).collect();
        let writer = SolePublisher::join(ring.clone()).expect("the ring has no writer yet");
        (vec![Makes { writer }], readers)
    }
}

struct Makes<const W: usize> {
    writer: SolePublisher<HeapLosslessTypedRing<[u64; W], Sole>>,
}

impl<const W: usize> Publish for Makes<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        poll.until(|| self.writer.try_send_with(move |event| fill(event, sequence)).is_ok());
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        let end = first + BATCH as u64;
        let mut next = first;
        poll.until(|| {
            _ = self.writer.try_send_batch_with((end - next) as usize, |event| {
                fill(event, next);
                next += 1;
            });
            next == end
        });
    }
}
