//! rusted-ring with many writers, and the verbs that it has from 0.5.

use super::put::put;
use super::rusted_ring_sole::{Copies, Lends};
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{BATCH, PIECE, Tally, fill, fill_batch, make};
use crate::poll::Poll;
use rusted_ring::{HeapRing, Many, PooledEvent, Publisher, Start, Subscriber};

/// Readers are lossy.
pub(super) struct Lossy;
/// Readers are lossless, and read in place.
pub(super) struct Lossless;
/// `Publisher::add` of a `PooledEvent`, and a Subscriber as an iterator.
pub(super) struct AddNext;

impl Contender for Lossy {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let ring = HeapRing::<N>::new(CAP);
        let readers = (0..shape.readers).map(|_| Copies::<W, N, Many>::join(&ring)).collect();
        (writers::<W, N>(&ring, shape), readers)
    }
}

impl Contender for Lossless {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let ring = HeapRing::<N>::new(CAP);
        let readers = (0..shape.readers).map(|_| Lends::<W, N, Many>::join(&ring)).collect();
        (writers::<W, N>(&ring, shape), readers)
    }
}

impl Contender for AddNext {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let ring = HeapRing::<N>::new(CAP);
        let writers = (0..shape.writers)
            .map(|_| {
                let writer = Publisher::join(ring.clone()).expect("the ring is open");
                put::<W, _>(move |event: &[u64; W]| {
                    let mut pooled = PooledEvent { len: N as u32, event_type: 1, data: [0; N] };
                    pooled.data.copy_from_slice(bytemuck::bytes_of(event));
                    writer.add(pooled)
                })
            })
            .collect();
        let readers = (0..shape.readers)
            .map(|_| {
                let mut reader = Subscriber::join(ring.clone(), Start::Newest);
                move |tally: &mut Tally| match reader.next() {
                    Some(event) => {
                        tally.note_bytes::<W>(event.bytes());
                        true
                    }
                    None => false,
                }
            })
            .collect();
        (writers, readers)
    }
}

fn writers<const W: usize, const N: usize>(ring: &HeapRing<N>, shape: Shape) -> Vec<Writes<W, N>> {
    let join = || Publisher::join(ring.clone()).expect("the ring is open");
    (0..shape.writers).map(|_| Writes { writer: join(), events: vec![[0; W]; BATCH] }).collect()
}

struct Writes<const W: usize, const N: usize> {
    writer: Publisher<HeapRing<N>>,
    events: Vec<[u64; W]>,
}

impl<const W: usize, const N: usize> Publish for Writes<W, N> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        if W < PIECE {
            let mut event = [0; W];
            fill(&mut event, sequence);
            return poll.until(|| self.writer.try_publish(bytemuck::bytes_of(&event), 1).is_ok());
        }
        let mut wait = poll.begin();
        loop {
            let Ok(mut claim) = self.writer.try_claim() else {
                wait.once();
                continue;
            };
            make::<W>(sequence, |piece| claim.append(bytemuck::bytes_of(piece)).expect("it fits the slot"));
            // Taken away while this thread was stopped, it goes out again.
            if claim.publish(1).is_ok() {
                return;
            }
        }
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        fill_batch(&mut self.events, first);
        let events: [(&[u8], u32); BATCH] = std::array::from_fn(|index| (bytemuck::bytes_of(&self.events[index]), 1));
        let mut left = &events[..];
        poll.until(|| {
            left = &left[self.writer.try_publish_batch(left).unwrap_or(0)..];
            left.is_empty()
        });
    }
}
