//! rtrb: by value, and by chunks in place.

use super::put::put;
use crate::contender::{Contender, Publish, Receive, Shape};
use crate::payload::{BATCH, Tally, fill};
use crate::poll::Poll;
use rtrb::{Consumer, Producer, RingBuffer};

pub(super) struct ByValue;
pub(super) struct Chunks;

impl Contender for ByValue {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        _shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (mut producer, mut consumer) = RingBuffer::<[u64; W]>::new(CAP);
        let writer = put::<W, _>(move |event: &[u64; W]| producer.push(*event).is_ok());
        let reader = move |tally: &mut Tally| match consumer.pop() {
            Ok(event) => {
                tally.note(&event);
                true
            }
            Err(_) => false,
        };
        (vec![writer], vec![reader])
    }
}

impl Contender for Chunks {
    fn open<const W: usize, const N: usize, const CAP: usize>(
        _shape: Shape,
    ) -> (Vec<impl Publish + 'static>, Vec<impl Receive + 'static>) {
        let (mut producer, consumer) = RingBuffer::<[u64; W]>::new(CAP);
        // Each slot holds a value from here on, so that it can be filled in place.
        producer.write_chunk_uninit(CAP).expect("the ring is empty").fill_from_iter(std::iter::repeat_n([0; W], CAP));
        let mut reads = Reads(consumer);
        reads.0.read_chunk(CAP).expect("the ring is full").commit_all();
        (vec![Writes(producer)], vec![reads])
    }
}

struct Writes<const W: usize>(Producer<[u64; W]>);

impl<const W: usize> Writes<W> {
    /// Fills this many slots in place; returns whether there was room for all.
    #[inline]
    fn write(&mut self, first: u64, count: usize) -> bool {
        let Ok(mut chunk) = self.0.write_chunk_uninit(count) else { return false };
        let (front, back) = chunk.as_mut_slices();
        let wrapped = first + front.len() as u64;
        for (slots, first) in [(front, first), (back, wrapped)] {
            for (slot, sequence) in slots.iter_mut().zip(first..) {
                // SAFETY: every slot was given a value before the first event, and a slot that is read keeps its bytes.
                fill(unsafe { slot.assume_init_mut() }, sequence);
            }
        }
        // SAFETY: every slot of the chunk was filled just now.
        unsafe { chunk.commit_all() };
        true
    }
}

impl<const W: usize> Publish for Writes<W> {
    #[inline]
    fn publish(&mut self, sequence: u64, poll: Poll) {
        poll.until(|| self.write(sequence, 1));
    }

    #[inline]
    fn publish_batch(&mut self, first: u64, poll: Poll) {
        poll.until(|| self.write(first, BATCH));
    }
}

struct Reads<const W: usize>(Consumer<[u64; W]>);

impl<const W: usize> Reads<W> {
    #[inline]
    fn read(&mut self, count: usize, tally: &mut Tally) -> bool {
        let Ok(chunk) = self.0.read_chunk(count) else { return false };
        let (front, back) = chunk.as_slices();
        for slots in [front, back] {
            slots.iter().for_each(|event| tally.note(event));
        }
        chunk.commit_all();
        true
    }
}

impl<const W: usize> Receive for Reads<W> {
    #[inline]
    fn receive(&mut self, tally: &mut Tally) -> bool {
        self.read(1, tally)
    }

    #[inline]
    fn receive_batch(&mut self, tally: &mut Tally) -> bool {
        let ready = self.0.slots();
        ready > 0 && self.read(ready, tally)
    }
}
